// Chart: the gap against the batch size, with its interval, the zero line and the crossover.
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report.Charts;

/// <summary>The answer as a picture: above zero the second optimizer is ahead, below it the first.</summary>
internal static class GapAgainstBatch
{
    /// <summary>The chart, or null with fewer than two finite gaps: one number is no picture.</summary>
    public static Chart? Make(ComparisonAnalysis comparison, string first, string second, string metric)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        Gap[] gaps = [.. comparison.Gaps.Where(g => double.IsFinite(g.Value)).OrderBy(g => g.Batch)];
        if (gaps.Length < 2)
            return null;
        double left = gaps[0].Batch / 1.35,
            right = gaps[^1].Batch * 1.35;
        (double bottom, double top) = Range(gaps);
        bool intervals = gaps.Any(HasInterval);

        var layers = new JsonArray();
        Crossover? headline = Headline(comparison);
        if (headline is not null && (headline.Interval.Low is not null || headline.Interval.High is not null || headline.Interval.LowOpen))
        {
            layers.Add(
                Layer(
                    [
                        new JsonObject
                        {
                            ["from"] = Math.Max(headline.Interval.Low ?? left, left),
                            ["to"] = Math.Min(headline.Interval.High ?? right, right),
                            ["y0"] = bottom,
                            ["y1"] = top,
                        },
                    ],
                    new JsonObject
                    {
                        ["type"] = "rect",
                        ["fill"] = ChartTheme.Shade,
                        ["opacity"] = 0.38,
                        ["clip"] = true,
                    },
                    new JsonObject
                    {
                        ["x"] = new JsonObject { ["field"] = "from", ["type"] = "quantitative" },
                        ["x2"] = new JsonObject { ["field"] = "to" },
                        ["y"] = new JsonObject { ["field"] = "y0", ["type"] = "quantitative" },
                        ["y2"] = new JsonObject { ["field"] = "y1" },
                    }
                )
            );
        }
        layers.Add(
            Layer(
                [new JsonObject { ["gap"] = 0 }],
                new JsonObject
                {
                    ["type"] = "rule",
                    ["stroke"] = ChartTheme.Ink,
                    ["strokeWidth"] = 1,
                },
                new JsonObject { ["y"] = Y("gap") }
            )
        );
        if (intervals)
        {
            JsonArray data = Data(gaps.Where(HasInterval), bottom, top);
            layers.Add(
                Layer(
                    data,
                    new JsonObject
                    {
                        ["type"] = "area",
                        ["fill"] = ChartTheme.Muted,
                        ["opacity"] = 0.14,
                        ["clip"] = true,
                    },
                    new JsonObject
                    {
                        ["x"] = X("batch"),
                        ["y"] = Y("low"),
                        ["y2"] = new JsonObject { ["field"] = "high" },
                    }
                )
            );
            layers.Add(
                Layer(
                    (JsonArray)data.DeepClone(),
                    new JsonObject
                    {
                        ["type"] = "rule",
                        ["strokeWidth"] = 1.6,
                        ["clip"] = true,
                    },
                    new JsonObject
                    {
                        ["x"] = X("batch"),
                        ["y"] = Y("low"),
                        ["y2"] = new JsonObject { ["field"] = "high" },
                        ["color"] = Ahead(first, second),
                    }
                )
            );
        }
        if (comparison.Isotonic is { } fit && fit.Batches.Count > 1)
        {
            JsonArray data = [.. fit.Batches.Select((b, i) => (JsonNode)new JsonObject { ["batch"] = b, ["gap"] = fit.Fit[i] })];
            layers.Add(
                Layer(
                    data,
                    new JsonObject
                    {
                        ["type"] = "line",
                        ["stroke"] = ChartTheme.Faint,
                        ["strokeDash"] = ChartTheme.Numbers([4, 4]),
                        ["strokeWidth"] = 1.3,
                        ["clip"] = true,
                    },
                    Encoding()
                )
            );
        }
        JsonArray points = Data(gaps, bottom, top);
        layers.Add(
            Layer(
                points,
                new JsonObject
                {
                    ["type"] = "line",
                    ["stroke"] = ChartTheme.Muted,
                    ["strokeWidth"] = 1.4,
                },
                Encoding()
            )
        );
        if (headline?.Batch is { } crossing)
        {
            JsonObject at = new()
            {
                ["batch"] = crossing,
                ["y0"] = bottom,
                ["y1"] = top,
                ["label"] = $"B* = {NumberText.Short(crossing)}",
            };
            layers.Add(
                Layer(
                    [at],
                    new JsonObject
                    {
                        ["type"] = "rule",
                        ["stroke"] = ChartTheme.Ink,
                        ["strokeWidth"] = 1.2,
                        ["strokeDash"] = ChartTheme.Numbers([2, 3]),
                    },
                    new JsonObject
                    {
                        ["x"] = X("batch"),
                        ["y"] = Y("y0"),
                        ["y2"] = new JsonObject { ["field"] = "y1" },
                    }
                )
            );
            // On the side where there is more room, away from the words at the right edge.
            bool leftOf = crossing > Math.Sqrt(left * right);
            layers.Add(
                Layer(
                    [(JsonObject)at.DeepClone()],
                    new JsonObject
                    {
                        ["type"] = "text",
                        ["align"] = leftOf ? "right" : "left",
                        ["baseline"] = "top",
                        ["dx"] = leftOf ? -6 : 6,
                        ["dy"] = 3,
                        ["fontWeight"] = 600,
                        ["fontSize"] = 13,
                    },
                    new JsonObject
                    {
                        ["x"] = X("batch"),
                        ["y"] = Y("y1"),
                        ["text"] = new JsonObject { ["field"] = "label" },
                    }
                )
            );
        }
        var pointEncoding = Encoding();
        pointEncoding["color"] = Ahead(first, second);
        pointEncoding["shape"] = new JsonObject
        {
            ["field"] = "bound",
            ["type"] = "nominal",
            ["legend"] = null,
            ["scale"] = new JsonObject
            {
                ["domain"] = ChartTheme.Texts(["none", "at most", "at least", "unbounded"]),
                ["range"] = ChartTheme.Texts(["circle", "triangle-down", "triangle-up", "diamond"]),
            },
        };
        pointEncoding["tooltip"] = new JsonArray(
            ChartTheme.Tip("batch", "batch size", "quantitative", "~d"),
            ChartTheme.Tip("gapText", "gap"),
            ChartTheme.Tip("interval", "95% interval"),
            ChartTheme.Tip("aheadText", "ahead"),
            ChartTheme.Tip("bound", "one-sided bound")
        );
        layers.Add(
            Layer(
                (JsonArray)points.DeepClone(),
                new JsonObject
                {
                    ["type"] = "point",
                    ["fill"] = ChartTheme.Page,
                    ["opacity"] = 1,
                    ["size"] = 120,
                    ["strokeWidth"] = 2,
                    ["clip"] = true,
                },
                pointEncoding,
                "datum.bound != 'none'"
            )
        );
        layers.Add(
            Layer(
                (JsonArray)points.DeepClone(),
                new JsonObject
                {
                    ["type"] = "point",
                    ["filled"] = true,
                    ["opacity"] = 1,
                    ["size"] = 100,
                    ["clip"] = true,
                },
                (JsonObject)pointEncoding.DeepClone(),
                "datum.bound == 'none'"
            )
        );
        // The two sides of zero, named where the eye looks for them.
        layers.Add(Side($"{second} ahead ↑", right, top, "top", ChartTheme.Colour(1)));
        layers.Add(Side($"{first} ahead ↓", right, bottom, "bottom", ChartTheme.Colour(0)));

