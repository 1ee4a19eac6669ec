// The entry point: wires the commands and turns every expected failure into one line.
using System.CommandLine;
using Gaplab.Cli;

var root = new RootCommand("Should this be trained with Adam or with SGD, at which batch size does the answer flip, and why?")
{
    StudyCommand.Create(),
    AdviseCommand.Create(),
    CrossoverCommand.Create(),
    NoiseCommand.Create(),
    SharpnessCommand.Create(),
    EscapeCommand.Create(),
    CheckReferenceCommand.Create(),
    TailsCommand.Create(),
    PredictCommand.Create(),
    TheoremCommand.Create(),
    WorkerCommandLine.Create(),
};
return CommandRunner.Run(root, args);
