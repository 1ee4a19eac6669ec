// Writes a report as one HTML file that opens from disk: style, script and data inside it, nothing fetched.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Report;

/// <summary>A part of a page, as HTML.</summary>
/// <param name="Id">Its anchor.</param>
public sealed record ReportPart(string Id, string Title, string Html);

/// <summary>Renders a <see cref="Report"/> to HTML. Same report, same bundle: same bytes.</summary>
public static class ReportWriter
{
    private const string Doctype = "<!doctype html>",
        Generator = "<meta name=\"generator\" content=\"Gaplab";

    /// <summary>default-src 'none' forbids every request; of scripts the page's own alone runs, known by its hash, whatever got into the
    /// page with the data; styles are inline, and a saved picture is a data: or blob: address.</summary>
    private static string Policy(string script) =>
        $"default-src 'none'; script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'; "
        + "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";

    /// <summary>Writes the report where a user asked for it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="report">What to write.</param>
    /// <param name="bundle">The script, from <see cref="ReportBundle.Load()"/>.</param>
    /// <exception cref="InputException">The file is there and may not be replaced, or cannot be written.</exception>
    public static void Write(OutputFile file, Report report, string bundle)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.WriteText(Render(report, bundle));
    }

    /// <summary>Writes the page of a store under its usual name: the page of an earlier report is replaced, any other file is
    /// refused.</summary>
    /// <exception cref="InputException">The file cannot be written, or is not such a page.</exception>
    public static void WriteInStore(string path, Report report, string bundle)
    {
        new OutputFile(path, Replace: true).Check();
        bool own = IsOwn(path);
        if (!own && File.Exists(path))
            throw new InputException($"{path} exists and is no page of Gaplab; it was left as it is. Name another file for the report");
        string page = Render(report, bundle);
        try
        {
            new OutputFile(path, Replace: own).WriteText(page);
        }
        catch (InputException) when (!own && IsOwn(path))
        {
            // Two commands end on one store at once: the other's page came between the look and the writing.
            new OutputFile(path, Replace: true).WriteText(page);
        }
    }

    // A report may be written anew over a report; a table, or a page of the user's own, must survive.
    private static bool IsOwn(string path)
    {
        if (!File.Exists(path))
            return false;
        using var reader = new StreamReader(RegularFile.Open(path));
        char[] start = new char[4096];
        string head = new(start, 0, reader.ReadBlock(start));
        return head.StartsWith(Doctype, StringComparison.OrdinalIgnoreCase) && head.Contains(Generator, StringComparison.Ordinal);
    }

    /// <summary>The page's text.</summary>
    public static string Render(Report report, string bundle)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(bundle);
        string script = $"\n{Markup.Script(bundle)}\n";
        var html = new StringBuilder(bundle.Length + (1 << 16));
        html.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Append("<meta name=\"color-scheme\" content=\"light dark\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<meta http-equiv=\"Content-Security-Policy\" content=\"{Policy(script)}\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<meta name=\"generator\" content=\"{Markup.Text(report.Generator)}\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Markup.Text(report.Title)}</title>\n");
        html.Append("<style>\n").Append(Style()).Append("</style>\n");
        html.Append("<noscript><style>.chart .plot, .contents { display: none }</style></noscript>\n</head>\n<body>\n");
        Header(html, report);
        html.Append("<main id=\"main\">\n");
        foreach (Section section in report.Sections)
            SectionHtml.Append(html, section);
        html.Append("</main>\n");
        html.Append(
            CultureInfo.InvariantCulture,
            $"<footer><p>Written by {Markup.Text(report.Generator)}. The page holds all its data and fetches nothing.</p></footer>\n"
        );
        html.Append("<script>").Append(script).Append("</script>\n</body>\n</html>\n");
        return html.ToString();
    }

    /// <summary>A page in its parts, for who shows it in another page: the first screen, what else is said above the sections, and each
    /// section.</summary>
    public static IEnumerable<ReportPart> Parts(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Each(report);
    }

    // One after another: of very many runs the text of all at once would be large.
    private static IEnumerable<ReportPart> Each(Report report)
    {
        var html = new StringBuilder();
        if (report.Opening is { } opening)
            OpeningHtml.Append(html, opening, Opening.Anchor);
        else
            html.Append(CultureInfo.InvariantCulture, $"<h1>{Markup.Inline(report.Headline)}</h1>\n");
        yield return new(Opening.Anchor, "The answer", html.ToString());
        html.Clear();
        Rest(html, report);
        yield return new("rest", "What it rests on", html.ToString());
        foreach (Section section in report.Sections)
        {
            html.Clear();
            SectionHtml.Append(html, section);
            yield return new(Markup.Anchor(section.Id), section.Title, html.ToString());
        }
    }

    private static void Header(StringBuilder html, Report report)
    {
        html.Append("<a class=\"skip\" href=\"#main\">Skip to the results</a>\n<header>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"title\">{Markup.Text(report.Title)}</p>\n");
        if (report.Opening is { } opening)
        {
            OpeningHtml.Append(html, opening, Opening.Anchor);
        }
        else
        {
            html.Append(CultureInfo.InvariantCulture, $"<h1>{Markup.Inline(report.Headline)}</h1>\n");
        }
        Rest(html, report);
        html.Append(
            "<noscript><p class=\"finding hint\">JavaScript is off: the charts are not drawn. The tables hold the same "
                + "numbers.</p></noscript>\n"
        );
        Section[] main = [.. report.Sections.Where(s => s.Level == 2)];
        if (main.Length > 2)
        {
            html.Append("<nav class=\"contents\" aria-label=\"Contents\"><ol>\n");
            foreach (Section section in main)
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"<li><a href=\"#{Markup.Anchor(section.Id)}\">{Markup.Text(section.Title)}</a></li>\n"
                );
            html.Append("</ol></nav>\n");
        }
        html.Append("</header>\n");
    }

    // What stands between the first screen and the sections.
    private static void Rest(StringBuilder html, Report report)
    {
        if (report.Opening is not null)
            html.Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"exact\"><strong>Exactly:</strong> {Markup.Inline(report.Headline)}</p>\n"
            );
        foreach (string paragraph in report.Summary)
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"summary\">{Markup.Inline(paragraph)}</p>\n");
        if (report.Facts.Count > 0)
        {
            html.Append("<dl class=\"facts\">\n");
            foreach (Fact fact in report.Facts)
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"<div><dt>{Markup.Text(fact.Label)}</dt><dd>{Markup.Text(fact.Value)}</dd></div>\n"
                );
            html.Append("</dl>\n");
        }
        if (report.Command.Length > 0)
            html.Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"command\"><span>made by</span> <code>{Markup.Text(report.Command)}</code></p>\n"
            );
        SectionHtml.AppendFindings(html, report.Findings);
    }

    /// <summary>The style that all pages share.</summary>
    public static string Style()
    {
        using Stream stream = typeof(ReportWriter).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
