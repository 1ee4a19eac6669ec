// The run store: a folder of files that a person can read, that two processes may share, and that no crash can spoil.
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;

namespace Gaplab.Results.Store;

/// <summary>A finished run as the index lists it.</summary>
public sealed record IndexedRun(string Id, RunResult Result);

/// <summary>The store of one study. docs/store.md describes every file and key.</summary>
/// <remarks>
/// What makes it safe: a run's id is the hash of its spec, so two processes that make the same run make the same files;
/// a file that counts appears by rename, whole or not at all; result.json comes last.
/// </remarks>
public sealed class RunStore
{
    /// <summary>The version of the layout, kept in study.json.</summary>
    public const int Format = 1;

    private RunStore(string root) => Root = root;

    /// <summary>The store's folder.</summary>
    public string Root { get; }

    /// <summary>Opens a store. Nothing is written before <see cref="Bind"/> or the first run.</summary>
    /// <param name="path">The store's folder.</param>
    /// <param name="create">Whether it may be absent or empty.</param>
    /// <exception cref="InputException">No store there, a file, or a folder that holds something else.</exception>
    public static RunStore Open(string path, bool create = false)
    {
        if (File.Exists(path)) throw new InputException($"{path} is a file, expected a store's folder; give another path");
        bool isStore = File.Exists(Path.Combine(path, "study.json")) || Directory.Exists(Path.Combine(path, "runs"));
        if (!isStore && !create)
            throw new InputException($"{path} is no store ({(Directory.Exists(path) ? "it has no study.json" : "no such folder")}); run the study first, or give the path of its store");
        // Another process may be between the two files of Bind, or have died there: study.yaml alone is left to Bind to judge.
        if (!isStore && Directory.Exists(path) &&
            Directory.EnumerateFileSystemEntries(path).Any(e => !e.EndsWith(".tmp", StringComparison.Ordinal) && Path.GetFileName(e) != "study.yaml") &&
            !File.Exists(Path.Combine(path, "study.json")))
            throw HoldsOtherFiles(path);
        return new RunStore(path);
    }

    /// <summary>Ties the store to a study, or checks that it is tied to this one. A changed file of the same study is welcome (runs are
    /// content-addressed, so nothing mixes): the file before it is kept under <c>history/</c>.</summary>
    /// <param name="studyName">The study's name: the identity of the store.</param>
    /// <param name="studyHash">Hash of the study's canonical form.</param>
    /// <param name="yamlText">The study file as the user wrote it.</param>
    /// <exception cref="InputException">The store belongs to another study, or to a newer layout.</exception>
    public void Bind(string studyName, string studyHash, string yamlText)
    {
        string path = Path.Combine(Root, "study.json"), yamlPath = Path.Combine(Root, "study.yaml");
        foreach (string folder in (string[])["", "attempts", "history"]) AtomicFile.DiscardAbandoned(Path.Combine(Root, folder));
        if (Study() is (string name, string hash))
        {
            if (name != studyName) throw new InputException($"{Root} belongs to the study '{name}', not to '{studyName}'; give another store, or rename the study back");
            if (File.Exists(yamlPath))
            {
                string old = RegularFile.ReadText(yamlPath, FileLimit.Store);
                if (hash == studyHash && old == yamlText) return;
                if (old != yamlText) KeepInHistory(old);
            }
        }
        else if (File.Exists(yamlPath) && RegularFile.ReadText(yamlPath, FileLimit.Store) != yamlText) throw HoldsOtherFiles(Root);
        // study.json last: it is what makes the folder a store, and it must not promise a study.yaml that is not there.
        AtomicFile.WriteText(yamlPath, yamlText);
        var study = new JsonObject { ["name"] = studyName, ["hash"] = studyHash, ["format"] = Format };
        AtomicFile.WriteText(path, study.ToJsonString(StoreJson.Indented) + "\n");
    }

    private static InputException HoldsOtherFiles(string path) => new($"{path} holds other files and is no store; give an empty or a new folder");

