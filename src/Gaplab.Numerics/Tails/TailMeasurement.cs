// Measures the tail panel of a source: passes over its lines for the point estimates, then bootstrap, control and fits on what was kept.

using Gaplab.Numerics.Arrays;

namespace Gaplab.Numerics.Tails;

/// <summary>How a panel is measured.</summary>
public sealed record TailOptions
{
    /// <summary>Null: iterations for a list of values, pooled for an array.</summary>
    public TailAxis? Axis { get; init; }

    /// <summary>Null: nothing of values that lie on one side of 0; else the median for a list of values, each coordinate's mean for an
    /// array.</summary>
    public TailCentre? Centre { get; init; }

    /// <summary>Null: a list of values is a set, an array a series of iterations.</summary>
    public TailOrder? Order { get; init; }

    /// <summary>Values kept for bootstrap and control.</summary>
    public int Kept { get; init; } = 1 << 16;

    /// <summary>Bootstrap resamples, of a series in moving blocks; 0 for none.</summary>
    public int Resamples { get; init; } = 200;

    /// <summary>Draws of the negative control; 0 for none.</summary>
    public int ControlDraws { get; init; } = 20;

    /// <summary>Values for goodness of fit; 0 for none.</summary>
    public int FitValues { get; init; } = 4096;

    /// <summary>Bootstrap samples of each fit.</summary>
    public int FitResamples { get; init; } = 99;

    public long Seed { get; init; } = 1;

    /// <summary>What is measured, for the reader.</summary>
    public string Name { get; init; } = "values";
}

/// <summary>The tail panel, from a source of any size. Memory: the sample's bins, the kept values and at most a few numbers for each of
/// 4,194,304 coordinates; of more, evenly spread ones are taken.</summary>
public static class TailMeasurement
{
    /// <summary>Fewer values make no panel.</summary>
    public const int FewestValues = 100;

    /// <exception cref="InputException">Too few values, a value that is not finite, no spread, or an array that is called a
    /// set.</exception>
    public static TailPanel Measure(ITailSource source, TailOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new TailOptions();
        TailAxis axis = options.Axis ?? (source.Coordinates == 1 ? TailAxis.Iterations : TailAxis.Pooled);
        TailOrder order = options.Order ?? (source.Coordinates == 1 ? TailOrder.Set : TailOrder.Series);
        if (order == TailOrder.Set && source.Coordinates > 1)
            throw new InputException(
                $"an array of {source.Iterations} iterations of {source.Coordinates} coordinates is called a set; only plain values are "
                    + $"one: its rows follow each other"
            );
        TailReading reading = TailPasses.Read(source, axis, order, options.Centre, options.Kept);
        return TailPanelBuilder.Build(reading, options with { Axis = axis, Order = order }, source);
    }

    /// <summary>The panel of a list of values in memory.</summary>
    public static TailPanel Measure(ReadOnlyMemory<double> values, TailOptions? options = null) =>
        Measure(new MemoryTailSource<double>(values), options);

    /// <summary>Point estimates and analytic intervals alone, of a list of values in memory: no bootstrap, control or fit.</summary>
    public static IReadOnlyList<TailEstimate> Estimates<T>(
        ReadOnlyMemory<T> values,
        TailOrder order = TailOrder.Set,
        TailCentre? centre = null
    )
        where T : unmanaged
    {
        TailReading reading = TailPasses.Read(new MemoryTailSource<T>(values), TailAxis.Iterations, order, centre, 1);
        return
        [
            .. TailEstimators
                .All.Where(e => !reading.Magnitudes || !e.NeedsSigns)
                .Select(e => e.Estimate(reading.Data))
                .OfType<TailEstimate>(),
        ];
    }
}

/// <summary>What the passes over a source leave.</summary>
/// <param name="Magnitudes">The values lie on one side of 0 and nothing was subtracted: estimators that need signs about a centre do not
/// apply.</param>
/// <param name="Sorted">Kept coordinates that rise or fall all along, as in a sorted file; 0 of a set.</param>
internal sealed record TailReading(
    TailData Data,
    KeptSample Kept,
    long Used,
    long UsedCoordinates,
    long UsedIterations,
    bool Magnitudes,
    int Sorted
)
{
    public TailCentre Centre { get; init; }

    public string CentreReason { get; init; } = "";
}
