// The page of gaplab explain: how well each explanation predicts settings that were left out, and the gaps beside one of them.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Prediction;

/// <summary>Tables and charts of <see cref="PredictorScores"/>.</summary>
public static class ExplainSections
{
    /// <summary>The answer in a sentence or two.</summary>
    public static string Headline(IReadOnlyList<PredictorScore> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        PredictorScore[] alone = [.. Ranked(scores).Where(s => s.Correlation is not null)];
        int clear = alone.Count(s => s.Correlation!.Adjusted < 0.05),
            settings = alone.Max(s => s.Settings);
        // What rounds to nothing explains nothing.
        string best =
            alone[0].R2 >= 0.005
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"Of {alone.Length} explanations {alone[0].Name} predicts left-out settings best: it explains {alone[0].R2:p0} of "
                        + $"what their mean leaves."
                )
                : $"None of {alone.Length} explanations alone predicts a left-out setting better than the mean of the others does.";
        return $"{best} With {settings} settings {clear} of {alone.Length} rank correlations {(clear == 1 ? "is" : "are")} clear of "
            + $"chance after correction.";
    }

    /// <summary>What so few settings cannot show.</summary>
    public static string Caution(IReadOnlyList<PredictorScore> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int settings = scores.Max(s => s.Settings),
            tested = scores.Count(s => s.Correlation?.PValue is not null);
        double least = SettingCorrelation.LeastPValue(settings);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{settings} settings: for an explanation with one number a setting no p-value can be below {least:0.#####}, nor below "
                + $"{Math.Min(1, tested * least):0.####} after Holm's correction for {tested}."
        );
    }

    /// <summary>From the best; what could not be scored comes last.</summary>
    public static IEnumerable<PredictorScore> Ranked(IReadOnlyList<PredictorScore> scores) =>
        scores.OrderByDescending(s => double.IsNaN(s.R2) ? double.NegativeInfinity : s.R2);

    /// <summary>Two sections: the scores, and the gaps beside one predictor.</summary>
    /// <param name="names">Of the predictors.</param>
    /// <param name="rows">The gaps.</param>
    /// <param name="scores">Of <see cref="PredictorScores.Of"/>.</param>
    /// <param name="shown">The predictor to draw.</param>
    /// <param name="from">Where it came from.</param>
    public static IEnumerable<Section> Of(
        IReadOnlyList<string> names,
        IReadOnlyList<PredictorRow> rows,
        IReadOnlyList<PredictorScore> scores,
        string shown,
        Provenance from
    )
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(rows);
        PredictorScore[] ranked = [.. Ranked(scores)];
        yield return new Section
        {
            Id = "scores",
            Title = "How well each explanation predicts settings that were left out",
            Prose =
            [
                "Each setting is predicted by a ridge regression on all others: 1 is perfect, 0 no better than the others' mean, below 0 "
                    + "worse. Intervals of the rank correlation resample whole settings; p-values let whole settings change places.",
                Caution(scores),
            ],
            Chart = Bars(ranked),
            TableOpen = true,
            Table = new Table(
                "one row per explanation",
                [
                    new("explanation"),
                    new("gaps", true),
                    new("settings", true),
                    new("left out", true),
                    new("rank correlation", true, "Spearman"),
                    new("95% interval", true),
                    new("p", true),
                    new("p (Holm)", true),
                ],
                [
                    .. ranked.Select(s => new Row(
                        s.Name,
                        new Cell(NumberText.Count(s.Rows), s.Rows),
                        new Cell(NumberText.Count(s.Settings), s.Settings),
                        Two(s.R2),
                        Two(s.Correlation?.Value),
                        s.Correlation is { } c ? NumberText.Interval(c.Interval, x => NumberText.Correlation(x)) : NumberText.None,
                        P(s.Correlation?.PValue),
                        P(s.Correlation?.Adjusted)
                    )),
                ]
            ),
            Provenance = from,
        };
        int at = names.ToList().IndexOf(shown);
        PredictorRow[] drawn = [.. rows.Where(r => double.IsFinite(r.Predictors[at]))];
        yield return new Section
        {
            Id = "gaps",
            Title = $"The gaps beside {shown}",
            Prose =
            [
                "A point a comparison and batch size; the gap is a fraction of the second optimizer's tuned loss, positive where the "
                    + "second is ahead. `--predictor NAME` draws another one.",
            ],
            Chart = SeriesPanels.Make(
                [.. drawn.Select(r => new PanelPoint("", r.Setting, r.Predictors[at], r.Gap))],
                new PanelAxis(shown),
                new PanelAxis("gap, share of the loss"),
                lines: false,
                $"The measured gaps against {shown}, a colour a setting.",
                "Points of one setting belong together: they are not independent."
            ),
            Table = new Table(
                "one row per gap",
                [
                    new("setting"),
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
                            .. r.Predictors.Select(v =>
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

    /// <summary>A bar an explanation from 0 to its score; null where none has one.</summary>
    private static Chart? Bars(PredictorScore[] ranked)
    {
        PredictorScore[] scored = [.. ranked.Where(s => double.IsFinite(s.R2))];
        if (scored.Length == 0)
            return null;
        // A useless predictor can score far below −1; how far says nothing.
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
                                ["end"] = Math.Max(Lowest, s.R2),
                                ["zero"] = 0,
                                ["score"] = NumberText.Correlation(s.R2),
                                ["settings"] = s.Settings,
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
                        ["x"] = ChartTheme.Quantity("zero", Lowest, 1, "score on settings that were left out"),
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
                            ChartTheme.Tip("settings", "settings", "quantitative")
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
                        ["x"] = ChartTheme.Quantity("zero", Lowest, 1, "score on settings that were left out"),
                    },
                }
            ),
        };
        return new Chart(
            spec,
            $"Left-out score of {scored.Length} explanations; the best is {scored[0].Name} with {NumberText.Correlation(scored[0].R2)}.",
            "Right of zero an explanation predicts left-out settings better than their mean does. Bars end at −1 where the score is "
                + "lower; the table has it. The other colour: all together."
        );
    }
}
