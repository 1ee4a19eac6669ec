// What is measured along a run without changing it: which probes, when, on what data, along whose updates.
namespace Gaplab.Learning.Specs;

/// <summary>When a probe measures.</summary>
public enum ProbeTimes
{
    /// <summary>At the fractions of the run that the study names.</summary>
    Points,

    /// <summary>At 21 evenly spaced fractions of the run, its start and end included.</summary>
    Along,

    /// <summary>Before the last update.</summary>
    End,
}

/// <summary>The probes of a study. No part of a run's identity: what is missing is counted per run and probe.</summary>
public sealed partial record ProbesSpec : IOwnKeys<ProbesSpec>
{
    /// <summary>Of the catalogue of probes, each once.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Only along the runs at the best learning rate of their group, after all of a study's training; else along every run while
    /// it trains.</summary>
    public bool TunedOnly { get; init; }

    /// <summary>Fractions of the run, each the step min(K−1, ⌊fraction·K⌋), before its update.</summary>
    public IReadOnlyList<double> At { get; init; } = [0, 0.1, 0.5, 1];

    /// <summary>Validation samples that are the loss of every probe, evenly spaced; 0 is all.</summary>
    public int Samples { get; init; } = 64;

    /// <summary>Samples a batch: the spread over batches is the error from sampling the data.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Sharpness by layer.</summary>
    public bool Layers { get; init; } = true;

    /// <summary>Sharpness by this many classes of target-token frequency; 0 is off.</summary>
    public int Classes { get; init; }

    /// <summary>Sharpness once more by finite differences of gradients and of losses.</summary>
    public bool CrossCheck { get; init; }

    /// <summary>Eigenpairs at each end of the spectrum.</summary>
    public int Eigenvalues { get; init; } = 3;

    /// <summary>Of which matrices: "hessian", "gauss-newton".</summary>
    public IReadOnlyList<string> Matrices { get; init; } = ["hessian"];

    /// <summary>Of which blocks of parameters: "all", "layers" (each layer by itself), or prefixes of names.</summary>
    public IReadOnlyList<string> Blocks { get; init; } = ["all"];

    /// <summary>Products of Lanczos at most, and the residual of a converged eigenpair relative to the largest |λ|.</summary>
    public int SpectrumProducts { get; init; } = 80;
    public double Tolerance { get; init; } = 1e-3;

    /// <summary>Products for the trace; 0 is none.</summary>
    public int TraceProducts { get; init; } = 30;

    /// <summary>Random start vectors of the spectral density, products of each, and points of its grid; 0 vectors is none.</summary>
    public int DensityProbes { get; init; } = 4;
    public int DensitySteps { get; init; } = 40;
    public int DensityPoints { get; init; } = 101;

    /// <summary>Points of the loss along a direction.</summary>
    public int LandscapePoints { get; init; } = 25;

    /// <summary>What the noise probes draw and keep; null is their defaults.</summary>
    public NoiseSpec? Noise { get; init; }

    /// <summary>Optimizers fed the run's gradients from its first step, which move nothing; names differ.</summary>
    public IReadOnlyList<OptimizerSpec> Shadows { get; init; } = [];

    /// <summary>Keys that kinds from outside have of their own.</summary>
    [OmittedAtDefault]
    public OwnKeys Own { get; init; } = OwnKeys.None;

    public ProbesSpec WithOwn(OwnKeys own) => this with { Own = own };

    /// <summary>The steps at which a probe of these times measures a run of <paramref name="steps"/> steps, ascending, each
    /// once.</summary>
    public IReadOnlyList<long> StepsOf(ProbeTimes times, long steps) =>
        times switch
        {
            ProbeTimes.Along => StepsOf([.. Enumerable.Range(0, AlongPoints).Select(i => i / (AlongPoints - 1.0))], steps),
            ProbeTimes.End => [steps - 1],
            _ => StepsOf(At, steps),
        };

    /// <summary>Those of <see cref="ProbeTimes.Points"/>.</summary>
    public IReadOnlyList<long> StepsOf(long steps) => StepsOf(ProbeTimes.Points, steps);

    private const int AlongPoints = 21;

    private static long[] StepsOf(IReadOnlyList<double> at, long steps) =>
        [.. at.Select(f => Math.Min(steps - 1, (long)Math.Floor(f * steps))).Distinct().Order()];
}
