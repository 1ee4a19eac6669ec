// The priors of the efficiency model: what is believed of a comparison before its pilot.
namespace Gaplab.Theory.Efficiency;

/// <summary>A normal distribution of a parameter, or of its logarithm where the parameter is positive.</summary>
public readonly record struct NormalPrior(double Mean, double Deviation)
{
    public double At(double z) => Mean + Deviation * z;
}

/// <summary>Means and standard deviations; docs/predict.md says what each parameter means. They are
/// those fitted on tables of development by EfficiencyPriorSpecs, to two digits; Base, LeadTail, LeadDrift, NoMemory and NoiseDegrees were
/// set by hand.</summary>
public sealed record EfficiencyPriors
{
    /// <summary>ln of the second optimizer's loss above the floor at N, where neither steps nor memory are short, in units of the
    /// scale.</summary>
    public NormalPrior Base { get; init; } = new(0, 1);

    /// <summary>ln α: the loss above the floor falls as n^−α.</summary>
    public NormalPrior LengthExponent { get; init; } = new(-1.36, 0.81);

    /// <summary>g₀ at N where the second optimizer scales coordinates and the first does not: ln of the ratio of losses above the floor;
    /// with tails as <see cref="LeadTail"/> says.</summary>
    public NormalPrior Lead { get; init; } = new(0.032, 0.076);

    /// <summary>c of m + w·sinh(cz)/c: how far the tails of <see cref="Lead"/> exceed a normal's.</summary>
    public double LeadTail { get; init; } = 0.8;

    /// <summary>ρ: g₀(n) = g₀(N)·(n/N)^−ρ + drift·ln(n/N).</summary>
    public NormalPrior LeadExponent { get; init; } = new(0.04, 0.41);

    /// <summary>The part of g₀ that may change its sign with the length.</summary>
    public NormalPrior LeadDrift { get; init; } = new(0, 0.02);

    /// <summary>ln of s_steps over −dL/d ln n.</summary>
    public NormalPrior StepsAmplitude { get; init; } = new(0.01, 0.94);

    /// <summary>ln of the first optimizer's B_o(N) over N.</summary>
    public NormalPrior StepsBatch { get; init; } = new(-4.77, 1.12);

    /// <summary>ln of B_o(N) of an optimizer that scales coordinates over that of one that does not.</summary>
    public NormalPrior StepsBatchRatio { get; init; } = new(0.27, 0.81);

    /// <summary>ln p.</summary>
    public NormalPrior StepsExponent { get; init; } = new(0.55, 0.43);

    /// <summary>q: B_o(n) = B_o(N)·(n/N)^q.</summary>
    public NormalPrior StepsLengthExponent { get; init; } = new(0.82, 0.63);

    /// <summary>Probability that there is no memory branch, where the output layer alone gives no relevant one.</summary>
    public double NoMemory { get; init; } = 0.5;

    /// <summary>ln of B_m over the batch size at which the output layer's penalty is s_mem·ln 2.</summary>
    public NormalPrior MemoryBatch { get; init; } = new(-0.32, 1.2);

    /// <summary>ln of s_mem over the second optimizer's loss above the floor at N.</summary>
    public NormalPrior MemoryAmplitude { get; init; } = new(0.05, 0.94);

    /// <summary>ln γ.</summary>
    public NormalPrior MemoryExponent { get; init; } = new(0.48, 0.31);

    /// <summary>B_m(n) = B_m(N)·(n/N)^−e.</summary>
    public NormalPrior MemoryLengthExponent { get; init; } = new(0.18, 0.48);

    /// <summary>ln of one seed's standard deviation over the loss above the floor.</summary>
    public NormalPrior Noise { get; init; } = new(-3.87, 0.76);

    /// <summary>ν₀: a cell's variance scatters about the common one as ν₀/χ²(ν₀).</summary>
    public double NoiseDegrees { get; init; } = 6;
}
