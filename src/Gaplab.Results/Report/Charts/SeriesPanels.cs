// Chart: series as lines or points, one panel a case, all panels on the same axes.
using System.Text.Json.Nodes;

namespace Gaplab.Results.Report.Charts;

/// <summary>One point of a chart of panels.</summary>
public sealed record PanelPoint(string Panel, string Series, double X, double Y);

/// <summary>An axis: its title, and whether it is logarithmic.</summary>
public sealed record PanelAxis(string Title, bool Logarithmic = false);

/// <summary>Panels side by side with common axes; colours are those of the report's series.</summary>
public static class SeriesPanels
{
    /// <param name="points">In the order in which panels and series first occur.</param>
    /// <param name="lines">Join the points of a series; else points alone.</param>
    /// <param name="alt">What the chart shows, for who cannot see it.</param>
    /// <param name="caption">How to read its marks.</param>
    /// <param name="horizontal">The x axis.</param>
    /// <param name="vertical">The y axis.</param>
    public static Chart Make(IReadOnlyList<PanelPoint> points, PanelAxis horizontal, PanelAxis vertical, bool lines, string alt, string caption)
    {
        ArgumentNullException.ThrowIfNull(points);
        string[] panels = [.. points.Select(p => p.Panel).Distinct()], series = [.. points.Select(p => p.Series).Distinct()];
        (int columns, int width) = ChartTheme.Grid(panels.Length);
        JsonObject Panel(string panel, int index)
        {
            JsonObject mark = lines ? new() { ["type"] = "line", ["point"] = new JsonObject { ["size"] = 30 } } : new() { ["type"] = "point", ["filled"] = true, ["size"] = 45, ["opacity"] = 0.8 };
            return new JsonObject
            {
                ["title"] = panel,
                ["width"] = width,
                ["height"] = 180,
                ["data"] = new JsonObject
                {
                    ["values"] = new JsonArray([.. points.Where(p => p.Panel == panel).Select(p => (JsonNode)new JsonObject { ["optimizer"] = p.Series, ["x"] = p.X, ["y"] = p.Y })]),
                },
                ["mark"] = mark,
                ["encoding"] = new JsonObject
                {
                    ["x"] = Channel("x", horizontal, points.Select(p => p.X), horizontal.Title),
                    ["y"] = Channel("y", vertical, points.Select(p => p.Y), index % columns == 0 ? vertical.Title : null),
                    ["color"] = ChartTheme.ByOptimizer(series, series),
                    ["tooltip"] = new JsonArray(ChartTheme.Tip("optimizer", "series"), ChartTheme.Tip("x", horizontal.Title, "quantitative", ".4~g"), ChartTheme.Tip("y", vertical.Title, "quantitative", ".4~g")),
                },
            };
        }
        return new Chart(ChartTheme.Panels(panels.Select(Panel), columns), alt, caption);
    }

    private static JsonObject Channel(string field, PanelAxis axis, IEnumerable<double> values, string? title)
    {
        double[] sorted = [.. values.Where(v => double.IsFinite(v) && (!axis.Logarithmic || v > 0)).Order()];
        (double low, double high) = sorted.Length == 0 ? (1, 2) : (sorted[0], sorted[^1]);
        (low, high) = axis.Logarithmic ? (low / 1.3, high * 1.3) : (low - 0.05 * (high - low + 1e-9), high + 0.05 * (high - low + 1e-9));
        return ChartTheme.Quantity(field, low, high, axis.Title, new JsonObject { ["title"] = title, ["tickCount"] = 5, ["labelOverlap"] = true }, axis.Logarithmic ? "log" : "linear");
    }
}
