// Chart: the metric against the learning rate, one panel per batch size: how each optimizer was tuned.
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report.Charts;

/// <summary>Every cell that was tried: a faint point per seed, a line through the means, a ring on the learning rate chosen.</summary>
internal static class LossAgainstRate
{
    /// <summary>The chart, or null when the table has no learning rates.</summary>
    /// <param name="tuned">The tuned metrics of a group.</param>
    /// <param name="optimizers">All optimizers in the report's order of colours.</param>
    /// <param name="metric">Its name.</param>
    /// <param name="higherIsBetter">Of a score.</param>
    /// <param name="single">Whether each run has a point of its own.</param>
    public static Chart? Make(
        IReadOnlyList<TunedMetric> tuned,
        IReadOnlyList<string> optimizers,
        string metric,
        bool higherIsBetter,
        bool single = true
    )
    {
        ArgumentNullException.ThrowIfNull(tuned);
        double[] rates =
        [
            .. tuned
                .SelectMany(t => t.Trials)
                .Select(c => c.LearningRate)
                .OfType<double>()
                .Where(r => r > 0 && double.IsFinite(r))
                .Distinct()
                .Order(),
        ];
        if (rates.Length < 2)
            return null;
        double low = rates[0] / 1.6,
            high = rates[^1] * 1.6;
        long[] batches = [.. tuned.Select(t => t.Batch).Distinct().Order()];
        (double Low, double High) common = ValueRange.Of(tuned, higherIsBetter);
        ILookup<long, TunedMetric> at = tuned.ToLookup(t => t.Batch);
        bool own = ChartTheme.NeedsOwnScales(
            common,
            batches.Where(b => at[b].Any(t => !t.AllDiverged)).Select(b => ValueRange.Of([.. at[b]], higherIsBetter))
        );
        (int columns, int width) = ChartTheme.Grid(batches.Length);
        int diverged = 0,
            off = 0;

        JsonObject Panel(long batch, int index)
        {
            (double bottom, double top) = own ? ValueRange.Of([.. at[batch]], higherIsBetter) : common;
            // Losses that are off the scale leave at the top, scores at the bottom.
            double edge = higherIsBetter ? bottom : top;
            var means = new JsonArray();
            var seeds = new JsonArray();
            var edges = new JsonArray();
            foreach (TunedMetric metricAt in tuned.Where(t => t.Batch == batch))
            {
                // One line per optimizer, at the momentum chosen; other momenta are in the table.
                foreach (Trial trial in metricAt.Trials.Where(c => c.LearningRate > 0 && c.Moments == metricAt.Moments))
                {
                    bool chosen = trial.LearningRate == metricAt.LearningRate;
                    bool finite = double.IsFinite(trial.Mean);
                    means.Add(Datum(metricAt, trial, finite ? trial.Mean : null, chosen && finite));
                    int lost = trial.Values.Count(double.IsNaN);
                    if (lost > 0)
                        diverged++;
                    bool outside = finite && (trial.Mean > top || trial.Mean < bottom);
                    if (outside)
                        off++;
                    if (lost > 0 || outside)
                    {
                        JsonObject mark = Datum(metricAt, trial, edge, false);
                        mark["what"] =
                            lost > 0 ? $"{lost} of {trial.Values.Count} diverged" : $"off the scale: {NumberText.Metric(trial.Mean)}";
                        mark["kind"] = lost > 0 ? "diverged" : "off";
                        edges.Add(mark);
                    }
                    for (int s = 0; single && s < trial.Values.Count; s++)
                    {
                        if (double.IsNaN(trial.Values[s]))
                            continue;
                        JsonObject point = Datum(metricAt, trial, trial.Values[s], false);
                        point["run"] = s < trial.Runs.Count ? trial.Runs[s] : "";
                        seeds.Add(point);
                    }
                }
            }
            JsonObject x = ChartTheme.Quantity("rate", low, high, "learning rate", ChartTheme.RateAxis(low, high), "log");
            JsonObject y = ChartTheme.Quantity(
                "value",
                bottom,
                top,
                index % columns == 0 ? metric : "",
                new JsonObject { ["title"] = index % columns == 0 ? metric : null, ["tickCount"] = 5 }
            );
            return new JsonObject
            {
                ["title"] = $"B = {NumberText.Count(batch)}",
                ["width"] = width,
                ["height"] = 190,
                ["encoding"] = new JsonObject
                {
                    ["x"] = x,
                    ["y"] = y,
                    ["color"] = ChartTheme.ByOptimizer(optimizers, tuned.Select(t => t.Optimizer)),
                },
                // Of the means three layers are drawn; the others bring their own data.
                ["data"] = new JsonObject { ["values"] = means },
                ["layer"] = new JsonArray(
                    Layer(
                        null,
                        new JsonObject
                        {
                            ["type"] = "line",
                            ["clip"] = true,
                            ["invalid"] = "break-paths-show-path-domains",
                        }
                    ),
                    Layer(
                        seeds,
                        new JsonObject
                        {
                            ["type"] = "point",
                            ["clip"] = true,
                            ["filled"] = true,
                            ["size"] = 16,
                            ["opacity"] = 0.4,
                        },
                        Tips(ChartTheme.Tip("run", "run"))
                    ),
                    Layer(
                        null,
                        new JsonObject
                        {
                            ["type"] = "point",
                            ["clip"] = true,
                            ["filled"] = true,
                            ["opacity"] = 1,
                            ["size"] = 34,
                        },
                        Tips(),
                        "datum.value !== null"
                    ),
                    Layer(
                        null,
                        new JsonObject
                        {
                            ["type"] = "point",
                            ["clip"] = true,
                            ["filled"] = false,
                            ["opacity"] = 1,
                            ["size"] = 190,
                            ["strokeWidth"] = 2,
                        },
                        Tips(),
                        "datum.chosen"
                    ),
                    Layer(
                        edges,
                        new JsonObject
                        {
                            ["type"] = "point",
                            ["filled"] = false,
                            ["opacity"] = 1,
                            ["size"] = 46,
                            ["strokeWidth"] = 1.8,
                            ["yOffset"] = higherIsBetter ? 3 : -3,
                        },
                        new JsonObject
                        {
                            ["shape"] = new JsonObject
                            {
                                ["field"] = "kind",
                                ["type"] = "nominal",
                                ["legend"] = null,
                                ["scale"] = new JsonObject
                                {
                                    ["domain"] = ChartTheme.Texts(["diverged", "off"]),
                                    ["range"] = ChartTheme.Texts([
                                        "M-.7-.7L.7.7M-.7.7L.7-.7",
                                        higherIsBetter ? "triangle-down" : "triangle-up",
                                    ]),
                                },
                            },
                            ["tooltip"] = new JsonArray(
                                ChartTheme.Tip("optimizer", "optimizer"),
                                ChartTheme.Tip("rate", "learning rate", "quantitative", "~g"),
                                ChartTheme.Tip("what", "what")
                            ),
                        }
                    )
                ),
            };
        }

        JsonObject spec = ChartTheme.Panels([.. batches.Select(Panel)], columns);
        string alt =
            $"{metric} against learning rate in {batches.Length} panels, one per batch size from {batches[0]} to {batches[^1]}. "
            + string.Join(
                " ",
                optimizers
                    .Where(o => tuned.Any(t => t.Optimizer == o))
                    .Select(o =>
                        $"Best learning rates of {o}: "
                        + string.Join(
                            ", ",
                            tuned
                                .Where(t => t.Optimizer == o)
                                .OrderBy(t => t.Batch)
                                .Select(t => t.LearningRate is double r ? $"{NumberText.Short(r)} at B={t.Batch}" : $"none at B={t.Batch}")
                        )
                        + "."
                    )
            );
        string caption =
            $"Line and large points: mean over seeds; {(single ? "small points: single runs; " : "")}**ring**: the learning rate chosen."
            + (
                diverged > 0
                    ? $" **×** at the {(higherIsBetter ? "bottom" : "top")} edge: a seed diverged there, so the cell cannot be chosen."
                    : ""
            )
            + (off > 0 ? $" **{(higherIsBetter ? "▽" : "△")}**: off the scale." : "")
            + (own ? " Each panel has its own scale of values." : " All panels share their axes.");
        return new Chart(spec, alt, caption);
    }

    private static JsonObject Datum(TunedMetric tuned, Trial trial, double? value, bool chosen) =>
        new()
        {
            ["optimizer"] = tuned.Optimizer,
            ["rate"] = trial.LearningRate,
            ["value"] = value,
            ["chosen"] = chosen,
        };

    private static JsonObject Tips(params JsonObject[] more) =>
        new()
        {
            ["tooltip"] = new JsonArray([
                ChartTheme.Tip("optimizer", "optimizer"),
                ChartTheme.Tip("rate", "learning rate", "quantitative", "~g"),
                ChartTheme.Tip("value", "value", "quantitative", ".5~g"),
                .. more,
            ]),
        };

    private static JsonObject Layer(JsonNode? values, JsonObject mark, JsonObject? encoding = null, string? filter = null)
    {
        var layer = new JsonObject();
        if (values is not null)
            layer["data"] = new JsonObject { ["values"] = values };
        layer["mark"] = mark;
        if (filter is not null)
            layer["transform"] = new JsonArray(new JsonObject { ["filter"] = filter });
        if (encoding is not null)
            layer["encoding"] = encoding;
        return layer;
    }
}
