// What a plan will cost: runs, steps, samples, memory and disk, estimated before anything starts.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Planning;

/// <summary>Costs of a plan. Counts of the first round are exact; what the sentinel adds is bounded; memory and disk are rough.</summary>
/// <param name="Packs">Packs of the first round.</param>
/// <param name="Runs">Runs of the first round.</param>
/// <param name="MostRuns">With every extension and the refinement of a wandering best: no more than this.</param>
/// <param name="Steps">Optimizer steps of the first round's runs together.</param>
/// <param name="Samples">Training samples of the first round's runs together.</param>
/// <param name="Tokens">Training tokens likewise.</param>
/// <param name="Parameters">P of one run.</param>
/// <param name="MemoryPerPack">Bytes, of the largest pack.</param>
/// <param name="Disk">Bytes that the store may grow to, if every run of <paramref name="MostRuns"/> happens.</param>
public sealed record PlanEstimate(
    int Packs,
    int Runs,
    int MostRuns,
    long Steps,
    long Samples,
    long Tokens,
    long Parameters,
    long MemoryPerPack,
    long Disk
)
{
    private const long ProcessBytes = 300L << 20; // the runtime and libtorch, before any tensor
    private const int RefinementsExpected = 4;
    private const double Slack = 1.3,
        TwiceDifferentiated = 3;

    public static PlanEstimate Of(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        IReadOnlyList<PackSpec> packs = plan.FirstRound();
        StudySpec study = plan.Study;
        int firstRuns = 0,
            most = 0;
        Int128 steps = 0,
            samples = 0,
            tokens = 0;
        double disk = 0;
        var seen = new HashSet<string>();
        foreach (PlannedComparison comparison in plan.Comparisons)
        {
            Arm[] arms = [.. plan.Arms.Where(a => ReferenceEquals(a.Comparison, comparison))];
            // Comparisons that a factor does not part share their runs.
            PlannedRun[] runs = [.. arms.SelectMany(g => plan.Runs(g, g.Rates)).Where(r => seen.Add(r.Id))];
            if (runs.Length == 0)
                continue;
            int more = comparison.Study.Sentinel.Enabled ? 2 * comparison.Study.Sentinel.MaxExtensions + RefinementsExpected : 0;
            int mostHere = arms.Sum(g => (g.Rates.Count + more) * comparison.Study.Grid.Seeds.Count);
            int context = comparison.Study.Task.Context;
            firstRuns += runs.Length;
            most += mostHere;
            Int128 here = 0;
            foreach (RunSpec run in runs.Select(r => r.Spec))
            {
                long own = run.Budget.Steps(run.Batch, context);
                steps += own;
                here += (Int128)own * run.Batch;
            }
            samples += here;
            tokens += here * context;
            disk +=
                runs.Average(r => (double)RunDisk(study.Catalogues, r.Spec, comparison.Parameters, context, study.Checkpoint.Keep))
                * mostHere;
        }
        return new PlanEstimate(
            packs.Count,
            firstRuns,
            most,
            long.CreateSaturating(steps),
            long.CreateSaturating(samples),
            long.CreateSaturating(tokens),
            plan.Parameters,
            packs.Max(p => p.EstimatedMemory),
            (long)disk
        );
    }

    /// <summary>Bytes to train some replicas together.</summary>
    internal static long PackMemory(Catalogues catalogues, RunSpec run, long parameters, int vocabulary, int replicas)
    {
        if (run.Model.Command is not null)
            return 0; // what a script needs is not known
        long size = run.Precision == "float64" ? 8 : 4;
        // theta, its gradient, the update and one more in flight, and the optimizer's own.
        double rows = (4 + StateRows(catalogues, run.Optimizer)) * (double)parameters;
        return ProcessBytes
            + (long)(
                Slack
                * size
                * replicas
                * (rows + catalogues.Models.SampleNumbers(run, vocabulary) * Math.Min(run.Batch, run.Evaluation.MicroBatch))
            );
    }

    /// <summary>Bytes that probes take beyond the training of some replicas: every shadow's state and update, and at a point, one replica
    /// at a time and in float64, the directions and a graph that is differentiated twice.</summary>
    internal static long ProbesMemory(Catalogues catalogues, ProbesSpec probes, RunSpec run, long parameters, int vocabulary, int replicas)
    {
        long size = run.Precision == "float64" ? 8 : 4;
        ProbeKind[] kinds = [.. probes.Names.Select(catalogues.Probes.Of)];
        int updates = 1 + probes.Shadows.Count,
            graphs = kinds.Select(k => k.Graphs(probes)).DefaultIfEmpty(1).Max();
        double shadows = probes.Shadows.Sum(s => 1 + StateRows(catalogues, s)) + 1; // and θ before the step
        double rows = 6 + 3.0 * updates + kinds.Sum(k => k.Rows(probes)); // an update as array, as unit vector, as tensor
        double graph = kinds.Any(k => k.DifferentiatesTwice) ? TwiceDifferentiated * graphs : 1;
        return (long)(
            Slack
            * (
                size * replicas * shadows * parameters
                + 8 * (rows * parameters + graph * catalogues.Models.SampleNumbers(run, vocabulary) * probes.Batch)
            )
        );
    }

    // Some kB of JSON, a line of metrics per evaluation and per logged step, and the checkpoint that is kept (or for a while written).
    private static long RunDisk(Catalogues catalogues, RunSpec run, long parameters, int context, string keep)
    {
        if (run.Model.Command is not null)
            return 8192;
        long lines = Math.Min(run.Budget.Steps(run.Batch, context), 1000) + run.Evaluation.Points;
        long checkpoint = (long)(parameters * (1 + StateRows(catalogues, run.Optimizer))) * (run.Precision == "float64" ? 8 : 4);
        return 8192
            + 90 * lines
            + (
                keep == "none" ? 0
                : keep == "last" ? checkpoint
                : 10 * checkpoint
            );
    }

    private static double StateRows(Catalogues catalogues, OptimizerSpec optimizer) =>
        catalogues.Optimizers.Of(optimizer).StateRows(optimizer);
}
