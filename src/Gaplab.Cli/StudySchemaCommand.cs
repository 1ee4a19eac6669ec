// gaplab study schema: the JSON schema of study files, for editors. Needs no libtorch.
using System.CommandLine;
using Gaplab.Studies.Schema;

namespace Gaplab.Cli;

internal static class StudySchemaCommand
{
    public static Command Create()
    {
        var file = new OutputOption("--out", "the file to write (default: standard output)");
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "schema",
            "the JSON schema of study files, with which editors complete and check them",
            examples: [new("--out study.schema.json", "so that an editor completes and checks study files")]
        )
        {
            file,
            output.Json,
        };
        command.SetAction(parsed =>
        {
            if (file.Of(parsed) is not { } target)
                return output.Give(parsed, new SchemaAnswer(GaplabRoot.Of(parsed).Catalogues));
            target.WriteText(StudySchema.Text(GaplabRoot.Of(parsed).Catalogues));
            Console.Error.WriteLine($"wrote {target.Path}");
            return CommandRunner.Done;
        });
        return command;
    }
}
