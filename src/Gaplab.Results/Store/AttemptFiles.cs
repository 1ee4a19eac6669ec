// attempts/<pack>.<process>.jsonl: what befell packs that gave no result, a file for each process that tells of it.
using System.Globalization;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>Writes and reads the attempts of a store. What cannot be read is told, and the rest is read: attempts decide nothing.</summary>
internal sealed class AttemptFiles(string root, Action<Damage> tell)
{
    public const string Folder = "attempts";

    private const string Extension = ".jsonl";

    public void Record(string pack, Attempt attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        // Several work on one store: each has a file of its own, so that none writes over another's lines.
        string path = Path.Combine(root, Folder, $"{pack}.{StoreOwner.Self}{Extension}");
        // Attempts are few: the file is rewritten whole, so that a torn line cannot be.
        string before = File.Exists(path) ? RegularFile.ReadText(path, FileLimit.Store) : "";
        AtomicFile.WriteText(path, before + attempt.ToLine());
    }

    /// <summary>Of one pack, whoever told of them, in the order of their time; of equal ones, of their files.</summary>
    public IReadOnlyList<Attempt> Of(string pack)
    {
        string folder = Path.Combine(root, Folder);
        return !Directory.Exists(folder)
            ? []
            :
            [
                .. Directory
                    .EnumerateFileSystemEntries(folder, pack + ".*")
                    .Select(f => Path.GetFileName(f)!)
                    .Where(f => f.EndsWith(Extension, StringComparison.Ordinal) && PackOf(f) == pack)
                    .Order(StringComparer.Ordinal)
                    .SelectMany(In)
                    .OrderBy(a => a.Time),
            ];
    }

    // Older stores have one file a pack.
    private static string PackOf(string file)
    {
        string name = file[..^Extension.Length];
        int dot = name.LastIndexOf('.');
        return dot > 0 && StoreOwner.Parse(name[(dot + 1)..]) is not null ? name[..dot] : name;
    }

    private List<Attempt> In(string file)
    {
        string name = Path.Combine(Folder, file),
            path = Path.Combine(root, name);
        var attempts = new List<Attempt>();
        try
        {
            string[] lines = Encoding.UTF8.GetString(StoreFile.Read(path)).TrimEnd('\n').Split('\n');
            for (int i = 0; i < lines.Length; i++)
            {
                string where = string.Create(CultureInfo.InvariantCulture, $"line {i + 1}");
                try
                {
                    attempts.Add(Attempt.Parse(lines[i], where));
                }
                catch (InputException error)
                {
                    tell(new Damage("", name, error.Message));
                }
            }
        }
        catch (InputException error)
        {
            tell(new Damage("", name, error.Message));
        }
        return attempts;
    }

    public IReadOnlyDictionary<string, IReadOnlyList<Attempt>> All()
    {
        string folder = Path.Combine(root, Folder);
        if (!Directory.Exists(folder))
        {
            if (StoreFile.Look(folder).There)
                tell(new Damage("", Folder, "is no folder"));
            return new Dictionary<string, IReadOnlyList<Attempt>>();
        }
        try
        {
            return Directory
                .EnumerateFileSystemEntries(folder, "*" + Extension)
                .Select(f => PackOf(Path.GetFileName(f)))
                .Where(RunStore.IsFileName)
                .Distinct()
                .Order(StringComparer.Ordinal)
                .ToDictionary(p => p, Of);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            tell(new Damage("", Folder, StoreFile.Unreadable(error)));
            return new Dictionary<string, IReadOnlyList<Attempt>>();
        }
    }
}
