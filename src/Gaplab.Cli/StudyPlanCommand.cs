// gaplab study plan: what a study will do and cost, before anything starts. Needs libtorch for the time alone.
using System.CommandLine;
using Gaplab.Numerics;
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
        var tried = new Option<bool>("--try")
        {
            Description = "of a command: make small runs of it, to see its metrics, its repetition and that every knob is live",
        };
        var resumed = new Option<bool>("--try-resume")
        {
            Description = "of a command: end a run half-way, run it again and compare with an uninterrupted one",
        };
        var command = new GaplabCommand(
            "plan",
            "the runs, samples, time, memory and disk of a study, and what speaks against it",
            examples:
            [
                new("studies/quickstart.yaml", "what it would train, for how long, and what speaks against it"),
                new("studies/quickstart.yaml --set budget.samples=4096", "the same with half the data"),
            ]
        )
        {
            arguments.File,
            arguments.Set,
            arguments.Text,
            arguments.Store,
            arguments.Workers,
            arguments.Device,
            untimed,
            tried,
            resumed,
            output.Json,
        };
        command.SetAction(parsed =>
        {
            AtWork.On("reading the study and its data, planning its runs");
            using PreparedStudy study = arguments.Prepare(parsed);
            if (parsed.GetValue(tried) || parsed.GetValue(resumed))
                return Try(parsed, study, parsed.GetValue(resumed), output);
            AtWork.On("counting the runs");
            PlanEstimate estimate = PlanEstimate.Of(study.Plan);
            AtWork.On("training a few steps to tell how long the study takes");
            bool mayStart = study.Findings.All(f => f.Severity != Severity.Error);
            bool ofCommand = study.Plan.Study.IsOfCommand;
            PlanTime? time =
                mayStart && !ofCommand && !parsed.GetValue(untimed) ? PlanTiming.Measure(study, arguments.WorkerCount(parsed)) : null;
            string timing =
                time?.ToString()
                ?? (
                    ofCommand ? "not known of a command; --try makes small runs and tells"
                    : !mayStart ? "not estimated: the study cannot start"
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

    private static int Try(ParseResult parsed, PreparedStudy study, bool resume, AnswerOutput output)
    {
        if (!study.Plan.Study.IsOfCommand)
            throw new InputException(
                "--try and --try-resume try a training of your own (model: {kind: command}); this study's models are "
                    + "Gaplab's, which 'gaplab "
                    + "study plan' times by itself"
            );
        study.RefuseErrors();
        string folder = Directory.CreateTempSubdirectory("gaplab-try-").FullName;
        bool keep = true;
        try
        {
            var test = new SmokeTest(study, folder, what => AtWork.On($"trying the command: {what}"));
            ISmokeTestAnswer answer = StudyRunCommand.UntilStopped<ISmokeTestAnswer>(stop =>
                resume ? test.TryResume(stop) : test.Try(stop)
            );
            keep = !answer.IsGood;
            return output.Give(parsed, answer, answer.IsGood ? CommandRunner.Done : CommandRunner.Incomplete);
        }
        catch (OperationCanceledException)
        {
            keep = false;
            Console.Error.WriteLine("interrupted; nothing of the small runs is kept");
            return CommandRunner.Interrupted;
        }
        finally
        {
            // What small runs left is evidence only where something is wrong with it.
            if (keep && Directory.EnumerateFileSystemEntries(folder).Any())
                Console.Error.WriteLine($"what the small runs printed and wrote is in {folder}");
            else
                Directory.Delete(folder, recursive: true);
        }
    }
}
