// What an escape study asks: minima, and the cases to simulate and predict.
using Gaplab.Theory.Escape;
using Gaplab.Theory.Levy;

namespace Gaplab.Studies.Escape;

/// <summary>A named minimum: its surface, its basin at width 1 and the noise that acts in it.</summary>
/// <param name="Basin">Of a width.</param>
/// <param name="Region">What a path must leave, of a width: the basin, or beyond a smooth saddle the committed region.</param>
/// <param name="Noise">Of an α.</param>
/// <param name="Curvatures">The diagonal of its Hessian.</param>
public sealed record EscapeMinimum(
    string Name,
    IPotential Potential,
    IReadOnlyList<double> Minimum,
    Func<double, IBasin> Basin,
    Func<double, IBasin> Region,
    Func<double, LevyNoise> Noise,
    IReadOnlyList<double> Curvatures
);

/// <summary>One point of the sweep.</summary>
/// <param name="Matching">How Adam's ε follows from SGD's; null where the two are the same.</param>
public sealed record EscapeCase(
    string Experiment,
    EscapeMinimum Minimum,
    string Algorithm,
    double Alpha,
    double Epsilon,
    double Width,
    Matching? Matching
);

/// <summary>An escape study.</summary>
public sealed record EscapeSpec
{
    /// <summary>Names of the algorithms.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = ["sgd", "momentum", "adam", "adam-no-preconditioner", "adam-no-average"];

    public required string Name { get; init; }

    public string Question { get; init; } = "";

    public required IReadOnlyList<EscapeCase> Cases { get; init; }

    /// <summary>Whether SDEs are simulated (ε is the noise) or the algorithms themselves (ε is the learning rate).</summary>
    public required bool Sde { get; init; }

    /// <summary>dt of the SDEs.</summary>
    public double Step { get; init; }

    public double Momentum { get; init; }

    public double Beta1 { get; init; }

    public double Beta2 { get; init; }

    public bool LivePreconditioner { get; init; }

    /// <summary>Fixed preconditioner; empty: the noise scales.</summary>
    public IReadOnlyList<double> Frozen { get; init; } = [];

    public bool NoisePastAverage { get; init; }

    public required EnsembleOptions Ensemble { get; init; }

    /// <summary>Paths are censored after so many predicted means.</summary>
    public double LimitMeans { get; init; }

    /// <summary>And never run longer than so many steps.</summary>
    public long MostSteps { get; init; }

    /// <summary>A start other than the minimum, as a displacement from it; empty: the minimum.</summary>
    public IReadOnlyList<double> Start { get; init; } = [];
}
