// gaplab study init: a study to begin from, and beside it the schema by which an editor checks it. Needs no libtorch.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Studies;
using Gaplab.Studies.Schema;

namespace Gaplab.Cli;

internal static class StudyInitCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "the study file to make: NAME.yaml" };
        var task = new Option<string?>("--task") { Description = "its kind of task (default markov, or what the model reads)" };
        var model = new Option<string?>("--model") { Description = "its kind of model (default the task's)" };
        var command = new GaplabCommand(
            "init",
            "a commented study to begin from, for a task and a model",
            examples: [new("my-study.yaml --task markov --model gpt", "a commented study to begin from")]
        )
        {
            file,
            task,
            model,
            OutputOption.Force,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            if (Path.GetExtension(path).ToLowerInvariant() is not (".yaml" or ".yml"))
                throw new InputException($"a study file got the name '{Shown.Of(path)}'; expected one ending in .yaml");
            bool force = parsed.GetValue(OutputOption.Force);
            Catalogues catalogues = GaplabRoot.Of(parsed).Catalogues;
            string text = StudyTemplate.Text(path, catalogues, parsed.GetValue(task), parsed.GetValue(model));
            var study = new OutputFile(path, force);
            study.Check();
            string beside = Path.Combine(Path.GetDirectoryName(path) ?? "", StudySchema.FileName);
            bool isNew = !Holds(beside, StudySchema.Text(catalogues));
            var schema = new OutputFile(beside, force);
            if (isNew && File.Exists(beside) && !force)
                throw new InputException(
                    $"{beside} is not this version's schema; it was left as it is, and nothing was written: --force replaces it"
                );
            if (isNew)
                schema.WriteText(StudySchema.Text(catalogues));
            study.WriteText(text);
            Console.Out.WriteLine($"wrote {path}{(isNew ? $" and {beside}" : "")}");
            return CommandRunner.Done;
        });
        return command;
    }

    private static bool Holds(string path, string text) => File.Exists(path) && RegularFile.ReadText(path, FileLimit.Study) == text;
}
