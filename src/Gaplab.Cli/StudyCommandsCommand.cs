// gaplab study commands: one command line for each pack that a study lacks, for parallel, xargs or any queue.
using System.CommandLine;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class StudyCommandsCommand
{
    public static Command Create()
    {
        var arguments = new StudyArguments();
        arguments.File.Description = "the study file (YAML), or a store's folder";
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "commands",
            "a command line for each pack that is to be made, for parallel, xargs or any queue",
            examples: [new("studies/quickstart.yaml", "one command line a pack, for parallel, xargs or any queue")]
        )
        {
            arguments.File,
            arguments.Set,
            arguments.Text,
            arguments.Store,
            output.Json,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(arguments.File);
            if (Directory.Exists(path))
            {
                (RunStore there, PlanDocument kept) = StudyArguments.OpenStore(parsed, path);
                return Give(there, kept);
            }
            AtWork.On("reading the study and its data, planning its runs");
            using PreparedStudy study = arguments.Prepare(parsed, workers: 1);
            study.RefuseErrors();
            // Lines that are no commands go where a queue does not read them.
            var call = new StudyCall(StudyRunCommand.CommandText(parsed), 1, Console.Error.WriteLine, () => LiveProgress.Create(false));
            (RunStore store, PlanDocument document) = call.Begin(study, arguments.StorePath(parsed, study.Plan.Study));
            return Give(store, document);

            int Give(RunStore store, PlanDocument document) =>
                output.Give(parsed, PackCommands.Of(document, store), stores: parsed.GetValue(output.Json) ? [store] : []);
        });
        return command;
    }
}
