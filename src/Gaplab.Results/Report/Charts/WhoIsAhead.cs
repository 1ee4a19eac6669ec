// Chart: who is ahead at each batch size of each comparison, as a map.
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report.Charts;

/// <summary>One row a comparison, one column a batch size: coloured where it is decided, grey where it is not.</summary>
internal static class WhoIsAhead
{
    private const int MostRows = 40;

    /// <summary>The chart, or null where nothing can be compared.</summary>
    public static Chart? Make(GapAnalysis analysis)
    {
        ComparisonAnalysis[] shown = [.. analysis.Comparisons.Where(c => c.Gaps.Count > 0).Take(MostRows)];
        string[] batches = [.. shown.SelectMany(c => c.Gaps).Select(g => g.Batch).Distinct().Order().Select(NumberText.Count)];
        if (shown.Length == 0)
            return null;
        int left = analysis.Comparisons.Count - shown.Length;
        string[] states = [$"{analysis.First} ahead", $"{analysis.Second} ahead", "not decided"];
        Dictionary<ComparisonAnalysis, string> places = new(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < analysis.Comparisons.Count; i++)
            places[analysis.Comparisons[i]] = CrossoverSections.Prefix(i, single: false);
        JsonArray data =
        [
            .. shown.SelectMany(c =>
                c.Gaps.Select(g =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["comparison"] = c.Key.ToString(),
                            ["batch"] = NumberText.Count(g.Batch),
                            ["state"] =
                                g.Decided < 0 ? states[0]
                                : g.Decided > 0 ? states[1]
                                : states[2],
                            ["gap"] = NumberText.Signed(g.Value),
                            ["interval"] = NumberText.Interval(g.Interval, NumberText.Signed),
                            ["at"] = Markup.Anchor(GapAgainstBatch.RowOf(places[c] + "gap", g.Batch)),
                        }
                )
            ),
        ];
        JsonObject Channel(string field, IEnumerable<string> domain, JsonObject axis) =>
            new()
            {
                ["field"] = field,
                ["type"] = "ordinal",
                ["scale"] = new JsonObject { ["domain"] = ChartTheme.Texts(domain) },
                ["axis"] = axis,
            };
        var spec = new JsonObject
        {
            ["config"] = ChartTheme.Config(),
            ["width"] = "container",
            ["height"] = new JsonObject { ["step"] = shown.Length > 12 ? 20 : 30 },
            ["data"] = new JsonObject { ["values"] = data },
            ["encoding"] = new JsonObject
            {
                ["x"] = Channel(
                    "batch",
                    batches,
                    new JsonObject
                    {
                        ["title"] = "batch size B",
                        ["labelAngle"] = 0,
                        ["domain"] = false,
                        ["ticks"] = false,
                    }
                ),
                ["y"] = Channel(
                    "comparison",
                    shown.Select(c => c.Key.ToString()),
                    new JsonObject
                    {
                        ["title"] = null,
                        ["labelLimit"] = 220,
                        ["domain"] = false,
                    }
                ),
            },
            ["layer"] = new JsonArray(
                new JsonObject
                {
                    ["mark"] = new JsonObject
                    {
                        ["type"] = "rect",
                        ["cornerRadius"] = 3,
                        ["stroke"] = ChartTheme.Page,
                        ["strokeWidth"] = 2,
                    },
                    ["encoding"] = new JsonObject
                    {
                        ["color"] = new JsonObject
                        {
                            ["field"] = "state",
                            ["type"] = "nominal",
                            ["scale"] = new JsonObject
                            {
                                ["domain"] = ChartTheme.Texts(states),
                                ["range"] = ChartTheme.Texts([ChartTheme.Colour(0), ChartTheme.Colour(1), ChartTheme.Shade]),
                            },
                            ["legend"] = new JsonObject
                            {
                                ["title"] = null,
                                ["symbolType"] = "square",
                                ["symbolStrokeWidth"] = 0,
                            },
                        },
                        ["tooltip"] = new JsonArray(
                            ChartTheme.Tip("comparison", "comparison"),
                            ChartTheme.Tip("batch", "batch size"),
                            ChartTheme.Tip("state", "ahead"),
                            ChartTheme.Tip("gap", "gap"),
                            ChartTheme.Tip("interval", "95% interval")
                        ),
                    },
                }
            ),
        };
        return new Chart(
            spec,
            $"Who is ahead at each of {NumberText.Count(batches.Length, "batch size")} in {NumberText.Count(shown.Length, "comparison")}: "
                + string.Join("; ", shown.Take(6).Select(c => $"{c.Key}: {c.Headline.TrimEnd('.')}"))
                + (shown.Length > 6 ? "; and so on, as in the table." : "."),
            "Coloured where the 95% interval of the gap excludes zero; grey where these runs do not decide."
                + (left > 0 ? $" The first {MostRows} comparisons; the table has all {NumberText.Count(analysis.Comparisons.Count)}." : "")
        );
    }
}
