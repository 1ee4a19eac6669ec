// A folder that a user names for a result: a new name or an empty folder, and it is there whole or not at all.
namespace Gaplab.Numerics.Files;

/// <summary>The one rule of folders that are written as a whole.</summary>
/// <param name="Path">As the user named it.</param>
public sealed record OutputFolder(string Path)
{
    /// <summary>Refuses what must not be written.</summary>
    /// <exception cref="InputException">One line: what is there, and what to do.</exception>
    public void Check()
    {
        if (Path.Trim().Length == 0)
            throw new InputException("the name of the folder to write is empty; expected a folder");
        if (Path.Contains('\0', StringComparison.Ordinal))
            throw new InputException("the name of the folder to write holds a NUL character; expected a folder");
        if (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any())
            throw new InputException($"{Path} holds other files; it was left as it is: give a new or an empty folder");
        for (string? at = System.IO.Path.GetFullPath(Path); at is not null; at = System.IO.Path.GetDirectoryName(at))
            if (File.Exists(at))
                throw new InputException($"{Path} cannot be written: {at} is a file, not a folder; give another name");
    }

    /// <summary>Lets <paramref name="fill"/> fill a folder beside it, which gets the name only when it returns.</summary>
    /// <returns>What <paramref name="fill"/> returned.</returns>
    /// <exception cref="InputException">What <see cref="Check"/> refuses, or the disk.</exception>
    public T Write<T>(Func<string, T> fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        Check();
        string whole = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)),
            temporary = AtomicFile.TemporaryFor(whole);
        try
        {
            Directory.CreateDirectory(temporary);
            T made = fill(temporary);
            if (Directory.Exists(whole))
                Directory.Delete(whole);
            Directory.Move(temporary, whole);
            return made;
        }
        catch (Exception error)
        {
            try
            {
                if (Directory.Exists(temporary))
                    Directory.Delete(temporary, recursive: true);
            }
            catch (Exception late) when (late is IOException or UnauthorizedAccessException)
            {
                // The first error is the one to tell.
            }
            if (error is IOException or UnauthorizedAccessException)
                throw AtomicFile.Explain(Path, error);
            throw;
        }
    }
}
