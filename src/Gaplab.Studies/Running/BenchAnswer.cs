// gaplab bench: what training costs on this machine as replicas, batch, context and width grow, and where a step's time goes.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Files;
using Gaplab.Results.Answers;

namespace Gaplab.Studies.Running;

/// <summary>One setting and its cost.</summary>
/// <param name="Varied">Which table it belongs to: "replicas", "batch", "context", "width" or "size".</param>
/// <param name="Layers">The GPT's blocks.</param>
/// <param name="Memory">The largest resident memory of the process while it was measured, in bytes; null where the system does not
/// say.</param>
public sealed record StepCostRow(string Varied, int Layers, int Width, int Context, int Batch, int Replicas, StepCost Cost, long? Memory);

/// <summary>The tables, and the machine that they hold for.</summary>
public sealed record BenchAnswer(JsonObject Machine, IReadOnlyList<StepCostRow> Rows) : IAnswer
{
    private const int Vocabulary = 64;

    // Heads of 16 coordinates, as models of sweeps have.
    private static readonly (string Varied, int Layers, int Width, int Context, int Batch, int Replicas)[] s_settings =
    [
        .. new[] { 1, 2, 4, 8, 16, 32 }.Select(r => ("replicas", 1, 32, 32, 4, r)),
        .. new[] { 1, 4, 16, 64, 256 }.Select(b => ("batch", 1, 32, 32, b, 1)),
        .. new[] { 32, 64, 128, 256 }.Select(c => ("context", 1, 32, c, 16, 1)),
        .. new[] { 32, 64, 128, 256 }.Select(w => ("width", 1, w, 32, 16, 1)),
        .. new[] { (1, 32), (2, 64), (5, 128) }.Select(s => ("size", s.Item1, s.Item2, 64, 16, 1)),
    ];

    /// <summary>Measures all of it; it takes about half a minute on an idle machine.</summary>
    /// <param name="seconds">Of one block of steps; each setting has six.</param>
    /// <param name="tell">Told of each setting before it is measured: which of how many.</param>
    public static BenchAnswer Measure(double seconds, Action<int, int> tell)
    {
        ArgumentNullException.ThrowIfNull(tell);
        var rows = new List<StepCostRow>();
        foreach (var s in s_settings)
        {
            tell(rows.Count + 1, s_settings.Length);
            var model = new ModelSpec
            {
                Layers = s.Layers,
                Heads = s.Width / 16,
                Width = s.Width,
            };
            PeakMemory.Forget();
            StepCost cost = StepCost.Of(model, Vocabulary, s.Context, s.Batch, s.Replicas, seconds);
            rows.Add(new StepCostRow(s.Varied, s.Layers, s.Width, s.Context, s.Batch, s.Replicas, cost, PeakMemory.Bytes));
        }
        return new BenchAnswer(RunEnvironment.Describe(), rows);
    }

    public IEnumerable<string> Lines()
    {
        yield return $"{Machine["processor"]}, {Environment.ProcessorCount} cores; libtorch {Machine["libtorch"]}, {Machine["blas"]}, "
            + $"small products by {Machine["kernels"]}; one thread, float32, Adam";
        foreach (StepCostRow row in Rows.Where(r => r.Varied == "size"))
            yield return Where(row);
        foreach (IGrouping<string, StepCostRow> table in Rows.GroupBy(r => r.Varied))
        {
            yield return "";
            StepCostRow first = table.First();
            yield return $"{Title(table.Key, first)}  (µs a sample and replica)";
            yield return $"{table.Key, -12}  whole  forward  backward  optimizer  memory MiB";
            foreach (StepCostRow r in table)
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Value(r), -12} {r.Cost.Whole, 6:0} {r.Cost.Forward, 8:0} {r.Cost.Backward, 9:0} {r.Cost.Optimizer, 10:0.0} "
                        + $"{(r.Memory is { } bytes ? (bytes >> 20).ToString(CultureInfo.InvariantCulture) : "-"), 11}"
                );
        }
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["machine"] = Machine.DeepClone(),
            ["rows"] = AnswerJson.Each(
                Rows,
                r => new JsonObject
                {
                    ["varied"] = r.Varied,
                    ["layers"] = r.Layers,
                    ["width"] = r.Width,
                    ["context"] = r.Context,
                    ["batch"] = r.Batch,
                    ["replicas"] = r.Replicas,
                    ["parameters"] = r.Cost.Parameters,
                    ["microsecondsPerSample"] = AnswerJson.Number(r.Cost.Whole),
                    ["forward"] = AnswerJson.Number(r.Cost.Forward),
                    ["backward"] = AnswerJson.Number(r.Cost.Backward),
                    ["optimizer"] = AnswerJson.Number(r.Cost.Optimizer),
                    ["peakBytes"] = r.Memory,
                }
            ),
        };

    private static string Where(StepCostRow r) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"a step of {r.Cost.Parameters:#,0} parameters, B = {r.Batch}, context {r.Context}: {1e-3 * r.Cost.Whole * r.Batch:0.##} ms, "
                + $"{r.Cost.Forward / r.Cost.Whole:p0} forward, {r.Cost.Backward / r.Cost.Whole:p0} backward, "
                + $"{r.Cost.Optimizer / r.Cost.Whole:p0} optimizer"
        );

    private static string Value(StepCostRow r) =>
        r.Varied switch
        {
            "replicas" => $"{r.Replicas}",
            "batch" => $"{r.Batch}",
            "context" => $"{r.Context}",
            "width" => $"{r.Width}",
            _ => r.Cost.Parameters.ToString("#,0", CultureInfo.InvariantCulture),
        };

    private static string Title(string varied, StepCostRow r) =>
        varied switch
        {
            "replicas" => $"Replicas of {r.Layers} block of width {r.Width}, context {r.Context}, B = {r.Batch}",
            "batch" => $"Batch size, {r.Layers} block of width {r.Width}, context {r.Context}",
            "context" => $"Context, {r.Layers} block of width {r.Width}, B = {r.Batch}",
            "width" => $"Width, {r.Layers} block, context {r.Context}, B = {r.Batch}",
            _ => $"Parameters, context {r.Context}, B = {r.Batch}",
        };

    // Linux counts the most that a process has held, and forgets it when asked.
    private static class PeakMemory
    {
        public static long? Bytes
        {
            get
            {
                try
                {
                    string? line = RegularFile
                        .ReadLines("/proc/self/status", FileLimit.Document)
                        .FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
                    return line is null
                        ? null
                        : 1024 * long.Parse(line.AsSpan("VmHWM:".Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
                {
                    return null;
                }
            }
        }

        public static void Forget()
        {
            try
            {
                File.WriteAllText("/proc/self/clear_refs", "5");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Then the figure is the most since the process began.
            }
        }
    }
}
