// What a process ran out of, or is going to: open files, memory. One line each.
using System.Globalization;

namespace Gaplab.Cli;

/// <summary>Limits of the process that show as errors in places that have nothing to do with them.</summary>
internal static class Exhaustion
{
    /// <summary>Open files that every command needs: the program's own libraries are most of them.</summary>
    private const int FewestFiles = 128;

    // EMFILE of the process, ENFILE of the machine, ENOMEM.
    private const int TooManyFiles = 24,
        TooManyInAll = 23,
        NoMemory = 12;

    private const string Advice = "raise the limit, for example with 'ulimit -n 1024', and run the command again";

    /// <summary>What is wrong with the limits before anything is done: a process without handles cannot even load what says so. Null where
    /// nothing is known to be.</summary>
    public static string? Foreseen()
    {
        const string Limits = "/proc/self/limits",
            Row = "Max open files";
        if (!File.Exists(Limits))
            return null;
        string? row = Numerics
            .Files.RegularFile.ReadLines(Limits, Numerics.Files.FileLimit.Document)
            .FirstOrDefault(l => l.StartsWith(Row, StringComparison.Ordinal));
        string? soft = row?[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int files) && files < FewestFiles
            ? string.Create(CultureInfo.InvariantCulture, $"the process may open {files} files, and needs {FewestFiles}; {Advice}")
            : null;
    }

    /// <summary>One sentence, or null where nothing ran out.</summary>
    public static string? Sentence(Exception error)
    {
        for (Exception? at = error; at is not null; at = at.InnerException)
        {
            int code = OperatingSystem.IsWindows() ? 0 : at.HResult & 0xFFFF;
            if (
                at is IOException
                && (code is TooManyFiles or TooManyInAll || at.Message.Contains("Too many open files", StringComparison.OrdinalIgnoreCase))
            )
                return $"the process may open no more files; {Advice}";
            if (at is OutOfMemoryException || (at is IOException && code == NoMemory))
                return "memory ran out; free some, or raise the limit if one is set ('ulimit -v' shows it), and run the command again";
        }
        return null;
    }
}
