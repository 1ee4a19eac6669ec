// Constants of the stable laws' Lévy measures.
using MathNet.Numerics;

namespace Gaplab.Numerics.Stable;

/// <summary>Constants for laws of characteristic function exp(−|t|^α).</summary>
public static class StableConstants
{
    /// <summary>C_α of the symmetric law's Lévy density C_α|y|^{−1−α}: Γ(1+α) sin(πα/2)/π; 1/π at α = 1, 0 at α = 2. P(|X| &gt; x) ≈
    /// (2C_α/α) x^{−α}.</summary>
    public static double Levy(double alpha)
    {
        StableMap.CheckAlpha(alpha);
        return SpecialFunctions.Gamma(1 + alpha) * Math.Sin(Math.PI * Math.Min(alpha, 2 - alpha) / 2) / Math.PI;
    }

    /// <summary>M = E|⟨u, ω⟩|^α for a unit vector u and ω uniform on the sphere: Γ((1+α)/2) Γ(d/2) / (√π Γ((d+α)/2)).</summary>
    public static double SphereMoment(double alpha, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        return Math.Exp(
                SpecialFunctions.GammaLn((1 + alpha) / 2)
                    + SpecialFunctions.GammaLn(dimension / 2.0)
                    - SpecialFunctions.GammaLn((dimension + alpha) / 2)
            ) / Math.Sqrt(Math.PI);
    }

    /// <summary>C of the isotropic law's Lévy measure C ρ^{−1−α} dρ, ω uniform on the unit sphere: 2C_α/M.</summary>
    public static double Isotropic(double alpha, int dimension) => 2 * Levy(alpha) / SphereMoment(alpha, dimension);
}
