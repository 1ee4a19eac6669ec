// gaplab study status: how far a store is, arm by arm. Needs no libtorch.
using System.CommandLine;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Slurm;

namespace Gaplab.Cli;

internal static class StudyStatusCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("store") { Description = "the store's folder, or its study file" };
        var verify = new Option<bool>("--verify")
        {
            Description = "hold kept checkpoints, probes and the study's files against their checksums too",
        };
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "status",
            "how far a study is",
            examples:
            [
                new("stores/quickstart", "how far it is, and what failed"),
                new("stores/quickstart --verify --json", "every file checked, for a program to read"),
            ]
        )
        {
            store,
            verify,
            output.Json,
        };
        command.SetAction(parsed =>
        {
            (RunStore opened, PlanDocument document) = StudyArguments.OpenStill(
                parsed,
                parsed.GetRequiredValue(store),
                glance: !parsed.GetValue(verify)
            );
            StatusAnswer status = StatusAnswer.Of(document, opened, parsed.GetValue(verify)) with { Queue = SlurmArray.Queue(opened) };
            return output.Give(parsed, status, stores: opened);
        });
        return command;
    }
}
