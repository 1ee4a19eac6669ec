// attempts/<pack>.jsonl: what befell packs that gave no result.
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
        string path = Path.Combine(root, Folder, pack + Extension);
        // Attempts are few: the file is rewritten whole, so that a torn line cannot be.
        string before = File.Exists(path) ? RegularFile.ReadText(path, FileLimit.Store) : "";
        AtomicFile.WriteText(path, before + attempt.ToLine());
    }

    public IReadOnlyList<Attempt> Of(string pack)
    {
        string name = Path.Combine(Folder, pack + Extension),
            path = Path.Combine(root, name);
        if (!StoreFile.Look(path).There)
            return [];
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
                .Select(f => Path.GetFileNameWithoutExtension(f)!)
                .Where(RunStore.IsFileName)
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
