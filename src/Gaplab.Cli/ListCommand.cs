// gaplab list: the kinds that a study file can name, and the findings of a report, from the program's own catalogues.
using System.CommandLine;
using Gaplab.Studies.Kinds;

namespace Gaplab.Cli;

internal static class ListCommand
{
    public static Command Create()
    {
        var what = new Argument<string?>("what")
        {
            Description = $"one of {string.Join(", ", KindsAnswer.Names)} (default all)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var output = new AnswerOutput();
        var command = new GaplabCommand("list", "what a study file can name, with the keys that go with it, and what findings mean")
        {
            what,
            output.Json,
        };
        command.SetAction(parsed => output.Give(parsed, KindsAnswer.Of(parsed.GetValue(what), GaplabRoot.Of(parsed).Catalogues)));
        return command;
    }
}
