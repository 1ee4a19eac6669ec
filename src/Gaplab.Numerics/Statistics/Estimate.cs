// A number with its standard error.
namespace Gaplab.Numerics.Statistics;

/// <summary>An estimate and its standard error; an error of zero is exact up to rounding.</summary>
public readonly record struct Estimate(double Value, double StandardError);
