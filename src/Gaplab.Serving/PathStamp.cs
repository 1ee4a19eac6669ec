// One number for the names, times and lengths of files and folders: whether any of them has changed.
namespace Gaplab.Serving;

/// <summary>FNV-1a: the same within a process and between them.</summary>
internal struct PathStamp()
{
    public long Value { get; private set; } = unchecked((long)14695981039346656037);

    public void Add(string name)
    {
        foreach (char c in name)
            Mix(c);
    }

    public void Add(FileSystemInfo info)
    {
        Add(info.Name);
        try
        {
            Mix(info.Exists ? info.LastWriteTimeUtc.Ticks : -1);
            if (info is FileInfo { Exists: true } file)
                Mix(file.Length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Mix(-2);
        }
    }

    private void Mix(long part) => Value = unchecked((Value ^ part) * 1099511628211);
}
