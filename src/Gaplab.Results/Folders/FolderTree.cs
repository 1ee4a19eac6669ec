// The folders and files below a path, walked once and within bounds.
using Gaplab.Numerics;

namespace Gaplab.Results.Folders;

/// <summary>A folder of the tree.</summary>
/// <param name="path">Where it is.</param>
/// <param name="relative">Below the root, with slashes; "" for the root.</param>
/// <param name="parent">Null for the root.</param>
internal sealed class FolderNode(string path, string relative, FolderNode? parent)
{
    public string Path { get; } = path;

    public string Relative { get; } = relative;

    public FolderNode? Parent { get; } = parent;

    public string Name => Relative.Contains('/', StringComparison.Ordinal) ? Relative[(Relative.LastIndexOf('/') + 1)..] : Relative;

    /// <summary>Below the root; of the root its own name.</summary>
    public string Shown =>
        Relative.Length > 0
            ? Relative
            : System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>Names in ordinal order.</summary>
    public List<string> Files { get; } = [];

    public List<FolderNode> Folders { get; } = [];

    public IEnumerable<FolderNode> All => Folders.SelectMany(f => f.All).Prepend(this);
}

internal static class FolderTree
{
    public const int MostFiles = 2_000_000;

    private const int MostLevels = 16;

    /// <summary>Folders of programs, not of runs; what trackers keep for themselves has formats of its own.</summary>
    private static readonly HashSet<string> s_skipped = ["node_modules", "__pycache__", "wandb", "mlruns", "site-packages", "venv", "env"];

    private static readonly EnumerationOptions s_options = new()
    {
        IgnoreInaccessible = true,
        // Links could lead round in circles, and the folder "latest" is a run that stands elsewhere too.
        AttributesToSkip = FileAttributes.ReparsePoint,
        ReturnSpecialDirectories = false,
    };

    /// <param name="root">The folder.</param>
    /// <param name="mostFiles">Stop quietly at so many, where only a part is looked at; null: refuse more than a tree may have.</param>
    /// <exception cref="InputException">More files than can be the runs of a sweep.</exception>
    public static FolderNode Of(string root, int? mostFiles = null)
    {
        int files = 0;
        var top = new FolderNode(root, "", null);
        var open = new Stack<(FolderNode Folder, int Level)>([(top, 0)]);
        while (open.TryPop(out var next))
        {
            (FolderNode folder, int level) = next;
            foreach (FileSystemInfo entry in Entries(folder.Path))
            {
                bool isFolder = (entry.Attributes & FileAttributes.Directory) != 0;
                if (entry.Name[0] == '.' && !(isFolder && entry.Name == HydraFolder))
                    continue;
                if (!isFolder)
                {
                    folder.Files.Add(entry.Name);
                    if (++files >= (mostFiles ?? MostFiles))
                        return mostFiles is not null
                            ? Sorted(top)
                            : throw new InputException($"{root}: holds more than {MostFiles} files; name the folders of the runs");
                }
                else if (!s_skipped.Contains(entry.Name) && level < MostLevels)
                {
                    var below = new FolderNode(
                        System.IO.Path.Combine(folder.Path, entry.Name),
                        folder.Relative.Length == 0 ? entry.Name : $"{folder.Relative}/{entry.Name}",
                        folder
                    );
                    folder.Folders.Add(below);
                    open.Push((below, level + 1));
                }
            }
        }
        return Sorted(top);
    }

    public const string HydraFolder = ".hydra";

    private static IEnumerable<FileSystemInfo> Entries(string path)
    {
        try
        {
            return [.. new DirectoryInfo(path).EnumerateFileSystemInfos("*", s_options)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static FolderNode Sorted(FolderNode root)
    {
        foreach (FolderNode folder in root.All)
        {
            folder.Files.Sort(StringComparer.Ordinal);
            folder.Folders.Sort((a, b) => Natural(a.Name, b.Name));
        }
        return root;
    }

    /// <summary>"run10" after "run9".</summary>
    private static int Natural(string a, string b) =>
        StringComparer
            .Create(System.Globalization.CultureInfo.InvariantCulture, System.Globalization.CompareOptions.NumericOrdering)
            .Compare(a, b)
            is not 0
                and var order
            ? order
            : string.CompareOrdinal(a, b);
}
