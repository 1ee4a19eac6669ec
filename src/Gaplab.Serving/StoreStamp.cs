// Whether a store has changed, asked of the times of a few hundred files and folders and of no file's content.
namespace Gaplab.Serving;

/// <summary>The state of a store's folders at a look.</summary>
/// <param name="IsThere">study.json is there.</param>
/// <param name="Study">Of study.json and plan.json.</param>
/// <param name="Results">Of the folders of runs: a run appears in one of them by a rename, which sets its time. Of rounds, attempts,
/// conflicts and damaged files too.</param>
/// <param name="Work">Of runs that are being made: lengths of what they have written so far, and who is at work.</param>
internal readonly record struct StoreStamp(bool IsThere, long Study, long Results, long Work)
{
    private static readonly string[] s_watched = ["rounds", "attempts", "conflicts", "damaged"];

    public static StoreStamp Of(string root)
    {
        var study = new PathStamp();
        foreach (string name in (string[])["study.json", "plan.json"])
            study.Add(new FileInfo(Path.Combine(root, name)));
        var results = new PathStamp();
        foreach (string folder in Folders(Path.Combine(root, "runs")))
            results.Add(new DirectoryInfo(folder));
        foreach (string name in s_watched)
            results.Add(new DirectoryInfo(Path.Combine(root, name)));
        foreach (string file in Files(Path.Combine(root, "attempts")))
            results.Add(new FileInfo(file));
        var work = new PathStamp();
        foreach (string run in Folders(Path.Combine(root, "work")))
        foreach (string claim in Folders(run))
            work.Add(new FileInfo(Path.Combine(claim, "metrics.jsonl")));
        work.Add(new DirectoryInfo(Path.Combine(root, "workers")));
        return new StoreStamp(File.Exists(Path.Combine(root, "study.json")), study.Value, results.Value, work.Value);
    }

    private static string[] Folders(string path) => Entries(path, Directory.GetDirectories);

    private static string[] Files(string path) => Entries(path, Directory.GetFiles);

    // What goes while it is looked at is gone at the next look.
    private static string[] Entries(string path, Func<string, string[]> list)
    {
        try
        {
            string[] all = Directory.Exists(path) ? list(path) : [];
            Array.Sort(all, StringComparer.Ordinal);
            return all;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
