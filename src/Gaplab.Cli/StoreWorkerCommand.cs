// gaplab worker: works on a store beside any number of others, on this machine or elsewhere, until nothing is left to do.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Torch;

namespace Gaplab.Cli;

internal static class StoreWorkerCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("store") { Description = "the store's folder, or its study file" };
        var pack = new Option<string?>("--pack") { Description = "work on this pack alone ('gaplab study commands' lists them)" };
        var shard = new Option<string>("--shard")
        {
            Description = "where to begin: r/n, or auto (what Slurm, SkyPilot, Kubernetes, AWS Batch or PBS have set)",
            DefaultValueFactory = _ => "auto",
        };
        var workers = new Option<int>("--workers")
        {
            Description = "processes that train at once, one core each",
            DefaultValueFactory = _ => 1,
        };
        Option<string?> device = StudyArguments.DeviceOption();
        var command = new GaplabCommand(
            "worker",
            "train what a store lacks, beside any number of others; exits with 0 when done, 75 to be started again",
            also: parsed => IsOfCommand(parsed, store) ? Needs.None : Needs.Torch,
            examples:
            [
                new("stores/quickstart", "help on this store from any machine that sees it"),
                new("stores/quickstart --shard auto", "its share, by the rank that a queue gives it"),
            ]
        )
        {
            store,
            pack,
            shard,
            workers,
            device,
        };
        command.SetAction(parsed =>
        {
            int count = parsed.GetValue(workers);
            if (count < 1)
                throw new InputException($"--workers got {count}; expected at least 1");
            Shard share = Shard.Parse(parsed.GetValue(shard)!, Environment.GetEnvironmentVariable);
            (RunStore opened, PlanDocument document) = StudyArguments.OpenStore(parsed, parsed.GetRequiredValue(store));
            if (!document.Study.IsOfCommand)
                _ = TorchRuntime.Version; // fails here in one sentence, rather than in every child
            var call = new StudyCall(StudyRunCommand.CommandText(parsed), count, Console.Out.WriteLine, () => LiveProgress.Create(false))
            {
                Shard = share,
                OnlyPack = parsed.GetValue(pack),
                Device = parsed.GetValue(device),
            };
            call.Say($"worker     {Environment.MachineName}, process {Environment.ProcessId}, share {share} of {opened.Root}");
            Plan plan = document.ToPlan();
            string[] optimizers = [.. plan.Study.Optimizers.Select(o => o.Name)];
            Func<IReadOnlyList<Learning.Specs.PackSpec>>? tuned =
                plan.Study.Probes is { TunedOnly: true } probes && call.OnlyPack is null
                    ? () => new StudyResults(plan, opened).TunedPacks(optimizers, _ => probes)
                    : null;
            return Tell(StudyRunCommand.UntilStopped(stop => call.Run(plan, opened, tuned, stop)), call.Command);
        });
        return command;
    }

    private static int Tell(RunnerEnd end, string command)
    {
        if (end.Interrupted)
        {
            Console.Error.WriteLine($"stopped; what was running is checkpointed. Go on with: {command}");
            return CommandRunner.Again;
        }
        if (end.Busy)
        {
            Console.Error.WriteLine("the pack is being made by another worker; try again later");
            return CommandRunner.Again;
        }
        return StudyRunCommand.TellUnfinished(end, command) ?? CommandRunner.Done;
    }

    // What cannot be read is told later.
    private static bool IsOfCommand(ParseResult parsed, Argument<string> store)
    {
        try
        {
            return StudyArguments.OpenStore(parsed, parsed.GetRequiredValue(store)).Plan.Study.IsOfCommand;
        }
        catch (InputException)
        {
            return false;
        }
    }
}
