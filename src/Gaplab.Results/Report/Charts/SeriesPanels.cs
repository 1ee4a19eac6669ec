// Chart: series as lines or points, one panel per case, all panels on the same axes.
using System.Text.Json.Nodes;

namespace Gaplab.Results.Report.Charts;

/// <summary>Panels side by side, with common axes unless one is of the panels' own; colours are those of the report's series.</summary>
public static class SeriesPanels
{
    /// <summary>A line through more points than this has no marks at them.</summary>
    private const int MostMarks = 25;

    /// <param name="points">In the order in which panels and series first occur.</param>
    /// <param name="lines">Join the points of a series; else points alone.</param>
    /// <param name="alt">What the chart shows, for who cannot see it.</param>
    /// <param name="caption">How to read its marks.</param>
    /// <param name="horizontal">The x axis.</param>
    /// <param name="vertical">The y axis.</param>
    public static Chart Make(
        IReadOnlyList<PanelPoint> points,
        PanelAxis horizontal,
        PanelAxis vertical,
        bool lines,
        string alt,
        string caption
    )
    {
        ArgumentNullException.ThrowIfNull(points);
        string[] panels = [.. points.Select(p => p.Panel).Distinct()];
        (int columns, int width) = ChartTheme.Grid(panels.Length);
        var drawing = new Drawing(points, horizontal, vertical, lines);
        return new Chart(
            ChartTheme.Panels(
                panels.Select(
                    (panel, i) =>
                        drawing.Panel(
                            panel,
                            panel,
                            [.. points.Where(p => p.Panel == panel)],
                            [],
                            new Size(width, 180, i % columns == 0, true)
                        )
                ),
                columns
            ),
            alt,
            caption
        );
    }

    /// <summary>For more series than can be told apart in one panel: SGD and Adam (or the first two) in their colours with the others grey
    /// behind them, or a row of panels for each series, as the reader chooses.</summary>
    /// <inheritdoc cref="Make"/>
    public static Chart Many(
        IReadOnlyList<PanelPoint> points,
        PanelAxis horizontal,
        PanelAxis vertical,
        bool lines,
        string alt,
        string caption
    )
    {
        ArgumentNullException.ThrowIfNull(points);
        string[] panels = [.. points.Select(p => p.Panel).Distinct()],
            series = [.. points.Select(p => p.Series).Distinct()],
            pair = series.Where(s => s is "sgd" or "adam").ToArray() is { Length: 2 } usual ? usual : series[..2];
        caption += " Grey: the other optimizers, without their faint twins.";
        (int columns, int width) = ChartTheme.Grid(panels.Length);
        var drawing = new Drawing(points, horizontal, vertical, lines) { InLegend = pair };
        JsonObject two = ChartTheme.Panels(
            panels.Select(
                (panel, i) =>
                    drawing.Panel(
                        panel,
                        panel,
                        [.. points.Where(p => p.Panel == panel && pair.Contains(p.Series))],
                        [.. points.Where(p => p.Panel == panel && !pair.Contains(p.Series) && !p.Pale)],
                        new Size(width, 180, i % columns == 0, true)
                    )
            ),
            columns
        );
        return ChartTheme.WithViews(
            [
                ($"{pair[0]} and {pair[1]}", new Chart(two, alt, caption)),
                ("each in a row", Rows(points, horizontal, vertical, lines, alt, caption)),
            ],
            "in colour"
        );
    }

    // In every panel one is drawn in its colour and the others are grey behind it.
    private static Chart Rows(
        IReadOnlyList<PanelPoint> points,
        PanelAxis horizontal,
        PanelAxis vertical,
        bool lines,
        string alt,
        string caption
    )
    {
        string[] panels = [.. points.Select(p => p.Panel).Distinct()],
            series = [.. points.Select(p => p.Series).Distinct()];
        int columns = Math.Min(panels.Length, 4),
            width = Math.Min(640, ((880 - (22 * (columns - 1))) / columns) - 40);
        var drawing = new Drawing(points, horizontal, vertical, lines) { InLegend = [] };
        return new Chart(
            ChartTheme.Panels(
                from one in series
                from panel in panels.Select((name, i) => (Name: name, At: i))
                let mine = points.Where(p => p.Panel == panel.Name).ToArray()
                select drawing.Panel(
                    panel.Name,
                    panels.Length == 1 ? one : $"{one}, {panel.Name}",
                    [.. mine.Where(p => p.Series == one)],
                    [.. mine.Where(p => p.Series != one && !p.Pale)],
                    new Size(width, 110, panel.At % columns == 0, one == series[^1])
                ),
                columns
            ),
            alt,
            caption
        );
    }

