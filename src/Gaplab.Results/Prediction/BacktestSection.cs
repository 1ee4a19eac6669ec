// The back-test in a report: predicted against measured, and the counts.
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Prediction;

/// <summary>Table and chart of a <see cref="Backtest"/>.</summary>
public static class BacktestSection
{
    /// <summary>The counts in one sentence.</summary>
    public static string Headline(Backtest backtest)
    {
        ArgumentNullException.ThrowIfNull(backtest);
        (int right, int cells) = backtest.Signs;
        (int near, int crossovers) = backtest.WithinFactorTwo;
        (int held, int intervals) = backtest.Calibration;
        return $"The sign is right in {Share(right, cells)} decided cells{(cells > 0 ? $" ({backtest.Constant} for who names the same optimizer everywhere)" : "")}, B* within a factor of 2 in {Share(near, crossovers)} determined crossovers"
            + (intervals > 0 ? $", and {Share(held, intervals)} predicted 95% intervals hold what was measured." : ".");
    }

    /// <summary>Two sections: gaps and crossovers.</summary>
    /// <param name="backtest">What they tell.</param>
    /// <param name="from">Where its numbers come from.</param>
    /// <param name="suffix">Of the sections' ids, where a page has several back-tests.</param>
    /// <param name="of">Of their titles.</param>
    public static IEnumerable<Section> Of(Backtest backtest, Provenance from, string suffix = "", string of = "")
    {
        ArgumentNullException.ThrowIfNull(backtest);
        BacktestCell[] drawn = [.. backtest.Cells.Where(c => c.Predicted is not null && c.LogRatio is not null)];
        yield return new Section
        {
            Id = "backtest-gaps" + suffix,
            Title = "Predicted against measured gaps" + of,
            Prose = [Headline(backtest), "A cell is decided when its measured 95% interval excludes zero; only those are judged by sign."],
            Chart = drawn.Length == 0 ? null : SeriesPanels.Make(
                [.. drawn.SelectMany(c => new[] { new PanelPoint(c.Name, "measured", c.Batch, c.LogRatio!.Value, Error: c.LogError ?? double.NaN), new PanelPoint(c.Name, "predicted", c.Batch, c.Predicted!.Value) })],
                new PanelAxis("batch size", true), new PanelAxis("ln ratio of tuned losses", Own: true), lines: true,
                $"Predicted and measured gaps against the batch size, a panel a comparison. {Headline(backtest)}", "Bars: 95% of what was measured. Every panel has a scale of its own."),
            TableOpen = true,
            Table = new Table("one row per comparison and batch size",
                [new("comparison"), new("batch", true), new("predicted", true, "ln ratio of the tuned losses"), new("measured gap", true), new("ln ratio", true), new("decided"), new("sign"), new("in interval")],
                [.. backtest.Cells.Select(c => new Row(c.Name, new Cell(NumberText.Count(c.Batch), c.Batch), Signed(c.Predicted), Signed(c.Measured), Signed(c.LogRatio), c.Decided ? "yes" : "no", Word(c.SignRight, "right", "wrong"), Word(c.Covered, "yes", "no")))]),
            Provenance = from,
        };
        yield return new Section
        {
            Id = "backtest-crossovers" + suffix,
            Title = "Predicted against measured crossovers" + of,
            TableOpen = true,
            Table = new Table("one row per comparison",
                [new("comparison"), new("predicted B*", true), new("measured B*", true), new("determined"), new("log₂ error", true), new("in interval")],
                [.. backtest.Crossovers.Select(c => new Row(c.Name, Short(c.Predicted), Short(c.Measured), c.Determined ? "yes" : "no", Signed(c.Log2Error), Word(c.Covered, "yes", "no")))]),
            Provenance = from,
        };
    }

    private static string Share(int part, int of) => of == 0 ? "0 of 0" : $"{part} of {of}";

    private static Cell Signed(double? value) => value is { } v ? new Cell(NumberText.Signed(v), v) : new Cell(NumberText.None, null, "muted");

    private static Cell Short(double? value) => value is { } v ? new Cell(NumberText.Short(v), v) : new Cell(NumberText.None, null, "muted");

    private static Cell Word(bool? value, string yes, string no) => value is { } v ? v ? yes : no : new Cell(NumberText.None, null, "muted");
}
