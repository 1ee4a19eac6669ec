// Chart: series as lines or points, one panel per case, all panels on the same axes.
using System.Text.Json.Nodes;

namespace Gaplab.Results.Report.Charts;

/// <summary>One point of a chart of panels.</summary>
/// <param name="Pale">Drawn in the colour of its series, fainter, and joined apart: the clipped twin of an optimizer.</param>
/// <param name="Error">Half the length of its error bar; NaN or 0 is none.</param>
public sealed record PanelPoint(string Panel, string Series, double X, double Y, bool Pale = false, double Error = double.NaN);

/// <summary>An axis: its title, and whether it is logarithmic.</summary>
/// <param name="Own">Every panel has a range of its own, which holds its error bars too; for cases of different units or orders.</param>
public sealed record PanelAxis(string Title, bool Logarithmic = false, (double Low, double High)? Range = null, bool Own = false);

/// <summary>Panels side by side, with common axes unless one is of the panels' own; colours are those of the report's series.</summary>
public static class SeriesPanels
{
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
        string[] panels = [.. points.Select(p => p.Panel).Distinct()],
            series = [.. points.Select(p => p.Series).Distinct()];
        (int columns, int width) = ChartTheme.Grid(panels.Length);
        JsonObject Panel(string panel, int index)
        {
            JsonObject mark = lines
                ? new()
                {
                    ["type"] = "line",
                    ["point"] = new JsonObject { ["size"] = 30 },
                }
                : new()
                {
                    ["type"] = "point",
                    ["filled"] = true,
                    ["size"] = 45,
                    ["opacity"] = 0.8,
                };
            mark["clip"] = true;
            IEnumerable<double> reached = vertical.Own
                ? points.Where(p => p.Panel == panel).SelectMany(p => p.Error > 0 ? (double[])[p.Y - p.Error, p.Y + p.Error] : [p.Y])
                : points.Select(p => p.Y);
            var encoding = new JsonObject
            {
                ["x"] = Channel("x", horizontal, points.Select(p => p.X), horizontal.Title),
                ["y"] = Channel("y", vertical, reached, index % columns == 0 ? vertical.Title : null),
                ["color"] = ChartTheme.ByOptimizer(series, series),
                ["tooltip"] = new JsonArray(
                    ChartTheme.Tip("optimizer", "series"),
                    ChartTheme.Tip("x", horizontal.Title, "quantitative", ".4~g"),
                    ChartTheme.Tip("y", vertical.Title, "quantitative", ".4~g")
                ),
            };
            if (series.Length > ChartTheme.Colours)
                Many(encoding, series);
            if (points.Any(p => p.Pale))
                encoding["opacity"] = new JsonObject
                {
                    ["field"] = "pale",
                    ["type"] = "ordinal",
                    ["legend"] = null,
                    ["scale"] = new JsonObject { ["domain"] = new JsonArray(false, true), ["range"] = new JsonArray(0.95, 0.4) },
                };
            JsonArray layers = [new JsonObject { ["mark"] = mark, ["encoding"] = encoding }];
            if (points.Any(p => p.Error > 0))
            {
                JsonNode bars = encoding.DeepClone();
                bars["y"]!["field"] = "low";
                bars["y2"] = new JsonObject { ["field"] = "high" };
                layers.Add(
                    new JsonObject
                    {
                        ["mark"] = new JsonObject { ["type"] = "rule", ["clip"] = true },
                        ["transform"] = new JsonArray(new JsonObject { ["filter"] = "isValid(datum.low)" }),
                        ["encoding"] = bars,
                    }
                );
            }
            return new JsonObject
            {
                ["title"] = panel,
                ["width"] = width,
                ["height"] = 180,
                ["data"] = new JsonObject
                {
                    ["values"] = new JsonArray([.. points.Where(p => p.Panel == panel).Select(p => (JsonNode)Datum(p, vertical))]),
                },
                ["layer"] = layers,
            };
        }
        return new Chart(ChartTheme.Panels(panels.Select(Panel), columns), alt, caption);
    }

    // A legend of columns below the chart, in which no name is cut short.
    private static void Many(JsonObject encoding, string[] series)
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
                ["domain"] = ChartTheme.Texts(series),
                ["range"] = new JsonArray([.. series.Select((_, i) => (JsonNode)ChartTheme.Dash(i))]),
            },
            ["legend"] = legend.DeepClone(),
        };
    }

    private static JsonObject Datum(PanelPoint p, PanelAxis vertical)
    {
        var datum = new JsonObject
        {
            ["optimizer"] = p.Series,
            ["x"] = p.X,
            ["y"] = p.Y,
            ["pale"] = p.Pale,
        };
        if (!(p.Error > 0))
            return datum;
        // On a logarithmic axis a bar that reaches zero ends at a tenth of its point.
        datum["low"] = vertical.Logarithmic ? Math.Max(p.Y - p.Error, p.Y / 10) : p.Y - p.Error;
        datum["high"] = p.Y + p.Error;
        return datum;
    }

    private static JsonObject Channel(string field, PanelAxis axis, IEnumerable<double> values, string? title)
    {
        double[] sorted = [.. values.Where(v => double.IsFinite(v) && (!axis.Logarithmic || v > 0)).Order()];
        (double low, double high) = sorted.Length == 0 ? (1, 2) : (sorted[0], sorted[^1]);
        (low, high) = axis.Logarithmic ? (low / 1.3, high * 1.3) : (low - 0.05 * (high - low + 1e-9), high + 0.05 * (high - low + 1e-9));
        if (axis.Range is { } range)
            (low, high) = range;
        return ChartTheme.Quantity(
            field,
            low,
            high,
            axis.Title,
            new JsonObject
            {
                ["title"] = title,
                ["tickCount"] = 5,
                ["labelOverlap"] = true,
            },
            axis.Logarithmic ? "log" : "linear"
        );
    }
}
