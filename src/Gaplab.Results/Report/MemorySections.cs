// The sections of a report on β₂: where the crossover lies for each, against 1 − β₂, and the losses by β₂.
using Gaplab.Results.Analysis;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Report;

internal static class MemorySections
{
    /// <summary>None for a comparison without several β₂.</summary>
    /// <param name="prefix">Of section ids.</param>
    /// <param name="level">Of the first heading.</param>
    public static IEnumerable<Section> Of(GapAnalysis analysis, ComparisonAnalysis comparison, string prefix, int level)
    {
        foreach ((MemoryLaw law, int i) in comparison.Memory.Select((l, i) => (l, i)))
        {
            string id = $"{prefix}memory{(i == 0 ? "" : "-2")}";
            PanelPoint[] crossings =
            [
                .. law
                    .Arms.Where(a => a.Between is not null)
                    .SelectMany(a =>
                        new[] { (double)a.Between!.Low, a.Interpolated!.Value, a.Between.High }.Select(b => new PanelPoint(
                            Against,
                            Name(law, a),
                            1 - a.Beta2,
                            b
                        ))
                    ),
                .. Law(law),
            ];
            yield return new Section
            {
                Id = id,
                Title = $"How the crossover moves with the memory of {law.Optimizer}",
                Level = level,
                Prose =
                [
                    $"Each β₂ of {law.Optimizer} was tuned by itself and set against "
                        + (law.Other is { } other ? $"the same runs of {other}. " : "the longest of them. ")
                        + "If B* is the batch size at which the mean of squares, over B/(1 − β₂) samples, is long enough, then "
                        + "B* ∝ 1 − β₂: a slope of 1 on logarithmic axes. Of the two variables, 1 − β₂ is the memory itself, and "
                        + "κ = (1−β₁)(1−β₂)/(1−β₁β₂) is how far the mean of gradients and that of squares move together.",
                    .. law.Slopes.Select(s => MemoryLawText.Sentence(s) + "."),
                    .. law.Slopes.Count == 0
                        ? ["Fewer than two values of β₂ have a crossing in range: there is no slope."]
                        : Array.Empty<string>(),
                ],
                Chart =
                    crossings.Length == 0
                        ? null
                        : SeriesPanels.Make(
                            crossings,
                            new PanelAxis("1 − β₂", Logarithmic: true),
                            new PanelAxis("batch size", Logarithmic: true),
                            lines: true,
                            $"Crossover batch size of {law.Optimizer} against 1 − β₂, on logarithmic axes",
                            "The ends of a line are the measured batch sizes between which the gap changes sign, the point between them is "
                                + "interpolated; a β₂ without a crossing in range is not drawn. The pale line has the slope 1."
                        ),
                Table = new Table(
                    "one row per β₂",
                    [
                        new("β₂", true),
                        new("κ", true),
                        new("crossover B*", true),
                        new("between", true),
                        new("95% interval", true, "from brackets of resamples"),
                        new("excess exponent", true, "of the loss above that of the longest memory, as a power of the batch size"),
                    ],
                    [
                        .. law.Arms.Select(a => new Row(
                            Cell.Of(a.Beta2, NumberText.Short),
                            Cell.Of(a.Kappa, NumberText.Short),
                            Cell.Of(a.Interpolated, NumberText.Short),
                            a.Between is { } between ? $"{between.Low} … {between.High}" : NumberText.None,
                            a.Interval == Interval.None ? NumberText.None : NumberText.Interval(a.Interval, NumberText.Short),
                            Cell.Of(a.ExcessExponent, NumberText.Short)
                        )),
                    ]
                ),
                TableOpen = true,
            };
            PanelPoint[] losses =
            [
                .. law.Arms.SelectMany(a =>
                    a.Curve.Select(c => new PanelPoint("tuned at each batch size", Name(law, a), c.Batch, c.Value))
                ),
                .. comparison
                    .Tuned.Where(t => t.Optimizer == law.Other && !t.AllDiverged)
                    .Select(t => new PanelPoint("tuned at each batch size", t.Optimizer, t.Batch, t.Value)),
            ];
            yield return new Section
            {
                Id = id + "-losses",
                Title = $"{law.Optimizer} by β₂",
                Level = 3,
                Chart = SeriesPanels.Make(
                    losses,
                    PanelAxis.Batches(losses.Select(l => l.X)),
                    new PanelAxis(analysis.Metric),
                    lines: true,
                    $"Tuned {analysis.Metric} against batch size, a line for each β₂ of {law.Optimizer}",
                    "Where a line rises towards small batch sizes and that of a longer memory does not, the memory is what is short."
                ),
            };
        }
    }

    /// <summary>The crossings of all comparisons in one figure, and their common slope; nothing with fewer than two comparisons that have
    /// it.</summary>
    public static IEnumerable<Section> Of(GapAnalysis analysis)
    {
        foreach (var laws in analysis.MemoryLaws.GroupBy(l => l.Optimizer))
            yield return new Section
            {
                Id = "memory-law" + (laws.Key == analysis.MemoryLaws[0].Optimizer ? "" : "-2"),
                Title = $"How the crossovers move with the memory of {laws.Key}",
                Prose =
                [
                    "Every comparison may have a constant of its own; the slope is common to them. Its interval resamples seeds and "
                        + "comparisons, and does not take for known where between two batch sizes a crossing lies.",
                    .. laws.Select(l => MemoryLawText.Sentence(l) + "."),
                ],
                Chart = SeriesPanels.Make(
                    [
                        .. analysis.Comparisons.SelectMany(c =>
                            c.Memory.Where(m => m.Optimizer == laws.Key)
                                .SelectMany(m => m.Crossings)
                                .Select(x => new PanelPoint(Against, Named(c.Key), 1 - x.Beta2, Math.Pow(2, x.Log2Batch[0])))
                        ),
                    ],
                    new PanelAxis("1 − β₂", Logarithmic: true),
                    new PanelAxis("batch size", Logarithmic: true),
                    lines: true,
                    $"Crossover batch size of {laws.Key} against 1 − β₂ in every comparison, on logarithmic axes",
                    "A line is a comparison. Where B* ∝ 1 − β₂, all have the slope 1: a decade up for a decade across."
                ),
            };
    }

    /// <summary>The line of slope 1 through the middle of the crossings, at the ends of their range; nothing with fewer than two.</summary>
    private static IEnumerable<PanelPoint> Law(MemoryLaw law)
    {
        MemoryArm[] crossing = [.. law.Arms.Where(a => a.Interpolated is not null)];
        if (crossing.Length < 2)
            yield break;
        double ratio = Math.Exp(crossing.Average(a => Math.Log(a.Interpolated!.Value / (1 - a.Beta2))));
        foreach (MemoryArm end in (MemoryArm[])[crossing[0], crossing[^1]])
            yield return new PanelPoint(Against, "B* ∝ 1 − β₂", 1 - end.Beta2, ratio * (1 - end.Beta2), Pale: true);
    }

    // Every comparison has the same keys: in a legend of many their values are enough.
    private static string Named(ComparisonKey key) => string.Join(", ", key.Pairs.Select(p => p.Value));

    private const string Against = "B* against 1 − β₂";

    private static string Name(MemoryLaw law, MemoryArm arm) => $"{law.Optimizer}, β₂ = {Moments.Number(arm.Beta2)}";
}
