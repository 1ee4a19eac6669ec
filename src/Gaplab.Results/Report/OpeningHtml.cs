// The first screen as HTML: the answer, its picture, and what made it beside or below.
using System.Globalization;
using System.Text;

namespace Gaplab.Results.Report;

internal static class OpeningHtml
{
    /// <param name="name">Of its chart on the page.</param>
    public static void Append(StringBuilder html, Opening opening, string name)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        html.Append(
            invariant,
            $"<div class=\"opening{(opening.IsOpen ? " open" : "")}\">\n<h1 class=\"answer\">{Markup.Inline(opening.Answer)}</h1>\n"
        );
        if (opening.Chart is { } chart)
            SectionHtml.AppendChart(html, chart, name);
        if (opening.Causes.Count > 0)
        {
            html.Append(invariant, $"<aside class=\"causes\" aria-labelledby=\"{name}-causes\">\n<h2 id=\"{name}-causes\">");
            html.Append(opening.IsOpen ? "What the runs say so far" : "What made it").Append("</h2>\n<ul>\n");
            foreach (string cause in opening.Causes)
                html.Append(invariant, $"<li>{Markup.Inline(cause)}</li>\n");
            html.Append("</ul>\n</aside>\n");
        }
        html.Append("</div>\n");
    }
}
