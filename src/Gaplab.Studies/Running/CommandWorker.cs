// Runs a study's command, one run at a time: claims the run, starts the command in its folder, watches it, and writes how it ended.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;
using Gaplab.Studies.Commands;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Running;

/// <summary>What all runs of a study's command share.</summary>
/// <param name="Catalogues">What its kinds are the names of.</param>
/// <param name="Limits">Of the study.</param>
/// <param name="Metric">The study's metric, which a run must have at its end.</param>
/// <param name="Gpus">Lends each run its own.</param>
/// <param name="MemoryPerRun">Bytes that a run's processes may have resident; 0 is no limit.</param>
internal sealed record CommandCrew(Catalogues Catalogues, LimitsSpec Limits, string Metric, GpuPool Gpus, long MemoryPerRun)
{
    /// <summary>Of a study of a command.</summary>
    /// <param name="study">The study.</param>
    /// <param name="workers">Runs at once.</param>
    /// <exception cref="InputException">It asks for more GPUs than there are.</exception>
    public static CommandCrew Of(StudySpec study, int workers)
    {
        double gpus = study.Comparisons.Max(c => c.Study.Model.Command!.Gpus);
        var pool = new GpuPool(gpus > 0 ? GpuPool.Here() : [], gpus);
        long memory = study.Limits.Memory > 0 ? study.Limits.Memory / Math.Min(workers, pool.Runs) : 0;
        return new(study.Catalogues, study.Limits, study.Metric, pool, memory);
    }
}

/// <summary>One slot of a study of a command. The command runs in a process group of its own; nothing of Gaplab is in it.</summary>
internal sealed class CommandWorker(CommandCrew crew, TimeProvider clock) : IPackTrainer
{
    /// <summary>The file, in a run's folder, that says how many times it was begun.</summary>
    private const string AttemptName = "attempt";

    private readonly CancellationTokenSource _stop = new();

    public bool IsAlive => true;

    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    public PackEnd Train(WorkerOrder order, TimeSpan timeout, Action<long, long> progress, Action<string>? notice = null)
    {
        if (!RunStore.IsThere(order.Store))
            throw RunStore.Gone(order.Store);
        try
        {
            RunStore store = RunStore.Open(order.Store);
            PlannedRun run = order.Pack.Runs[0];
            using PackClaim? claim = store.TryClaimRuns([run.Id]);
            if (claim is null)
                return new PackEnd(PackEndKind.Busy);
            if (store.RecoverPack([run.Id], notice, claim))
                return new PackEnd(PackEndKind.Found);
            try
            {
                return Train(store, claim, run, timeout, progress, notice);
            }
            catch (Exception lost) when (PackWorker.HasLost(claim, lost, order.Store))
            {
                notice?.Invoke($"run {run.Id}: another worker has taken it over; what this one made is dropped");
                return new PackEnd(PackEndKind.Busy);
            }
        }
        catch (IOException e) when (AtomicFile.IsDiskFull(e))
        {
            return new PackEnd(
                PackEndKind.Input,
                $"the disk is full: {e.Message.ReplaceLineEndings(" ")}; free some and run the study again"
            );
        }
        catch (Exception e) when (e is InputException or VanishedRunException)
        {
            Exception cause = RunStore.CauseOf(order.Store, e);
            return new PackEnd(cause is InputException ? PackEndKind.Input : PackEndKind.Failed, cause.Message.ReplaceLineEndings(" "));
        }
    }

