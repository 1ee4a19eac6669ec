// Why a step changes the loss: the measured change, its slope and curvature terms, and what the best step along it would do.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Whether a best step along a direction exists.</summary>
internal enum StepVerdict
{
    /// <summary>Downhill and convex: the second-order model has a minimum.</summary>
    Convex,

    /// <summary>vᵀHv ≤ 0: the model falls without end, so no step is best.</summary>
    NonConvexDirection,

    /// <summary>gᵀv ≥ 0: the step climbs.</summary>
    Uphill,

    /// <summary>There is no direction: a zero or non-finite update.</summary>
    Undefined,
}

/// <summary>f(θ+Δ) − f(θ) = gᵀΔ + ½ΔᵀHΔ + remainder, all of one evaluation set (theory D1 with Δ = −ηu).</summary>
/// <param name="Change">f(θ+Δ) − f(θ), with the standard error of the batches' differences.</param>
/// <param name="Linear">gᵀΔ.</param>
/// <param name="Quadratic">½ΔᵀHΔ.</param>
/// <param name="Verdict">Whether the next two exist.</param>
/// <param name="BestStep">−gᵀv/vᵀHv, the length along v, in units of ‖θ‖'s own; NaN unless convex. Divide by ‖Δ‖ for the factor on the step
/// taken.</param>
/// <param name="BestDecrease">(gᵀv)²/(2vᵀHv), what that step would gain in the second-order model; NaN unless convex.</param>
internal sealed record Attribution(
    Estimate Change,
    double Linear,
    double Quadratic,
    StepVerdict Verdict,
    double BestStep,
    double BestDecrease
)
{
    /// <summary>What third and higher orders do.</summary>
    public double Remainder => Change.Value - Linear - Quadratic;

    /// <param name="measure">Slope and curvature along v.</param>
    /// <param name="change">The measured change of the loss over the whole Δ.</param>
    public static Attribution Of(DirectionMeasure measure, Estimate change)
    {
        ArgumentNullException.ThrowIfNull(measure);
        double slope = measure.Slope.Value,
            curvature = measure.Sharpness.Value,
            length = measure.Length;
        StepVerdict verdict =
            measure.Status != DirectionStatus.Measured ? StepVerdict.Undefined
            : slope >= 0 ? StepVerdict.Uphill
            : curvature <= 0 ? StepVerdict.NonConvexDirection
            : StepVerdict.Convex;
        bool best = verdict == StepVerdict.Convex;
        return new Attribution(
            change,
            slope * length,
            0.5 * curvature * length * length,
            verdict,
            best ? -slope / curvature : double.NaN,
            best ? slope * slope / (2 * curvature) : double.NaN
        );
    }
}
