// gaplab list: the kinds that a study file can name, the formats of tables, and the findings of a report, from the catalogues.
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
        var command = new GaplabCommand(
            "list",
            "what a study file can name, with the keys that go with it, which tables are read, and what findings mean",
            examples: [new("models", "every model with its keys"), new("findings", "what each finding means")]
        )
        {
            what,
            output.Json,
        };
        command.SetAction(parsed => output.Give(parsed, KindsAnswer.Of(parsed.GetValue(what), GaplabRoot.Of(parsed).Catalogues)));
        return command;
    }
}
