// A symmetric matrix known only by its products with vectors.
namespace Gaplab.Numerics.Linear;

/// <summary>Writes A·x into <paramref name="product"/>; A is symmetric, and both spans have its dimension.</summary>
public delegate void SymmetricOperator(ReadOnlySpan<double> x, Span<double> product);
