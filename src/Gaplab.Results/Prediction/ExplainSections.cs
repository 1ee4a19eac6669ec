// The page of gaplab explain: how well each explanation predicts comparisons that were left out, and the gaps beside one of them.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Prediction;

/// <summary>Tables and charts of <see cref="ExplanationScores"/>.</summary>
internal static class ExplainSections
{
    /// <summary>What is left out together.</summary>
    public const string Unit = "comparisons";

    /// <summary>What so few comparisons cannot show.</summary>
    public static string Caution(ExplanationScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int comparisons = scores.Settings,
            tested = scores.Alone.Count(s => s.Correlation!.PValue is not null);
        double least = SettingCorrelation.LeastPValue(comparisons);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{comparisons} comparisons: for an explanation with one number per comparison no p-value can be below "
                + $"{least:0.#####}, nor below {Math.Min(1, tested * least):0.####} after Holm's correction for {tested}."
        );
    }

    /// <summary>Two sections: the scores, and the gaps beside one explanation.</summary>
    /// <param name="names">Of the explanations.</param>
    /// <param name="rows">The gaps.</param>
    /// <param name="scores">By a ridge regression.</param>
    /// <param name="shown">The explanation to draw.</param>
    /// <param name="from">Where it came from.</param>
    public static IEnumerable<Section> Of(
        IReadOnlyList<string> names,
        IReadOnlyList<GapObservation> rows,
        ExplanationScores scores,
        string shown,
        Provenance from
    )
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(rows);
        yield return new Section
        {
            Id = "scores",
            Title = "How well each explanation predicts comparisons that were left out",
            Prose =
            [
                "Each comparison is predicted by a ridge regression on all others: 1 is perfect, 0 no better than the others' mean, "
                    + "below 0 worse. Intervals of the rank correlation resample whole comparisons; p-values let whole "
                    + "comparisons change places.",
                Caution(scores),
            ],
            Chart = Bars(scores),
            TableOpen = true,
            Table = new Table(
                "one row per explanation",
                [
                    new("explanation"),
                    new("gaps", true),
                    new("comparisons", true),
                    new("left out", true),
                    new("rank correlation", true, "Spearman"),
                    new("95% interval", true),
                    new("p", true),
                    new("p (Holm)", true),
                ],
                [
                    .. scores.Ranked.Select(s => new Row(
                        s.Name,
                        new Cell(NumberText.Count(s.Gaps), s.Gaps),
                        new Cell(NumberText.Count(s.Settings), s.Settings),
                        Two(s.Predicted),
                        Two(s.Correlation?.Value),
                        s.Correlation is { } c ? NumberText.Interval(c.Interval, x => NumberText.Correlation(x)) : NumberText.None,
                        P(s.Correlation?.PValue),
                        P(s.Correlation?.Adjusted)
                    )),
                ]
            ),
            Provenance = from,
        };
        GapObservation[] drawn = [.. rows.Where(r => double.IsFinite(r.Of(shown)))];
        yield return new Section
        {
            Id = "gaps",
            Title = $"The gaps beside {shown}",
            Prose =
            [
                "One point per comparison and batch size; the gap is a fraction of the second optimizer's tuned loss, positive where the "
                    + "second is ahead. `--predictor NAME` draws another one.",
            ],
            Chart = SeriesPanels.Make(
                [.. drawn.Select(r => new PanelPoint("", r.Setting, r.Of(shown), r.Gap))],
                new PanelAxis(shown),
                new PanelAxis("gap, share of the loss"),
                lines: false,
                $"The measured gaps against {shown}, one colour per comparison.",
                "Points of one comparison belong together: they are not independent."
            ),
            Table = new Table(
                "one row per gap",
                [
                    new("comparison"),
                    new("batch", true),
                    new("gap", true, "share of the second optimizer's loss"),
                    .. names.Select(n => new Column(n, true)),
                ],
                [
                    .. rows.Select(r => new Row(
                        [
                            r.Setting,
                            new Cell(NumberText.Short(r.Batch), r.Batch),
                            new Cell(NumberText.Signed(r.Gap), r.Gap),
                            .. names
                                .Select(r.Of)
                                .Select(v =>
                                    double.IsFinite(v) ? new Cell(NumberText.Short(v), v) : new Cell(NumberText.None, null, "muted")
                                ),
                        ],
                        []
                    )),
                ]
            ),
            Provenance = from,
        };
    }

    private static Cell Two(double? value) =>
        value is { } v && double.IsFinite(v) ? new Cell(NumberText.Correlation(v), v) : new Cell(NumberText.None, null, "muted");

    private static Cell P(double? p) => p is { } v ? new Cell(FactorAnalysisText.P(v), v) : new Cell(NumberText.None, null, "muted");

    /// <summary>One bar per explanation, from 0 to its score; null where none has one.</summary>
    private static Chart? Bars(ExplanationScores scores)
    {
        ExplanationScore[] scored = [.. scores.Ranked.Where(s => s.Predicted is not null)];
        if (scored.Length == 0)
            return null;
        // A useless explanation can score far below −1; how far says nothing.
        const double Lowest = -1;
        var spec = new JsonObject
        {
            ["config"] = ChartTheme.Config(),
            ["width"] = "container",
            ["height"] = 22 * scored.Length + 20,
            ["autosize"] = new JsonObject { ["type"] = "fit", ["contains"] = "padding" },
            ["data"] = new JsonObject
            {
                ["values"] = new JsonArray([
                    .. scored.Select(s =>
                        (JsonNode)
                            new JsonObject
                            {
                                ["name"] = s.Name,
                                ["end"] = Math.Max(Lowest, s.Predicted!.Value),
                                ["zero"] = 0,
                                ["score"] = NumberText.Correlation(s.Predicted),
                                ["comparisons"] = s.Settings,
                                ["kind"] = s.Correlation is null ? "together" : "alone",
                            }
                    ),
                ]),
            },
            ["layer"] = new JsonArray(
                new JsonObject
                {
                    ["mark"] = new JsonObject { ["type"] = "bar", ["height"] = 12 },
                    ["encoding"] = new JsonObject
                    {
                        ["y"] = new JsonObject
                        {
                            ["field"] = "name",
                            ["type"] = "nominal",
                            ["sort"] = null,
                            ["axis"] = new JsonObject
                            {
                                ["title"] = null,
                                ["labelLimit"] = 360,
                                ["grid"] = false,
                            },
                        },
                        ["x"] = ChartTheme.Quantity("zero", Lowest, 1, "score on comparisons that were left out"),
                        ["x2"] = new JsonObject { ["field"] = "end" },
                        ["color"] = new JsonObject
                        {
                            ["field"] = "kind",
                            ["type"] = "nominal",
                            ["legend"] = null,
                            ["scale"] = new JsonObject
                            {
                                ["domain"] = ChartTheme.Texts(["alone", "together"]),
                                ["range"] = ChartTheme.Texts([ChartTheme.Colour(0), ChartTheme.Colour(1)]),
                            },
                        },
                        ["tooltip"] = new JsonArray(
                            ChartTheme.Tip("name", "explanation"),
                            ChartTheme.Tip("score", "left out"),
                            ChartTheme.Tip("comparisons", "comparisons", "quantitative")
                        ),
                    },
                },
                new JsonObject
                {
                    ["data"] = new JsonObject { ["values"] = new JsonArray(new JsonObject { ["zero"] = 0 }) },
                    ["mark"] = new JsonObject
                    {
                        ["type"] = "rule",
                        ["stroke"] = ChartTheme.Ink,
                        ["strokeWidth"] = 1,
                    },
                    ["encoding"] = new JsonObject
                    {
                        ["x"] = ChartTheme.Quantity("zero", Lowest, 1, "score on comparisons that were left out"),
                    },
                }
            ),
        };
        return new Chart(
            spec,
            $"Left-out score of {scored.Length} explanations; the best is {scored[0].Name} with "
                + $"{NumberText.Correlation(scored[0].Predicted)}.",
            "Right of zero an explanation predicts left-out comparisons better than their mean does. Bars end at −1 where the score is "
                + "lower; the table has it. The other colour: all together."
        );
    }
}
