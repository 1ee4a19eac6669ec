// The back-test in a report: predicted against measured, and the counts.
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Prediction;

/// <summary>Table and chart of a <see cref="Backtest"/>.</summary>
internal static class BacktestSection
{
    /// <summary>The counts in one sentence.</summary>
    public static string Headline(Backtest backtest)
    {
        ArgumentNullException.ThrowIfNull(backtest);
        (int right, int gaps) = backtest.Signs;
        (int near, int crossovers) = backtest.WithinFactorTwo;
        (int held, int intervals) = backtest.Calibration;
        return $"The sign is right in {Share(right, gaps)} decided "
            + $"gaps{(gaps > 0 ? $" ({backtest.Constant} by naming the same optimizer everywhere)" : "")}, B* within a factor of 2 "
            + $"in {Share(near, crossovers)} determined crossovers"
            + (intervals > 0 ? $", and {Share(held, intervals)} predicted 95% intervals hold what was measured." : ".");
    }

    /// <summary>The counts of every method, and where there are several their signs on the gaps that all of them predict.</summary>
    public static IReadOnlyList<string> Headlines(IReadOnlyList<Backtest> tests)
    {
        ArgumentNullException.ThrowIfNull(tests);
        if (tests.Count == 0)
            return ["Momenta are varied in every pair that was predicted: there are scores of forecasts alone."];
        if (tests.Count == 1)
            return [Headline(tests[0])];
        (int Right, int Of)[] common = Backtest.Common(tests);
        return
        [
            .. tests.Select(t => $"By the {t.Method}: {Headline(t)}"),
            common[0].Of == 0
                ? "No decided gap is predicted by all of them."
                : $"On the {common[0].Of} decided gaps that all of them predict, the sign is right in "
                    + $"{string.Join(", ", tests.Zip(common, (t, c) => $"{c.Right} by the {t.Method}"))}.",
        ];
    }

    /// <summary>Two sections: gaps and crossovers, by every method.</summary>
    public static IEnumerable<Section> Of(IReadOnlyList<Backtest> tests, Provenance from)
    {
        ArgumentNullException.ThrowIfNull(tests);
        if (tests.Count == 0)
            yield break;
        (Backtest Test, BacktestGap Cell)[] drawn =
        [
            .. tests.SelectMany(t => t.Gaps.Where(c => c.Predicted is not null && c.LogRatio is not null).Select(c => (t, c))),
        ];
        IEnumerable<PanelPoint> measured = drawn
            .Select(d => d.Cell)
            .DistinctBy(c => (c.Name, c.Batch))
            .Select(c => new PanelPoint(c.Name, "measured", c.Batch, c.LogRatio!.Value, Error: c.LogError ?? double.NaN));
        string headline = string.Join(" ", Headlines(tests));
        yield return new Section
        {
            Id = "backtest-gaps",
            Title = "Predicted against measured gaps",
            Prose = [.. Headlines(tests), "A gap is decided when its measured 95% interval excludes zero; only those are judged by sign."],
            Chart =
                drawn.Length == 0
                    ? null
                    : SeriesPanels.Make(
                        [
                            .. measured,
                            .. drawn.Select(d => new PanelPoint(d.Cell.Name, d.Test.Method, d.Cell.Batch, d.Cell.Predicted!.Value)),
                        ],
                        PanelAxis.Batches(drawn.Select(d => (double)d.Cell.Batch)),
                        new PanelAxis("ln ratio of tuned losses", Own: true),
                        lines: true,
                        $"Predicted and measured gaps against the batch size, one panel per comparison. {headline}",
                        "Bars: 95% of what was measured. Every panel has a scale of its own."
                    ),
            TableOpen = true,
            Table = new Table(
                "one row per comparison, batch size and method",
                [
                    new("comparison"),
                    new("batch", true),
                    new("by"),
                    new("predicted", true, "ln ratio of the tuned losses"),
                    new("measured gap", true),
                    new("ln ratio", true),
                    new("decided"),
                    new("sign"),
                    new("in interval"),
                ],
                [
                    .. tests.SelectMany(t =>
                        t.Gaps.Select(c => new Row(
                            c.Name,
                            new Cell(NumberText.Count(c.Batch), c.Batch),
                            t.Method,
                            Signed(c.Predicted),
                            Signed(c.Measured),
                            Signed(c.LogRatio),
                            c.Decided ? "yes" : "no",
                            Word(c.SignRight, "right", "wrong"),
                            Word(c.Covered, "yes", "no")
                        ))
                    ),
                ]
            ),
            Provenance = from,
        };
        yield return new Section
        {
            Id = "backtest-crossovers",
            Title = "Predicted against measured crossovers",
            TableOpen = true,
            Table = new Table(
                "one row per comparison and method",
                [
                    new("comparison"),
                    new("by"),
                    new("predicted B*", true),
                    new("measured B*", true),
                    new("determined"),
                    new("log₂ error", true),
                    new("in interval"),
                ],
                [
                    .. tests.SelectMany(t =>
                        t.Crossovers.Select(c => new Row(
                            c.Name,
                            t.Method,
                            Short(c.Predicted),
                            Short(c.Measured),
                            c.Determined ? "yes" : "no",
                            Signed(c.Log2Error),
                            Word(c.Covered, "yes", "no")
                        ))
                    ),
                ]
            ),
            Provenance = from,
        };
    }

    private static string Share(int part, int of) => of == 0 ? "0 of 0" : $"{part} of {of}";

    private static Cell Signed(double? value) => Cell.Of(value, NumberText.Signed);

    private static Cell Short(double? value) => Cell.Of(value, NumberText.Short);

    private static Cell Word(bool? value, string yes, string no) =>
        value is { } v
            ? v
                ? yes
                : no
            : new Cell(NumberText.None, null, "muted");
}
