// One section as HTML: prose, findings, chart, table, provenance.
using System.Globalization;
using System.Text;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report;

/// <summary>Renders sections. Everything but the drawing of charts works without a script.</summary>
internal static class SectionHtml
{
    /// <summary>Words in a cell that are longer than this go over several lines.</summary>
    private const int LongText = 40;

    private static readonly CultureInfo s_invariant = CultureInfo.InvariantCulture;

    public static void Append(StringBuilder html, Section section)
    {
        string id = Markup.Anchor(section.Id),
            level = section.Level == 2 ? "h2" : "h3";
        string title = $"<{level} id=\"{id}-title\">{Markup.Text(section.Title)}</{level}>";
        html.Append(
            s_invariant,
            $"<section id=\"{id}\" class=\"level{section.Level.ToString(s_invariant)}\" aria-labelledby=\"{id}-title\">\n"
        );
        html.Append(section.IsFolded ? $"<details class=\"folded\"><summary>{title}</summary>\n" : title + "\n");
        foreach (string paragraph in section.Prose)
            html.Append(s_invariant, $"<p>{Markup.Inline(paragraph)}</p>\n");
        AppendFindings(html, section.Findings);
        if (section.Chart is Chart chart)
            AppendChart(html, chart, id);
        if (section.Table is Table table)
        {
            bool folded = !section.TableOpen;
            if (folded)
                html.Append(
                    s_invariant,
                    $"<details class=\"numbers\"><summary>The numbers: {Markup.Text(table.Caption)} "
                        + $"({NumberText.Count(table.Rows.Count, "row")})</summary>\n"
                );
            AppendTable(html, table, id);
            if (folded)
                html.Append("</details>\n");
        }
        if (section.Provenance is Provenance provenance)
            AppendProvenance(html, provenance);
        html.Append(section.IsFolded ? "</details>\n</section>\n" : "</section>\n");
    }

    /// <param name="name">Of the chart on its page: the anchor of its section.</param>
    public static void AppendChart(StringBuilder html, Chart chart, string name)
    {
        html.Append(
            s_invariant,
            $"<figure class=\"chart\">\n<div class=\"plot\" role=\"img\" aria-label=\"{Markup.Text(chart.Alt)}\" "
                + $"data-spec=\"{name}-spec\" data-name=\"{name}\"></div>\n"
        );
        html.Append(s_invariant, $"<script type=\"application/json\" id=\"{name}-spec\">{Markup.Json(chart.Spec)}</script>\n");
        html.Append(s_invariant, $"<figcaption>{Markup.Inline(chart.Caption)}</figcaption>\n</figure>\n");
    }

    public static void AppendFindings(StringBuilder html, IReadOnlyList<Finding> findings)
    {
        if (findings.Count == 0)
            return;
        html.Append("<ul class=\"findings\" aria-label=\"Findings\">\n");
        foreach (Finding finding in findings.OrderByDescending(f => f.Severity))
        {
            string word = finding.Severity switch
            {
                Severity.Error => "error",
                Severity.Warning => "warning",
                _ => "hint",
            };
            html.Append(s_invariant, $"<li class=\"finding {word}\"><b>{word}</b> ");
            if (finding.Where.Length > 0)
                html.Append(s_invariant, $"<span class=\"where\">{Markup.Text(finding.Where)}</span> ");
            html.Append(s_invariant, $"{Markup.Inline(finding.Message)} <code class=\"id\">{Markup.Text(finding.Id)}</code></li>\n");
        }
        html.Append("</ul>\n");
    }

    private static void AppendTable(StringBuilder html, Table table, string id)
    {
        bool runs = table.Rows.Any(r => r.Runs.Count > 0);
        html.Append(
            s_invariant,
            $"<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{Markup.Text(table.Caption)}\">\n<table "
                + $"data-name=\"{id}\">\n<caption>{Markup.Text(table.Caption)}</caption>\n<thead><tr>"
        );
        foreach (Column column in table.Columns)
        {
            html.Append(column.Numeric ? "<th scope=\"col\" class=\"n\"" : "<th scope=\"col\"");
            if (column.Help is string help)
                html.Append(s_invariant, $" title=\"{Markup.Text(help)}\"");
            html.Append(s_invariant, $">{Markup.Text(column.Title)}</th>");
        }
        if (runs)
            html.Append("<th scope=\"col\">from</th>");
        html.Append("</tr></thead>\n<tbody>\n");
        foreach (Row row in table.Rows)
        {
            html.Append(row.Anchor is { } anchor ? $"<tr id=\"{Markup.Anchor(anchor)}\">" : "<tr>");
            for (int i = 0; i < row.Cells.Count; i++)
            {
                Cell cell = row.Cells[i];
                string name = i == 0 ? "th" : "td";
                html.Append(i == 0 ? "<th scope=\"row\"" : "<td");
                string?[] marks = [table.Columns[i].Numeric ? "n" : null, cell.Note, cell.Text.Length > LongText ? "wide" : null];
                string classes = string.Join(' ', marks.OfType<string>().Distinct());
                if (classes.Length > 0)
                    html.Append(s_invariant, $" class=\"{Markup.Text(classes)}\"");
                if (cell.Value is double value)
                    html.Append(s_invariant, $" data-value=\"{value.ToString("R", s_invariant)}\"");
                html.Append(s_invariant, $">{Markup.Inline(cell.Text)}</{name}>");
            }
            if (runs)
            {
                html.Append(s_invariant, $"<td class=\"runs\" data-value=\"{Markup.Text(string.Join(' ', row.Runs))}\">");
                if (row.Runs.Count > 0)
                    html.Append(
                        s_invariant,
                        $"<details><summary>{NumberText.Count(row.Runs.Count, "run")}</summary>{Runs(row.Runs)}</details>"
                    );
                html.Append("</td>");
            }
            html.Append("</tr>\n");
        }
        html.Append("</tbody>\n</table>\n</div>\n");
    }

    private static void AppendProvenance(StringBuilder html, Provenance provenance)
    {
        int runs = provenance.Runs.Count + provenance.More;
        html.Append(
            s_invariant,
            $"<details class=\"provenance\"><summary>Where these numbers come from: "
                + $"{(runs == 0 ? "" : $"{NumberText.Count(runs, "run")} of ")}{Markup.Text(provenance.Source)}</summary>\n"
        );
        if (provenance.Command.Length > 0)
            html.Append(s_invariant, $"<p>Made by <code>{Markup.Text(provenance.Command)}</code></p>\n");
        string more = provenance.More > 0 ? $" and {provenance.More.ToString(s_invariant)} more" : "";
        if (runs > 0)
            html.Append(s_invariant, $"<p>{Runs(provenance.Runs)}{more}</p>\n");
        html.Append("</details>\n");
    }

    private static string Runs(IReadOnlyList<string> runs) => string.Join(' ', runs.Select(r => $"<code>{Markup.Text(r)}</code>"));
}
