// gaplab study diff: what differs between two studies. Needs no libtorch and not the data.
using System.CommandLine;
using Gaplab.Studies.Reading;

namespace Gaplab.Cli;

internal static class StudyDiffCommand
{
    public static Command Create()
    {
        var first = new Argument<string>("first") { Description = "a store's folder, or a study file" };
        var second = new Argument<string>("second") { Description = "the other" };
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "diff",
            "what differs between two studies or two stores",
            examples:
            [
                new("studies/quickstart.yaml studies/memory.yaml", "key by key"),
                new("stores/quickstart studies/quickstart.yaml", "whether a store is still that of the file"),
            ]
        )
        {
            first,
            second,
            output.Json,
        };
        command.SetAction(parsed =>
            output.Give(
                parsed,
                StudyDifferences.Between(parsed.GetRequiredValue(first), parsed.GetRequiredValue(second), GaplabRoot.Of(parsed).Catalogues),
                stores: []
            )
        );
        return command;
    }
}
