// gaplab study plan: what a study will do and cost, before anything starts. Needs libtorch for the time alone.
using System.CommandLine;
using Gaplab.Results.Analysis;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class StudyPlanCommand
{
    public static Command Create()
    {
        var arguments = new StudyArguments();
        var output = new AnswerOutput();
        var untimed = new Option<bool>("--no-time") { Description = "do not train a few steps to tell how long the study will take" };
        var command = new GaplabCommand("plan", "the runs, samples, time, memory and disk of a study, and what speaks against it")
        {
            arguments.File,
            arguments.Set,
            arguments.Text,
            arguments.Store,
            arguments.Workers,
            untimed,
            output.Json,
        };
        command.SetAction(parsed =>
        {
            AtWork.On("reading the study and its data, planning its runs");
            using PreparedStudy study = arguments.Prepare(parsed);
            AtWork.On("counting the runs");
            PlanEstimate estimate = PlanEstimate.Of(study.Plan);
            AtWork.On("training a few steps to tell how long the study takes");
            bool mayStart = study.Findings.All(f => f.Severity != Severity.Error);
            PlanTime? time = mayStart && !parsed.GetValue(untimed) ? PlanTiming.Measure(study, arguments.WorkerCount(parsed)) : null;
            string timing =
                time?.ToString()
                ?? (
                    !mayStart ? "not estimated: the study cannot start"
                    : parsed.GetValue(untimed) ? "not estimated"
                    : "not estimated: it takes libtorch to time a few steps"
                );
            return output.Give(
                parsed,
                new PlanAnswer(study, estimate, time, timing),
                mayStart ? CommandRunner.Done : CommandRunner.BadInput
            );
        });
        return command;
    }
}
