// Directional sharpness of an update, and what the second-order model promises along it.
using Gaplab.Numerics.Linear;

namespace Gaplab.Theory.Sharpness;

/// <summary>At a point with gradient g and Hessian H, for an update direction u (the step is −ηu); theory.md D1.</summary>
/// <param name="Sharpness">vᵀHv, v = u/‖u‖₂.</param>
/// <param name="Alignment">cos(g, u) = gᵀv/‖g‖₂.</param>
/// <param name="Step">η* = gᵀu / uᵀHu; null where the direction is not convex or not one of descent.</param>
/// <param name="Decrease">(gᵀu)² / (2uᵀHu), the decrease at η*; null where there is no η*.</param>
internal sealed record DirectionalSharpness(double Sharpness, double Alignment, double? Step, double? Decrease)
{
    /// <exception cref="ArgumentException">u is zero: it has no direction.</exception>
    public static DirectionalSharpness Of(
        ReadOnlySpan<double> gradient,
        ReadOnlySpan<double> update,
        ReadOnlySpan<double> hessianTimesUpdate
    )
    {
        double norm2 = Dot(update, update),
            slope = Dot(gradient, update),
            curvature = Dot(update, hessianTimesUpdate);
        if (norm2 == 0)
            throw new ArgumentException("a zero update has no direction, so its sharpness is undefined", nameof(update));
        bool defined = slope > 0 && curvature > 0;
        return new(
            curvature / norm2,
            slope / Math.Sqrt(norm2 * Dot(gradient, gradient)),
            defined ? slope / curvature : null,
            defined ? slope * slope / (2 * curvature) : null
        );
    }

    internal static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}

/// <summary>A vector clipped at its top fraction, with what happened (theory.md D2).</summary>
/// <param name="Values">c.</param>
/// <param name="Threshold">τ.</param>
/// <param name="Rank">k: how many may lie above τ.</param>
/// <param name="Clipped">How many did, strictly.</param>
internal sealed record TopClipped(double[] Values, double Threshold, int Rank, int Clipped)
{
    /// <summary>By the definition alone: a threshold of 0 gives the zero vector, which whoever takes a step must refuse.</summary>
    public static TopClipped Of(ReadOnlySpan<double> update, double fraction)
    {
        double[] values = update.ToArray();
        int rank = TopThreshold.Rank(values.Length, fraction);
        double threshold = TopThreshold.LargestMagnitude<double>(values, rank);
        return new(values, threshold, rank, TopThreshold.Clip<double>(values, threshold));
    }
}
