// Reads the captured output of a script: whatever its lines say.
namespace Gaplab.Results.Logs;

/// <summary>The reader of standard output, line by line.</summary>
internal static class StandardOutputLog
{
    private static void Read(LogFile file, MetricLogBuilder log) =>
        file.Reading(stream =>
        {
            // A line that names no step or epoch of its own belongs to those printed last.
            MetricPosition last = MetricPosition.Unknown;
            foreach (LogLine line in LogLines.Of(stream, StandardOutputLine.Longest))
            {
                if (line.IsLong)
                    log.SetAside(line.Where, $"longer than {StandardOutputLine.Longest} characters; its beginning was read");
                IReadOnlyList<(string, double)> values = StandardOutputLine.Values(line.Text);
                if (values.Count == 0)
                    continue;
                // The counter of a bar may be that of an evaluation, and says nothing of the lines behind it.
                if (values.Any(v => v.Item1 == OutputScanner.Bar))
                    log.AddOfBar(values);
                else
                    last = log.Add(values, last);
            }
        });

    public static LogFormat Format { get; } =
        new(file => !file.Head.AsSpan().Contains((byte)0), Read)
        {
            Name = "stdout",
            Says =
                "what a script prints: `loss 2.31`, `loss=2.31`, `val/loss: 2.31`, `Epoch [3/90]`, objects of JSON and dicts of Python "
                + "within lines, bars",
            KnownBy = "the captured output, if no file has the metric",
            Patterns = [],
        };
}
