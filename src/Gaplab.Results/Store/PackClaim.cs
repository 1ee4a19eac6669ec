// The right to work on a pack: an exclusive lock on a file that the operating system gives back when its holder dies.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>Holds <c>claims/&lt;run&gt;.lock</c> of every run of a pack until disposed. No lock server, no time-outs: a killed holder's
/// lock is free at once.
/// The files stay when the claim ends; <see cref="RunStore.CleanClaims"/> removes them when a study ends.</summary>
public sealed class PackClaim : IDisposable
{
    private readonly IReadOnlyList<FileStream> _locks;

    private PackClaim(IReadOnlyList<FileStream> files) => _locks = files;

    /// <summary>Takes all of several claims, or none and returns null.</summary>
    /// <remarks>In the order of the paths: of two that overlap, the one that gets the first common claim gets the rest too.</remarks>
    /// <inheritdoc cref="TryTake(string)"/>
    internal static PackClaim? TryTake(IEnumerable<string> paths)
    {
        var files = new List<FileStream>();
        try
        {
            foreach (string path in paths.Order(StringComparer.Ordinal))
            {
                if (TryLock(path) is not { } file)
                {
                    foreach (FileStream taken in files)
                        taken.Dispose();
                    return null;
                }
                files.Add(file);
            }
            return new PackClaim(files);
        }
        catch
        {
            foreach (FileStream taken in files)
                taken.Dispose();
            throw;
        }
    }

    /// <summary>Takes the claim, or returns null when another process (or another part of this one) holds it.</summary>
    /// <exception cref="InputException">The lock file cannot be made: full disk, no permission.</exception>
    internal static PackClaim? TryTake(string path) => TryLock(path) is { } file ? new PackClaim([file]) : null;

    private static FileStream? TryLock(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Explain(path, error);
        }
        while (true)
        {
            FileStream file;
            try
            {
                // FileShare.None is flock(LOCK_EX) on Unix and an exclusive open on Windows.
                RegularFile.RefuseSpecial(path);
#pragma warning disable RS0030 // Writes.
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
#pragma warning restore RS0030
            }
            catch (IOException error) when (IsHeld(error))
            {
                return null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw AtomicFile.Explain(path, error);
            }
            try
            {
                if (IsNamed(file))
                    return file;
                file.Dispose();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                file.Dispose();
                throw AtomicFile.Explain(path, error);
            }
        }
    }

    // A study that ends removes the files that nobody holds: who had opened one until then has locked a file without a name, and another
    // may
    // lock a new one beside it. The kernel says whether a file that is open still has its name.
    private static bool IsNamed(FileStream file) =>
        !CanRemove
        || new FileInfo($"{OpenFiles}/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget?.EndsWith(
            " (deleted)",
            StringComparison.Ordinal
        ) != true;

    private const string OpenFiles = "/proc/self/fd";

    /// <summary>Whether a removed file can be told from one that is there: else lock files stay.</summary>
    internal static bool CanRemove { get; } = OperatingSystem.IsLinux() && Directory.Exists(OpenFiles);

    // EWOULDBLOCK, or a sharing or lock violation. Anything else (no more open files, no permission) is an error of its own.
    private static bool IsHeld(IOException error)
    {
        int code = error.HResult & 0xFFFF;
        return OperatingSystem.IsWindows() ? code is 32 or 33 : code == (OperatingSystem.IsMacOS() ? 35 : 11);
    }

    /// <summary>Gives the claim back.</summary>
    public void Dispose()
    {
        foreach (FileStream file in _locks)
            file.Dispose();
    }

    /// <summary>Gives the claim back and removes its files: while they are locked, so that who comes next finds no name or a file of its
    /// own.</summary>
    internal void Remove()
    {
        if (CanRemove)
            foreach (FileStream file in _locks)
                AtomicFile.Discard(file.Name);
        Dispose();
    }
}
