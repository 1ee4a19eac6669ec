// The sections of a report on factors: effects with intervals as chart and table, and the explanations of the gap.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Report;

internal static class FactorSections
{
    public static IEnumerable<Section> Of(GapAnalysis analysis)
    {
        if (analysis.Factors is { } factors)
        {
            yield return new Section
            {
                Id = "factors",
                Title = "What the factors do",
                Prose =
                [
                    $"Each factor was switched while all else stayed ({factors.Study.Design} design). A change above zero moves the gap "
                        + $"towards {analysis.Second}. Learning rates were tuned anew for every level; intervals resample the same seeds "
                        + $"for all levels at once, and p-values are corrected for the number of effects (Holm).",
                ],
                Findings = factors.Findings,
            };
            foreach ((SettingEffects setting, int i) in factors.Settings.Select((s, i) => (s, i)))
                yield return new Section
                {
                    Id = string.Create(CultureInfo.InvariantCulture, $"factors-{i + 1}"),
                    Title = setting.Setting.Length > 0 ? setting.Setting : "Effects",
                    Level = 3,
                    Chart = Chart(setting, analysis.Metric, analysis.Second),
                    Table = Table(setting),
                    TableOpen = true,
                };
        }
        if (analysis.Explanations is { Ranked.Count: > 0 } explanations)
            yield return new Section
            {
                Id = "explanations",
                Title = "Which single explanation predicts the gap across settings",
                Prose =
                [
                    explanations.Sentence("settings"),
                    "Left-out prediction fits a line of the gap (as a fraction of the second optimizer's metric) on the explanation in all "
                        + "other settings: 1 is perfect, 0 is no better than the others' mean, below 0 is worse. Intervals resample whole "
                        + "settings; p-values let whole settings change places, and are corrected for the number of explanations (Holm).",
                ],
                Table = new Table(
                    "one row per explanation",
                    [
                        new("explanation"),
                        new("settings", true),
                        new("gaps", true),
                        new("rank correlation", true, "Spearman"),
                        new("95% interval", true),
                        new("p (Holm)", true),
                        new("left-out prediction", true),
                    ],
                    [
                        .. explanations.Ranked.Select(s => new Row(
                            s.Name,
                            new Cell(NumberText.Count(s.Settings), s.Settings),
                            new Cell(NumberText.Count(s.Gaps), s.Gaps),
                            Signed(s.Correlation?.Value),
                            NumberText.Interval(s.Correlation?.Interval ?? Interval.None, x => NumberText.Correlation(x)),
                            new Cell(FactorAnalysisText.P(s.Correlation?.Adjusted), s.Correlation?.Adjusted),
                            Signed(s.Predicted)
                        )),
                    ]
                ),
                TableOpen = true,
            };
    }

    private static Cell Signed(double? value) =>
        value is { } v ? new Cell(NumberText.Correlation(v), v) : new Cell(NumberText.None, null, "muted");

    private static Table Table(SettingEffects setting) =>
        new(
            "one row per effect",
            [
                new("effect"),
                new("change of the gap", true),
                new("95% interval", true),
                new("p (Holm)", true),
                new("change of log₂ B*", true),
                new("95% interval", true),
                new("not told from"),
            ],
            [
                .. setting.Effects.Select(e => new Row(
                    FactorAnalysisText.Title(e),
                    Number(e.Gap),
                    NumberText.Interval(e.Gap.Interval, NumberText.Signed),
                    new Cell(FactorAnalysisText.P(e.Gap.Adjusted), e.Gap.Adjusted),
                    Number(e.Log2Batch),
                    NumberText.Interval(e.Log2Batch.Interval, NumberText.Signed),
                    string.Join(", ", e.Aliases)
                )),
            ]
        );

    private static Cell Number(Effect effect) =>
        effect.Value is { } v ? new Cell(NumberText.Signed(v), v) : new Cell(NumberText.None, null, "muted");

