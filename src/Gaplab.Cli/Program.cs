// The entry point: hands the words typed to the commands.
using Gaplab.Cli;

return CommandRunner.Run(GaplabCommand.Create(), args);
