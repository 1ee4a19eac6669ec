// How commands answer with a document: JSON on standard output, words beside it, and a page.
using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gaplab.Numerics.Files;
using Gaplab.Results.Report;

namespace Gaplab.Cli;

/// <summary>--json, --html.</summary>
/// <param name="page">What --html says of its page.</param>
internal sealed class DocumentOutput(string page = "also write the page to this file")
{
    /// <summary>Indented, the same on every system; numbers that are not finite by their names.</summary>
    public static JsonSerializerOptions Format { get; } =
        new(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            NewLine = "\n",
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };

    /// <summary>The same, with choices by their names.</summary>
    public static JsonSerializerOptions NamedChoices { get; } =
        new(Format) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) } };

    public Option<bool> Json { get; } =
        new("--json") { Description = "one JSON document on standard output, everything else on standard error" };

    public OutputOption Html { get; } = new("--html", page);

    /// <summary>Writes a page to the file asked for, else under its usual name in the store.</summary>
    /// <returns>Where it is.</returns>
    public static string WritePage(OutputFile? asked, string usual, Report page)
    {
        if (asked is null)
            ReportWriter.WriteInStore(usual, page, ReportBundle.Load());
        else
            ReportWriter.Write(asked, page, ReportBundle.Load());
        return asked?.Path ?? usual;
    }

    /// <summary>Where words for people go.</summary>
    public TextWriter Words(ParseResult parsed) => parsed.GetValue(Json) ? Console.Error : Console.Out;
}
