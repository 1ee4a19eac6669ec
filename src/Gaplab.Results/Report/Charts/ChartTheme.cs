// The look that all charts share: colours, type, axes. Colours are those of the page's light scheme; its style sheet maps them to the dark
// one.
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gaplab.Results.Report.Charts;

/// <summary>Shared parts of Vega-Lite specifications.</summary>
internal static class ChartTheme
{
    public const string Ink = "#1b1f24",
        Muted = "#5f6b7a",
        Faint = "#8a94a1",
        Line = "#e4e7eb",
        Shade = "#c9d1da",
        Page = "#fcfcfb";

    // Okabe and Ito's blue, vermilion, green and purple (told apart with any colour vision), then four more.
    private static readonly string[] s_series = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#6a51a3", "#3aa3d8", "#8c4a2f"];

    /// <summary>With more series colours come again, and dashes tell those of one colour apart.</summary>
    public static int Colours => s_series.Length;

    /// <summary>The dashes of a line by its place among many.</summary>
    public static JsonArray Dash(int index) =>
        (index / s_series.Length % 3) switch
        {
            0 => Numbers([1, 0]),
            1 => Numbers([6, 3]),
            _ => Numbers([2, 2]),
        };

    /// <summary>The colour of an optimizer by its place in the report's order; the pair compared comes first.</summary>
    public static string Colour(int index) => s_series[index % s_series.Length];