    /// <summary>Name and hash of the study this store is tied to, or null.</summary>
    /// <exception cref="InputException">study.json was damaged, or a newer Gaplab wrote it.</exception>
    public (string Name, string Hash)? Study()
    {
        string path = Path.Combine(Root, "study.json");
        if (!File.Exists(path)) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(RegularFile.ReadText(path, FileLimit.Store));
            JsonElement root = document.RootElement;
            int format = root.GetProperty("format").GetInt32();
            if (format > Format) throw new InputException($"{path} has format {format}, this Gaplab reads up to {Format}; use a newer Gaplab");
            return (root.GetProperty("name").GetString() ?? "", root.GetProperty("hash").GetString() ?? "");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InputException($"{path} is damaged ({error.Message.ReplaceLineEndings(" ")}); expected name, hash and format", error);
        }
    }

    /// <summary>The study file as it was last bound, or null.</summary>
    public string? StudyYaml() => ReadIfThere("study.yaml");

    /// <summary>Writes a document of the study at the store's root, such as plan.json or findings.json, atomically.</summary>
    public void WriteDocument(string name, string json) => AtomicFile.WriteText(Path.Combine(Root, DocumentName(name)), json);

    /// <summary>Reads a document of the study, or null.</summary>
    public string? ReadDocument(string name) => ReadIfThere(DocumentName(name));

    /// <summary>The folder of a run, which need not exist yet.</summary>
    /// <param name="id">Lower-case hexadecimal, at least 8 digits.</param>
    public RunFolder Run(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!IsId(id)) throw new InputException($"'{id}' is no run id; expected 8 to 64 lower-case hexadecimal digits");
        return new RunFolder(id, Path.Combine(Root, "runs", id[..2], id));
    }

    /// <summary>Ids of all runs that have a folder, in ordinal order.</summary>
    public IReadOnlyList<string> RunIds()
    {
        string runs = Path.Combine(Root, "runs");
        if (!Directory.Exists(runs)) return [];
        return [.. Directory.EnumerateDirectories(runs).SelectMany(Directory.EnumerateDirectories).Select(f => Path.GetFileName(f)!).Where(IsId).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Brings a pack that a crash interrupted to one of two states: all its runs finished (true), or work left to do (false).
    /// </summary>
    /// <remarks>
    /// A pack finishes all or nothing. Its runs train as one program, and a half-finished pack would have to be trained anew
    /// for the other half. So a worker first stages every member (a complete, synced result.json.pending each) and only then
    /// commits them one by one, each by a rename. Cut anywhere, what is on the disk is one of:
    /// no or some members staged, none committed → the pack resumes from its checkpoint and stages again, the same bytes;
    /// all staged, none committed → complete, committed here;
    /// some committed → all were staged before the first commit, so the rest are complete and are committed here.
    /// A pending file is never stale: changing metrics.jsonl removes it first.
    /// Call it under the pack's claim.
    /// </remarks>
    public bool RecoverPack(IReadOnlyList<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        RunFolder[] runs = [.. ids.Select(Run)];
        foreach (RunFolder run in runs) run.DiscardTemporaries();
        bool anyCommitted = runs.Any(r => r.IsFinished), allStaged = runs.All(r => r.IsStaged || r.IsFinished);
        if (anyCommitted || allStaged)
        {
            foreach (RunFolder run in runs)
                if (run.IsStaged) run.CommitResult();
        }
        return runs.All(r => r.IsFinished);
    }

    /// <summary>Stages every member of a pack, then commits every member.</summary>
    /// <param name="results">By run.</param>
    /// <param name="keep">Of a run's checkpoints (ascending steps) those that stay; null is all. The others go only when every
    /// member is staged: a full disk before that costs no more than the steps since the last of them.</param>
    public void FinishPack(IReadOnlyList<(string Id, RunResult Result)> results, Func<IReadOnlyList<long>, IEnumerable<long>>? keep = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        foreach ((string id, RunResult result) in results)
        {
            RunFolder run = Run(id);
            if (!run.IsFinished) run.StageResult(result, keep);
        }
        foreach ((string id, _) in results) Run(id).CommitResult();
    }

    /// <summary>Takes the exclusive right to work on one thing by its name, or returns null when another process has it. It ends with Dispose, or with the process.</summary>
    public PackClaim? TryClaim(string name) => PackClaim.TryTake(ClaimPath(name));

    /// <summary>Takes the exclusive right to write every run of a pack, or none of it and returns null when another process writes one of them.</summary>
    /// <remarks>By run and not by pack: two studies, or one study under two limits, may put a run into different packs.</remarks>
    public PackClaim? TryClaimRuns(IEnumerable<string> ids) => PackClaim.TryTake(ids.Select(ClaimPath));

    private string ClaimPath(string name) => Path.Combine(Root, "claims", FileName(name) + ".lock");

    /// <summary>Records an attempt at a pack that gave no result, as one line of <c>attempts/&lt;pack&gt;.jsonl</c>.</summary>
    public void RecordAttempt(string packId, Attempt attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        string path = Path.Combine(Root, "attempts", FileName(packId) + ".jsonl");
        // Attempts are few: the file is rewritten whole, so that a torn line cannot be.
        string before = File.Exists(path) ? RegularFile.ReadText(path, FileLimit.Store) : "";
        AtomicFile.WriteText(path, before + attempt.ToLine());
    }

    /// <summary>The attempts at a pack that gave no result, oldest first.</summary>
    public IReadOnlyList<Attempt> ReadAttempts(string packId)
    {
        string path = Path.Combine(Root, "attempts", FileName(packId) + ".jsonl");
        return File.Exists(path) ? [.. RegularFile.ReadLines(path, FileLimit.Store).Select((line, i) => Attempt.Parse(line, $"{path}:{i + 1}"))] : [];
    }

    /// <summary>All attempts, by pack.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Attempt>> ReadAttempts()
    {
        string folder = Path.Combine(Root, "attempts");
        if (!Directory.Exists(folder)) return new Dictionary<string, IReadOnlyList<Attempt>>();
        return Directory.EnumerateFiles(folder, "*.jsonl").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal).ToDictionary(p => p, ReadAttempts);
    }

    /// <summary>All finished runs, in the order of their ids. index.jsonl saves opening the results of runs seen before; deleting it costs nothing but that.</summary>
    public IReadOnlyList<IndexedRun> Index()
    {
        string path = Path.Combine(Root, "index.jsonl");
        Dictionary<string, (long Size, RunResult Result)> known = ReadIndex(path);
        var rows = new List<IndexedRun>();
        var lines = new StringBuilder();
        bool changed = false;
        foreach (string id in RunIds())
        {
            RunFolder run = Run(id);
            var file = new FileInfo(Path.Combine(run.Folder, "result.json"));
            if (!file.Exists) continue;
            // A result never changes once it is there; the length guards against a file edited by hand.
            if (!known.Remove(id, out (long Size, RunResult Result) entry) || entry.Size != file.Length)
            {
                entry = (file.Length, run.TryReadResult()!);
                changed = true;
            }
            rows.Add(new IndexedRun(id, entry.Result));
            lines.Append(new JsonObject { ["id"] = id, ["size"] = entry.Size, ["result"] = entry.Result.ToNode() }.ToJsonString(StoreJson.Line)).Append('\n');
        }
        if (changed || known.Count > 0)
        {
            // The index is a convenience: a store on a full or read-only disk can still be read.
            try { AtomicFile.WriteText(path, lines.ToString()); }
            catch (InputException) { }
        }
        return rows;
    }

    /// <summary>Recomputes the checksums of every finished run. One line a problem, empty when all is well.</summary>
    public IReadOnlyList<string> Verify() => [.. RunIds().SelectMany(id => Run(id).Problems())];

    private static bool IsId(string id) => id.Length is >= 8 and <= 64 && id.All(char.IsAsciiHexDigitLower);

    private static Dictionary<string, (long, RunResult)> ReadIndex(string path)
    {
        var known = new Dictionary<string, (long, RunResult)>(StringComparer.Ordinal);
        if (!File.Exists(path)) return known;
        try
        {
            foreach (string line in RegularFile.ReadLines(path, FileLimit.Store))
            {
                using JsonDocument document = JsonDocument.Parse(line);
                known[document.RootElement.GetProperty("id").GetString()!] =
                    (document.RootElement.GetProperty("size").GetInt64(), RunResult.Parse(document.RootElement.GetProperty("result")));
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or InputException or IOException)
        {
            known.Clear(); // a damaged index is rebuilt from the results
        }
        return known;
    }

    private void KeepInHistory(string yaml)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml)))[..12];
        string path = Path.Combine(Root, "history", $"study-{name}.yaml");
        if (!File.Exists(path)) AtomicFile.WriteText(path, yaml);
    }

    private string? ReadIfThere(string name)
    {
        string path = Path.Combine(Root, name);
        return File.Exists(path) ? RegularFile.ReadText(path, FileLimit.Store) : null;
    }

    private static string DocumentName(string name) =>
        FileName(name) is "study.json" or "study.yaml" or "index.jsonl" ? throw new ArgumentException($"{name} is written by the store itself", nameof(name)) : name;

    private static string FileName(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && name[0] != '.'
            ? name : throw new ArgumentException($"'{name}' is no plain file name (letters, digits, '-', '_', '.')", nameof(name));
}
