// What every page must be, whoever builds it: closed elements, unique anchors, nothing fetched, nothing of the data's obeyed.
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;

namespace Gaplab.Tests;

internal static class PageContract
{
    /// <summary>A name as an enemy would choose it.</summary>
    public const string Hostile = "</script><script>alert('x')</script><!--<img src=x onerror=alert(1)>&\"'`**";

    /// <summary>Every kind of answer that an assembly makes, with or without a page.</summary>
    public static IEnumerable<Type> AnswersOf(Assembly assembly) =>
        assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IAnswer)));

    /// <summary>The faces of an answer whose names are hostile: lines without line ends, one document, a page.</summary>
    public static void Holds(IAnswer answer)
    {
        string[] lines = [.. answer.Lines()];
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.DoesNotContain('\n', line));
        // Twice the same: what is shown is a function of what was found.
        Assert.Equal(lines, answer.Lines());
        string document = AnswerJson.Text(answer.Json());
        Assert.Equal(document, AnswerJson.Text(answer.Json()));
        Assert.NotNull(JsonNode.Parse(document));
        if (answer is not IPagedAnswer paged)
            return;
        Assert.Equal(answer.GetType(), paged.Kind.Answer);
        Holds(paged.Page() with { Generator = "Gaplab" + Hostile });
    }

    private static void Holds(Report page)
    {
        string html = ReportWriter.Render(page, "/* the bundle */");
        Assert.True(html.Contains("onerror", StringComparison.Ordinal), "the sample holds no hostile name");
        // One script a chart, that of the opening among them, and the bundle.
        string[] scripts = [.. Regex.Matches(html, "<script[^>]*>", RegexOptions.IgnoreCase).Select(m => m.Value)];
        Assert.Equal(
            page.Sections.Count(s => s.Chart is not null) + (page.Opening?.Chart is null ? 0 : 1),
            scripts.Count(s => s.Contains("application/json", StringComparison.Ordinal))
        );
        Assert.Equal(1, scripts.Count(s => s == "<script>"));
        Assert.Equal(scripts.Length, Regex.Count(html, "</script", RegexOptions.IgnoreCase));
        Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        // From disk, with no network.
        Assert.DoesNotMatch("(?i)(src|href)=\"(?!#)", html);
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        // Of scripts only this one runs, whatever else got into the page.
        string own = Regex.Match(html, "<script>(.*?)</script>", RegexOptions.Singleline).Groups[1].Value,
            hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(own)));
        Assert.Contains($"script-src 'sha256-{hash}';", html, StringComparison.Ordinal);

        string body = Regex.Replace(html, "<(script|style)[^>]*>.*?</\\1>", "", RegexOptions.Singleline);
        var open = new Stack<string>();
        foreach (Match tag in Regex.Matches(body, "<(/?)([a-z][a-z0-9]*)(?:\\s(?:[^>\"]|\"[^\"]*\")*)?>"))
        {
            string name = tag.Groups[2].Value;
            if (name is "meta" or "br")
                continue;
            if (tag.Groups[1].Length == 0)
                open.Push(name);
            else
                Assert.Equal(name, open.Pop());
        }
        Assert.Empty(open);
        string[] ids = [.. Regex.Matches(body, " id=\"([^\"]*)\"").Select(m => m.Groups[1].Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        foreach (Match link in Regex.Matches(body, "href=\"#([^\"]*)\""))
            Assert.Contains(link.Groups[1].Value, ids);
        Assert.All(
            Regex.Matches(body, "<div class=\"plot\"[^>]*>"),
            m => Assert.Matches("role=\"img\" aria-label=\"[^\"]{20,}\"", m.Value)
        );
    }
}
