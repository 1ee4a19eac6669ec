// gaplab python-helper: the Python module for training scripts of one's own. Needs no libtorch, and no Python.
using System.CommandLine;
using Gaplab.Studies.Python;

namespace Gaplab.Cli;

internal static class PythonHelperCommand
{
    public static Command Create()
    {
        var file = new OutputOption("--out", $"the file to write, such as {PythonModule.FileName} (default: standard output)");
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "python-helper",
            "a Python module that logs a PyTorch training of your own, and measures its noise, sharpness and curvature",
            examples: [new("--out gaplab_probe.py", "into the folder of your training script")]
        )
        {
            file,
            output.Json,
        };
        command.SetAction(parsed =>
        {
            if (file.Of(parsed) is not { } target)
                return output.Give(parsed, new PythonModule());
            target.WriteText(PythonModule.Text);
            Console.Error.WriteLine($"wrote {target.Path}");
            return CommandRunner.Done;
        });
        return command;
    }
}
