// How many steps a run takes, and at which of them it is evaluated.
using Gaplab.Numerics;

namespace Gaplab.Learning.Training;

/// <summary>Steps of a run: max(1, ⌊amount / per step⌋).</summary>
public static class RunLength
{
    public static IReadOnlyList<string> Units { get; } = ["samples", "tokens", "steps"];

    /// <exception cref="InputException">An unknown unit or an amount below 1.</exception>
    public static long Steps(BudgetSpec budget, int batch, int context)
    {
        if (budget.Amount < 1) throw new InputException($"budget is {budget.Amount} {budget.Unit}; expected at least 1");
        return budget.Unit switch
        {
            "samples" => Math.Max(1, budget.Amount / batch),
            "tokens" => Math.Max(1, budget.Amount / ((long)batch * context)),
            "steps" => budget.Amount,
            _ => throw new InputException($"budget unit is '{budget.Unit}'; expected one of {string.Join(", ", Units)}"),
        };
    }

    public static long Steps(RunSpec spec) => Steps(spec.Budget, spec.Batch, spec.Task.Context);

    /// <summary>Whether the validation loss is measured after this many of all steps: at points spread evenly, the last one at the end.</summary>
    public static bool IsEvaluated(long taken, long steps, int points)
    {
        if (taken == steps) return true;
        if (points <= 0 || taken == 0) return false;
        // taken = ⌈i·steps/points⌉ for some i
        return taken * points / steps != (taken - 1) * points / steps;
    }

    /// <summary>Whether the training loss of this step is written: at most about 200 a run, evenly spread.</summary>
    public static bool IsLogged(long taken, long steps) => taken == steps || (taken - 1) % Math.Max(1, steps / 200) == 0;

    /// <summary>The steps "the last 1%" means: at least one.</summary>
    public static long TailSteps(long steps) => Math.Max(1, (long)Math.Ceiling(0.01 * steps - 1e-9));
}
