// Reads JSON Lines: an object for each evaluation.
namespace Gaplab.Results.Logs;

/// <summary>The reader of metrics.jsonl, Ray's result.json and the like.</summary>
internal static class JsonLinesLog
{
    private const int Longest = 1 << 22;

    private static void Read(LogFile file, MetricLogBuilder log)
    {
        file.Reading(stream =>
        {
            foreach (LogLine line in LogLines.Of(stream, Longest))
                if (line.IsLong)
                    log.SetAside(line.Where, $"longer than {Longest} characters");
                else if (LogLiteral.Parse(line.Text.Trim('\uFEFF', ' ')) is LogLiteral.Object found)
                    log.Add([.. LogLiteral.Numbers(found)]);
                else
                    log.SetAside(line.Where, line.IsTorn ? "cut off at the end of the file" : "not one whole object");
        });
    }

    /// <summary>Among its first lines is a whole object. A file called .json is a document, unless more follows its first line.</summary>
    private static bool Recognise(LogFile file)
    {
        string[] first = [.. file.FirstLines().Take(5)];
        return file.Name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? first.Length > 1 && IsObject(first[0])
            : first.Any(IsObject) || (first.Length == 0 && file.FirstCharacter == '{');
    }

    private static bool IsObject(string line) => line[0] == '{' && LogLiteral.Parse(line) is LogLiteral.Object;

    public static LogFormat Format { get; } =
        new(Recognise, Read)
        {
            Name = "jsonl",
            Says =
                "JSON Lines, an object for each evaluation; NaN and Infinity bare or as texts; the numbers of an object in an object are "
                + "named after both, `val/loss`",
            KnownBy = "a whole object on one of its first lines",
            Patterns = ["*.jsonl", "*.ndjson", "result.json", "scalars.json", "*.log.json", "*log.json", "*metrics.json"],
        };
}
