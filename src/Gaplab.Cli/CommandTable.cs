// Every command of the program, in the order in which help lists them.
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Gaplab.Studies;
using Gaplab.Studies.Kinds;

namespace Gaplab.Cli;

/// <summary>The one table: the program runs it; help, the start script and the tests of commands and documents read it.</summary>
internal static class CommandTable
{
    /// <summary>How a user starts Gaplab's own program.</summary>
    public const string StartScript = "./gaplab";

    /// <param name="catalogues">What study files can name; null is what Gaplab has.</param>
    /// <param name="program">How the program is called.</param>
    public static RootCommand Root(Catalogues? catalogues = null, string program = StartScript)
    {
        var root = new GaplabRoot(catalogues ?? Catalogues.BuiltIn, program)
        {
            StudyCommand.Create(),
            ServeCommand.Create(),
            NotebookCommand.Create(),
            CrossoverCommand.Create(),
            ImportCommand.Create(),
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
            PythonHelperCommand.Create(),
            DataCommand.Create(),
            ListCommand.Create(),
            BenchCommand.Create(),
            CheckReferenceCommand.Create(),
            StoreWorkerCommand.Create(),
            VerifyCommand.Create(),
            TrainPacksCommand.Create(),
        };
        root.Add(CompletionCommand.Create(root));
        root.Add(NeedsCommand.Create(root));
        HashSet<string> paged = [.. PageCatalogue.All.SelectMany(page => page.Commands)];
        foreach (GaplabCommand command in Leaves(root).OfType<GaplabCommand>().Where(c => paged.Contains(c.Path)))
            PictureOptions.AddTo(command);
        foreach (Command command in Leaves(root))
            if (command.Options.OfType<OutputOption>().Any())
                command.Add(OutputOption.Force);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!);
        return root;
    }

    /// <summary>The commands that do something; "gaplab study" alone does not.</summary>
    public static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
}
