// The right to work on a pack: an exclusive lock on a file that the operating system gives back when its holder dies.
using Gaplab.Numerics;

namespace Gaplab.Results.Store;

/// <summary>Holds <c>claims/&lt;pack&gt;.lock</c> until disposed. No lock server, no time-outs: a killed holder's lock is free at once.</summary>
public sealed class PackClaim : IDisposable
{
    private readonly FileStream _lock;

    private PackClaim(FileStream file) => _lock = file;

    /// <summary>Takes the claim, or returns null when another process (or another part of this one) holds it.</summary>
    /// <exception cref="InputException">The lock file cannot be made: full disk, no permission.</exception>
    internal static PackClaim? TryTake(string path)
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
            return new PackClaim(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
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
    public void Dispose() => _lock.Dispose();
}
