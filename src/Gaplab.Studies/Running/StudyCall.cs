// One call that runs a study: its store, its workers, and who is told.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Running;

/// <summary>What every way of running a study is told by who asks for it.</summary>
/// <param name="Command">The command, as the user would type it again; kept with the plan.</param>
/// <param name="Workers">Packs at once.</param>
/// <param name="Say">Told each line that is not progress.</param>
/// <param name="Watch">Makes the observer of a running study.</param>
public sealed record StudyCall(string Command, int Workers, Action<string> Say, Func<IStudyObserver> Watch)
{
    /// <summary>Where among several that share the store this one begins.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>The one pack to work on; null is all.</summary>
    public string? OnlyPack { get; init; }

    /// <summary>Where to train; null is what the study says.</summary>
    public string? Device { get; init; }

    /// <summary>Opens the store, binds it to the study and keeps the plan in it.</summary>
    /// <param name="study">The study.</param>
    /// <param name="folder">The store's.</param>
    /// <param name="plan">Another plan for the same tasks; null: the study's own.</param>
    public (RunStore Store, PlanDocument Document) Begin(PreparedStudy study, string folder, Plan? plan = null)
    {
        ArgumentNullException.ThrowIfNull(study);
        StudySpec spec = (plan ?? study.Plan).Study;
        RunStore store = RunStore.Open(folder, create: true);
        store.Bind(spec.Name, RunId.OfStudy(spec), study.Yaml);
        PlanDocument document = study.ToDocument(Command, plan);
        document.Save(store);
        Say($"store      {store.Root}");
        return (store, document);
    }

    // A command's runs are as many at once as have GPUs.
    private RunnerOptions OptionsOf(StudySpec study)
    {
        var options = new RunnerOptions
        {
            Workers = Workers,
            Worker = WorkerCommand.Self(),
            Shard = Shard,
            OnlyPack = OnlyPack,
        };
        if (!study.IsOfCommand)
        {
            var devices = TrainingDevices.Of(Device ?? study.Device);
            return options with { Workers = devices.Workers(Workers), Devices = devices };
        }
        CommandCrew crew = CommandCrew.Of(study, Workers);
        return options with { Workers = Math.Min(Workers, crew.Gpus.Runs), Hire = () => new CommandWorker(crew, options.Clock) };
    }

    /// <summary>Trains what the store lacks; when nothing is missing, measures what is asked of tuned runs, which are known only
    /// then.</summary>
    /// <param name="plan">What to train.</param>
    /// <param name="store">Where to.</param>
    /// <param name="tuned">The packs to measure; null: nothing is.</param>
    /// <param name="stop">Ends it in order.</param>
    public RunnerEnd Run(Plan plan, RunStore store, Func<IReadOnlyList<PackSpec>>? tuned, CancellationToken stop)
    {
        RunnerOptions options = OptionsOf(plan.Study);
        using IStudyObserver watch = Watch();
        RunnerEnd end = new StudyRunner(plan, store, options, watch).Run(stop);
        if (tuned is null || end.Interrupted || end.Missing.Count > 0)
            return end;
        IReadOnlyList<PackSpec> packs = tuned();
        Say($"measuring  {packs.Sum(p => p.ProbedRuns!.Count)} tuned runs");
        if (packs.Count > 0 && packs[0].Probes!.Noise is { } noise)
        {
            long most = packs.Max(p => p.ProbedRuns!.Count * p.Probes!.Noise!.Memory(plan.Parameters, p.Probes.At.Count));
            Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"memory     {(most >> 20) + 1} MiB at most for the noise of one pack, beside its training; "
                        + $"{noise.Draws} mini-batches a point, windows of {noise.Settling} + {noise.Window} steps"
                )
            );
        }
        return new StudyRunner(plan, store, options, watch).Measure(packs, stop);
    }
}
