// gaplab study run: trains what the store lacks, then analyses and reports. The same command resumes.
using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Torch;

namespace Gaplab.Cli;

internal static class StudyRunCommand
{
    public static Command Create()
    {
        var arguments = new StudyArguments();
        PairOptions output = new PairOptions();
        var command = new Command("run", "train what the store lacks, then analyse and report; the same command resumes")
        {
            arguments.File,
            arguments.Set,
            arguments.Text,
            arguments.Store,
            arguments.Workers,
        };
        output.AddTo(command);
        command.SetAction(parsed => Run(parsed, arguments, output));
        return command;
    }

    private static int Run(ParseResult parsed, StudyArguments arguments, PairOptions output)
    {
        TextWriter words = output.Words(parsed);
        AtWork.On("reading the study and its data, planning its runs");
        using PreparedStudy study = arguments.Prepare(parsed);
        output.CheckPair(parsed, [.. study.Plan.Study.Optimizers.Select(o => o.Name)]);
        _ = TorchRuntime.Version; // Fails here, in one sentence and before a store is begun, rather than in every worker.
        foreach (string line in StudyPlanCommand.ToLines(study, PlanEstimate.Of(study.Plan)))
            words.WriteLine(line);
        if (study.Findings.FirstOrDefault(f => f.Severity == Severity.Error) is { } error)
            throw new InputException(error.Message);

        string folder = arguments.StorePath(parsed, study.Plan.Study),
            command = CommandText();
        RunStore store = RunStore.Open(folder, create: true);
        store.Bind(study.Plan.Study.Name, RunId.OfStudy(study.Plan.Study), study.Yaml);
        PlanDocument document = study.ToDocument(command);
        document.Save(store);
        words.WriteLine($"store      {folder}");

        RunnerEnd end;
        using (var live = LiveProgress.Create(output.Json(parsed)))
        {
            var options = new RunnerOptions { Workers = arguments.WorkerCount(parsed), Worker = WorkerCommand.Self() };
            end = UntilStopped(new StudyRunner(study.Plan, store, options, live).Run);
            if (study.Plan.Study.Probes is { TunedOnly: true } probes && !end.Interrupted && end.Missing.Count == 0)
            {
                IReadOnlyList<PackSpec> packs = new StudyResults(study.Plan, store).TunedPacks(
                    [.. study.Plan.Study.Optimizers.Select(o => o.Name)],
                    _ => probes
                );
                words.WriteLine($"measuring  {packs.Sum(p => p.ProbedRuns!.Count)} tuned runs");
                end = UntilStopped(stop => new StudyRunner(study.Plan, store, options, live).Measure(packs, stop));
            }
        }
        if (end.Interrupted)
            return TellUnfinished(end, command)!.Value;
        int code = StudyReportCommand.Write(parsed, output, store, document, folder, file: null, metric: null);
        return TellUnfinished(end, command) ?? code;
    }

    /// <summary>Says what a call left undone, and gives its exit code; null where nothing.</summary>
    internal static int? TellUnfinished(RunnerEnd end, string command)
    {
        if (end.Interrupted)
        {
            Console.Error.WriteLine($"interrupted; what was running is checkpointed. Go on with: {command}");
            return CommandRunner.Interrupted;
        }
        foreach ((Arm arm, SentinelDecision decision) in end.Waiting)
            Console.Error.WriteLine(
                $"waiting    {arm.Key}: its next learning rates are decided when the missing runs are there; "
                    + $"{(decision.Best is { } best ? string.Create(CultureInfo.InvariantCulture, $"the best so far, {best:g6}, is provisional") : "none is best so far")}"
            );
        foreach ((PackSpec pack, PackEnd last) in end.Missing)
            Console.Error.WriteLine(
                $"missing    {pack.Runs.Count} runs of {pack.Runs[0].Spec.Optimizer.Name}, B={pack.Runs[0].Spec.Batch}: "
                    + $"{last.Kind.Word()}: {last.Cause}; the same command tries them again"
            );
        return end.Missing.Count > 0 ? CommandRunner.Incomplete : null;
    }

    /// <summary>Runs a call that Ctrl-C, a closed terminal or a request to terminate ends in order.</summary>
    internal static RunnerEnd UntilStopped(Func<CancellationToken, RunnerEnd> call)
    {
        using var stop = new CancellationTokenSource();
        // Asked now: of a terminal that was closed, nothing can be learned.
        bool onScreen = !Console.IsOutputRedirected,
            errorsOnScreen = !Console.IsErrorRedirected;
        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = true;
            // Nobody reads a terminal that was closed, and writing to it is an error that would pass for one of the study.
            if (context.Signal == PosixSignal.SIGHUP && onScreen)
                Console.SetOut(TextWriter.Null);
            if (context.Signal == PosixSignal.SIGHUP && errorsOnScreen)
                Console.SetError(TextWriter.Null);
            stop.Cancel();
        }
        PosixSignalRegistration[] signals = [.. StopSignals.All.Select(signal => PosixSignalRegistration.Create(signal, Interrupt))];
        try
        {
            return call(stop.Token);
        }
        finally
        {
            foreach (PosixSignalRegistration signal in signals)
                signal.Dispose();
        }
    }

    /// <summary>The command as the user would type it again.</summary>
    internal static string CommandText() =>
        "./gaplab "
        + string.Join(
            ' ',
            Environment
                .GetCommandLineArgs()
                .Skip(1)
                .Select(a =>
                    a.Length > 0 && a.All(c => char.IsLetterOrDigit(c) || "-_./=,:+@%".Contains(c, StringComparison.Ordinal))
                        ? a
                        : "'" + a.Replace("'", "'\\''", StringComparison.Ordinal) + "'"
                )
        );
}