    /// <summary>Of a panel, and whether it has the title of the vertical axis and of the horizontal one.</summary>
    private readonly record struct Size(int Width, int Height, bool IsFirst, bool IsLowest);

    // What all panels share.
    private sealed class Drawing(IReadOnlyList<PanelPoint> points, PanelAxis horizontal, PanelAxis vertical, bool lines)
    {
        private readonly string[] _series = [.. points.Select(p => p.Series).Distinct()];

        /// <summary>The series that the legend names, of many; null: all.</summary>
        public IReadOnlyList<string>? InLegend { get; init; }

        public JsonObject Panel(string panel, string title, PanelPoint[] shown, PanelPoint[] context, Size size)
        {
            IEnumerable<PanelPoint> ranged = vertical.Own ? points.Where(p => p.Panel == panel) : points;
            IEnumerable<double> reached = Reached([.. ranged]);
            JsonObject x = Channel("x", horizontal, points.Select(p => p.X), size.IsLowest ? horizontal.Title : "", null),
                y = Channel("y", vertical, reached, size.IsFirst ? vertical.Title : "", vertical.RangeOf?.Invoke(panel));
            var encoding = new JsonObject
            {
                ["x"] = x,
                ["y"] = y,
                ["color"] = ChartTheme.ByOptimizer(_series, InLegend ?? _series),
                ["tooltip"] = new JsonArray(
                    ChartTheme.Tip("optimizer", "series"),
                    ChartTheme.Tip("x", horizontal.Title, "quantitative", ".4~g"),
                    ChartTheme.Tip("y", vertical.Title, "quantitative", ".4~g")
                ),
            };
            if (InLegend is [])
                encoding["color"]!["legend"] = null;
            else if (InLegend is null && _series.Length > ChartTheme.Colours)
                Many(encoding);
            if (points.Any(p => p.Pale))
                encoding["opacity"] = new JsonObject
                {
                    ["field"] = "pale",
                    ["type"] = "ordinal",
                    ["legend"] = null,
                    ["scale"] = new JsonObject { ["domain"] = new JsonArray(false, true), ["range"] = new JsonArray(0.95, 0.4) },
                };
            double[] ends = [.. y["scale"]!["domain"]!.AsArray().Select(n => (double)n!)],
                sides = [.. x["scale"]!["domain"]!.AsArray().Select(n => (double)n!)];
            JsonArray layers = [];
            if (vertical.Sides is not null && ends[0] < 0 && ends[1] > 0)
                layers.Add(Place(new() { ["type"] = "rule", ["stroke"] = ChartTheme.Ink }, [new() { ["y"] = 0 }], y: y));
            if (context.Length > 0)
                layers.Add(Context(context, x, y));
            PanelPoint[] theory = [.. shown.Where(p => p.IsTheory)],
                measured = [.. shown.Where(p => !p.IsTheory)];
            if (theory.Length > 0)
                layers.Add(
                    new JsonObject
                    {
                        ["data"] = Values(theory),
                        ["mark"] = new JsonObject
                        {
                            ["type"] = "line",
                            ["strokeDash"] = ChartTheme.Numbers([5, 4]),
                            ["clip"] = true,
                        },
                        ["encoding"] = encoding.DeepClone(),
                    }
                );
            layers.Add(
                new JsonObject
                {
                    ["data"] = Values(measured),
                    ["mark"] = Mark(measured, lines && theory.Length == 0),
                    ["encoding"] = encoding,
                }
            );
            if (measured.Any(p => p.Bar is not null))
            {
                JsonObject bars = (JsonObject)encoding.DeepClone();
                bars["y"]!["field"] = "low";
                bars["y2"] = new JsonObject { ["field"] = "high" };
                layers.Add(
                    new JsonObject
                    {
                        ["data"] = Values([.. measured.Where(p => p.Bar is not null)]),
                        ["mark"] = new JsonObject { ["type"] = "rule", ["clip"] = true },
                        ["encoding"] = bars,
                    }
                );
            }
            if (horizontal.Mark is { } mark && mark.At > sides[0] && mark.At < sides[1])
                Told(layers, mark, x, y, ends, sides);
            if (vertical.Sides is { } named)
            {
                // Where the eye looks for them: at the right edge, above and below.
                layers.Add(Word(named.Above + " ahead ↑", sides[1], ends[1], "right", "top", 1, x, y));
                layers.Add(Word(named.Below + " ahead ↓", sides[1], ends[0], "right", "bottom", 0, x, y));
            }
            return new JsonObject
            {
                ["title"] = title,
                ["width"] = size.Width,
                ["height"] = vertical.Sides is not null && size.Width > 500 ? 280 : size.Height,
                ["layer"] = layers,
            };
        }

