// gaplab verify: whether a store holds what was written, and whether what it holds can be made again.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Torch;

namespace Gaplab.Cli;

internal static class VerifyCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("store") { Description = "the store's folder, or its study file" };
        var replay = new Option<int>("--replay") { Description = "train this many stretches of runs, drawn at random, again and compare" };
        var seed = new Option<long>("--seed") { Description = "of that draw (default 0)" };
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "verify",
            "hold a store against its checksums, its ids and its plan, and train stretches of it again",
            also: parsed => parsed.GetValue(replay) > 0 ? Needs.Torch : Needs.None,
            examples:
            [
                new("stores/quickstart", "hold every file against its checksum"),
                new("stores/quickstart --replay 3", "and train three stretches again"),
            ]
        )
        {
            store,
            replay,
            seed,
            output.Json,
        };
        command.SetAction(parsed =>
        {
            int spans = parsed.GetValue(replay);
            if (spans < 0)
                throw new InputException($"--replay got {spans}; expected how many stretches to train again");
            (RunStore opened, PlanDocument document) = StudyArguments.OpenStill(parsed, parsed.GetRequiredValue(store));
            if (spans > 0)
                TorchRuntime.Threads = 1; // as workers have
            AtWork.On("reading everything in the store");
            VerifyAnswer answer;
            try
            {
                answer = StudyRunCommand.UntilStopped(stop => VerifyAnswer.Of(document, opened, spans, parsed.GetValue(seed), stop));
            }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine("interrupted; nothing was changed");
                return CommandRunner.Interrupted;
            }
            foreach (Damage problem in answer.Problems)
                opened.Tell(problem);
            return output.Give(parsed, answer, answer.IsSound ? CommandRunner.Done : CommandRunner.Damaged, opened);
        });
        return command;
    }
}
