// Saved checkpoints of a store, measured without training: the step that would follow each, along the optimizers that are known there.
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;

namespace Gaplab.Studies.Measuring;

/// <summary>Measures the probes of gaplab sharpness at checkpoints that runs kept (checkpoint.keep: last or all).</summary>
/// <remarks>
/// A checkpoint knows the averages of the optimizer that made it, and of the shadows that were saved with it. Any other optimizer that
/// keeps averages has none there that are right, and is left out: where the saved shadows are not those asked for, the shadows are those
/// without a memory. Results are probes/checkpoint-…, apart from those along a run.
/// </remarks>
public sealed class CheckpointMeasurement(PlanDocument document, RunStore store)
{
    /// <summary>Before the name of a probe in the store.</summary>
    public const string Prefix = "checkpoint-";

    private readonly Plan _plan = document.ToPlan();
    private StudyResults? _results;
    private readonly List<(Arm Arm, PlannedRun Run, ProbesSpec Probes, long Step)> _measured = [];

    /// <summary>One checkpoint to measure, and the question that fits it.</summary>
    private sealed record Point(Arm Arm, PlannedRun Run, long Step, ProbesSpec Probes);

    /// <summary>Measures what is not measured yet.</summary>
    /// <param name="run">A run's id or its beginning; null is the tuned runs of every optimizer.</param>
    /// <param name="progress">Told one line per checkpoint.</param>
    /// <param name="stop">Ends after the checkpoint at hand.</param>
    /// <returns>False when stopped.</returns>
    /// <exception cref="InputException">No such run, no checkpoint, other data, or too little memory.</exception>
    public bool Measure(string? run, Action<string> progress, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(progress);
        Point[] points =
        [
            .. Runs(run)
                .SelectMany(r =>
                    store.Run(r.Run.Id).Checkpoints().Select(step => new Point(r.Arm, r.Run, step, Question(r.Arm, r.Run, step)))
                ),
        ];
        if (points.Length == 0)
            throw new InputException(
                $"{store.Root} holds no checkpoint of {(run is null ? "its tuned runs" : $"run {run}")}; runs keep theirs with "
                    + $"checkpoint.keep: last (or all) in the study file"
            );
        CheckMemory(points);
        using ITask task = document.Study.Catalogues.Tasks.Load(document.Study.Task);
        if (task.Spec.Content != document.Study.Task.Content)
            throw new InputException(
                $"{document.Study.Task.Origin()} is not the data that the runs of {store.Root} were made on "
                    + $"(its content has changed); restore it to measure their checkpoints"
            );
        IModel model = document.Study.Catalogues.Models.Build(document.Study.Model, task.Vocabulary, task.Spec);
        using var _ = model as IDisposable;
        for (int i = 0; i < points.Length; i++)
        {
            Point point = points[i];
            if (stop.IsCancellationRequested)
                return false;
            var pack = new PackSpec { Id = RunId.OfPack([point.Run.Id]), Runs = [point.Run] };
            var sink = new Sink(store.Run(point.Run.Id), point.Step);
            if (point.Probes.Names.Any(name => !sink.HasProbe(0, name, point.Step, ProbesKey.Of(point.Probes))))
                new Trainer(
                    pack,
                    task,
                    model,
                    sink,
                    new TrainerOptions
                    {
                        Probes = document.Study.Catalogues.Probes.Build(point.Probes, task),
                        Optimizers = document.Study.Catalogues.Optimizers,
                    }
                ).MeasureCheckpoint(point.Probes);
            _measured.Add((point.Arm, point.Run, point.Probes, point.Step));
            progress(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"checkpoint {i + 1} of {points.Length}: {point.Arm.Key}, seed {point.Run.Spec.Seed}, step {point.Step}, "
                        + $"{1 + point.Probes.Shadows.Count} updates"
                )
            );
        }
        return true;
    }

    /// <summary>What was measured, mean over the seeds at each step.</summary>
    /// <param name="command">The command that asks.</param>
    public SharpnessAnswer Answer(string command) =>
        SharpnessMeasurement.Of(document, store, command, new("points", "saved checkpoints"), Rows(), []) with
        {
            AtCheckpoints = true,
        };

    private IReadOnlyList<SharpnessRow> Rows() => SharpnessRows.OfCheckpoints(store, _measured);

    private StudyResults Results => _results ??= new StudyResults(_plan, store);

    private IReadOnlyList<(Arm Arm, PlannedRun Run)> Runs(string? id)
    {
        if (id is null)
            return [.. Results.TunedRuns()];
        var all = Results
            .Decisions()
            .SelectMany(d => _plan.Runs(d.Arm, d.Decision.Tried).Select(r => (d.Arm, Run: r)))
            .Where(r => r.Run.Id.StartsWith(id, StringComparison.Ordinal))
            .ToList();
        return all.Count == 1
            ? all
            : throw new InputException(
                all.Count == 0
                    ? $"--run got '{id}', but no run of {store.Root} has this id; 'gaplab study export {store.Root}' lists them"
                    : $"--run got '{id}', with which the ids of {all.Count} runs begin; give more of it"
            );
    }

    private ProbesSpec Question(Arm arm, PlannedRun run, long step)
    {
        ProbesSpec asked = new SharpnessProbes(Results).Of(document.Study, arm.Batch);
        using SafetensorsReader saved = Safetensors.OpenVerified(store.Run(run.Id).CheckpointPath(step));
        string? key = saved.Metadata.GetValueOrDefault("shadows");
        // Those saved may be the study's own, or those that a run was measured with.
        foreach (ProbesSpec? known in (ProbesSpec?[])[document.Study.Probes, asked])
            if (known is not null && ProbesKey.Of(known) == key)
                return asked with { Shadows = known.Shadows };
        return asked with { Shadows = [.. asked.Shadows.Where(s => document.Study.Catalogues.Optimizers.Of(s).StateRows(s) == 0)] };
    }

    private void CheckMemory(Point[] points)
    {
        foreach (ProbesSpec probes in points.Select(p => p.Probes).DistinctBy(ProbesKey.Of))
        {
            RunSpec spec = points[0].Run.Spec;
            if (
                StudyChecks.MemoryRefusal(
                    document.Study,
                    _plan.Memory(spec, 1, probes),
                    _plan.Memory(spec, 1, null),
                    PreparedStudy.AllowedFor(document.Study)
                ) is
                { } refusal
            )
                throw new InputException(refusal);
        }
    }

    /// <summary>Gives one checkpoint, takes its probes.</summary>
    private sealed class Sink(RunFolder run, long step) : IPackSink
    {
        public void Write(int replica, IReadOnlyList<Measurement> measurements) { }

        public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas) { }

        public IReadOnlyList<ReplicaCheckpoint> Resume() => [CheckpointFile.Load(run, step).Replica];

        public void Finish(IReadOnlyList<RunOutcomeRecord> results) { }

        public bool HasProbe(int replica, string probe, long at, string key) => ProbeFiles.Has(run, Prefix + probe, at, key);

        public void WriteProbe(int replica, string probe, long at, ProbeResult result) => ProbeFiles.Write(run, Prefix + probe, at, result);

        public void Progress(long at, long steps) { }
    }
}