        // Bars are seen whole, unless they are many times as long as all that is between the points.
        private IEnumerable<double> Reached(PanelPoint[] ranged)
        {
            double low = ranged.Min(p => p.Y),
                high = ranged.Max(p => p.Y),
                most = vertical.Own || vertical.Sides is not null ? double.PositiveInfinity : 1.5 * (high - low);
            return ranged.SelectMany(p =>
                vertical.Logarithmic || p.Bar is not { } bar
                    ? (double[])[p.Y]
                    : [Math.Max(bar.Low, low - most), p.Y, Math.Min(bar.High, high + most)]
            );
        }

        private static JsonObject Mark(PanelPoint[] measured, bool joined)
        {
            bool marked = measured.GroupBy(p => (p.Series, p.Pale)).All(g => g.Count() <= MostMarks);
            return joined
                ? new()
                {
                    ["type"] = "line",
                    ["point"] = marked ? new JsonObject { ["size"] = 30 } : false,
                    ["clip"] = true,
                }
                : new()
                {
                    ["type"] = "point",
                    ["filled"] = true,
                    ["size"] = 45,
                    ["opacity"] = 0.8,
                    ["clip"] = true,
                };
        }

        private JsonObject Context(PanelPoint[] context, JsonObject x, JsonObject y)
        {
            JsonObject mark = lines
                ? new() { ["type"] = "line", ["strokeWidth"] = 1 }
                : new()
                {
                    ["type"] = "point",
                    ["filled"] = true,
                    ["size"] = 20,
                };
            mark[lines ? "stroke" : "fill"] = ChartTheme.Shade;
            mark["clip"] = true;
            return new JsonObject
            {
                ["data"] = Values(context),
                ["mark"] = mark,
                ["encoding"] = new JsonObject
                {
                    ["x"] = x.DeepClone(),
                    ["y"] = y.DeepClone(),
                    ["detail"] = new JsonObject { ["field"] = "optimizer" },
                },
            };
        }

        private void Told(JsonArray layers, (double At, string Label) mark, JsonObject x, JsonObject y, double[] ends, double[] sides)
        {
            layers.Add(
                Place(
                    new()
                    {
                        ["type"] = "rule",
                        ["stroke"] = ChartTheme.Ink,
                        ["strokeDash"] = ChartTheme.Numbers([2, 3]),
                    },
                    [new() { ["x"] = mark.At }],
                    x: x
                )
            );
            bool leftOf = mark.At > (horizontal.Logarithmic ? Math.Sqrt(sides[0] * sides[1]) : (sides[0] + sides[1]) / 2);
            layers.Add(Word(mark.Label, mark.At, ends[1], leftOf ? "right" : "left", "top", null, x, y));
        }

