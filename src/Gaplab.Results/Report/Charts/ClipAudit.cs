// Chart: the fraction of steps on which the norm clip acted, per optimizer, batch size and learning rate.
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report.Charts;

/// <summary>An always-active clip makes SGD normalised SGD; this picture shows where that is so.</summary>
internal static class ClipAudit
{
    /// <summary>The chart, or null when no clip fraction is known.</summary>
    public static Chart? Make(IReadOnlyList<TunedMetric> tuned, IReadOnlyList<string> optimizers)
    {
        var trials = tuned
            .SelectMany(t =>
                t.Trials.Where(c => c.ClipFraction is not null && c.LearningRate is not null && c.Moments == t.Moments).Select(c => (t, c))
            )
            .ToList();
        if (trials.Count == 0)
            return null;
        string[] present = [.. optimizers.Where(o => trials.Any(p => p.t.Optimizer == o))];
        string[] batches = [.. trials.Select(p => p.t.Batch).Distinct().OrderDescending().Select(NumberText.Count)];
        int widest = present.Max(o => trials.Where(p => p.t.Optimizer == o).Select(p => p.c.LearningRate).Distinct().Count());
        // Two panels side by side as long as a cell still has room for its number.
        int columns = present.Length > 1 && widest <= 9 ? 2 : 1,
            step = Math.Clamp((columns == 2 ? 390 : 820) / Math.Max(widest, 4), 34, 60);

        IEnumerable<JsonObject> panels = present.Select(
            (optimizer, index) =>
            {
                var mine = trials.Where(p => p.t.Optimizer == optimizer).ToList();
                string[] rates = [.. mine.Select(p => p.c.LearningRate!.Value).Distinct().Order().Select(NumberText.Short)];
                JsonArray data =
                [
                    .. mine.Select(p =>
                        (JsonNode)
                            new JsonObject
                            {
                                ["rate"] = NumberText.Short(p.c.LearningRate!.Value),
                                ["batch"] = NumberText.Count(p.t.Batch),
                                ["fraction"] = p.c.ClipFraction,
                                ["text"] = (100 * p.c.ClipFraction!.Value).ToString("0", System.Globalization.CultureInfo.InvariantCulture),
                                ["chosen"] = p.c.LearningRate == p.t.LearningRate,
                            }
                    ),
                ];
                var x = new JsonObject
                {
                    ["field"] = "rate",
                    ["type"] = "ordinal",
                    ["scale"] = new JsonObject { ["domain"] = ChartTheme.Texts(rates), ["paddingInner"] = 0.04 },
                    ["axis"] = new JsonObject
                    {
                        ["title"] = "learning rate",
                        ["labelAngle"] = widest > 6 ? -40 : 0,
                        ["domain"] = false,
                        ["ticks"] = false,
                    },
                };
                var y = new JsonObject
                {
                    ["field"] = "batch",
                    ["type"] = "ordinal",
                    ["scale"] = new JsonObject { ["domain"] = ChartTheme.Texts(batches), ["paddingInner"] = 0.04 },
                    ["axis"] = new JsonObject { ["title"] = index % columns == 0 ? "batch size" : null },
                };
                return new JsonObject
                {
                    ["title"] = optimizer,
                    ["width"] = new JsonObject { ["step"] = step },
                    ["height"] = new JsonObject { ["step"] = 28 },
                    ["data"] = new JsonObject { ["values"] = data },
                    ["encoding"] = new JsonObject { ["x"] = x, ["y"] = y },
                    ["layer"] = new JsonArray(
                        new JsonObject
                        {
                            ["mark"] = new JsonObject { ["type"] = "rect", ["cornerRadius"] = 2 },
                            ["encoding"] = new JsonObject
                            {
                                ["color"] = new JsonObject
                                {
                                    ["field"] = "fraction",
                                    ["type"] = "quantitative",
                                    ["scale"] = new JsonObject
                                    {
                                        ["domain"] = ChartTheme.Numbers([0, 1]),
                                        ["range"] = ChartTheme.Texts(["#eef0f2", "#9fb6cc", "#2f5f8a"]),
                                    },
                                    ["legend"] = new JsonObject
                                    {
                                        ["title"] = "steps clipped",
                                        ["format"] = ".0%",
                                        ["gradientLength"] = 140,
                                        ["gradientThickness"] = 9,
                                        ["values"] = ChartTheme.Numbers([0, 0.5, 1]),
                                    },
                                },
                                ["tooltip"] = new JsonArray(
                                    ChartTheme.Tip("rate", "learning rate"),
                                    ChartTheme.Tip("batch", "batch size"),
                                    ChartTheme.Tip("fraction", "steps clipped", "quantitative", ".1%")
                                ),
                            },
                        },
                        new JsonObject
                        {
                            ["transform"] = new JsonArray(new JsonObject { ["filter"] = "datum.chosen" }),
                            // The chosen cell wears its optimizer's colour.
                            ["mark"] = new JsonObject
                            {
                                ["type"] = "rect",
                                ["fill"] = "transparent",
                                ["cornerRadius"] = 2,
                                ["stroke"] = ChartTheme.Colour(Array.IndexOf([.. optimizers], optimizer)),
                                ["strokeWidth"] = 2.5,
                            },
                        },
                        new JsonObject
                        {
                            ["mark"] = new JsonObject { ["type"] = "text", ["fontSize"] = 11 },
                            ["encoding"] = new JsonObject
                            {
                                ["text"] = new JsonObject { ["field"] = "text" },
                                // Fixed colours: the cells keep theirs in both schemes.
                                ["color"] = new JsonObject
                                {
                                    ["condition"] = new JsonObject { ["test"] = "datum.fraction > 0.6", ["value"] = "#ffffff" },
                                    ["value"] = "#20262d",
                                },
                            },
                        }
                    ),
                };
            }
        );
        JsonObject spec = ChartTheme.Panels(panels, columns);
        string alt =
            "Percentage of steps on which the norm clip acted. "
            + string.Join(
                " ",
                present.Select(o =>
                {
                    double[] f = [.. trials.Where(p => p.t.Optimizer == o).Select(p => p.c.ClipFraction!.Value)];
                    return $"{o}: from {NumberText.Percent(f.Min())} to {NumberText.Percent(f.Max())}.";
                })
            );
        return new Chart(
            spec,
            alt,
            "Per cent of the steps on which the norm clip shortened the gradient, mean over seeds; framed: the learning rate chosen."
        );
    }
}
