// Every command of the program, in the order in which help lists them.
using System.CommandLine;

namespace Gaplab.Cli;

/// <summary>The one table: the program runs it; help, the start script and the tests of commands and documents read it.</summary>
internal static class CommandTable
{
    public static RootCommand Root()
    {
        var root = new RootCommand("Should this be trained with Adam or with SGD, at which batch size does the answer flip, and why?")
        {
            StudyCommand.Create(),
            CrossoverCommand.Create(),
            PredictCommand.Create(),
            BacktestCommand.Create(),
            ExplainCommand.Create(),
            AdviseCommand.Create(),
            PowerCommand.Create(),
            SharpnessCommand.Create(),
            NoiseCommand.Create(),
            TailsCommand.Create(),
            EscapeCommand.Create(),
            TheoremCommand.Create(),
            DataCommand.Create(),
            ListCommand.Create(),
            CheckReferenceCommand.Create(),
            WorkerCommandLine.Create(),
        };
        root.Add(NeedsCommand.Create(root));
        foreach (Command command in Leaves(root))
            if (command.Options.OfType<OutputOption>().Any())
                command.Add(OutputOption.Force);
        return root;
    }

    /// <summary>The commands that do something; "gaplab study" alone does not.</summary>
    public static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
}