        private static JsonObject Word(
            string text,
            double at,
            double height,
            string align,
            string baseline,
            int? series,
            JsonObject x,
            JsonObject y
        ) =>
            Place(
                new()
                {
                    ["type"] = "text",
                    ["align"] = align,
                    ["baseline"] = baseline,
                    ["dx"] = align == "right" ? -4 : 5,
                    ["dy"] = baseline == "top" ? (series is null ? 18 : 3) : -3,
                    ["fontWeight"] = 600,
                    ["fill"] = series is { } of ? ChartTheme.Colour(of) : ChartTheme.Ink,
                },
                [
                    new()
                    {
                        ["x"] = at,
                        ["y"] = height,
                        ["text"] = text,
                    },
                ],
                x,
                y,
                text: true
            );

        private static JsonObject Place(JsonObject mark, JsonObject[] values, JsonObject? x = null, JsonObject? y = null, bool text = false)
        {
            JsonObject encoding = [];
            if (x is not null)
                encoding["x"] = x.DeepClone();
            if (y is not null)
                encoding["y"] = y.DeepClone();
            if (text)
                encoding["text"] = new JsonObject { ["field"] = "text" };
            return new JsonObject
            {
                ["data"] = new JsonObject { ["values"] = new JsonArray([.. values]) },
                ["mark"] = mark,
                ["encoding"] = encoding,
            };
        }

        // A legend of columns below the chart, in which no name is cut short.
        private void Many(JsonObject encoding)
        {
            JsonObject legend = new()
            {
                ["title"] = null,
                ["orient"] = "bottom",
                ["columns"] = 3,
                ["labelLimit"] = 320,
                ["symbolType"] = "stroke",
                ["symbolSize"] = 300,
            };
            encoding["color"]!["legend"] = legend;
            encoding["strokeDash"] = new JsonObject
            {
                ["field"] = "optimizer",
                ["type"] = "nominal",
                ["scale"] = new JsonObject
                {
                    ["domain"] = ChartTheme.Texts(_series),
                    ["range"] = new JsonArray([.. _series.Select((_, i) => (JsonNode)ChartTheme.Dash(i))]),
                },
                ["legend"] = legend.DeepClone(),
            };
        }

        private JsonObject Values(PanelPoint[] those) => new() { ["values"] = new JsonArray([.. those.Select(p => (JsonNode)Datum(p))]) };

        private JsonObject Datum(PanelPoint p)
        {
            var datum = new JsonObject
            {
                ["optimizer"] = p.Series,
                ["x"] = p.X,
                ["y"] = p.Y,
                ["pale"] = p.Pale,
            };
            if (p.Bar is not { } bar)
                return datum;
            // On a logarithmic axis a bar that reaches zero ends at a tenth of its point.
            datum["low"] = vertical.Logarithmic ? Math.Max(bar.Low, p.Y / 10) : bar.Low;
            datum["high"] = bar.High;
            return datum;
        }

        private static JsonObject Channel(
            string field,
            PanelAxis axis,
            IEnumerable<double> values,
            string title,
            (double Low, double High)? own
        )
        {
            double[] sorted = [.. values.Where(v => double.IsFinite(v) && (!axis.Logarithmic || v > 0)).Order()];
            (double low, double high) = sorted.Length == 0 ? (1, 2) : (sorted[0], sorted[^1]);
            if (axis.Sides is not null)
                (low, high) = (Math.Min(low, 0), Math.Max(high, 0));
            double pad = (axis.Sides is null ? 0.05 : 0.14) * (high - low + 1e-9);
            (low, high) = axis.Logarithmic ? (low / 1.3, high * 1.3) : (low - pad, high + pad);
            if ((own ?? axis.Range) is { } range)
                (low, high) = range;
            var labels = new JsonObject { ["title"] = title, ["labelOverlap"] = true };
            if (axis.Ticks is { } ticks)
            {
                labels["values"] = ChartTheme.Numbers(ticks);
                labels["format"] = ",~r";
                labels["labelOverlap"] = "greedy";
                labels["labelSeparation"] = ChartTheme.LabelSeparation;
            }
            else
            {
                labels["tickCount"] = 5;
            }
            return ChartTheme.Quantity(
                field,
                low,
                high,
                axis.Title,
                labels,
                !axis.Logarithmic ? "linear"
                    : axis.Ticks is null ? "log"
                    : "log2"
            );
        }
    }
}
