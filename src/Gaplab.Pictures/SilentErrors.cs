// Standard error, closed for a moment to what a native library writes there by itself.
using System.Runtime.InteropServices;

namespace Gaplab.Pictures;

/// <summary>While it lives, descriptor 2 leads nowhere. ImageMagick draws words through a fontconfig that it does not initialize, and
/// fontconfig says so once a process, on standard error; there is no switch for it.</summary>
internal sealed partial class SilentErrors : IDisposable
{
    private const int StandardError = 2,
        WriteOnly = 1;

    private readonly int _kept = -1;

    public SilentErrors()
    {
        if (OperatingSystem.IsWindows() || Open("/dev/null", WriteOnly) is not (>= 0 and var nowhere))
            return;
        _kept = Duplicate(StandardError);
        if (_kept >= 0)
            _ = Duplicate(nowhere, StandardError);
        _ = Close(nowhere);
    }

    public void Dispose()
    {
        if (_kept < 0)
            return;
        _ = Duplicate(_kept, StandardError);
        _ = Close(_kept);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int descriptor, int onto);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