    /// <summary>Effects as points with their intervals, one a line; null without a finite effect.</summary>
    private static Chart? Chart(SettingEffects setting, string metric, string second)
    {
        FactorEffect[] shown = [.. setting.Effects.Where(e => e.Gap.Value is not null)];
        if (shown.Length == 0)
            return null;
        double low = Math.Min(0, shown.Min(e => Math.Min(e.Gap.Value!.Value, e.Gap.Interval.Low ?? e.Gap.Value.Value))),
            high = Math.Max(0, shown.Max(e => Math.Max(e.Gap.Value!.Value, e.Gap.Interval.High ?? e.Gap.Value.Value)));
        double margin = Math.Max(0.05 * (high - low), 1e-9);
        JsonArray Data() =>
            [
                .. shown.Select(e =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["effect"] = FactorAnalysisText.Title(e),
                            ["change"] = e.Gap.Value,
                            ["low"] = e.Gap.Interval.Low ?? e.Gap.Value,
                            ["high"] = e.Gap.Interval.High ?? e.Gap.Value,
                            ["clear"] = e.Gap.Adjusted < 0.05 ? "yes" : "no",
                            ["text"] = NumberText.Signed(e.Gap.Value!.Value),
                            ["interval"] = NumberText.Interval(e.Gap.Interval, NumberText.Signed),
                            ["p"] = FactorAnalysisText.P(e.Gap.Adjusted),
                        }
                ),
            ];
        JsonObject X(string field) => ChartTheme.Quantity(field, low - margin, high + margin, $"change of the gap in {metric}");
        JsonObject Y() =>
            new()
            {
                ["field"] = "effect",
                ["type"] = "nominal",
                ["sort"] = null,
                ["axis"] = new JsonObject
                {
                    ["title"] = null,
                    ["labelLimit"] = 260,
                    ["grid"] = false,
                },
            };
        var colour = new JsonObject
        {
            ["field"] = "clear",
            ["type"] = "nominal",
            ["legend"] = null,
            ["scale"] = new JsonObject
            {
                ["domain"] = ChartTheme.Texts(["yes", "no"]),
                ["range"] = ChartTheme.Texts([ChartTheme.Colour(1), ChartTheme.Muted]),
            },
        };
        JsonObject Layer(JsonArray data, JsonObject mark, JsonObject encoding) =>
            new()
            {
                ["data"] = new JsonObject { ["values"] = data },
                ["mark"] = mark,
                ["encoding"] = encoding,
            };
        var spec = new JsonObject
        {
            ["config"] = ChartTheme.Config(),
            ["width"] = "container",
            ["height"] = 26 * shown.Length + 20,
            ["autosize"] = new JsonObject { ["type"] = "fit", ["contains"] = "padding" },
            ["layer"] = new JsonArray(
                Layer(
                    [new JsonObject { ["zero"] = 0 }],
                    new JsonObject
                    {
                        ["type"] = "rule",
                        ["stroke"] = ChartTheme.Ink,
                        ["strokeWidth"] = 1,
                    },
                    new JsonObject { ["x"] = X("zero") }
                ),
                Layer(
                    Data(),
                    new JsonObject { ["type"] = "rule", ["strokeWidth"] = 2 },
                    new JsonObject
                    {
                        ["y"] = Y(),
                        ["x"] = X("low"),
                        ["x2"] = new JsonObject { ["field"] = "high" },
                        ["color"] = colour,
                    }
                ),
                Layer(
                    Data(),
                    new JsonObject
                    {
                        ["type"] = "point",
                        ["filled"] = true,
                        ["size"] = 90,
                        ["opacity"] = 1,
                    },
                    new JsonObject
                    {
                        ["y"] = Y(),
                        ["x"] = X("change"),
                        ["color"] = colour.DeepClone(),
                        ["tooltip"] = new JsonArray(
                            ChartTheme.Tip("effect", "effect"),
                            ChartTheme.Tip("text", "change"),
                            ChartTheme.Tip("interval", "95% interval"),
                            ChartTheme.Tip("p", "p (Holm)")
                        ),
                    }
                )
            ),
        };
        int clear = shown.Count(e => e.Gap.Adjusted < 0.05);
        return new Chart(
            spec,
            $"Change of the gap by each of {shown.Length} effects with its 95% interval; {clear} {(clear == 1 ? "is" : "are")} clear of "
                + $"zero after correction.",
            $"Right of zero the gap moves towards {second}. Lines are 95% intervals; coloured where the corrected p-value is below 0.05."
        );
    }
}
