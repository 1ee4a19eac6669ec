// The right to work on a pack: an exclusive lock on a file that the operating system gives back when its holder dies.
using Gaplab.Numerics;

namespace Gaplab.Results.Store;

/// <summary>Holds <c>claims/&lt;run&gt;.lock</c> of every run of a pack until disposed. No lock server, no time-outs: a killed holder's lock is free at once.</summary>
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
                    foreach (FileStream taken in files) taken.Dispose();
                    return null;
                }
                files.Add(file);
            }
            return new PackClaim(files);
        }
        catch
        {
            foreach (FileStream taken in files) taken.Dispose();
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
        try
        {
            // FileShare.None is flock(LOCK_EX) on Unix and an exclusive open on Windows. The file stays when the claim
            // ends: deleting it would let one process lock the deleted file and another the new one.
            RegularFile.RefuseSpecial(path);
#pragma warning disable RS0030 // Writes.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
#pragma warning restore RS0030
        }
        catch (IOException error) when (!AtomicFile.IsDiskFull(error) && File.Exists(path))
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Explain(path, error);
        }
    }

    /// <summary>Gives the claim back.</summary>
    public void Dispose()
    {
        foreach (FileStream file in _locks) file.Dispose();
    }
}
