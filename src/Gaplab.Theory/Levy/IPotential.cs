// A loss surface that paths move on.
namespace Gaplab.Theory.Levy;

/// <summary>A potential. Implementations may hold scratch space: each thread works on its own <see cref="Copy"/>. A trained network's loss
/// is one more implementation, made where networks are known.</summary>
public interface IPotential
{
    /// <summary>Number of coordinates.</summary>
    int Dimension { get; }

    double Value(ReadOnlySpan<double> x);

    /// <summary>Writes ∇F(x).</summary>
    void Gradient(ReadOnlySpan<double> x, Span<double> gradient);

    /// <summary>Moves x along dx = −∇F dt exactly, where a closed form is known; false (x untouched) where none is. With jumps of any size
    /// an explicit step may explode on a surface steeper than a quadratic.</summary>
    bool Flow(Span<double> x, double time) => false;

    /// <summary>One for another thread.</summary>
    IPotential Copy() => this;
}
