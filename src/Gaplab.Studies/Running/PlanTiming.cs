// How long a plan will take on this machine: a few steps of each kind of pack are trained and timed before anything starts.
using System.Diagnostics;
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Studies.Planning;
using Gaplab.Torch;

namespace Gaplab.Studies.Running;

/// <summary>Estimated wall-clock time of a plan.</summary>
/// <param name="First">Of the first round.</param>
/// <param name="Most">If the sentinel tries all that it may.</param>
/// <param name="Measuring">What the measurement took.</param>
public sealed record PlanTime(TimeSpan First, TimeSpan Most, TimeSpan Measuring)
{
    /// <summary>"about 3 min, up to 7 min if …": two figures, rounded as coarsely as they are known.</summary>
    public override string ToString() =>
        $"about {Words(First)} at first, up to {Words(Most)} if the sentinel tries all that it may (a few steps of each model took "
        + $"{Words(Measuring)} to time)";

    private static string Words(TimeSpan time)
    {
        (double value, string unit) = time switch
        {
            { TotalSeconds: < 1 } => (1, "s"),
            { TotalMinutes: < 2 } => (time.TotalSeconds, "s"),
            { TotalHours: < 2 } => (time.TotalMinutes, "min"),
            { TotalDays: < 2 } => (time.TotalHours, "h"),
            _ => (time.TotalDays, "days"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(value, 0)} {unit}");
    }
}

/// <summary>Times the packs of a plan.</summary>
/// <remarks>A step's time is taken as a + c·B from two batch sizes at most <see cref="LargestTimed"/>, per replica, for each model and
/// optimizer; an evaluation's is what is left of a run of one step. Runs that diverge end sooner, machines that do other things take
/// longer: it is an estimate, good to a factor of about 1.5.</remarks>
public static class PlanTiming
{
    private const int LargestTimed = 64,
        Steps = 4;

    private sealed record Cost(double Fixed, double PerSample, double Evaluation);

    /// <summary>The estimate, or null where libtorch's binding is not there to train with.</summary>
    /// <param name="study">A study that may start.</param>
    /// <param name="workers">Packs that train at once.</param>
    public static PlanTime? Measure(PreparedStudy study, int workers)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        long began = Stopwatch.GetTimestamp();
        try
        {
            TorchRuntime.Threads = 1;
            using DeviceScope _ = TrainingDevices.Of(study.Plan.Study.Device).Of(0).Use();
            IReadOnlyList<PackSpec> packs = study.Plan.FirstRound();
            var tasks = study
                .Plan.Comparisons.Zip(study.Tasks)
                .GroupBy(c => c.First.Study.Task)
                .ToDictionary(g => g.Key, g => g.First().Second);
            var costs = packs
                .GroupBy(Kind)
                .ToDictionary(g => g.Key, g => CostOf(study.Plan.Study.Catalogues, [.. g], tasks[g.First().Runs[0].Spec.Task]));
            double[] seconds = [.. packs.Select(p => Seconds(p, costs[Kind(p)]))];
            PlanEstimate estimate = PlanEstimate.Of(study.Plan);
            // A round cannot end before its longest pack, however many workers there are.
            double first = Math.Max(seconds.Sum() / workers, seconds.Max());
            return new PlanTime(
                TimeSpan.FromSeconds(first),
                TimeSpan.FromSeconds(first * estimate.MostRuns / estimate.Runs),
                Stopwatch.GetElapsedTime(began)
            );
        }
        catch (Exception e) when (e is DllNotFoundException or TorchException or TypeInitializationException)
        {
            return null;
        }
    }

    private static (ModelSpec Model, TaskSpec Task, string Optimizer, string Precision) Kind(PackSpec pack) =>
        (pack.Runs[0].Spec.Model, pack.Runs[0].Spec.Task, pack.Runs[0].Spec.Optimizer.Kind, pack.Runs[0].Spec.Precision);

    private static double Seconds(PackSpec pack, Cost cost)
    {
        RunSpec run = pack.Runs[0].Spec;
        double step = cost.Fixed + cost.PerSample * run.Batch;
        return pack.Runs.Count * (run.Budget.Steps(run.Batch, run.Task.Context) * step + (run.Evaluation.Points + 2) * cost.Evaluation);
    }

    private static Cost CostOf(Catalogues catalogues, IReadOnlyList<PackSpec> packs, ITask task)
    {
        PackSpec widest = packs.MaxBy(p => p.Runs.Count)!;
        int[] batches = [.. packs.Select(p => p.Runs[0].Spec.Batch).Order()];
        int low = Math.Min(batches[0], LargestTimed / 4),
            high = Math.Max(low, Math.Min(batches[^1], LargestTimed));
        Time(catalogues, widest, task, low, 1); // the first run of a process pays for compiling it
        (double small, double evaluation) = Step(catalogues, widest, task, low);
        if (high == low)
            return new Cost(0, small / low, evaluation);
        (double large, _) = Step(catalogues, widest, task, high);
        double perSample = Math.Max(0, (large - small) / (high - low));
        return new Cost(Math.Max(0, small - perSample * low), perSample, evaluation);
    }

    /// <summary>Seconds a replica of one step, and of one evaluation.</summary>
    private static (double Step, double Evaluation) Step(Catalogues catalogues, PackSpec pack, ITask task, int batch)
    {
        double one = Time(catalogues, pack, task, batch, 1),
            more = Time(catalogues, pack, task, batch, 1 + Steps);
        double step = Math.Max(1e-7, (more - one) / Steps);
        // A run of one step evaluates the validation and the training part once each.
        return (step / pack.Runs.Count, Math.Max(0, one - step) / 2 / pack.Runs.Count);
    }

    private static double Time(Catalogues catalogues, PackSpec pack, ITask task, int batch, int steps)
    {
        PlannedRun Short(PlannedRun run) =>
            run with
            {
                Spec = run.Spec with
                {
                    Batch = batch,
                    Budget = new BudgetSpec { Unit = "steps", Amount = steps },
                    Evaluation = run.Spec.Evaluation with { Points = 0, Bleu = -1 },
                },
            };
        PackSpec timed = pack with { Runs = [.. pack.Runs.Select(Short)], Probes = null, ProbedRuns = null };
        RunSpec spec = timed.Runs[0].Spec;
        IModel model = catalogues.Models.Build(spec.Model, task.Vocabulary, task.Spec);
        using (model as IDisposable)
        {
            var trainer = new Trainer(
                timed,
                task,
                model,
                new Nowhere(),
                new TrainerOptions { CheckpointSeconds = 0, Optimizers = catalogues.Optimizers }
            );
            long began = Stopwatch.GetTimestamp();
            trainer.Run(CancellationToken.None);
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
    }

    private sealed class Nowhere : IPackSink
    {
        public void Write(int replica, IReadOnlyList<Measurement> measurements) { }

        public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas) { }

        public IReadOnlyList<ReplicaCheckpoint>? Resume() => null;

        public void Finish(IReadOnlyList<RunOutcomeRecord> results) { }

        public void Progress(long step, long steps) { }
    }
}
