// What a process ran out of, in one line: open files, memory.
namespace Gaplab.Cli;

/// <summary>Limits of the process that show as errors in places that have nothing to do with them.</summary>
internal static class Exhaustion
{
    // EMFILE of the process, ENFILE of the machine, ENOMEM.
    private const int TooManyFiles = 24, TooManyInAll = 23, NoMemory = 12;

    /// <summary>One sentence, or null where nothing ran out.</summary>
    public static string? Sentence(Exception error)
    {
        for (Exception? at = error; at is not null; at = at.InnerException)
        {
            int code = OperatingSystem.IsWindows() ? 0 : at.HResult & 0xFFFF;
            if (at is IOException && (code is TooManyFiles or TooManyInAll || at.Message.Contains("Too many open files", StringComparison.OrdinalIgnoreCase)))
                return "the process may open no more files; raise the limit, for example with 'ulimit -n 1024', and run the command again";
            if (at is OutOfMemoryException || (at is IOException && code == NoMemory))
                return "memory ran out; free some, or raise the limit if one is set ('ulimit -v' shows it), and run the command again";
        }
        return null;
    }
}
