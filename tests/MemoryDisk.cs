// A disk of its own in memory, so that what a full, read-only or slow disk says and does is the kernel's own answer.
using System.Diagnostics;

namespace Gaplab.Tests;

internal sealed class MemoryDisk : IDisposable
{
    private MemoryDisk(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null where mounting is not allowed.</summary>
    public static MemoryDisk? TryMount(string path, int kilobytes)
    {
        Directory.CreateDirectory(path);
        return OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", path)
            ? new MemoryDisk(path)
            : null;
    }

    /// <summary>Makes it read-only, or writable again.</summary>
    /// <returns>False while a file is open for writing.</returns>
    public bool TryRemount(bool readOnly) => Run("mount", "-o", readOnly ? "remount,ro" : "remount,rw", Path);

    public void Dispose() => Run("umount", "-l", Path);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
