// What is known of the loss along one optimizer's update: slope, curvature, its shares, or why there is none.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Whether a direction could be measured.</summary>
internal enum DirectionStatus
{
    Measured,

    /// <summary>The update is zero: it has no direction.</summary>
    ZeroUpdate,

    /// <summary>The point, the update, or a derivative is NaN or infinite.</summary>
    NonFinite,
}

/// <summary>A part of vᵀHv. Over a partition, Diagonal + Cross add up to the total.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Diagonal">v_bᵀH_bb v_b.</param>
/// <param name="Cross">v_bᵀ(Hv)_b − v_bᵀH_bb v_b: half of what the block has with all others, counted once for each side.</param>
/// <param name="Norm">‖v_b‖², adding up to 1.</param>
internal sealed record LayerShare(string Name, Estimate Diagonal, Estimate Cross, double Norm);

/// <summary>The part of vᵀHv from targets of one class: vᵀ∇²f_c v, f_c the sum over the class's targets divided by the number of
/// all.</summary>
internal sealed record ClassShare(int Class, double Share, Estimate Sharpness);

/// <summary>Along v = Δ/‖Δ‖₂. Errors are standard errors over the batches; NaN from one.</summary>
internal sealed record DirectionMeasure
{
    /// <summary>The optimizer.</summary>
    public required string Name { get; init; }
    public required DirectionStatus Status { get; init; }

    /// <summary>‖Δ‖₂.</summary>
    public double Length { get; init; } = double.NaN;

    /// <summary>gᵀv; negative is downhill.</summary>
    public Estimate Slope { get; init; } = new(double.NaN, double.NaN);

    /// <summary>gᵀv/‖g‖ of the mean gradient.</summary>
    public double Cosine { get; init; } = double.NaN;

    /// <summary>vᵀHv, the directional sharpness.</summary>
    public Estimate Sharpness { get; init; } = new(double.NaN, double.NaN);

    /// <summary>vᵀHv / vᵀDv, D = diag(√v̂ + ε) of the Adam that shares the trajectory; null without one.</summary>
    public Estimate? Preconditioned { get; init; }

    /// <summary>(∇f(θ+hv) − ∇f(θ−hv))ᵀv/2h; null when not asked for.</summary>
    public double? FiniteDifference { get; init; }

    /// <summary>(f(θ+hv) − 2f(θ) + f(θ−hv))/h², from losses alone; null when not asked for.</summary>
    public double? ForwardOnly { get; init; }
    public IReadOnlyList<LayerShare> Layers { get; init; } = [];
    public IReadOnlyList<ClassShare> Classes { get; init; } = [];
}
