// Along which axis of [iterations, coordinates] the values of a panel are taken.
namespace Gaplab.Numerics.Tails;

/// <summary>What is called "the noise": the same array reads differently along each axis, so a panel always says which.</summary>
public enum TailAxis
{
    /// <summary>Iterations of one coordinate: blocks lie inside a coordinate; for the other estimators each coordinate is divided by its
    /// geometric scale exp(mean log|x|), so that unequal scales do not mix.</summary>
    Iterations,

    /// <summary>Coordinates of one iteration: blocks lie inside a row; each row is divided by its geometric scale.</summary>
    Coordinates,

    /// <summary>Everything as it is, blocks inside rows: what the papers on gradient noise read.</summary>
    Pooled,

    /// <summary>The Euclidean norm of each row; only the estimators of extremes apply.</summary>
    Norm,
}

/// <summary>What is subtracted first.</summary>
public enum TailCentre
{
    /// <summary>Nothing: the values are noise already.</summary>
    None,

    /// <summary>The mean of all values.</summary>
    Mean,

    /// <summary>The median of all values.</summary>
    Median,

    /// <summary>Each coordinate's mean over the iterations.</summary>
    Coordinate,
}
