// gaplab study run: trains what the store lacks, then analyses and reports. The same command resumes.
using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Gaplab.Learning.Specs;
using Gaplab.Results.Store;
using Gaplab.Serving;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Studies.Slurm;
using Gaplab.Torch;

namespace Gaplab.Cli;

internal static class StudyRunCommand
{
    public static Command Create()
    {
        var arguments = new StudyArguments();
        var pair = new PairOptions();
        var output = new PagedOutput();
        var serve = new Option<bool>("--serve") { Description = "show the study in the browser while it runs, as 'gaplab serve' does" };
        var page = new ServeOptions();
        var slurm = new Option<string[]>("--slurm")
        {
            Description = "submit workers to Slurm instead of training here; options of sbatch may follow, such as --time=2:00:00",
            Arity = ArgumentArity.ZeroOrMore,
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new GaplabCommand(
            "run",
            "train what the store lacks, then analyse and report; the same command resumes",
            Needs.Page,
            also: parsed => StudyArguments.IsOfCommand(parsed, arguments.File) ? Needs.None : Needs.Torch,
            examples:
            [
                new("studies/quickstart.yaml", "train, tune and report; the same command resumes"),
                new("studies/quickstart.yaml --text my-book.txt --serve", "on your own text, seen in the browser meanwhile"),
                new("studies/quickstart.yaml --png gap.png", "the figure of the answer as a picture"),
                new("studies/memory.yaml --slurm --time=2:00:00", "as workers on Slurm"),
            ]
        )
        {
            arguments.File,
            arguments.Set,
            arguments.Text,
            arguments.Store,
            arguments.Workers,
            arguments.Device,
        };
        pair.AddTo(command);
        command.Add(slurm);
        command.Add(serve);
        page.AddTo(command);
        command.Add(output.Json);
        command.SetAction(parsed =>
            parsed.GetResult(slurm) is null
                ? Run(parsed, arguments, pair, output, parsed.GetValue(serve) ? page : null)
                : Submit(parsed, arguments, parsed.GetValue(slurm) ?? [], output)
        );
        return command;
    }

    private static int Run(ParseResult parsed, StudyArguments arguments, PairOptions pair, PagedOutput output, ServeOptions? serve)
    {
        AtWork.On("reading the study and its data, planning its runs");
        using PreparedStudy study = arguments.Prepare(parsed);
        string[] optimizers = [.. study.Plan.Study.Optimizers.Select(o => o.Name)];
        pair.CheckPair(parsed, optimizers);
        if (!study.Plan.Study.IsOfCommand)
            _ = TorchRuntime.Version; // Fails here, in one sentence and before a store is begun, rather than in every worker.
        StudyCall call = arguments.Call(parsed, output);
        foreach (string line in new PlanAnswer(study, PlanEstimate.Of(study.Plan)).Lines())
            call.Say(line);
        study.RefuseErrors();
        (RunStore store, PlanDocument document) = call.Begin(study, arguments.StorePath(parsed, study.Plan.Study));
        Func<IReadOnlyList<PackSpec>>? tuned = study.Plan.Study.Probes is { TunedOnly: true } probes
            ? () => new StudyResults(study.Plan, store).TunedPacks(optimizers, _ => probes)
            : null;
        StoreServer? server = serve?.Start(parsed, [store.Root], call.Say);
        call = call with
        {
            Watch = () =>
                new PageWhileRunning(
                    LiveProgress.Create(parsed.GetValue(output.Json), document.Study.Metric),
                    store,
                    document,
                    report => pair.Options(parsed, report.DefaultPair(), StudySpec.IsHigherBetter(document.Study.Metric))
                ),
        };
        RunnerEnd end;
        try
        {
            end = UntilStopped(stop => call.Run(study.Plan, store, tuned, stop));
        }
        finally
        {
            server?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        if (end.Interrupted)
            return TellUnfinished(end, call.Command)!.Value;
        int code = StudyReportCommand.Give(parsed, pair, output, store, document);
        return TellUnfinished(end, call.Command) ?? code;
    }

    private static int Submit(ParseResult parsed, StudyArguments arguments, string[] options, PagedOutput output)
    {
        AtWork.On("reading the study and its data, planning its runs");
        using PreparedStudy study = arguments.Prepare(parsed, workers: 1);
        study.RefuseErrors();
        StudyCall call = arguments.Call(parsed, output);
        (RunStore store, PlanDocument document) = call.Begin(study, arguments.StorePath(parsed, study.Plan.Study));
        int packs = new StudyResults(document.ToPlan(), store).LackingPacks().Count;
        var array = new SlurmArray(store, study.Plan.Study.Name, options);
        int tasks = parsed.GetResult(arguments.Workers) is { Implicit: false } ? arguments.WorkerCount(parsed) : Math.Max(1, packs);
        AtWork.On("submitting to Slurm");
        IReadOnlyList<(string State, int Tasks)> earlier = SlurmArray.Queue(store);
        return output.Give(
            parsed,
            new SubmittedAnswer(packs == 0 ? [] : array.Submit(tasks), array.File, packs) { Earlier = earlier },
            stores: []
        );
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
        {
            string known = decision.Best is { } best
                ? string.Create(CultureInfo.InvariantCulture, $"the best so far, {best:g6}, is provisional")
                : "none is best so far";
            Console.Error.WriteLine($"waiting    {arm.Key}: its next learning rates are decided when the missing runs are there; {known}");
        }
        foreach ((PackSpec pack, PackEnd last) in end.Missing)
            Console.Error.WriteLine(
                $"missing    {pack.Runs.Count} runs of {pack.Runs[0].Spec.Optimizer.Name}, B={pack.Runs[0].Spec.Batch}: "
                    + $"{last.Kind.Word()}: {last.Cause}; the same command tries them again"
            );
        return end.Missing.Count > 0 ? CommandRunner.Incomplete : null;
    }

    /// <summary>Runs a call that Ctrl-C, a closed terminal or a request to terminate ends in order.</summary>
    internal static T UntilStopped<T>(Func<CancellationToken, T> call)
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
    internal static string CommandText(ParseResult parsed) =>
        GaplabRoot.Of(parsed).Program + " " + string.Join(' ', Environment.GetCommandLineArgs().Skip(1).Select(PackCommands.Quoted));
}
