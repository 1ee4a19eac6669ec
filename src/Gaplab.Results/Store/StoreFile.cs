// Whether a file of the store is there, is not, or is something that no file should be.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>Looks at a path before it is opened: "not there" and "cannot be read" are different answers.</summary>
internal static class StoreFile
{
    /// <summary>Whether something is there, and why it cannot be read as a file; null when it can.</summary>
    public static (bool There, string? Problem) Look(string path)
    {
        try
        {
            FileAttributes attributes = File.GetAttributes(path);
            if ((attributes & FileAttributes.Directory) != 0)
                return (true, "is a folder, expected a file");
            // A link is as good as what it leads to; one that leads nowhere, or round in a circle, exists and cannot be opened.
            if ((attributes & FileAttributes.ReparsePoint) != 0 && !LeadsToFile(path))
                return (true, "is a link that leads to no file");
            return (true, null);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return (false, null);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            return (true, Unreadable(error));
        }
    }

    private static bool LeadsToFile(string path)
    {
        try
        {
            return new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true };
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The content of a file that must be there.</summary>
    /// <exception cref="InputException">Missing, empty, no file, or unreadable; the message is the reason alone.</exception>
    public static byte[] Read(string path)
    {
        (bool there, string? problem) = Look(path);
        if (!there)
            throw new InputException("is missing");
        if (problem is not null)
            throw new InputException(problem);
        try
        {
            // What has no length is empty, or a pipe or device, which might never end.
            return Sha256.LengthOf(path) > 0 ? RunFolder.ReadShared(path) : throw new InputException("is empty");
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new InputException(Unreadable(error), error);
        }
    }

    public static string Unreadable(Exception error) =>
        error is UnauthorizedAccessException
            ? "cannot be read: permission denied"
            : $"cannot be read: {error.Message.ReplaceLineEndings(" ")}";
}
