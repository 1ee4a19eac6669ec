// What the probe "signal" adds to a study's page: how much of a mini-batch's gradient is signal along the tuned runs, and in which layers.
using System.Globalization;
using Gaplab.Learning.Diagnostics;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>One layer at one point of one arm's tuned runs, mean over the seeds that reached it.</summary>
/// <param name="Comparison">Its heading, of a study that has several; else "".</param>
/// <param name="Optimizer">By its name in the study, with what else the study varies.</param>
/// <param name="Batch">Samples of the run's own mini-batches.</param>
/// <param name="Fraction">Where in the run, in [0, 1].</param>
/// <param name="Step">The step before which it was measured.</param>
/// <param name="Mean">Of every number.</param>
/// <param name="Error">The standard error of the noise scale over seeds; NaN of one seed.</param>
/// <param name="Runs">Of which it is the mean.</param>
internal sealed record SignalRow(
    string Comparison,
    string Optimizer,
    int Batch,
    double Fraction,
    long Step,
    SignalReading Mean,
    double Error,
    IReadOnlyList<string> Runs
)
{
    /// <summary>tr Σ/(B‖∇F‖²): the mean squared noise of a mini-batch's gradient over the square of the full gradient.</summary>
    public double NoiseBesideSignal => Mean.NoiseScale / Batch;

    /// <summary>The share of right signs of mini-batches of the run's own size, or of the nearest that was asked for.</summary>
    public (int Batch, double Right) Signs => Mean.Signs.MinBy(s => Math.Abs(Math.Log((double)s.Batch / Batch)));

    public bool IsWhole => Mean.Layer == SignalReading.Whole;

    public string Panel => $"{(Comparison.Length > 0 ? Comparison + ", " : "")}B = {NumberText.Count(Batch)}";
}

/// <summary>The noise beside the signal, the share of right signs, and both by layer.</summary>
internal static class SignalSection
{
    private const string Bars = " Bars: one standard error over the seeds.";

    /// <summary>The sections, a pure function of the rows.</summary>
    /// <param name="rows">At least one, in the order of the arms, points and layers.</param>
    /// <param name="source">The store, as a provenance line names it.</param>
    /// <param name="command">The command that made it.</param>
    public static ProbePart Build(IReadOnlyList<SignalRow> rows, string source, string command)
    {
        var from = new Provenance(source, command, [.. rows.SelectMany(r => r.Runs).Distinct()]);
        SignalRow[] whole = [.. rows.Where(r => r.IsWhole)],
            layers = [.. rows.Where(r => !r.IsWhole)];
        PanelAxis where = new("per cent of the run"),
            ratio = new("noise / signal", Logarithmic: true);
        var sections = new List<Section>
        {
            new()
            {
                Id = "signal",
                Title = Row.Title,
                Provenance = from,
                Prose =
                [
                    "tr Σ/(B‖∇F‖²): the noise in the gradient of a mini-batch of B samples beside the gradient of all of them. At 1, where "
                        + "B is the **noise scale** tr Σ/‖∇F‖², they are equal. Above it a step is mostly noise, and a larger batch would "
                        + "make it better almost in proportion; far below it larger batches are wasted.",
                ],
                Chart = Noise(whole, r => r.Panel, "Noise over signal in a mini-batch's gradient along the tuned runs.", ""),
                Table = Table("signal, one row per point, all parameters together", whole),
            },
            new()
            {
                Id = "signal-signs",
                Title = "Signs that a mini-batch has right",
                Level = 3,
                Provenance = from,
                Prose =
                [
                    "The mean over the coordinates of the chance that a mini-batch's gradient has the sign of the full one, with normal "
                        + "noise. At 50 % a step by signs, which Adam's resembles, is a toss of a coin for each coordinate.",
                ],
                Chart = Panels(
                    whole.Select(r => new PanelPoint(r.Panel, r.Optimizer, 100 * r.Fraction, 100 * r.Signs.Right)),
                    where,
                    new("per cent right"),
                    "Share of the gradient's signs that a mini-batch has right along the tuned runs.",
                    "Mini-batches of the run's own size, or of the nearest that was asked for."
                ),
            },
        };
        foreach (var (of, index) in layers.GroupBy(r => r.Panel).Select((g, i) => (g, i + 1)))
            sections.Add(
                new Section
                {
                    Id = $"signal-layers-{NumberText.Count(index)}",
                    Title = $"Signal by layer, {of.Key}",
                    Level = 3,
                    Provenance = from,
                    Chart = Noise(of, r => r.Mean.Layer, "Noise over signal in each layer along the tuned runs.", "One panel per layer. "),
                    Table = Table("signal, one row per point and layer", [.. of]),
                }
            );
        return new(Claims(whole), sections);

        Chart? Noise(IEnumerable<SignalRow> of, Func<SignalRow, string> panel, string alt, string caption) =>
            Panels(
                of.Where(r => r.NoiseBesideSignal > 0)
                    .Select(r => new PanelPoint(panel(r), r.Optimizer, 100 * r.Fraction, r.NoiseBesideSignal, Error: r.Error / r.Batch)),
                where,
                ratio,
                alt,
                caption + "The optimizer is the one that moves. Above 1: more noise than signal." + Bars
            );
    }

