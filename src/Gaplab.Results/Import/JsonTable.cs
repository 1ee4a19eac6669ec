// Reads a JSON document that is a list of objects, one for each run: what json.dump and an API's rows leave.
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Import;

/// <summary>The reader of <c>[{"config": {…}, "summary": {…}}, …]</c>. Its entries are those of JSON Lines.</summary>
internal static class JsonTable
{
    private const string Expected = """expected a list of objects, such as [{"optimizer": "sgd", "lr": 0.1, …}, …]""";

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = StrictJson.MostLevels };

    private static SourceTable Read(SweepSource source, ImportNotes notes)
    {
        string text = source.Text(notes);
        try
        {
            using JsonDocument document = JsonDocument.Parse(JsonLines.QuoteNotFinite(text), s_options);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                throw new InputException($"{source.Name}: is no list; {Expected}");
            // Written anew, an entry is on one line.
            string lines = string.Join('\n', document.RootElement.EnumerateArray().Select(e => JsonSerializer.Serialize(e)));
            return JsonLines.Parse(lines, source.Name, notes, "entry");
        }
        catch (JsonException e)
        {
            throw new InputException($"{source.Name}, line {(e.LineNumber ?? 0) + 1}: not valid JSON; {Expected}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InputException($"{source.Name}: a text with half of a surrogate pair (\\ud800 to \\udfff alone); {Expected}", e);
        }
    }

    private static Recognition Recognise(SweepSource source) =>
        !source.IsFolder && JsonLines.Letters(source.Head) is [(byte)'[', (byte)'{'] ? Recognition.Certain : Recognition.No;

    public static SweepFormat Format { get; } =
        new(Recognise, Read)
        {
            Name = "json",
            Says = "one list of objects, each a run or an evaluation; otherwise as `json-lines`",
            KnownBy = "a bracket and a brace at its beginning",
            Endings = [".json"],
        };
}
