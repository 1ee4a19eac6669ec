// Chart: how far each of several inputs moves one number, as a line between two points for each.
using System.Text.Json.Nodes;

namespace Gaplab.Results.Report.Charts;

/// <summary>What one input does to the number: its value with the input lowered, and raised; null where it has none.</summary>
public sealed record Dumbbell(string Input, double? Lowered, double? Raised);

/// <summary>Inputs from above to below in the order of how much they move it.</summary>
public static class Dumbbells
{
    /// <param name="inputs">At least one with a value.</param>
    /// <param name="title">The number, on a logarithmic axis.</param>
    /// <param name="now">The number as it is; null where it is none.</param>
    /// <param name="alt">What the chart shows, for who cannot see it.</param>
    /// <param name="caption">How to read its marks.</param>
    public static Chart Make(IReadOnlyList<Dumbbell> inputs, string title, double? now, string alt, string caption)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        string[] order =
        [
            .. inputs.OrderByDescending(i => i is { Lowered: { } a, Raised: { } b } ? Math.Abs(Math.Log(a / b)) : 0).Select(i => i.Input),
        ];
        double[] all = [.. inputs.SelectMany(i => new[] { i.Lowered, i.Raised }).Append(now).OfType<double>()];
        JsonObject x = ChartTheme.Quantity("x", all.Min() / 1.2, all.Max() * 1.2, title, new JsonObject { ["tickCount"] = 6 }, "log2");
        JsonObject y = new()
        {
            ["field"] = "input",
            ["type"] = "nominal",
            ["sort"] = ChartTheme.Texts(order),
            ["axis"] = new JsonObject
            {
                ["title"] = null,
                ["labelLimit"] = 280,
                ["grid"] = true,
            },
        };
        JsonArray layers = [];
        if (now is { } at)
            layers.Add(
                new JsonObject
                {
                    ["data"] = new JsonObject { ["values"] = new JsonArray(new JsonObject { ["x"] = at }) },
                    ["mark"] = new JsonObject
                    {
                        ["type"] = "rule",
                        ["stroke"] = ChartTheme.Faint,
                        ["strokeDash"] = ChartTheme.Numbers([2, 3]),
                    },
                    ["encoding"] = new JsonObject { ["x"] = x.DeepClone() },
                }
            );
        layers.Add(
            new JsonObject
            {
                ["data"] = Data(
                    inputs
                        .Where(i => i is { Lowered: not null, Raised: not null })
                        .Select(i => new JsonObject
                        {
                            ["input"] = i.Input,
                            ["x"] = i.Lowered,
                            ["to"] = i.Raised,
                        })
                ),
                ["mark"] = new JsonObject
                {
                    ["type"] = "rule",
                    ["stroke"] = ChartTheme.Shade,
                    ["strokeWidth"] = 3,
                },
                ["encoding"] = new JsonObject
                {
                    ["x"] = x.DeepClone(),
                    ["x2"] = new JsonObject { ["field"] = "to" },
                    ["y"] = y.DeepClone(),
                },
            }
        );
        string[] ends = ["lowered", "raised"];
        layers.Add(
            new JsonObject
            {
                ["data"] = Data(
                    inputs
                        .SelectMany(i => new[] { (i.Input, End: ends[0], At: i.Lowered), (i.Input, End: ends[1], At: i.Raised) })
                        .Where(e => e.At is not null)
                        .Select(e => new JsonObject
                        {
                            ["input"] = e.Input,
                            ["optimizer"] = e.End,
                            ["x"] = e.At,
                        })
                ),
                ["mark"] = new JsonObject
                {
                    ["type"] = "point",
                    ["filled"] = true,
                    ["size"] = 90,
                    ["opacity"] = 1,
                },
                ["encoding"] = new JsonObject
                {
                    ["x"] = x,
                    ["y"] = y,
                    ["color"] = Upright(ChartTheme.ByOptimizer(ends, ends)),
                    ["tooltip"] = new JsonArray(
                        ChartTheme.Tip("input", "input"),
                        ChartTheme.Tip("optimizer", "changed"),
                        ChartTheme.Tip("x", title, "quantitative", ".4~g")
                    ),
                },
            }
        );
        var spec = new JsonObject
        {
            ["config"] = ChartTheme.Config(),
            ["width"] = "container",
            ["height"] = 40 * Math.Max(1, inputs.Count),
            ["autosize"] = new JsonObject { ["type"] = "fit", ["contains"] = "padding" },
            ["layer"] = layers,
        };
        return new Chart(spec, alt, caption);
    }

    // Long names of inputs leave little room beside them.
    private static JsonObject Upright(JsonObject colour)
    {
        colour["legend"]!["direction"] = "vertical";
        return colour;
    }

    private static JsonObject Data(IEnumerable<JsonObject> values) => new() { ["values"] = new JsonArray([.. values]) };
}
