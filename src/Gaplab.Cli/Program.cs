// The entry point: the terminal's filter, then the command.
using Gaplab.Cli;

TerminalText.Install();
return CommandRunner.Run(CommandTable.Root(), args);