    /// <summary>A colour scale that is the same in every chart of a report, also where an optimizer is absent.</summary>
    public static JsonObject ColourScale(IReadOnlyList<string> optimizers) =>
        new() { ["domain"] = Texts(optimizers), ["range"] = Texts(optimizers.Select((_, i) => Colour(i))) };

    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode?)JsonValue.Create(t))]);

    public static JsonArray Numbers(IEnumerable<double> numbers) => new([.. numbers.Select(n => (JsonNode?)JsonValue.Create(n))]);

    /// <summary>A logarithmic axis of learning rates: powers of ten where the range spans them, few labels.</summary>
    public static JsonObject RateAxis(double low, double high)
    {
        var axis = new JsonObject
        {
            ["labelExpr"] = "datum.value >= 0.001 && datum.value < 10000 ? format(datum.value, '~g') : format(datum.value, '~e')",
            ["labelOverlap"] = true,
        };
        int first = (int)Math.Ceiling(Math.Log10(low) - 1e-9),
            last = (int)Math.Floor(Math.Log10(high) + 1e-9);
        if (last - first >= 1)
        {
            int every = Math.Max(1, (last - first + 3) / 4);
            axis["values"] = Numbers(Enumerable.Range(0, (last - first) / every + 1).Select(i => Math.Pow(10, first + (i * every))));
        }
        else
        {
            axis["tickCount"] = 3;
        }
        return axis;
    }

    /// <summary>An axis of batch sizes that labels exactly those that were run.</summary>
    public static JsonObject BatchAxis(IEnumerable<double> batches) =>
        new()
        {
            ["values"] = Numbers(batches),
            ["format"] = ",d",
            ["title"] = "batch size B (log₂ scale)",
            ["labelOverlap"] = "greedy",
            ["labelSeparation"] = LabelSeparation,
        };

    /// <summary>Pixels between labels of batch sizes, so that long numbers do not run together on a phone.</summary>
    public const int LabelSeparation = 6;

    /// <summary>The config of every chart.</summary>
    public static JsonObject Config() =>
        new()
        {
            ["background"] = null,
            ["font"] = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif",
            ["view"] = new JsonObject { ["stroke"] = null },
            ["axis"] = new JsonObject
            {
                ["labelColor"] = Muted,
                ["titleColor"] = Muted,
                ["labelFontSize"] = 11,
                ["titleFontSize"] = 12,
                ["titleFontWeight"] = "normal",
                ["gridColor"] = Line,
                ["domainColor"] = Faint,
                ["tickColor"] = Faint,
                ["domain"] = false,
                ["tickSize"] = 4,
                ["labelPadding"] = 4,
                ["titlePadding"] = 8,
            },
            ["axisX"] = new JsonObject { ["grid"] = false, ["domain"] = true },
            ["axisY"] = new JsonObject { ["ticks"] = false },
            ["title"] = new JsonObject
            {
                ["color"] = Ink,
                ["fontSize"] = 12.5,
                ["fontWeight"] = 600,
                ["anchor"] = "start",
                ["offset"] = 8,
            },
            ["legend"] = new JsonObject
            {
                ["labelColor"] = Ink,
                ["titleColor"] = Muted,
                ["labelFontSize"] = 12,
                ["labelLimit"] = 260,
                ["titleFontSize"] = 12,
                ["titleFontWeight"] = "normal",
                ["orient"] = "top",
                ["symbolSize"] = 80,
                ["symbolStrokeWidth"] = 2,
                ["offset"] = 6,
                ["titleOrient"] = "left",
            },
            ["line"] = new JsonObject { ["strokeWidth"] = 1.8, ["strokeJoin"] = "round" },
            ["text"] = new JsonObject { ["fill"] = Ink, ["fontSize"] = 12 },
            ["concat"] = new JsonObject { ["spacing"] = 22 },
        };

    /// <summary>The top of a chart made of panels side by side.</summary>
    public static JsonObject Panels(IEnumerable<JsonObject> panels, int columns) =>
        new()
        {
            ["config"] = Config(),
            ["columns"] = columns,
            ["concat"] = new JsonArray([.. panels]),
        };

    /// <summary>How wide one panel is when so many stand in a row.</summary>
    public static (int Columns, int Width) Grid(int panels) =>
        panels switch
        {
            1 => (1, 640),
            2 => (2, 390),
            4 => (2, 390),
            _ => (3, 246),
        };

    /// <summary>A quantitative channel over a fixed domain; what lies outside is cut.</summary>
    public static JsonObject Quantity(string field, double low, double high, string title, JsonObject? axis = null, string scale = "linear")
    {
        JsonObject withTitle = axis ?? [];
        withTitle["title"] ??= title;
        var type = new JsonObject
        {
            ["type"] = scale,
            ["domain"] = Numbers([low, high]),
            ["nice"] = false,
        };
        if (scale == "linear")
            type["zero"] = false;
        if (scale.StartsWith("symlog:", StringComparison.Ordinal))
        {
            type["type"] = "symlog";
            type["constant"] = double.Parse(scale["symlog:".Length..], CultureInfo.InvariantCulture);
        }
        if (scale == "log2")
        {
            type["type"] = "log";
            type["base"] = 2;
        }
        return new JsonObject
        {
            ["field"] = field,
            ["type"] = "quantitative",
            ["scale"] = type,
            ["axis"] = withTitle,
        };
    }

    /// <summary>Whether a scale that all panels share would hide what one of them shows: one that uses less than a fifth of it.</summary>
    public static bool NeedsOwnScales((double Low, double High) common, IEnumerable<(double Low, double High)> panels) =>
        panels.Any(p => p.High - p.Low < 0.2 * (common.High - common.Low));

    /// <summary>One chart of several that show the same differently: the page draws the first and lets the reader choose. The others travel
    /// in the specification's <c>usermeta</c>, which Vega-Lite does not read.</summary>
    /// <param name="views">By what the reader chooses.</param>
    /// <param name="title">Of the choice; one of another title than the scale's is made for all charts of the page at once.</param>
    public static Chart WithViews(IReadOnlyList<(string Name, Chart Chart)> views, string title = Scale)
    {
        Chart first = views[0].Chart;
        if (views.Count > 1)
        {
            var meta = new JsonObject
            {
                ["views"] = new JsonArray([
                    .. views.Select(
                        (v, i) => (JsonNode)new JsonObject { ["name"] = v.Name, ["spec"] = i == 0 ? null : v.Chart.Spec.DeepClone() }
                    ),
                ]),
            };
            if (title != Scale)
                meta["title"] = title;
            first.Spec["usermeta"] = meta;
        }
        return first;
    }

    private const string Scale = "scale";

    /// <summary>A colour channel by optimizer; one legend at the top, of the optimizers that the chart shows.</summary>
    public static JsonObject ByOptimizer(IReadOnlyList<string> optimizers, IEnumerable<string> shown) =>
        new()
        {
            ["field"] = "optimizer",
            ["type"] = "nominal",
            ["scale"] = ColourScale(optimizers),
            ["legend"] = new JsonObject
            {
                ["title"] = null,
                ["symbolType"] = "circle",
                ["symbolOpacity"] = 1,
                ["symbolStrokeWidth"] = 0,
                ["values"] = Texts(optimizers.Where(shown.ToHashSet(StringComparer.Ordinal).Contains)),
            },
        };

    /// <summary>A line of a tooltip.</summary>
    public static JsonObject Tip(string field, string title, string type = "nominal", string? format = null)
    {
        var tip = new JsonObject
        {
            ["field"] = field,
            ["type"] = type,
            ["title"] = title,
        };
        if (format is not null)
            tip["format"] = format;
        return tip;
    }
}