        var spec = new JsonObject
        {
            ["config"] = ChartTheme.Config(),
            ["width"] = "container",
            ["height"] = 330,
            ["autosize"] = new JsonObject { ["type"] = "fit", ["contains"] = "padding" },
            ["layer"] = layers,
        };
        return new Chart(spec, Alt(comparison, gaps, first, second, metric), Caption(gaps, headline, comparison, intervals, first, second));

        JsonObject X(string field) =>
            ChartTheme.Quantity(field, left, right, "", ChartTheme.BatchAxis(gaps.Select(g => (double)g.Batch)), "log2");
        JsonObject Y(string field) =>
            ChartTheme.Quantity(
                field,
                bottom,
                top,
                $"gap in {metric}: {first} − {second}",
                new JsonObject { ["title"] = $"gap in {metric}" }
            );
        JsonObject Encoding() => new() { ["x"] = X("batch"), ["y"] = Y("gap") };
        JsonObject Side(string text, double x, double y, string baseline, string colour) =>
            Layer(
                [
                    new JsonObject
                    {
                        ["batch"] = x,
                        ["gap"] = y,
                        ["label"] = text,
                    },
                ],
                new JsonObject
                {
                    ["type"] = "text",
                    ["align"] = "right",
                    ["baseline"] = baseline,
                    ["dx"] = -2,
                    ["dy"] = baseline == "top" ? 4 : -4,
                    ["fontWeight"] = 600,
                    ["fill"] = colour,
                },
                new JsonObject
                {
                    ["x"] = X("batch"),
                    ["y"] = Y("gap"),
                    ["text"] = new JsonObject { ["field"] = "label" },
                }
            );
    }

    // The crossing of the isotonic fit is the headline; a table with several crossings has no single one.
    private static Crossover? Headline(ComparisonAnalysis comparison)
    {
        if (comparison.Crossovers.Count > 1 || comparison.Isotonic is not { Between: { } between, Interpolated: { } batch })
            return comparison.Crossovers.Count == 1 ? comparison.Crossovers[0] : null;
        return new Crossover(between, batch, comparison.Isotonic.Interval, "", "");
    }

    private static bool HasInterval(Gap gap) =>
        gap.Interval.Low is not null || gap.Interval.High is not null || gap.Interval.LowOpen || gap.Interval.HighOpen;

    // Intervals from two seeds can be a hundred times wider than the gaps: the picture follows the gaps, the table has the ends.
    private static (double, double) Range(Gap[] gaps)
    {
        double reach = Math.Max(gaps.Max(g => Math.Abs(g.Value)), 1e-9);
        double low = Math.Min(0, gaps.Min(g => g.Value)),
            high = Math.Max(0, gaps.Max(g => g.Value));
        foreach (Gap gap in gaps)
        {
            if (gap.Interval.Low is double l)
                low = Math.Min(low, Math.Max(l, -3 * reach));
            if (gap.Interval.High is double h)
                high = Math.Max(high, Math.Min(h, 3 * reach));
        }
        double pad = 0.14 * (high - low);
        return (low - pad, high + pad);
    }

    private static JsonArray Data(IEnumerable<Gap> gaps, double bottom, double top) =>
        [
            .. gaps.Select(g =>
                (JsonNode)
                    new JsonObject
                    {
                        ["batch"] = g.Batch,
                        ["gap"] = g.Value,
                        ["gapText"] = NumberText.Signed(g.Value),
                        ["low"] = g.Interval.Low ?? bottom,
                        ["high"] = g.Interval.High ?? top,
                        ["interval"] = NumberText.Interval(g.Interval, NumberText.Signed),
                        ["ahead"] = g.Value > 0 ? 1 : 0,
                        ["aheadText"] =
                            g.Value > 0 ? g.Second.Optimizer
                            : g.Value < 0 ? g.First.Optimizer
                            : "neither",
                        ["bound"] = g.Bound switch
                        {
                            GapBound.AtMost => "at most",
                            GapBound.AtLeast => "at least",
                            GapBound.Unbounded => "unbounded",
                            _ => "none",
                        },
                    }
            ),
        ];

    private static JsonObject Ahead(string first, string second) =>
        new()
        {
            ["field"] = "ahead",
            ["type"] = "nominal",
            ["legend"] = null,
            ["scale"] = new JsonObject
            {
                ["domain"] = ChartTheme.Numbers([0, 1]),
                ["range"] = ChartTheme.Texts([ChartTheme.Colour(0), ChartTheme.Colour(1)]),
            },
        };

    private static JsonObject Layer(JsonArray values, JsonObject mark, JsonObject encoding, string? filter = null)
    {
        var layer = new JsonObject
        {
            ["data"] = new JsonObject { ["values"] = values },
            ["mark"] = mark,
            ["encoding"] = encoding,
        };
        if (filter is not null)
            layer["transform"] = new JsonArray(new JsonObject { ["filter"] = filter });
        return layer;
    }

    private static string Alt(ComparisonAnalysis comparison, Gap[] gaps, string first, string second, string metric) =>
        $"Gap in {metric} between {first} and {second} against batch size; positive means {second} is ahead. "
        + string.Join(", ", gaps.Select(g => $"B={g.Batch}: {NumberText.Signed(g.Value)}"))
        + ". "
        + comparison.Headline;

    private static string Caption(
        Gap[] gaps,
        Crossover? headline,
        ComparisonAnalysis comparison,
        bool intervals,
        string first,
        string second
    )
    {
        string caption = $"Above zero {second} is ahead, below it {first}.";
        if (intervals)
            caption += " Bars and band: 95% interval of the gap over seeds.";
        if (comparison.Isotonic is not null)
            caption += " Dashed: the monotone fit that gives the crossover.";
        bool shaded = headline is not null && (headline.Interval.Low is not null || headline.Interval.High is not null);
        if (headline?.Batch is not null)
            caption += " Vertical line: the crossover B*" + (shaded ? ", shaded: its 95% interval." : ".");
        else if (shaded)
            caption += " Shaded: the 95% interval of the crossover B*; the batch sizes around it are too far apart for a number.";
        if (gaps.Any(g => g.Bound != GapBound.None))
            caption +=
                " **Hollow**: a learning rate at the edge of its grid, so the gap is a bound only (▽ at most, △ at least, ◇ neither).";
        return caption;
    }
}
