// What is free on the disk of a folder.
namespace Gaplab.Studies.Datasets;

internal static class FreeSpace
{
    /// <summary>Bytes; null where the system does not tell.</summary>
    public static long? Of(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
