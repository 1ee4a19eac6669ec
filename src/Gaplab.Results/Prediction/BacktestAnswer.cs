// The answer of a back-test: what was predicted beside what was measured, by every method.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;

namespace Gaplab.Results.Prediction;

/// <summary>Of one method or several.</summary>
/// <param name="Tests">Empty where every pair that was predicted varies a momentum.</param>
/// <param name="Source">The stores, as a provenance line names them.</param>
/// <param name="Command">The command that asked.</param>
public sealed record BacktestAnswer(IReadOnlyList<Backtest> Tests, string Source, string Command) : IPagedAnswer
{
    /// <summary>Scores of the pilots that were registered before their sweeps, beside what they must beat; empty where there is
    /// none.</summary>
    public IReadOnlyList<ForecastStanding> Standings { get; init; } = [];

    public IEnumerable<string> Lines()
    {
        foreach (string line in BacktestSection.Headlines(Tests))
            yield return line;
        foreach (Backtest backtest in Tests)
        {
            yield return "";
            if (Tests.Count > 1)
                yield return $"[{backtest.Method}]";
            foreach (BacktestGap c in backtest.Gaps)
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{c.Name, -24} batch {c.Batch, 6}  predicted {Signed(c.Predicted), 9}  measured {Signed(c.LogRatio), 9}  "
                        + $"{(c.SignRight is { } right ? right ? "right" : "wrong" : "not judged")}"
                );
            foreach (BacktestCrossover c in backtest.Crossovers)
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{c.Name, -24} B* predicted {Short(c.Predicted)}, measured "
                        + $"{Short(c.Measured)}{(c.Determined ? "" : " (not determined)")}"
                );
        }
        foreach (string line in ForecastSection.Lines(Standings))
            yield return line;
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["methods"] = AnswerJson.Each(
                Tests,
                t => new JsonObject
                {
                    ["method"] = t.Method,
                    ["headline"] = BacktestSection.Headline(t),
                    ["gaps"] = AnswerJson.Of(t.Gaps),
                    ["crossovers"] = AnswerJson.Of(t.Crossovers),
                }
            ),
            ["forecasts"] = ForecastSection.Json(Standings),
        };

    public Report.Report Page() =>
        new()
        {
            Title = "Back-test",
            // Of several methods what compares them; the section has the counts of each.
            Headline = BacktestSection.Headlines(Tests)[^1],
            Command = Command,
            Sections = [.. Standings.Count > 0 ? [ForecastSection.Of(Standings, From)] : (Section[])[], .. BacktestSection.Of(Tests, From)],
        };

    private Provenance From => new(Source, Command, []);

    private static string Signed(double? value) => value is { } v ? NumberText.Signed(v) : NumberText.None;

    private static string Short(double? value) => value is { } v ? NumberText.Short(v) : NumberText.None;

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(BacktestAnswer))
        {
            Name = "backtest",
            Says = "predicted gaps and crossovers beside those that were measured",
            Commands = ["backtest"],
        };
}
