// Whether the order of a panel's values means anything.
namespace Gaplab.Numerics.Tails;

/// <summary>What the order of the values is: most files of plain values are in no order, or in one that somebody sorted them
/// into.</summary>
public enum TailOrder
{
    /// <summary>Plain values in any order: whatever it is, the panel is the same. They are taken in a shuffled order, resampled one by one,
    /// and nothing is said of dependence or drift.</summary>
    Set,

    /// <summary>One value after the other: blocks of neighbours are summed and resampled, and the control has their correlation and their
    /// scales along the way. Arrays [iterations, coordinates] are always read so.</summary>
    Series,
}
