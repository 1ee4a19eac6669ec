// What a chart of panels is made of: its points and its axes.
namespace Gaplab.Results.Report.Charts;

/// <summary>One point of a chart of panels.</summary>
/// <param name="Pale">Drawn in the colour of its series, fainter, and joined apart: the clipped twin of an optimizer.</param>
/// <param name="Error">Half the length of its error bar; NaN or 0 is none.</param>
public sealed record PanelPoint(string Panel, string Series, double X, double Y, bool Pale = false, double Error = double.NaN)
{
    /// <summary>What theory says of the series: a dashed line behind what was measured, which then is points alone.</summary>
    public bool IsTheory { get; init; }

    /// <summary>The ends of an interval that need not be symmetric, in place of <see cref="Error"/>.</summary>
    public (double Low, double High)? Interval { get; init; }

    /// <summary>The ends of its bar; null without one.</summary>
    internal (double Low, double High)? Bar => Interval ?? (Error > 0 ? (Y - Error, Y + Error) : null);
}

/// <summary>An axis: its title, and whether it is logarithmic.</summary>
/// <param name="Own">Every panel has a range of its own, which holds its error bars too; for cases of different units or orders.</param>
public sealed record PanelAxis(string Title, bool Logarithmic = false, (double Low, double High)? Range = null, bool Own = false)
{
    /// <summary>The range of a panel by its name; null: the usual one for all.</summary>
    public Func<string, (double Low, double High)>? RangeOf { get; init; }

    /// <summary>Where its labels stand; null: wherever there is room.</summary>
    public IReadOnlyList<double>? Ticks { get; init; }

    /// <summary>Of a vertical axis with two sides: whose is below zero, and whose above. A line is drawn at zero.</summary>
    public (string Below, string Above)? Sides { get; init; }

    /// <summary>A place on a horizontal axis that is told, such as a crossover.</summary>
    public (double At, string Label)? Mark { get; init; }

    /// <summary>Of batch sizes: logarithmic to base 2, labelled where a batch size is.</summary>
    public static PanelAxis Batches(IEnumerable<double> batches) =>
        new("batch size B (log₂ scale)", Logarithmic: true) { Ticks = [.. batches.Distinct().Order()] };

    /// <summary>Of gaps between two optimizers, positive where the second is ahead.</summary>
    public static PanelAxis Gap(string first, string second, string title) => new(title) { Sides = (first, second) };
}
