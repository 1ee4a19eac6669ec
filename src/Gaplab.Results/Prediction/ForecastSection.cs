// The scores of forecasts in a back-test: lines, document, section.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;

namespace Gaplab.Results.Prediction;

/// <summary>Forecasters over tasks, each beside the pilot.</summary>
internal static class ForecastSection
{
    private const string About =
        "Lower is better, means over tasks. Bits: log score of who is ahead at each batch size, by more than the band, and of B*. "
        + "RPS: ranked probability score of B*. CRPS: of the gaps. Covered: measured gaps within the central 80%. Near: B* within a factor "
        + "of 2, of the pairs of which the sweep's own 95% interval is within a factor of 4. Saved: bits by which the forecaster that is "
        + "named first is better, with the 90% interval over tasks.";

    /// <summary>For a terminal.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<ForecastStanding> standings)
    {
        if (standings.Count == 0)
            yield break;
        yield return "";
        yield return $"{"forecaster", -38} {"tasks", 5}  {"bits", 7} {"B* bits", 7} {"RPS", 7} {"CRPS", 7} {"covered", 7} {"near", 9}  "
            + $"{"saved", -28} B* bits saved";
        foreach (ForecastStanding s in standings)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{s.Forecaster, -38} {s.Tasks, 5}  {s.Score.Bits, 7:0.000} {s.Score.CrossoverBits, 7:0.000} "
                    + $"{s.Score.RankedProbability, 7:0.000} {s.Score.GapError, 7:0.0000} {NumberText.Percent(s.Score.Covered), 7}  "
                    + $"{Near(s), 9}  {Saved(s.BitsSaved), -28} {Saved(s.CrossoverBitsSaved)}"
            );
        yield return About;
    }

    public static JsonArray Json(IReadOnlyList<ForecastStanding> standings) => AnswerJson.Each(standings, s => AnswerJson.Of(s));

    public static Section Of(IReadOnlyList<ForecastStanding> standings, Provenance from) =>
        new()
        {
            Id = "backtest-forecasts",
            Title = "Scores of the forecasts",
            Prose = [About],
            TableOpen = true,
            Table = new Table(
                "one row per forecaster",
                [
                    new("forecaster"),
                    new("tasks", true),
                    new("bits", true, "a batch size"),
                    new("B* bits", true),
                    new("RPS of B*", true),
                    new("CRPS of gaps", true),
                    new("covered", true, "by the central 80%"),
                    new("near", true, "B* within a factor of 2"),
                    new("bits saved", true),
                    new("B* bits saved", true),
                ],
                [
                    .. standings.Select(s => new Row(
                        s.Forecaster,
                        new Cell(NumberText.Count(s.Tasks), s.Tasks),
                        Cell.Of(s.Score.Bits, NumberText.Short),
                        Cell.Of(s.Score.CrossoverBits, NumberText.Short),
                        Cell.Of(s.Score.RankedProbability, NumberText.Short),
                        Cell.Of(s.Score.GapError, NumberText.Short),
                        new Cell(NumberText.Percent(s.Score.Covered), s.Score.Covered),
                        Near(s),
                        Saved(s.BitsSaved),
                        Saved(s.CrossoverBitsSaved)
                    )),
                ]
            ),
            Provenance = from,
        };

    private static string Near(ForecastStanding standing) =>
        standing.Crossovers == 0 ? NumberText.None : $"{NumberText.Count(standing.Near)} of {NumberText.Count(standing.Crossovers)}";

    private static string Saved(PairedDifference? difference) =>
        difference switch
        {
            null => NumberText.None,
            { Low: { } low, High: { } high } =>
                $"{NumberText.Signed(difference.Mean)} ({NumberText.Signed(low)} … {NumberText.Signed(high)})",
            _ => NumberText.Signed(difference.Mean),
        };
}
