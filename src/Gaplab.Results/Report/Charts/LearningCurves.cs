// Chart: the loss against the samples seen, for the tuned runs of each batch size.
using System.Text.Json.Nodes;

namespace Gaplab.Results.Report.Charts;

/// <summary>A point of one run's learning curve.</summary>
/// <param name="Optimizer">The optimizer's name.</param>
/// <param name="Batch">Batch size.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Samples">Training samples seen.</param>
/// <param name="Value">The metric there.</param>
/// <param name="Run">The run's id.</param>
public sealed record CurvePoint(string Optimizer, long Batch, string Seed, long Samples, double Value, string Run);

/// <summary>The mean over seeds and the range from the lowest to the highest seed.</summary>
internal static class LearningCurves
{
    /// <summary>A point of the mean curve of one optimizer at one batch size, over the seeds that reached it.</summary>
    public sealed record Mean(
        string Optimizer,
        long Batch,
        long Samples,
        double Value,
        double Low,
        double High,
        IReadOnlyList<string> Runs
    );

    /// <summary>Means and ranges, by optimizer, batch and samples. A point that not every seed of its curve has is left out: a mean over
    /// other seeds would be another curve.</summary>
    public static IReadOnlyList<Mean> Means(IReadOnlyList<CurvePoint> points)
    {
        var means = new List<Mean>();
        foreach (
            var curve in points
                .GroupBy(p => (p.Optimizer, p.Batch))
                .OrderBy(g => g.Key.Batch)
                .ThenBy(g => g.Key.Optimizer, StringComparer.Ordinal)
        )
        {
            int seeds = curve.Select(p => p.Seed).Distinct(StringComparer.Ordinal).Count();
            foreach (var at in curve.GroupBy(p => p.Samples).OrderBy(g => g.Key))
            {
                double[] values = [.. at.Select(p => p.Value)];
                if (values.Length != seeds || !values.All(double.IsFinite))
                    continue;
                means.Add(
                    new Mean(
                        curve.Key.Optimizer,
                        curve.Key.Batch,
                        at.Key,
                        values.Average(),
                        values.Min(),
                        values.Max(),
                        [.. at.Select(p => p.Run).Distinct(StringComparer.Ordinal)]
                    )
                );
            }
        }
        return means;
    }

    /// <summary>The chart, or null when no curve has two points.</summary>
    public static Chart? Make(IReadOnlyList<CurvePoint> points, IReadOnlyList<string> optimizers, string metric)
    {
        IReadOnlyList<Mean> means = Means(points);
        if (means.Count == 0 || !means.GroupBy(m => (m.Optimizer, m.Batch)).Any(g => g.Count() > 1))
            return null;
        long[] batches = [.. means.Select(m => m.Batch).Distinct()];
        (int columns, int width) = ChartTheme.Grid(batches.Length);
        double right = means.Max(m => m.Samples),
            left = Math.Min(0, means.Min(m => m.Samples));
        if (left == right)
            right = left + 1;
        // The first tenth of a run falls from the untrained loss; on its scale the rest would be one line.
        double start = left + (0.1 * (right - left));
        Mean[] later = [.. means.Where(m => m.Samples >= start)];
        (double Low, double High) common = (later.Min(m => m.Low), later.Max(m => m.High));
        bool own = ChartTheme.NeedsOwnScales(common, batches.Select(Reach));
        bool cut = means.Any(m => Padded(own ? Reach(m.Batch) : common) is var (low, high) && (m.High > high || m.Low < low));

        (double Low, double High) Reach(long batch)
        {
            Mean[] here = [.. later.Where(m => m.Batch == batch)];
            return here.Length == 0 ? common : (here.Min(m => m.Low), here.Max(m => m.High));
        }

        static (double Low, double High) Padded((double Low, double High) range)
        {
            double pad = Math.Max(0.05 * (range.High - range.Low), 1e-9);
            return (range.Low - pad, range.High + pad);
        }

        IEnumerable<JsonObject> panels = batches.Select(
            (batch, index) =>
            {
                (double bottom, double top) = Padded(own ? Reach(batch) : common);
                JsonArray data =
                [
                    .. means
                        .Where(m => m.Batch == batch)
                        .Select(m =>
                            (JsonNode)
                                new JsonObject
                                {
                                    ["optimizer"] = m.Optimizer,
                                    ["samples"] = m.Samples,
                                    ["value"] = m.Value,
                                    ["low"] = m.Low,
                                    ["high"] = m.High,
                                }
                        ),
                ];
                JsonObject Y(string field) =>
                    ChartTheme.Quantity(
                        field,
                        bottom,
                        top,
                        metric,
                        new JsonObject { ["title"] = index % columns == 0 ? metric : null, ["tickCount"] = 5 }
                    );
                return new JsonObject
                {
                    ["title"] = $"B = {NumberText.Count(batch)}",
                    ["width"] = width,
                    ["height"] = 190,
                    ["data"] = new JsonObject { ["values"] = data },
                    ["encoding"] = new JsonObject
                    {
                        ["x"] = ChartTheme.Quantity(
                            "samples",
                            left,
                            right,
                            "training samples",
                            new JsonObject { ["labelExpr"] = "format(datum.value, '~s')", ["tickCount"] = 4 }
                        ),
                        ["color"] = ChartTheme.ByOptimizer(optimizers, means.Select(m => m.Optimizer)),
                    },
                    ["layer"] = new JsonArray(
                        new JsonObject
                        {
                            ["mark"] = new JsonObject
                            {
                                ["type"] = "area",
                                ["opacity"] = 0.2,
                                ["clip"] = true,
                            },
                            ["encoding"] = new JsonObject
                            {
                                ["y"] = Y("low"),
                                ["y2"] = new JsonObject { ["field"] = "high" },
                            },
                        },
                        new JsonObject
                        {
                            ["mark"] = new JsonObject
                            {
                                ["type"] = "line",
                                ["clip"] = true,
                                ["point"] = new JsonObject { ["size"] = 22 },
                            },
                            ["encoding"] = new JsonObject
                            {
                                ["y"] = Y("value"),
                                ["tooltip"] = new JsonArray(
                                    ChartTheme.Tip("optimizer", "optimizer"),
                                    ChartTheme.Tip("samples", "samples", "quantitative", ",d"),
                                    ChartTheme.Tip("value", "mean", "quantitative", ".5~g"),
                                    ChartTheme.Tip("low", "lowest seed", "quantitative", ".5~g"),
                                    ChartTheme.Tip("high", "highest seed", "quantitative", ".5~g")
                                ),
                            },
                        }
                    ),
                };
            }
        );
        string alt =
            $"{metric} against training samples for the tuned runs, one panel per batch size. At the end: "
            + string.Join(
                "; ",
                means
                    .GroupBy(m => (m.Batch, m.Optimizer))
                    .Select(g => g.Last())
                    .Select(m => $"B={m.Batch} {m.Optimizer} {NumberText.Metric(m.Value)}")
            )
            + ".";
        return new Chart(
            ChartTheme.Panels(panels, columns),
            alt,
            "Line: mean over seeds at the learning rate chosen; band: from the lowest to the highest seed. "
                + (own ? "Each panel has its own scale of values" : "All panels share their axes")
                + (cut ? "; the steep start is cut off." : ".")
        );
    }
}