    private PackEnd Train(
        RunStore store,
        PackClaim claim,
        PlannedRun run,
        TimeSpan timeout,
        Action<long, long> progress,
        Action<string>? notice
    )
    {
        RunSpec spec = run.Spec;
        CommandSpec command = CommandModel.Command(spec.Model);
        RunFolder folder = store.TakeUp(claim, [run.Id], EndLeftovers)[0];
        if (folder.BegunDamage() is { } begun)
            notice?.Invoke($"{begun}; what was begun is kept in {store.SetAside(folder)}, and the run begins anew");
        folder.WriteSpec(RunId.Document(spec));
        using GpuLease? gpus = crew.Gpus.Take(_stop.Token);
        if (gpus is null)
            return new PackEnd(PackEndKind.Stopped);
        folder.WriteEnv(RunEnvironment.DescribeForCommand(command.EnvironmentContent, gpus.Devices).ToJsonString(SpecJson.Indented) + "\n");
        // After the wait for a GPU, which may have been long: what runs must be what was planned.
        if (WatchedFiles.Changed(command) is { } changed)
            return new PackEnd(PackEndKind.Input, changed);
        int number = CountAttempt(Path.Combine(folder.Folder, AttemptName));
        var attempt = new CommandAttempt(crew, spec, folder.Folder, number, gpus.Devices);
        CommandAttemptEnd end = attempt.Run(timeout, progress, _stop.Token);
        foreach (string trouble in end.Troubles)
            notice?.Invoke($"run {run.Id} {trouble}");
        // Hours of work are not thrown away: a script is read when it begins. No further run begins with another.
        if (WatchedFiles.Changed(command) is not null)
            notice?.Invoke($"the code was edited while run {run.Id} was under way; it counts as a run of the code that it began with");
        return Conclude(store, claim, folder, spec, end, number);

        void EndLeftovers(string left)
        {
            string output = Path.Combine(Path.GetFullPath(left), CommandAttempt.OutFolder);
            if (ProcessGroup.EndLeftovers(output, command.StopGrace))
                notice?.Invoke($"a process that an earlier call left in {output} was ended: no two may write one run");
        }
    }

    private PackEnd Conclude(RunStore store, PackClaim claim, RunFolder folder, RunSpec spec, CommandAttemptEnd end, int attempt)
    {
        (CommandEnding ending, CommandMetrics metrics) = (end.Ending, end.Metrics);
        switch (ending.Outcome)
        {
            case CommandOutcome.Completed or CommandOutcome.Diverged:
                break;
            case CommandOutcome.Stopped:
                return new PackEnd(PackEndKind.Stopped);
            case CommandOutcome.OutOfDisk:
                return new PackEnd(
                    PackEndKind.Input,
                    $"the disk is full for a run's command: {ending.Cause}; free some and run the study again"
                );
            default:
                return new PackEnd(
                    ending.Outcome switch
                    {
                        CommandOutcome.Preempted => PackEndKind.Preempted,
                        CommandOutcome.OutOfMemory => PackEndKind.OutOfMemory,
                        CommandOutcome.TimedOut => PackEndKind.TimedOut,
                        CommandOutcome.Silent => PackEndKind.Silent,
                        CommandOutcome.Killed => PackEndKind.Killed,
                        _ => PackEndKind.Failed,
                    },
                    ending.Cause
                );
        }
        bool completed = ending.Outcome == CommandOutcome.Completed;
        // Those of an attempt that came before are read again with this one's: the script goes on in the same folder.
        folder.TruncateMetrics(0);
        folder.AppendMetrics(metrics.Rows);
        store.FinishPack(
            [
                (
                    folder,
                    new RunResult
                    {
                        Outcome = completed ? Outcome.Completed : Outcome.Diverged,
                        Step = completed ? spec.Budget.Steps(spec.Batch, 1) : metrics.LastStep ?? 0,
                        Cause = completed ? null : ending.Cause,
                        Metrics = metrics.Final,
                        Wall = new Dictionary<string, JsonNode?>
                        {
                            ["finished"] = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                            [RunResult.PackRuns] = 1,
                            [RunResult.PackSeconds] = Math.Round(end.Took.TotalSeconds, 3),
                            ["attempt"] = attempt,
                            ["metricsFrom"] = string.Join(
                                ", ",
                                metrics.Files.Select(f => Path.GetRelativePath(Path.GetFullPath(folder.Folder), Path.GetFullPath(f)))
                            ),
                        },
                    }
                ),
            ],
            claim: claim
        );
        return new PackEnd(PackEndKind.Trained);
    }

    private static int CountAttempt(string path)
    {
        int attempt =
            File.Exists(path) && int.TryParse(RegularFile.ReadText(path, FileLimit.Store), CultureInfo.InvariantCulture, out int before)
                ? before + 1
                : 1;
        AtomicFile.WriteText(path, attempt.ToString(CultureInfo.InvariantCulture));
        return attempt;
    }
}
