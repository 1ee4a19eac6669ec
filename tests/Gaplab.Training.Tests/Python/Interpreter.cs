// Scripts of tests/python and of the documents, run by the system's Python with the module as a user gets it.
using System.Diagnostics;
using Gaplab.Studies.Python;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Python;

internal static class Interpreter
{
    private const string System = "/usr/bin/python3";

    /// <summary>Skips, visibly, what takes PyTorch: the long tests have it installed.</summary>
    public static void SkipWithoutTorch()
    {
        LongStage.OrSkip("runs PyTorch");
        Assert.SkipUnless(
            File.Exists(System) && Directory.Exists("/usr/lib/python3/dist-packages/torch"),
            "needs PyTorch (Debian: python3-torch)"
        );
    }

    /// <summary>Skips, visibly, where there is no Python at all.</summary>
    public static void SkipWithoutPython() => Assert.SkipUnless(File.Exists(System), $"needs {System}");

    /// <summary>The script in the folder, which gets the module.</summary>
    public static ProgramEnd Run(TestFolder folder, params string[] words)
    {
        folder.Write(PythonModule.FileName, PythonModule.Text);
        var start = new ProcessStartInfo(System, words)
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PYTHONPATH"] = string.Join(':', folder.Path, Repository.At("tests/golden"));
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment.Remove("GAPLAB_OUT");
        start.Environment.Remove("GAPLAB_ATTEMPT");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ProgramEnd(process.ExitCode, output, errors.Result);
    }
}
