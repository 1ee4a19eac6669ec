// The entry point: wires the commands and turns every expected failure into one line.
using System.CommandLine;
using Gaplab.Cli;

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
    CheckReferenceCommand.Create(),
    WorkerCommandLine.Create(),
};
return CommandRunner.Run(root, args);
