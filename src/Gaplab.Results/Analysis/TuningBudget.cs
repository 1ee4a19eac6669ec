// The tuning budget an optimizer had: how much was tried for it.
namespace Gaplab.Results.Analysis;

/// <summary>What was tried for one optimizer at one batch size.</summary>
/// <param name="LearningRates">Distinct learning rates.</param>
/// <param name="Momenta">Distinct combinations of momentum, β₂ and whatever else is varied (1 when nothing is).</param>
/// <param name="Seeds">Seeds common to every trial, the ones used.</param>
/// <param name="Runs">Runs of every status.</param>
public sealed record TuningBudget(
    string Optimizer,
    long Batch,
    int LearningRates,
    int Momenta,
    int Seeds,
    int Runs,
    int Diverged,
    int Missing
);
