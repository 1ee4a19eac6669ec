// Slurm's own programs, asked in one line.
using System.ComponentModel;
using System.Diagnostics;
using Gaplab.Numerics;

namespace Gaplab.Studies.Slurm;

/// <summary>Starts sbatch, squeue or scontrol and takes what it says.</summary>
internal static class SlurmProgram
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>What it printed; null where there is no such program here.</summary>
    /// <exception cref="InputException">It refused, or did not answer: its own words, in one line.</exception>
    public static string? Ask(string program, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return null;
        }
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(),
                errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(s_patience))
            {
                process.Kill(entireProcessTree: true);
                throw new InputException($"{program} did not answer within {s_patience.TotalSeconds} s");
            }
            return process.ExitCode == 0
                ? output.Result
                : throw new InputException($"{program} refused: {Shown.Line(errors.Result.Trim().ReplaceLineEndings(" "), 500)}");
        }
    }
}
