// Puts text into HTML so that it stays text, whatever it contains.
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gaplab.Results.Report;

/// <summary>Escaping for the four places text goes to: HTML text and attributes, anchors, JSON in a script element, and the script
/// itself.</summary>
public static class Markup
{
    // The default encoder writes <, >, & and quotes as \u escapes: "</script>" and "<!--" cannot occur in the data.
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>Text for an element or a double-quoted attribute.</summary>
    internal static string Text(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            switch (c)
            {
                case '&':
                    result.Append("&amp;");
                    break;
                case '<':
                    result.Append("&lt;");
                    break;
                case '>':
                    result.Append("&gt;");
                    break;
                case '"':
                    result.Append("&quot;");
                    break;
                case '\'':
                    result.Append("&#39;");
                    break;
                // Control characters are no HTML; a lone carriage return would be read back as a line feed.
                case < ' ' and not '\n' and not '\t':
                    result.Append('\uFFFD');
                    break;
                default:
                    result.Append(c);
                    break;
            }
        }
        return result.ToString();
    }

    /// <summary>Text in which `code` and **bold** are marked up. An unpaired mark stays as it is.</summary>
    internal static string Inline(string text) => Pair(Pair(Text(text), "`", "code"), "**", "strong");

    /// <summary>The text without its marks, for a terminal.</summary>
    public static string Plain(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Replace("**", "", StringComparison.Ordinal);
    }

    /// <summary>An anchor: everything but ASCII letters, digits and '-' becomes '-'.</summary>
    internal static string Anchor(string id) => new([.. id.Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '-')]);

    /// <summary>JSON that is safe inside a script element.</summary>
    internal static string Json(JsonNode node) => node.ToJsonString(s_json);

    /// <summary>The script, with the one sequence that would end its element written so that it does not.</summary>
    internal static string Script(string script) =>
        script.Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase).Replace("<!--", "\\x3c!--", StringComparison.Ordinal);

    private static string Pair(string text, string mark, string element)
    {
        string[] parts = text.Split(mark);
        if (parts.Length < 3)
            return text;
        var result = new StringBuilder(parts[0]);
        for (int i = 1; i < parts.Length; i++)
        {
            bool opens = i % 2 == 1;
            if (opens && i == parts.Length - 1)
                result.Append(mark);
            else
                result.Append(opens ? $"<{element}>" : $"</{element}>");
            result.Append(parts[i]);
        }
        return result.ToString();
    }
}
