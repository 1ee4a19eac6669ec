// gaplab study: init, schema, plan, run, commands, status, report, export, weights.
using System.CommandLine;

namespace Gaplab.Cli;

internal static class StudyCommand
{
    public static Command Create() =>
        new("study", "plan, run and report a study")
        {
            StudyInitCommand.Create(),
            StudySchemaCommand.Create(),
            StudyPlanCommand.Create(),
            StudyRunCommand.Create(),
            StudyCommandsCommand.Create(),
            StudyStatusCommand.Create(),
            StudyReportCommand.Create(),
            StudyExportCommand.Create(),
            StudyWeightsCommand.Create(),
            StudyDiffCommand.Create(),
        };
}
