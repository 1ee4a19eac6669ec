// Measures the tail panel of a source: passes over its lines for the point estimates, then bootstrap, control and fits on what was kept.

namespace Gaplab.Numerics.Tails;

/// <summary>How a panel is measured.</summary>
public sealed record TailOptions
{
    /// <summary>Null: iterations for a list of values, pooled for an array.</summary>
    public TailAxis? Axis { get; init; }

    /// <summary>Null: the median for a list of values, each coordinate's mean for an array.</summary>
    public TailCentre? Centre { get; init; }

    /// <summary>Values kept for bootstrap and control.</summary>
    public int Kept { get; init; } = 1 << 16;

    /// <summary>Moving-block bootstrap resamples; 0 for none.</summary>
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

/// <summary>The tail panel, from a source of any size. Memory: the sample's bins, the kept values and at most a few numbers for each of 4,194,304 coordinates; of more, evenly spread ones are taken.</summary>
public static class TailMeasurement
{
    /// <summary>Fewer values make no panel.</summary>
    public const int FewestValues = 100;

    /// <exception cref="InputException">Too few values, a value that is not finite, or no spread.</exception>
    public static TailPanel Measure(ITailSource source, TailOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new TailOptions();
        TailAxis axis = options.Axis ?? (source.Coordinates == 1 ? TailAxis.Iterations : TailAxis.Pooled);
        TailCentre centre = options.Centre ?? (source.Coordinates == 1 ? TailCentre.Median : TailCentre.Coordinate);
        TailReading reading = TailPasses.Read(source, axis, centre, options.Kept);
        return TailPanelBuilder.Build(reading, options with { Axis = axis, Centre = centre }, source);
    }

    /// <summary>The panel of a list of values in memory.</summary>
    public static TailPanel Measure(ReadOnlyMemory<double> values, TailOptions? options = null) => Measure(new MemoryTailSource<double>(values), options);

    /// <summary>Point estimates and analytic intervals alone, of a list of values in memory: no bootstrap, control or fit.</summary>
    public static IReadOnlyList<TailEstimate> Estimates<T>(ReadOnlyMemory<T> values, TailCentre centre = TailCentre.Median) where T : unmanaged
    {
        TailReading reading = TailPasses.Read(new MemoryTailSource<T>(values), TailAxis.Iterations, centre, 1);
        return [.. TailEstimators.All.Select(e => e.Estimate(reading.Data)).OfType<TailEstimate>()];
    }
}

/// <summary>What the passes over a source leave.</summary>
internal sealed record TailReading(TailData Data, KeptSample Kept, long Used, long UsedCoordinates, long UsedIterations);
