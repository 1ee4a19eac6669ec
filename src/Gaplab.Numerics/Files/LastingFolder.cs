// Folders that are made once: who deletes one while it is written to shall not find it again with a part of it inside.
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Gaplab.Numerics.Files;

/// <summary>Makes folders inside of others that must be there still.</summary>
/// <remarks>.NET makes every missing folder above the one that is asked for. Between the look whether a store is there and the making of a
/// folder in it, the store may have been deleted.</remarks>
public static partial class LastingFolder
{
    private const int NoSuchFolder = 2; // ENOENT

    private static readonly ConcurrentDictionary<string, byte> s_kept = new();

    /// <summary>From now on <see cref="Create"/> makes this folder never again, whoever asks for it or for a folder in it.</summary>
    public static void Keep(string folder) => s_kept.TryAdd(Plain(folder), 0);

    /// <summary>It may be made again, by who begins it anew.</summary>
    public static void Forget(string folder) => s_kept.TryRemove(Plain(folder), out _);

    /// <summary>Makes a folder and what is missing above it, but none that is kept.</summary>
    /// <exception cref="DirectoryNotFoundException">A folder that is kept is gone.</exception>
    public static void Create(string folder)
    {
        string path = Plain(folder);
        if (Directory.Exists(path))
            return;
        List<string> missing = [];
        for (string? above = path; above is not null; above = Path.GetDirectoryName(above))
        {
            if (s_kept.ContainsKey(above))
            {
                if (missing.Count == 0)
                    throw new DirectoryNotFoundException($"{above} was deleted");
                for (int i = missing.Count - 1; i >= 0; i--)
                    CreateOne(missing[i]);
                return;
            }
            missing.Add(above);
        }
        Directory.CreateDirectory(path);
    }

    private static void CreateOne(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        if (MakeDirectory(path, 0x1FF) == 0) // 0777, less what the user's mask takes
            return;
        if (Marshal.GetLastPInvokeError() == NoSuchFolder)
            throw new DirectoryNotFoundException($"{Path.GetDirectoryName(path)} was deleted");
        Directory.CreateDirectory(path); // it is there; or the same error, in .NET's words
    }

    private static string Plain(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    [LibraryImport("libc", EntryPoint = "mkdir", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeDirectory(string path, uint mode);
}
