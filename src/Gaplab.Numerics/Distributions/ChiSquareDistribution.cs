// The quantile of χ²: what the spread of a few seeds says of the true spread.
namespace Gaplab.Numerics.Distributions;

/// <summary>The sum of ν squared standard normals.</summary>
public static class ChiSquareDistribution
{
    /// <summary>The value below which it falls with the given probability.</summary>
    public static double Quantile(double degrees, double probability) =>
        MathNet.Numerics.Distributions.ChiSquared.InvCDF(degrees, probability);
}
