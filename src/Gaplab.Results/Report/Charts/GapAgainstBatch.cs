// Chart: the gap against the batch size, with its interval, the zero line and the crossover.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report.Charts;

/// <summary>The answer as a picture: above zero the second optimizer is ahead, below it the first.</summary>
internal static class GapAgainstBatch
{
    /// <summary>The anchor of the row of a table that holds what a point shows.</summary>
    public static string RowOf(string section, long batch) => string.Create(CultureInfo.InvariantCulture, $"{section}-{batch}");

    /// <summary>The chart with a view for each scale, or null with fewer than two finite gaps: one number is no picture.</summary>
    /// <param name="section">Whose table has a row for each point.</param>
    public static Chart? Make(ComparisonAnalysis comparison, string first, string second, string metric, string section)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        Gap[] gaps = [.. comparison.Gaps.Where(g => double.IsFinite(g.Value)).OrderBy(g => g.Batch)];
        if (gaps.Length < 2)
            return null;
        GapScale[] scales = [.. GapScale.Of(gaps, comparison.Seeds.Count, metric)];
        return ChartTheme.WithViews([
            .. scales.Select(scale => (scale.Name, Drawn(comparison, gaps, first, second, metric, section, scale))),
        ]);
    }

    private static Chart Drawn(
        ComparisonAnalysis comparison,
        Gap[] measured,
        string first,
        string second,
        string metric,
        string section,
        GapScale scale
    )
    {
        Gap[] gaps = [.. measured.Select(scale.Apply)];
        bool settled = PlainVerdict.IsSettled(comparison.Verdict);
        double left = gaps[0].Batch / 1.35,
            right = gaps[^1].Batch * 1.35;
        (double bottom, double top) = scale.Room(Range(gaps));
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
            JsonArray data = Points(gaps.Where(HasInterval));
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
                        ["color"] = Ahead(),
                    }
                )
            );
        }
        if (comparison.Isotonic is { } fit && fit.Batches.Count > 1)
        {
            JsonArray data =
            [
                .. fit.Batches.Select((b, i) => (JsonNode)new JsonObject { ["batch"] = b, ["gap"] = fit.Fit[i] * scale.Factor(b) }),
            ];
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
        JsonArray points = Points(gaps);
        layers.Add(
            Layer(
                Path(gaps, scale),
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
                ["label"] = settled ? $"B* = {NumberText.Short(crossing)}" : $"B* not determined (estimate {NumberText.Short(crossing)})",
            };
            layers.Add(
                Layer(
                    [at],
                    new JsonObject
                    {
                        ["type"] = "rule",
                        ["stroke"] = settled ? ChartTheme.Ink : ChartTheme.Faint,
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
                        // Below the words of the corner, which on a phone are as near.
                        ["dy"] = 22,
                        ["fontWeight"] = 600,
                        ["fontSize"] = 13,
                        ["fill"] = settled ? ChartTheme.Ink : ChartTheme.Muted,
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
        pointEncoding["color"] = Ahead();
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
        if (!settled && headline?.Batch is null)
            layers.Add(Corner("not determined by these runs", left, top, "top", "left", ChartTheme.Muted));
        // The two sides of zero, named where the eye looks for them.
        layers.Add(Corner($"{second} ahead ↑", right, top, "top", "right", ChartTheme.Colour(1)));
        layers.Add(Corner($"{first} ahead ↓", right, bottom, "bottom", "right", ChartTheme.Colour(0)));

        var spec = new JsonObject
        {
            ["config"] = ChartTheme.Config(),
            ["width"] = "container",
            ["height"] = 340,
            ["autosize"] = new JsonObject { ["type"] = "fit", ["contains"] = "padding" },
            ["layer"] = layers,
        };
        return new Chart(
            spec,
            Alt(comparison, measured, first, second, metric),
            Caption(measured, headline, comparison, intervals, first, second)
        );

        JsonObject X(string field) =>
            ChartTheme.Quantity(field, left, right, "", ChartTheme.BatchAxis(gaps.Select(g => (double)g.Batch)), "log2");
        JsonObject Y(string field) => ChartTheme.Quantity(field, bottom, top, "", scale.Axis(bottom, top), scale.Type);
        JsonArray Points(IEnumerable<Gap> shown) => Data(shown, measured, section, bottom, top);
        JsonObject Encoding() => new() { ["x"] = X("batch"), ["y"] = Y("gap") };
        JsonObject Corner(string text, double x, double y, string baseline, string align, string colour) =>
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
                    ["align"] = align,
                    ["baseline"] = baseline,
                    ["dx"] = align == "right" ? -2 : 4,
                    // Two corners at the top may be too near each other for their words.
                    ["dy"] =
                        align == "left" ? 22
                        : baseline == "top" ? 4
                        : -4,
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

    // Where the points stand follows the scale; what is said of them is what was measured.
    private static JsonArray Data(IEnumerable<Gap> gaps, Gap[] measured, string section, double bottom, double top) =>
        [
            .. gaps.Select(g =>
                (JsonNode)
                    new JsonObject
                    {
                        ["batch"] = g.Batch,
                        ["gap"] = g.Value,
                        ["at"] = Markup.Anchor(RowOf(section, g.Batch)),
                        ["gapText"] = NumberText.Signed(Measured(measured, g).Value),
                        ["low"] = g.Interval.Low ?? bottom,
                        ["high"] = g.Interval.High ?? top,
                        ["interval"] = NumberText.Interval(Measured(measured, g).Interval, NumberText.Signed),
                        ["ahead"] =
                            g.Decided > 0 ? 1
                            : g.Decided < 0 ? 0
                            : 2,
                        ["aheadText"] =
                            g.Value == 0
                                ? "neither"
                                : (g.Value > 0 ? g.Second.Optimizer : g.First.Optimizer) + (g.Decided == 0 ? ", not decided" : ""),
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

    // B* is where the line in log2 B crosses zero, on whatever scale it is drawn: a straight line between two points of another scale would
    // cross elsewhere.
    private static JsonArray Path(Gap[] gaps, GapScale scale)
    {
        const int Parts = 24;
        var path = new JsonArray();
        for (int i = 0; i + 1 < gaps.Length; i++)
        for (int k = scale.IsStraight ? Parts : 0; k < Parts + 1; k++)
        {
            double share = (double)k / Parts;
            if (k == Parts || i == 0 || k > 0)
                path.Add(
                    (JsonNode)
                        new JsonObject
                        {
                            ["batch"] = gaps[i].Batch * Math.Pow((double)gaps[i + 1].Batch / gaps[i].Batch, share),
                            ["gap"] = gaps[i].Value + (share * (gaps[i + 1].Value - gaps[i].Value)),
                        }
                );
        }
        if (scale.IsStraight)
            path.Insert(0, new JsonObject { ["batch"] = gaps[0].Batch, ["gap"] = gaps[0].Value });
        return path;
    }

    private static Gap Measured(Gap[] measured, Gap shown) => measured.First(g => g.Batch == shown.Batch);

    private static JsonObject Ahead() =>
        new()
        {
            ["field"] = "ahead",
            ["type"] = "nominal",
            ["legend"] = null,
            ["scale"] = new JsonObject
            {
                ["domain"] = ChartTheme.Numbers([0, 1, 2]),
                ["range"] = ChartTheme.Texts([ChartTheme.Colour(0), ChartTheme.Colour(1), ChartTheme.Faint]),
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
        string caption = $"Above zero {second} is ahead, below it {first}; grey: not decided at that batch size.";
        if (intervals)
            caption += " Bars and band: 95% interval of the gap over seeds.";
        if (comparison.Isotonic is not null)
            caption += " Dashed: the monotone fit that gives the crossover.";
        bool shaded = headline is not null && (headline.Interval.Low is not null || headline.Interval.High is not null);
        if (headline?.Batch is not null)
            caption +=
                " Vertical line: the crossover B*"
                + (PlainVerdict.IsSettled(comparison.Verdict) ? "" : ", which these runs do not determine")
                + (shaded ? ", shaded: its 95% interval." : ".");
        else if (shaded)
            caption += " Shaded: the 95% interval of the crossover B*; the batch sizes around it are too far apart for a number.";
        if (gaps.Any(g => g.Bound != GapBound.None))
            caption +=
                " **Hollow**: a learning rate at the edge of its grid, so the gap is a bound only (▽ at most, △ at least, ◇ neither).";
        return caption;
    }
}
