// The whole command line: every command and option there is.
using System.CommandLine;

namespace Gaplab.Cli;

internal static class GaplabCommand
{
    public static RootCommand Create() => new RootCommand("Should this be trained with Adam or with SGD, at which batch size does the answer flip, and why?")
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
        CheckReferenceCommand.Create(),
        WorkerCommandLine.Create(),
    };
}