    /// <summary>How much noise there is at the end, over the arms; nothing where no number is finite.</summary>
    private static string[] Claims(IEnumerable<SignalRow> whole)
    {
        SignalRow[] ends =
        [
            .. whole
                .GroupBy(r => (r.Panel, r.Optimizer))
                .Select(arm => arm.MaxBy(r => r.Step)!)
                .Where(r => double.IsFinite(r.NoiseBesideSignal) && double.IsFinite(r.Signs.Right)),
        ];
        if (ends.Length == 0)
            return [];
        (double low, double high) = (ends.Min(r => r.NoiseBesideSignal), ends.Max(r => r.NoiseBesideSignal));
        (double few, double many) = (ends.Min(r => r.Signs.Right), ends.Max(r => r.Signs.Right));
        return
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"**Signal**: at the last point that was measured, a mini-batch's gradient is more noise than signal along "
                    + $"{ends.Count(r => r.NoiseBesideSignal > 1)} of {ends.Length} tuned arms "
                    + $"({low:g3}{(high > low ? $" to {high:g3}" : "")} "
                    + $"times as much), and has {100 * few:0}{(many > few ? $" to {100 * many:0}" : "")} % of the signs right."
            ),
        ];
    }

    private static Table Table(string caption, IReadOnlyList<SignalRow> rows)
    {
        int[] sizes = [.. rows.SelectMany(r => r.Mean.Signs.Select(s => s.Batch)).Distinct().Order()];
        return new(
            caption,
            [
                new("along"),
                new("at", true, "fraction of the run"),
                new("step", true),
                new("layer"),
                new("‖∇F‖²", true),
                new("tr Σ", true, "of one sample's gradient"),
                new("tr Σ/‖∇F‖²", true, "the noise scale, in samples"),
                new("error", true, "its standard error over the seeds"),
                new("noise / signal", true, "in a mini-batch of the run's size"),
                .. sizes.Select(b => new Column($"signs right, B = {NumberText.Count(b)}", true)),
            ],
            [
                .. rows.Select(r => new Row(
                    [
                        $"{r.Optimizer}, {r.Panel}",
                        Number(r.Fraction),
                        Number(r.Step),
                        r.Mean.Layer,
                        Number(r.Mean.GradientSquare),
                        Number(r.Mean.NoiseTrace),
                        Number(r.Mean.NoiseScale),
                        Number(r.Error),
                        Number(r.NoiseBesideSignal),
                        .. sizes.Select(b => Number(r.Mean.Signs.Where(s => s.Batch == b).Select(s => s.Right).FirstOrDefault(double.NaN))),
                    ],
                    r.Runs
                )),
            ]
        );
    }

    private static Cell Number(double value) => Cell.Of(double.IsFinite(value) ? value : null, NumberText.Short);

    private static Chart? Panels(IEnumerable<PanelPoint> points, PanelAxis x, PanelAxis y, string alt, string caption) =>
        points.Where(p => double.IsFinite(p.Y)).ToArray() is { Length: > 0 } all
            ? SeriesPanels.Make(all, x, y, lines: true, alt, caption)
            : null;

    /// <summary>Rows of the tuned runs, by arm, point and layer; a run that diverged before a point has none there.</summary>
    private static List<SignalRow> Rows(StudyResults results)
    {
        var rows = new List<SignalRow>();
        foreach (var point in TunedPoints.Of(results, SignalReading.Probe, SignalReading.Of).GroupBy(p => (p.Arm.Key, p.Question, p.Step)))
        {
            (Arm arm, _, _, long step, double fraction, IReadOnlyList<SignalReading> layers) = point.First();
            for (int l = 0; l < layers.Count; l++)
            {
                SignalReading[] seeds = [.. point.Select(p => p.Parts[l])];
                rows.Add(
                    new(
                        arm.Comparison.Key.Heading,
                        arm.Optimizer + (arm.Variant.Length > 0 ? ", " + arm.Variant : ""),
                        arm.Batch,
                        fraction,
                        step,
                        SignalReading.Mean(seeds),
                        seeds.Length > 1 ? SampleError.OfMean([.. seeds.Select(s => s.NoiseScale)]) : double.NaN,
                        [.. point.Select(p => p.Run)]
                    )
                );
            }
        }
        return rows;
    }

    public static ProbeSection Row { get; } =
        new()
        {
            Title = "Signal in the gradient of a mini-batch",
            Says = "noise beside signal in a mini-batch's gradient, the share of signs it has right, and both by layer",
            Probes = [SignalReading.Probe],
            View = "noise",
            Read = (results, source, command) => Rows(results) is { Count: > 0 } rows ? Build(rows, source, command) : null,
        };
}
