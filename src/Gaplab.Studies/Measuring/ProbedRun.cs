// A tuned run with the points at which probes measured it: those that were asked for, or those that its store holds.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <param name="Recipes">The optimizer that moves, then those that went along.</param>
/// <param name="Points">Of a probe by its name, ascending: the step, and where in the run it lies.</param>
internal sealed record ProbedRun(
    Arm Arm,
    PlannedRun Run,
    IReadOnlyList<OptimizerSpec> Recipes,
    Func<string, IReadOnlyList<(long Step, double Fraction)>> Points
)
{
    /// <summary>The runs of packs that were measured, in the plan's order.</summary>
    public static IReadOnlyList<ProbedRun> Of(StudyResults results, IReadOnlyList<PackSpec> packs)
    {
        var probed = packs
            .SelectMany(p => p.Runs.Where(r => p.ProbedRuns!.Contains(r.Id)).Select(r => (r.Id, Probes: p.Probes!)))
            .ToDictionary(p => p.Id, p => p.Probes);
        return
        [
            .. from tuned in results.TunedRuns()
            where probed.ContainsKey(tuned.Run.Id)
            let probes = probed[tuned.Run.Id]
            select new ProbedRun(
                tuned.Arm,
                tuned.Run,
                [tuned.Run.Spec.Optimizer, .. probes.Shadows],
                name => Asked(probes, name, tuned.Run)
            ),
        ];
    }

    /// <summary>The tuned runs of a store that hold files of any of some probes. What went along is taken to be SGD and Adam as tuned at
    /// the same batch size, as gaplab noise has it.</summary>
    public static IReadOnlyList<ProbedRun> OfStore(StudyResults results, IReadOnlyList<string> probes)
    {
        var found = new List<ProbedRun>();
        foreach ((Arm arm, PlannedRun run) in results.TunedRuns())
        {
            RunFolder folder = results.Store.Run(run.Id);
            if (!probes.Any(p => folder.ProbeSteps(p).Count > 0))
                continue;
            IEnumerable<OptimizerSpec> tuned = results
                .Decisions()
                .Where(d => ReferenceEquals(d.Arm.Comparison, arm.Comparison) && d.Arm.Batch == arm.Batch && d.Decision.Best is not null)
                .Where(d => d.Arm.Optimizer is "sgd" or "adam")
                .Select(d => d.Arm.Template with { Name = d.Arm.Optimizer, LearningRate = d.Decision.Best!.Value })
                .DistinctBy(recipe => recipe.Name);
            found.Add(new ProbedRun(arm, run, [run.Spec.Optimizer, .. tuned], name => Held(results, name, run)));
        }
        return found;
    }

    private static long Steps(PlannedRun run) => run.Spec.Budget.Steps(run.Spec.Batch, run.Spec.Task.Context);

    private static (long, double)[] Asked(ProbesSpec probes, string name, PlannedRun run)
    {
        long steps = Steps(run);
        return
        [
            .. ProbeCatalogue
                .BuiltIn.StepsOf(probes, name, steps)
                .Select(step =>
                    (
                        step,
                        probes
                            .At.Where(f => Math.Min(steps - 1, (long)Math.Floor(f * steps)) == step)
                            .DefaultIfEmpty(TunedPoints.FractionOf(step, steps))
                            .First()
                    )
                ),
        ];
    }

    // Of one question: the one that most of the files answer.
    private static (long, double)[] Held(StudyResults results, string name, PlannedRun run) =>
        [
            .. ProbeFiles
                .Steps(results.Store.Run(run.Id), name, results.Store.Tell)
                .GroupBy(f => f.Key)
                .OrderByDescending(g => g.Count())
                .Take(1)
                .SelectMany(g => g)
                .Select(f => (f.Step, TunedPoints.FractionOf(f.Step, Steps(run)))),
        ];
}
