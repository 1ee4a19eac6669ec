// The catalogue of tail estimators.
using Gaplab.Numerics.Tails.Estimators;

namespace Gaplab.Numerics.Tails;

/// <summary>The panel's estimators, in the order in which they are shown.</summary>
public static class TailEstimators
{
    public static IReadOnlyList<ITailEstimator> All { get; } =
    [
        new LogMomentEstimator(),
        new McCullochEstimator(),
        new PressEstimator(),
        new KoutrouvelisEstimator(),
        new HillEstimator(),
        new PickandsEstimator(),
        new MomentEstimator(),
        new ClausetEstimator(),
    ];

    /// <summary>How many order statistics the extreme-value estimators take by default: one in a hundred, at least 20 where there are as
    /// many.</summary>
    public static long DefaultTail(long count) => Math.Max(Math.Min(20, count / 8), count / 100);
}
