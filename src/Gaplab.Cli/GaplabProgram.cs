// The whole program as one call, for programs that add kinds of their own.
using System.Reflection;
using Gaplab.Studies;

namespace Gaplab.Cli;

/// <summary>Every command of <c>gaplab</c> over the kinds of the caller: <c>return GaplabProgram.Run(args,
/// Catalogues.BuiltIn.With(mine));</c> is all of a program whose study files can name <c>mine</c>.</summary>
public static class GaplabProgram
{
    /// <summary>Runs the command that was typed. Bad input is one line on standard error.</summary>
    /// <param name="args">What was typed. Workers are the same program with the one word <c>train-packs</c>: nothing may take it
    /// away.</param>
    /// <param name="catalogues">What study files can name.</param>
    /// <returns>The exit code: 0 done, 1 something is missing, 2 bad input, 3 something in a store was damaged, 75 a worker that is
    /// to be started again, 130 interrupted.</returns>
    public static int Run(string[] args, Catalogues catalogues)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(catalogues);
        TerminalText.Install();
        return CommandRunner.Run(CommandTable.Root(catalogues, Name()), args);
    }

    // Gaplab's own start script; of other programs, what was started.
    private static string Name()
    {
        if (Assembly.GetEntryAssembly() == typeof(GaplabProgram).Assembly)
            return CommandTable.StartScript;
        string main = Environment.GetCommandLineArgs()[0];
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? $"dotnet {Near(main)}"
            : Near(Environment.ProcessPath ?? main);
    }

    // From the current folder, where the program lies below it.
    private static string Near(string path)
    {
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : Path.Combine(".", relative);
    }
}
