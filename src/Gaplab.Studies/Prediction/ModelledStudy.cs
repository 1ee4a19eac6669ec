// A study in the gap model's terms: its optimizers, schedule, budget and batch sizes.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Theory.GapModel;

namespace Gaplab.Studies.Prediction;

/// <summary>What of a study the gap model can compute; weight decay it leaves out, and the clip of Adam, whose steps have the size of the
/// learning rate anyway.</summary>
internal static class ModelledStudy
{
    /// <summary>An optimizer of the study as candidates: one for each momentum, or pair of betas, that is tried.</summary>
    /// <exception cref="InputException">No such optimizer, or one without a recursion.</exception>
    public static IReadOnlyList<ModelledOptimizer> Optimizer(StudySpec study, string name)
    {
        ArgumentNullException.ThrowIfNull(study);
        OptimizerChoice choice = study.Optimizer(name);
        OptimizerSpec spec = choice.Template;
        IReadOnlyList<double> betas = study.Grid.Betas;
        if (study.Grid.HalfLives.Count > 0)
            throw new InputException(
                "the study's averages depend on the batch size (grid.half-life), which the gap model has no form for; give fixed momenta "
                    + "and betas to predict it"
            );
        return spec.Kind switch
        {
            "sgd" when !spec.Nesterov =>
            [
                .. (betas.Count > 0 ? betas : choice.Momenta).Select(m => new HeavyBall(
                    m,
                    spec.ClipNorm > 0 ? spec.ClipNorm : double.PositiveInfinity
                )),
            ],
            "adam" or "adamw" => betas.Count > 0
                ? [.. betas.Select(b => new AdamClosure(b, b, spec.Epsilon))]
                : [.. choice.Beta1s.SelectMany(b1 => choice.Beta2s.Select(b2 => new AdamClosure(b1, b2, spec.Epsilon)))],
            "signum" when choice.Momenta is [0] => [new SignClosure()],
            _ => throw new InputException(
                $"the gap model has no recursion for '{name}' ({spec.Kind}{(spec.Nesterov ? " with Nesterov's momentum" : "")}); expected "
                    + $"sgd, adam, adamw or signum without momentum: name two with --pair"
            ),
        };
    }

    /// <summary>The budget in steps or samples.</summary>
    public static Theory.GapModel.Budget Budget(StudySpec study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return study.Budget.Unit switch
        {
            "steps" => new(study.Budget.Amount, null),
            "tokens" => new(null, study.Budget.Amount / study.Task.Context),
            _ => new(null, study.Budget.Amount),
        };
    }
}
