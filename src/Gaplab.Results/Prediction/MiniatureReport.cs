// What a miniature says of its study: its sentence, its lines, its page.
using System.Globalization;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Prediction;

internal static class MiniatureReport
{
    /// <summary>The answer in one sentence.</summary>
    private static string Headline(GapPrediction p, int scale)
    {
        string range = $"batch size {NumberText.Short(p.Gaps[0].Batch)} to {NumberText.Short(p.Gaps[^1].Batch)}",
            of = $"The miniature at 1:{scale}";
        if (p.Crossing is not { } crossing)
            return p.Verdict switch
            {
                "second-better-throughout" => $"{of} puts {p.Second} ahead from {range}: no crossover in range.",
                "first-better-throughout" => $"{of} puts {p.First} ahead from {range}: no crossover in range.",
                _ => $"{of} sees no difference from {range}: a tie.",
            };
        (string below, string above) = p.AheadAbove == p.Second ? (p.First, p.Second) : (p.Second, p.First);
        return $"{of} puts the crossover at batch size {NumberText.Short(crossing)}, interval "
            + $"{NumberText.Interval(p.Interval, NumberText.Short)}: {below} is ahead below, {above} above.";
    }

    /// <summary>A prediction for a terminal.</summary>
    public static IEnumerable<string> Lines(GapPrediction p, int scale)
    {
        yield return "";
        if (p.Comparison.Length > 0)
            yield return $"[{p.Comparison}]";
        yield return Headline(p, scale);
        yield return "";
        yield return $"   batch    lr of {p.First, -12} lr of {p.Second, -12} gap       interval";
        foreach (PredictedGap g in p.Gaps)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{g.Batch, 8:g6}    {g.FirstRate, -18:g4} {g.SecondRate, -18:g4} {NumberText.Signed(g.Gap), -9} {Interval(g)}"
            );
    }

    private static string Interval(PredictedGap g)
    {
        static string End(double? end) => end is { } value ? NumberText.Signed(value) : "?";
        return g is { Low: null, High: null } ? NumberText.None : $"{End(g.Low)} … {End(g.High)}";
    }

    /// <summary>The page of a study's comparisons, one after the other.</summary>
    public static Report.Report Build(IReadOnlyList<GapPrediction> made, int scale, string source) =>
        new()
        {
            Title = $"The miniature of {source}",
            Headline = string.Join(" ", made.Select(p => $"{(p.Comparison.Length > 0 ? p.Comparison + ": " : "")}{Headline(p, scale)}")),
            Facts = [new("compared", $"{made[0].First} with {made[0].Second}"), new("scale", $"1:{scale}")],
            Command = $"gaplab predict {source} --miniature",
            Sections =
            [
                .. made.Select(
                    (p, i) =>
                        new Section
                        {
                            Id = i == 0 ? "gap" : $"gap-{i}",
                            Title = "Gap against batch size" + (p.Comparison.Length > 0 ? ", " + p.Comparison : ""),
                            Prose =
                            [
                                $"Gap = ln(tuned loss of {p.First} / tuned loss of {p.Second}); above 0 {p.Second} is ahead. Read from "
                                    + $"runs with batch sizes and steps divided by {scale}.",
                            ],
                            Chart = SeriesPanels.Make(
                                [
                                    .. p.Gaps.Select(g => new PanelPoint("", "miniature", g.Batch, g.Gap)
                                    {
                                        Interval = g is { Low: { } low, High: { } high } ? (low, high) : null,
                                    }),
                                ],
                                PanelAxis.Batches(p.Gaps.Select(g => (double)g.Batch)),
                                PanelAxis.Gap(p.First, p.Second, "ln ratio of losses"),
                                lines: true,
                                $"The gap read from the miniature against batch size. {Headline(p, scale)}",
                                "Bars: from the reading at equal noise to that at equal steps, where both are known."
                            ),
                            TableOpen = true,
                            Table = new Table(
                                "one row per batch size",
                                [
                                    new("batch", true),
                                    new($"lr of {p.First}", true),
                                    new($"lr of {p.Second}", true),
                                    new("gap", true),
                                    new("interval", true),
                                ],
                                [
                                    .. p.Gaps.Select(g => new Row(
                                        Of(g.Batch),
                                        Of(g.FirstRate),
                                        Of(g.SecondRate),
                                        new Cell(NumberText.Signed(g.Gap), g.Gap),
                                        Interval(g)
                                    )),
                                ]
                            ),
                            Provenance = new Provenance(source, $"gaplab predict {source} --miniature", []),
                        }
                ),
            ],
        };

    private static Cell Of(double? value) => Cell.Of(value, NumberText.Short);
}
