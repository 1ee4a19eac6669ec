// An arm: what has one tuned learning rate, that is one optimizer at one batch size with one choice of momentum.
using Gaplab.Learning.Specs;
using Gaplab.Results.Analysis;

namespace Gaplab.Studies.Planning;

/// <summary>One optimizer, batch size and momentum of a study, with the learning rates it starts from.</summary>
public sealed record Arm
{
    /// <summary>"sgd/B=64" or "sgd/B=64/beta=0.9", after the comparison's name where the study has several: unique within a
    /// study.</summary>
    public required string Key { get; init; }

    /// <summary>What it is compared within.</summary>
    public required PlannedComparison Comparison { get; init; }

    /// <summary>The optimizer's name in the study.</summary>
    public required string Optimizer { get; init; }
    public required int Batch { get; init; }

    /// <summary>"", "beta=0.9", "half-life=1024", "momentum=0.9" or "beta1=0.9,beta2=0.95": what of the momentum is varied in the
    /// study.</summary>
    public required string Variant { get; init; }

    /// <summary>The first-moment coefficient: momentum, or Adam's β₁; 0 for a rule without either, null where this program does not have
    /// the kind and the study does not vary it.</summary>
    public required double? Momentum { get; init; }

    /// <summary>β₂ of a running mean of squared gradients; null for a rule without one, and where it is not known.</summary>
    public double? Beta2 { get; init; }

    /// <summary>What of <see cref="Variant"/> neither <see cref="Momentum"/> nor <see cref="Beta2"/> says.</summary>
    public string Other { get; init; } = "";

    /// <summary>The decays of its averages.</summary>
    public Moments Moments => new(Momentum, Beta2, Other.Length > 0 ? Other : null);

    /// <summary>The recipe with its momenta filled in; the learning rate is to come.</summary>
    public required OptimizerSpec Template { get; init; }

    /// <summary>The initial learning rates, ascending.</summary>
    public required IReadOnlyList<double> Rates { get; init; }
}
