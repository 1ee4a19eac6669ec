// Tells regular files from pipes, devices and sockets before they are opened: opening one may wait for ever or act on a machine.
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Gaplab.Numerics.Files;

/// <summary>What stands at a path, when it is neither a file nor a folder.</summary>
internal static partial class SpecialFile
{
    // AT_FDCWD; STATX_TYPE and STATX_INO; offsets of stx_mode, stx_ino and stx_dev_major, and of st_mode on a Mac.
    private const int ThisFolder = -100,
        TypeAsked = 1,
        InodeAsked = 0x100,
        ModeAt = 28,
        InodeAt = 32,
        DeviceAt = 136,
        ModeAtOnMac = 4;
    private const int TypeMask = 0xF000,
        Pipe = 0x1000,
        Characters = 0x2000,
        Blocks = 0x6000,
        Socket = 0xC000;

    /// <summary>"a named pipe", "a device" or "a socket"; null for files, folders, and where there is nothing or it cannot be told. Links
    /// are followed.</summary>
    public static string? KindOf(string path) =>
        (Mode(path) & TypeMask) switch
        {
            Pipe => "a pipe",
            Characters or Blocks => "a device",
            Socket => "a socket",
            _ => null,
        };

    /// <summary>What two names of one file have in common: device and inode, where the system tells them, else the full path. Links are
    /// followed; one that leads nowhere is itself.</summary>
    public static string Identity(string path)
    {
        Span<byte> status = stackalloc byte[512];
        try
        {
            if (
                OperatingSystem.IsLinux()
                && Statx(ThisFolder, path, 0, TypeAsked | InodeAsked, ref MemoryMarshal.GetReference(status)) == 0
            )
                return $"{BitConverter.ToUInt64(status[InodeAt..])} {BitConverter.ToUInt64(status[DeviceAt..])}";
        }
        catch (EntryPointNotFoundException)
        {
            // A C library older than statx.
        }
        return Path.GetFullPath(path);
    }

    private static int Mode(string path)
    {
        Span<byte> status = stackalloc byte[512];
        try
        {
            if (OperatingSystem.IsLinux())
                return Statx(ThisFolder, path, 0, TypeAsked, ref MemoryMarshal.GetReference(status)) == 0
                    ? BitConverter.ToUInt16(status[ModeAt..])
                    : 0;
            if (OperatingSystem.IsMacOS())
                return Stat(path, ref MemoryMarshal.GetReference(status)) == 0 ? BitConverter.ToUInt16(status[ModeAtOnMac..]) : 0;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library older than statx.
        }
        return 0;
    }

    [SupportedOSPlatform("macos")]
    private static int Stat(string path, ref byte status) =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatOfIntel(path, ref status) : StatOfArm(path, ref status);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatOfArm(string path, ref byte status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatOfIntel(string path, ref byte status);
}
