// gaplab theorem1: clipped SGD on functions with the structure of Pan and Li's theorem, measured beside closed forms and bounds. Pure C#.
using System.CommandLine;
using Gaplab.Studies.Theorem;

namespace Gaplab.Cli;

internal static class TheoremCommand
{
    public static Command Create()
    {
        var output = new PagedOutput();
        var command = new GaplabCommand(
            "theorem1",
            "does clipping the top coordinates help, and when? On functions where a few coordinates hold the curvature",
            examples: [new("--html theorem1.html", "the measured bounds as a page")]
        )
        {
            output.Json,
            output.Html,
        };
        command.SetAction(parsed =>
        {
            AtWork.On("simulating clipped and plain descent on functions of split curvature");
            return output.Give(parsed, TheoremAnswer.Measured());
        });
        return command;
    }
}
