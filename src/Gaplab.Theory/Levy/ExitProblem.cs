// What an ensemble of paths simulates: where they move, under which noise and rule, and when they have left.
using Gaplab.Numerics;
using Gaplab.Theory.Escape;

namespace Gaplab.Theory.Levy;

/// <summary>A first-exit problem.</summary>
public sealed record ExitProblem
{
    public required IPotential Potential { get; init; }

    /// <summary>[d], the minimum from which displacements are measured.</summary>
    public required IReadOnlyList<double> Minimum { get; init; }

    /// <summary>The region of displacements that a path must leave. At a smooth saddle give the committed one, beyond it: paths linger at
    /// the saddle and come back.</summary>
    public required IBasin Region { get; init; }

    public required LevyNoise Noise { get; init; }

    public required StepRule Rule { get; init; }

    /// <summary>[d], where paths start; the minimum when null.</summary>
    public IReadOnlyList<double>? Start { get; init; }

    /// <summary>Steps of noise alone at the start, during which m and v reach their stationary law and x stays.</summary>
    public int WarmUp { get; init; }

    /// <summary>Paths that have not left by then are censored.</summary>
    public required long MaxSteps { get; init; }

    /// <summary>Refuses what fits together badly.</summary>
    /// <exception cref="InputException">Dimensions that differ, or a start outside the region.</exception>
    public void Check()
    {
        int d = Potential.Dimension;
        if (Noise.Dimension != d || Region.Dimension != d || Minimum.Count != d || (Start is not null && Start.Count != d))
            throw new InputException(
                $"the potential has {d} coordinates, the noise {Noise.Dimension}, the basin {Region.Dimension}, the minimum "
                    + $"{Minimum.Count}{(Start is null ? "" : $", the start {Start.Count}")}; expected as many everywhere"
            );
        if (Rule.Frozen.Count > 1 && Rule.Frozen.Count != d)
            throw new InputException(
                $"the frozen preconditioner has {Rule.Frozen.Count} values for {d} coordinates; expected one, or one each"
            );
        if (!Region.Contains([.. (Start ?? Minimum).Zip(Minimum, (s, m) => s - m)]))
            throw new InputException("the start lies outside the basin; expected it inside");
        if (MaxSteps < 1)
            throw new InputException($"the step limit is {MaxSteps}; expected at least 1");
    }
}

/// <summary>One path's end.</summary>
/// <param name="Steps">Steps until it was first seen outside, or the limit.</param>
/// <param name="Exited">False: censored at the limit.</param>
/// <param name="Diverged">It left by running off to infinity (an explicit step on a surface steeper than a quadratic).</param>
public readonly record struct PathEnd(long Steps, bool Exited, bool Diverged = false);
