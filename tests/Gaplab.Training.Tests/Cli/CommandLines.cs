// The commands as tests walk them: what each must be given to be understood.
using System.CommandLine;
using Gaplab.Cli;

namespace Gaplab.Training.Tests.Cli;

internal static class CommandLines
{
    public static IEnumerable<Command> Shown => CommandTable.Leaves(CommandTable.Root()).Where(c => !c.Hidden);

    /// <summary>"study run": the words that call a command.</summary>
    public static string[] Words(Command command)
    {
        var words = new Stack<string>();
        for (Symbol? at = command; at is Command and not RootCommand; at = at.Parents.FirstOrDefault())
            words.Push(at.Name);
        return [.. words];
    }

    /// <summary>The words of a command with an argument for each that it needs, and its required options.</summary>
    public static string[] Whole(Command command, string argument) =>
        [
            .. Words(command),
            .. command.Arguments.Where(a => a.Arity.MinimumNumberOfValues > 0).Select(_ => argument),
            .. command.Options.Where(o => o.Required).SelectMany(o => (string[])[o.Name, "4"]),
        ];

    public static (int Code, string Error) Run(params string[] typed)
    {
        var errors = new StringWriter();
        int code = CommandRunner.Run(CommandTable.Root(), typed, errors);
        return (code, errors.ToString());
    }

    /// <summary>What a command says, run in this process. The console is the process's: for tests that run alone.</summary>
    public static (int Code, string Output, string Errors) Ask(params string[] typed)
    {
        (TextWriter output, TextWriter errors) = (Console.Out, Console.Error);
        using StringWriter said = new() { NewLine = "\n" },
            complained = new() { NewLine = "\n" };
        try
        {
            Console.SetOut(said);
            Console.SetError(complained);
            return (CommandRunner.Run(CommandTable.Root(), typed), said.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }
}
