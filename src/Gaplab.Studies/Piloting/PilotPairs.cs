// The pairs that a pilot predicts, as its efficiency model sees them.
using System.Text.Json;
using Gaplab.Learning.Data;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Results.Store;
using Gaplab.Theory.Efficiency;

namespace Gaplab.Studies.Piloting;

/// <summary>Contexts and cells of the efficiency model.</summary>
internal static class PilotPairs
{
    // 1/(1 − β₂) of what never forgets: more steps than any run has.
    private const double EndlessBeta2 = 1 - 1e-9;

    // Of what another β₂ was measured to have: it was run with the same seeds and data, so that half of its error is the pair's own.
    private const double SiblingWeight = 0.5;

    /// <summary>Which priors the model has: an id of their numbers.</summary>
    public static string Priors { get; } = ContentId.Of(JsonSerializer.Serialize(new EfficiencyPriors()));

    /// <summary>What is known of a pair before any run.</summary>
    /// <param name="design">Of the comparison.</param>
    /// <param name="pair">One of its pairs.</param>
    /// <param name="task">Its data.</param>
    public static EfficiencyContext ContextOf(PilotDesign design, (PilotSide First, PilotSide Second) pair, ITask task)
    {
        StudySpec study = design.Study;
        return new EfficiencyContext
        {
            First = MemoryOf(pair.First),
            Second = MemoryOf(pair.Second),
            Samples = study.Budget.Unit == "tokens" ? study.Budget.Amount / study.Task.Context : study.Budget.Amount,
            Batches = [.. study.Grid.Batches.Select(b => (double)b)],
            Floor = task.EntropyRate ?? 0,
            ClassFrequencies = FrequenciesOf(task),
        };
    }

    /// <summary>What an optimizer remembers of past gradients.</summary>
    public static GradientMemory MemoryOf(PilotSide side)
    {
        OptimizerSpec spec = side.Template;
        return side.Kind.Memory switch
        {
            StepMemory.SecondMoment => new GradientMemory.SecondMoment(
                side.Kind.Keys.Contains(OptimizerKey.Beta1) ? spec.Beta1 : 0,
                side.Kind.Forgetting(spec)
            ),
            StepMemory.Sign => side.Kind.Keys.Contains(OptimizerKey.Beta2)
                ? new GradientMemory.SignOfAverage(spec.Beta1, spec.Beta2)
                : new GradientMemory.SignOfAverage(side.Kind.Forgetting(spec)),
            StepMemory.Endless => new GradientMemory.SecondMoment(side.Kind.FirstMoment(spec), EndlessBeta2),
            _ => new GradientMemory.Unscaled(),
        };
    }

    /// <summary>Of the classes that occur; null where there are none to count.</summary>
    private static double[]? FrequenciesOf(ITask task)
    {
        // A sample of a sequence holds many targets, which the penalty of the output layer counts as one.
        if (task.Context != 1 || TargetCounts.Of(task) is not { } counts)
            return null;
        double[] present = [.. counts.Where(c => c > 0)];
        double total = present.Sum();
        return present.Length < 2 ? null : [.. present.Select(c => c / total)];
    }

    /// <summary>The tuned losses of a pair; of several seeds their mean. Other β₂ of one of its optimizers tell of its curve too.</summary>
    public static IReadOnlyList<PilotCell> Cells(IReadOnlyList<PilotFound> found, (PilotSide First, PilotSide Second) pair) =>
        [
            .. Of(found, pair.First, PairSide.First),
            .. Siblings(found, pair.First, PairSide.First),
            .. Of(found, pair.Second, PairSide.Second),
            .. Siblings(found, pair.Second, PairSide.Second),
        ];

    private static IEnumerable<PilotCell> Siblings(IReadOnlyList<PilotFound> found, PilotSide own, PairSide as_)
    {
        if (MemoryOf(own) is not GradientMemory.SecondMoment { Shortness: > 0 } memory)
            return [];
        return found
            .Select(f => f.Side)
            .Distinct()
            .Where(s => s != own && s.Optimizer == own.Optimizer)
            .Select(s => (Side: s, Memory: MemoryOf(s) as GradientMemory.SecondMoment))
            .Where(s => s.Memory is { Shortness: > 0 } other && other.Beta1 == memory.Beta1)
            .SelectMany(s =>
                Of(found, s.Side, as_)
                    .Select(c => c with { LogShortness = Math.Log(s.Memory!.Shortness / memory.Shortness), Weight = SiblingWeight })
            );
    }

    private static IEnumerable<PilotCell> Of(IReadOnlyList<PilotFound> found, PilotSide side, PairSide as_) =>
        found
            .Where(f => f.Side == side && f.Cell.Loss is not null)
            .GroupBy(f => (f.Cell.Batch, f.Cell.Samples))
            .OrderBy(g => g.Key.Samples)
            .ThenBy(g => g.Key.Batch)
            .Select(g =>
            {
                double[] losses = [.. g.Select(f => f.Cell.Loss!.Value)];
                double mean = losses.Average();
                double? error =
                    losses.Length < 2 ? null : Math.Sqrt(losses.Sum(l => (l - mean) * (l - mean)) / (losses.Length - 1) / losses.Length);
                return new PilotCell(as_, g.Key.Batch, g.Key.Samples, mean, error, losses.Length);
            });
}
