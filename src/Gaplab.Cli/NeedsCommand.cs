// gaplab needs: what the start script must know of each command; not for people.
using System.CommandLine;

namespace Gaplab.Cli;

internal static class NeedsCommand
{
    /// <param name="root">The table that it tells of.</param>
    public static Command Create(RootCommand root)
    {
        var words = new Argument<string[]>("words")
        {
            Description = "a command line without its options; none: the whole table",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new GaplabCommand("needs", "what a command needs before it begins; asked by the start script") { words };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(words) is { Length: > 0 } typed)
            {
                ParseResult asked = root.Parse(typed);
                Console.Out.WriteLine(asked.CommandResult.Command is GaplabCommand found ? found.NeedsOf(asked) : "");
            }
            else
                foreach (string line in CommandTable.Leaves(root).OfType<GaplabCommand>().Select(c => c.Line).Where(l => l.Length > 0))
                    Console.Out.WriteLine(line);
            return CommandRunner.Done;
        });
        return command;
    }
}
