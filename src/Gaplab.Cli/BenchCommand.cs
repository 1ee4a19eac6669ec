// gaplab bench: what training costs on this machine.
using System.CommandLine;
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class BenchCommand
{
    public static Command Create()
    {
        var seconds = new Option<double>("--seconds")
        {
            Description = "of one block of steps; each setting has six",
            DefaultValueFactory = _ => 0.15,
        };
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "bench",
            "what a step of training costs on this machine as replicas, batch, context and width grow, and where its time goes",
            Needs.Torch,
            examples: [new("", "half a minute, on a machine that does nothing else"), new("--seconds 1 --json", "longer, as a document")]
        )
        {
            seconds,
            output.Json,
        };
        command.SetAction(parsed =>
        {
            double each = parsed.GetValue(seconds);
            if (each is not (> 0 and <= 60))
                throw new InputException(
                    string.Create(CultureInfo.InvariantCulture, $"--seconds got {each}; expected a number above 0 and at most 60")
                );
            return output.Give(parsed, BenchAnswer.Measure(each, (at, of) => AtWork.On($"measuring setting {at} of {of}")), stores: []);
        });
        return command;
    }
}
