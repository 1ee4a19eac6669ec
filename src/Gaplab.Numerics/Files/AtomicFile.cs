// Writes a file so that it is either wholly there or not there at all, and turns disk errors into one clear line.
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Gaplab.Numerics.Files;

/// <summary>A file that appears at once: a temporary file in the same folder, fsync, rename, fsync of the folder.</summary>
/// <remarks>A rename within one folder is atomic on POSIX and NTFS, so a reader or a crash sees the old file or the new one, never a part
/// of it.</remarks>
public static partial class AtomicFile
{
    private static readonly string s_machine = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Environment.MachineName)))[
        ..6
    ];
    private static int s_counter;

    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte-order mark.</summary>
    /// <exception cref="InputException">The file cannot be written (full disk, no permission); nothing of it is left.</exception>
    public static void WriteText(string path, string text) => WriteBytes(path, new UTF8Encoding(false).GetBytes(text));

    /// <inheritdoc cref="WriteText"/>
    public static void WriteBytes(string path, ReadOnlySpan<byte> bytes)
    {
        string temporary = TemporaryFor(path);
        try
        {
            using (FileStream stream = OpenTemporary(temporary))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }
            Replace(temporary, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw Explain(path, error);
        }
    }

    /// <summary>Lets <paramref name="write"/> fill a stream; the file appears only when it returns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Fills it.</param>
    /// <param name="replace">A file that is there is replaced; else that is an error, also where it came only now.</param>
    /// <inheritdoc cref="WriteText"/>
    public static void Write(string path, Action<Stream> write, bool replace = true)
    {
        ArgumentNullException.ThrowIfNull(write);
        string temporary = TemporaryFor(path);
        try
        {
            using (FileStream stream = OpenTemporary(temporary))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            Replace(temporary, path, replace);
        }
        catch (Exception error)
        {
            Discard(temporary);
            if (error is IOException or UnauthorizedAccessException)
                throw Explain(path, error);
            throw;
        }
    }

    /// <summary>A name for the temporary file of <paramref name="path"/>: in the same folder, unique to this machine, process and call, and
    /// marked ".tmp".</summary>
    /// <exception cref="InputException">A pipe, a device or a socket stands at the path, which a rename would destroy.</exception>
    public static string TemporaryFor(string path)
    {
        RegularFile.RefuseSpecial(path);
        return $"{path}.{s_machine}-{Environment.ProcessId}-{Interlocked.Increment(ref s_counter)}.tmp";
    }

    /// <summary>Deletes the temporary files directly in a folder whose writers are dead: processes of this machine that were killed, or
    /// whoever wrote nothing for a day.</summary>
    public static void DiscardAbandoned(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (string file in Directory.EnumerateFiles(folder, "*.tmp"))
        {
            string[] name = file[..^4].Split('.')[^1].Split('-');
            bool ours =
                name.Length == 3
                && name[0] == s_machine
                && int.TryParse(name[1], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && !IsAlive(id);
            if (ours || TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(file) > TimeSpan.FromDays(1))
                Discard(file);
        }
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return true; // It is there and may not be asked.
        }
    }

    /// <summary>Opens the temporary file for writing, creating its folder when absent.</summary>
    public static FileStream OpenTemporary(string temporary)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(temporary));
        if (folder is not null)
            LastingFolder.Create(folder);
        // Unbuffered: a failing write then surfaces where it happens and not again on Dispose.
#pragma warning disable RS0030 // Writes.
        return new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
#pragma warning restore RS0030
    }

    /// <summary>Renames a fully written and synced file over <paramref name="path"/> and makes the rename itself durable.</summary>
    public static void Replace(string temporary, string path, bool overwrite = true)
    {
        File.Move(temporary, path, overwrite);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Deletes a temporary file, quietly: it is called while a clearer error is on its way.</summary>
    public static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (IOException) { }
        catch (UnauthorizedAccessException) { }
    }

    /// <summary>One line for a failed write: the path, what the disk said, and what to do.</summary>
    public static InputException Explain(string path, Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (error is InputException already)
            return already;
        if (IsDiskFull(error))
            return new InputException(
                $"cannot write {path}: no space left on device: free some space; the runs finished so far are kept, the same "
                    + $"command resumes",
                error
            );
        string reason = error switch
        {
            // What the system said, such as "Permission denied", is within.
            UnauthorizedAccessException => $"{error.InnerException?.Message.TrimEnd('.').ToLowerInvariant() ?? "permission denied"}; "
                + "choose another place or change its permissions",
            DirectoryNotFoundException => "its folder is missing; choose another place",
            _ => error.Message.ReplaceLineEndings(" "),
        };
        return new InputException($"cannot write {path}: {reason}", error);
    }

    /// <summary>Whether an error says that the disk (ENOSPC) or the user's quota (EDQUOT) is full.</summary>
    public static bool IsDiskFull(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        // .NET carries errno in HResult on Unix (ENOSPC is 28; EDQUOT is 122 on Linux, 69 on macOS), and ERROR_DISK_FULL or
        // ERROR_HANDLE_DISK_FULL on Windows.
        if (error is not IOException)
            return false;
        int code = error.HResult & 0xFFFF;
        return OperatingSystem.IsWindows() ? code is 112 or 39 : code == 28 || code == (OperatingSystem.IsMacOS() ? 69 : 122);
    }

    /// <summary>Makes a rename or a deletion in the folder durable. Nothing to do on Windows, where the file system's journal does
    /// it.</summary>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        int descriptor = OpenFolder(folder, 0);
        if (descriptor < 0)
            return; // Some network file systems refuse to open a folder; the rename is atomic all the same.
        _ = Sync(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
