// The region around a minimum whose boundary a path must cross.
namespace Gaplab.Theory.Escape;

/// <summary>An open set that holds its minimum at the origin: every point is a displacement from it.</summary>
public interface IBasin
{
    /// <summary>Number of coordinates.</summary>
    int Dimension { get; }

    /// <summary>Whether the displacement lies inside.</summary>
    bool Contains(ReadOnlySpan<double> x);

    /// <summary>inf {t &gt; 0 : t·direction ∉ Ω}: the distance to the boundary in units of the direction's length; +∞ where the ray never
    /// leaves.</summary>
    double Reach(ReadOnlySpan<double> direction);
}
