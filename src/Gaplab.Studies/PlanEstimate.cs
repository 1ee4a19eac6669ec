// What a plan will cost: runs, steps, samples, memory and disk, estimated before anything starts.
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;

namespace Gaplab.Studies;

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
public sealed record PlanEstimate(int Packs, int Runs, int MostRuns, long Steps, long Samples, long Tokens, long Parameters, long MemoryPerPack, long Disk)
{
    private const long ProcessBytes = 300L << 20;      // the runtime and libtorch, before any tensor
    private const int RefinementsExpected = 4;

    public static PlanEstimate Of(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        IReadOnlyList<PackSpec> packs = plan.FirstRound();
        PlannedRun[] runs = [.. packs.SelectMany(p => p.Runs)];
        StudySpec study = plan.Study;
        int more = study.Sentinel.Enabled ? 2 * study.Sentinel.MaxExtensions + RefinementsExpected : 0;
        int most = plan.Groups.Sum(g => (g.Rates.Count + more) * study.Grid.Seeds.Count);
        int context = study.Task.Context;
        long steps = runs.Sum(r => r.Spec.Budget.Steps(r.Spec.Batch, context));
        long samples = runs.Sum(r => r.Spec.Budget.Steps(r.Spec.Batch, context) * r.Spec.Batch);
        long disk = (long)(runs.Average(r => (double)RunDisk(r.Spec, plan.Parameters, context, study.Checkpoint.Keep)) * most);
        return new PlanEstimate(packs.Count, runs.Length, most, steps, samples, samples * context, plan.Parameters, packs.Max(p => p.EstimatedMemory), disk);
    }

    /// <summary>Bytes to train some replicas together.</summary>
    internal static long PackMemory(RunSpec run, long parameters, int vocabulary, int replicas)
    {
        long size = run.Precision == "float64" ? 8 : 4;
        // theta, its gradient, the update and one more in flight, and the optimizer's own.
        double rows = (4 + StateRows(run.Optimizer)) * (double)parameters;
        ModelSpec model = run.Model;
        // What the graph holds for backward: per token and layer about 16 widths outside the MLP, 3 inside, two score matrices; and the logits three times.
        double PerToken(int layers, double keys, int attentions) => layers * (model.Width * (8 + 8 * attentions + 3 * model.MlpRatio) + 2.0 * attentions * model.Heads * keys);
        double target = run.Task.Context, source = run.Task.SourceContext == 0 ? target : run.Task.SourceContext;
        // grit holds about 20 widths for each ordered pair of nodes, gat four scores a head.
        double nodes = run.Task.Graphs?.MostNodes ?? 0;
        double perSample = run.Task.Graphs is not null ? model.Layers * nodes * (model.Kind == "grit" ? nodes * (20.0 * model.Width + 4.0 * model.Heads) : 8.0 * model.Width + 4.0 * model.Heads * nodes)
            : model.Kind != "t5"
            ? target * (PerToken(model.Layers, target, 1) + 3.0 * vocabulary)
            // A decoder's layer attends twice, to the target and to the source; its scores are kept before and after the bias.
            : source * PerToken(model.Layers, 2 * source, 1) + target * (PerToken(model.DecoderLayers == 0 ? model.Layers : model.DecoderLayers, target + source, 2) + 3.0 * vocabulary);
        return ProcessBytes + (long)(1.3 * size * replicas * (rows + perSample * Math.Min(run.Batch, run.Evaluation.MicroBatch)));
    }

    // Some kB of JSON, a line of metrics per evaluation and per logged step, and the checkpoint that is kept (or for a while written).
    private static long RunDisk(RunSpec run, long parameters, int context, string keep)
    {
        long lines = Math.Min(run.Budget.Steps(run.Batch, context), 1000) + run.Evaluation.Points;
        long checkpoint = (long)(parameters * (1 + StateRows(run.Optimizer))) * (run.Precision == "float64" ? 8 : 4);
        return 8192 + 90 * lines + (keep == "none" ? 0 : keep == "last" ? checkpoint : 10 * checkpoint);
    }

    private static double StateRows(OptimizerSpec optimizer) => OptimizerCatalogue.Of(optimizer).StateRows(optimizer);
}
