// A page as the server holds it: a list of its parts, each to be asked for by itself.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;

namespace Gaplab.Serving;

/// <summary>A part: its anchor, its title, and its HTML.</summary>
internal sealed record PackedPart(string Id, string Title, PackedText Html);

/// <summary>A report in its parts. A browser is sent the list, then what it does not show yet, the first screen first.</summary>
internal sealed class PackedPage
{
    private PackedPage(IReadOnlyList<PackedPart> parts) => Parts = parts;

    public static PackedPage Empty { get; } = new([]);

    /// <summary>In the order of the page.</summary>
    public IReadOnlyList<PackedPart> Parts { get; }

    public static PackedPage Of(Report report) =>
        new([.. ReportWriter.Parts(report).Select(p => new PackedPart(p.Id, p.Title, PackedText.Of(p.Html)))]);

    /// <summary>The HTML of a part; null where there is none of that anchor.</summary>
    public PackedText? Part(string id) => Parts.FirstOrDefault(p => p.Id == id)?.Html;

    /// <summary>The parts without their HTML.</summary>
    public JsonArray List() =>
        AnswerJson.Each(
            Parts,
            p => new JsonObject
            {
                ["id"] = p.Id,
                ["title"] = p.Title,
                ["digest"] = p.Html.Digest,
            }
        );
}
