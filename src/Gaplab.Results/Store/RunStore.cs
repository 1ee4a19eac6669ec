// The run store: a folder of files that a person can read, that two processes may share, and that no crash can spoil.
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>A finished run as the index lists it.</summary>
public sealed record IndexedRun(string Id, RunResult Result);

/// <summary>The store of one study. docs/store.md describes every file and key.</summary>
/// <remarks>
/// What makes it safe: a run's id is the hash of its spec, so two processes that make the same run make the same files;
/// a file that counts appears by rename, whole or not at all; result.json comes last.
/// </remarks>
public sealed partial class RunStore
{
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(1);

    /// <summary>The version of the layout, kept in study.json.</summary>
    public const int Format = 1;

    private const string StudyName = "study.json",
        YamlName = "study.yaml",
        HistoryFolder = "history",
        RoundsFolder = "rounds";

    private readonly RunReader _reader;
    private readonly AttemptFiles _attempts;
    private readonly ConflictFiles _conflicts;
    private readonly WorkFolders _work;
    private readonly ConcurrentDictionary<(string, string), Damage> _told;
    private readonly Lazy<StoreReading>? _moment;

    private RunStore(string root)
    {
        (Root, _reader, _work) = (root, new RunReader(this), new WorkFolders(this));
        (_attempts, _conflicts, _told) = (new AttemptFiles(root, Tell), new ConflictFiles(root, Tell), []);
    }

    /// <summary>The same store at one moment: its runs are read once, when they are first asked for, so that all parts of an answer
    /// speak of the same.</summary>
    /// <param name="glance">Whether what the index says of a run is enough while the lengths and times of its files are those that it
    /// names: enough to list a store, as its numbers were held against their digests once.</param>
    public RunStore Still(bool glance = false) => new(this, glance);

    // What was checked and told of it before is known to it.
    private RunStore(RunStore store, bool glance)
    {
        (Root, IsOnlyRead, _reader, _work) = (store.Root, store.IsOnlyRead, store._reader, store._work);
        (_attempts, _conflicts, _told) = (store._attempts, store._conflicts, store._told);
        _moment = new(() => _reader.Read(anew: !glance));
    }

    /// <summary>The store's folder.</summary>
    public string Root { get; }

    /// <summary>Whether reading leaves no trace: index.jsonl is not written either.</summary>
    public bool IsOnlyRead { get; private init; }

    /// <summary>Opens a store for who looks and never writes.</summary>
    /// <inheritdoc cref="Open"/>
    public static RunStore OpenToRead(string path) => new(Open(path).Root) { IsOnlyRead = true };

    /// <summary>Opens a store. Nothing is written before <see cref="Bind"/> or the first run.</summary>
    /// <param name="path">The store's folder.</param>
    /// <param name="create">Whether it may be absent or empty.</param>
    /// <exception cref="InputException">No store there, a file, or a folder that holds something else.</exception>
    public static RunStore Open(string path, bool create = false)
    {
        if (File.Exists(path))
            throw new InputException($"{path} is a file, expected a store's folder; give another path");
        bool isStore = File.Exists(Path.Combine(path, StudyName)) || Directory.Exists(Path.Combine(path, "runs"));
        if (!isStore && !create)
            throw new InputException(
                $"{path} is no store ({(Directory.Exists(path) ? "it has no study.json" : "no such folder")}); run the study first, or "
                    + $"give the path of its store"
            );
        // Another process may be between the two files of Bind, or have died there: study.yaml alone is left to Bind to judge.
        if (
            !isStore
            && Directory.Exists(path)
            && Directory
                .EnumerateFileSystemEntries(path)
                .Any(e => !e.EndsWith(".tmp", StringComparison.Ordinal) && Path.GetFileName(e) != YamlName)
            && !File.Exists(Path.Combine(path, StudyName))
        )
            throw HoldsOtherFiles(path);
        if (Directory.Exists(path))
            LastingFolder.Keep(path);
        else
            LastingFolder.Forget(path);
        return new RunStore(path);
    }

    /// <summary>Asks whether the store is still there, before anything that would make its folder anew.</summary>
    /// <exception cref="InputException">It was deleted.</exception>
    public void AssertThere()
    {
        if (!Directory.Exists(Root))
            throw Gone(Root);
    }

    /// <summary>What an error of a writer comes from. Whoever deletes a whole store may not have come to its end when a writer misses the
    /// first folder: a moment later the store itself is looked for, and its absence is the cause whatever was missed.</summary>
    public static Exception CauseOf(string path, Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        bool missed =
            error is VanishedRunException
            || (error as InputException)?.InnerException is DirectoryNotFoundException or FileNotFoundException
            || error is DirectoryNotFoundException or FileNotFoundException;
        if (!missed)
            return error;
        Thread.Sleep(s_settling);
        return IsThere(path) ? error : Gone(path);
    }

    /// <summary>What is said of a store that was deleted while it was in use.</summary>
    public static InputException Gone(string path) =>
        new(
            $"the store {path} is gone: it was deleted while its study ran, and nothing of it is made anew; run the study again to "
                + $"begin another"
        );

    /// <summary>Whether a folder is a store that a study is tied to.</summary>
    public static bool IsThere(string path) => File.Exists(Path.Combine(path, StudyName));

    /// <summary>Ties the store to a study, or checks that it is tied to this one. A changed file of the same study is welcome (runs are
    /// content-addressed, so nothing mixes): the file before it is kept under <c>history/</c>.</summary>
    /// <param name="studyName">The study's name: the identity of the store.</param>
    /// <param name="studyHash">Hash of the study's canonical form.</param>
    /// <param name="yamlText">The study file as the user wrote it.</param>
    /// <exception cref="InputException">The store belongs to another study, or to a newer layout.</exception>
    public void Bind(string studyName, string studyHash, string yamlText)
    {
        string path = Path.Combine(Root, StudyName),
            yamlPath = Path.Combine(Root, YamlName);
        foreach (string folder in (string[])["", AttemptFiles.Folder, HistoryFolder])
            AtomicFile.DiscardAbandoned(Path.Combine(Root, folder));
        if (Study() is (string name, string hash))
        {
            if (name != studyName)
                throw new InputException(
                    $"{Root} belongs to the study '{name}', not to '{studyName}'; give another store, or rename the study back"
                );
            if (File.Exists(yamlPath))
            {
                string old = RegularFile.ReadText(yamlPath, FileLimit.Store);
                if (hash == studyHash && old == yamlText)
                    return;
                if (old != yamlText)
                    KeepInHistory(old);
            }
        }
        else if (File.Exists(yamlPath) && RegularFile.ReadText(yamlPath, FileLimit.Store) != yamlText)
            throw HoldsOtherFiles(Root);
        // study.json last: it is what makes the folder a store, and it must not promise a study.yaml that is not there.
        AtomicFile.WriteText(yamlPath, yamlText);
        var study = new JsonObject
        {
            ["name"] = studyName,
            ["hash"] = studyHash,
            ["yaml"] = Sha256.Of(Encoding.UTF8.GetBytes(yamlText)),
            ["format"] = Format,
        };
        AtomicFile.WriteText(path, JsonSeal.Close(study).ToJsonString(StoreJson.Indented) + "\n");
        LastingFolder.Keep(Root);
    }

    private static InputException HoldsOtherFiles(string path) =>
        new($"{path} holds other files and is no store; give an empty or a new folder");

    /// <summary>Name and hash of the study this store is tied to, or null.</summary>
    /// <exception cref="InputException">study.json was damaged, or a newer Gaplab wrote it.</exception>
    public (string Name, string Hash)? Study() => ReadStudy() is var (name, hash, _) ? (name, hash) : null;

    private (string Name, string Hash, string? Yaml)? ReadStudy()
    {
        string path = Path.Combine(Root, StudyName);
        if (!StoreFile.Look(path).There)
            return null;
        try
        {
            using JsonDocument document = JsonSeal.Parse(StoreFile.Read(path));
            JsonElement root = document.RootElement;
            if (JsonSeal.Check(root) == SealState.Broken)
                throw new FormatException("its content does not match its digest");
            int format = root.GetProperty("format").GetInt32();
            if (format > Format)
                throw new InputException($"has format {format}, this Gaplab reads up to {Format}; use a newer Gaplab");
            return (
                root.GetProperty("name").GetString() ?? "",
                root.GetProperty("hash").GetString() ?? "",
                root.TryGetProperty("yaml", out JsonElement yaml) ? yaml.GetString() : null
            );
        }
        catch (InputException error)
        {
            throw new InputException($"{path} {error.Message}", error);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InputException(
                $"{path} is damaged ({error.Message.ReplaceLineEndings(" ")}); expected name, hash and format. Delete it and run the "
                    + $"study again, which writes it anew",
                error
            );
        }
    }

    /// <summary>The study file as it was last bound, or null.</summary>
    public string? StudyYaml() => ReadIfThere(YamlName);

    /// <summary>Writes a document of the study at the store's root, such as plan.json, atomically and with its digest.</summary>
    public void WriteDocument(string name, JsonObject content) =>
        AtomicFile.WriteText(Path.Combine(Root, DocumentName(name)), JsonSeal.Close(content).ToJsonString(StoreJson.Indented) + "\n");

    /// <summary>Reads a document of the study, or null where it is not there.</summary>
    /// <exception cref="InputException">It cannot be read, or is not what was written.</exception>
    public JsonObject? ReadDocument(string name) => ReadSealed(Path.Combine(Root, DocumentName(name)));

    private static JsonObject? ReadSealed(string path)
    {
        if (!StoreFile.Look(path).There)
            return null;
        try
        {
            using JsonDocument document = JsonSeal.Parse(StoreFile.Read(path));
            if (JsonSeal.Check(document.RootElement) == SealState.Broken)
                throw new InputException("does not match its digest: it has changed since it was written");
            JsonObject content = JsonObject.Create(document.RootElement.Clone()) ?? throw new InputException("is no JSON object");
            content.Remove(JsonSeal.Key);
            return content;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or InputException)
        {
            throw new InputException(
                $"{path} {(error is InputException ? error.Message : $"is no JSON document ({error.Message.ReplaceLineEndings(" ")})")}; "
                    + $"run the study again, which writes it anew",
                error
            );
        }
    }

    /// <summary>Records a round of the sentinel as <c>rounds/&lt;k&gt;.json</c>: where it is not there, or is provisional or another
    /// study's, it is written; the first of one study stays.</summary>
    public void WriteRound(int round, JsonObject content)
    {
        ArgumentNullException.ThrowIfNull(content);
        JsonObject? there = null;
        try
        {
            there = ReadRound(round);
        }
        catch (InputException) { } // a damaged one is written anew
        bool stays = there is not null && (string?)there["study"] == (string?)content["study"] && (bool?)there["provisional"] == false;
        if (!stays && !JsonNode.DeepEquals(there, content))
            AtomicFile.WriteText(
                Path.Combine(Root, RoundName(round)),
                JsonSeal.Close(content.DeepClone().AsObject()).ToJsonString(StoreJson.Indented) + "\n"
            );
    }

    /// <summary>A round as it was recorded; null where none is.</summary>
    /// <exception cref="InputException">It cannot be read, or is not what was written.</exception>
    public JsonObject? ReadRound(int round) => ReadSealed(Path.Combine(Root, RoundName(round)));

    private static string RoundName(int round) =>
        Path.Combine(RoundsFolder, round.ToString(System.Globalization.CultureInfo.InvariantCulture) + ".json");

    /// <summary>Moves something of the store to damaged/, so that it can be made anew and nothing is lost.</summary>
    /// <param name="run">The run it belongs to; empty for a file of the store itself.</param>
    /// <param name="file">Relative to the run's folder, or to the store; empty for the whole folder of the run.</param>
    /// <returns>Where it is now, relative to the store; null where it is gone already.</returns>
    /// <exception cref="InputException">It cannot be moved.</exception>
    public string? SetAside(string run, string file = "")
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(file);
        return new DamagedFolder(Root).Keep(
            Path.Combine(run.Length > 0 ? Run(run).Folder : Root, file),
            run.Length > 0 ? run : file,
            run.Length > 0 ? file : ""
        );
    }

    /// <summary>Moves every damaged run to damaged/, so that it is made again; those that another process writes are left to it. A kept
    /// checkpoint counts: who keeps them asked for them.</summary>
    /// <returns>What was wrong, and where the run is now.</returns>
    public IReadOnlyList<(Damage Damage, string MovedTo)> SetAsideDamaged()
    {
        var moved = new List<(Damage, string)>();
        StoreReading reading = Read();
        IEnumerable<Damage> damaged = reading
            .Damaged.Concat(
                reading.Results.Where(r => RunReader.KeepsCheckpoints(r.Value)).SelectMany(r => _reader.WithCheckpoints(Run(r.Key)).Damaged)
            )
            .Where(d => IsId(d.Run) && !d.IsStray);
        foreach (var run in damaged.GroupBy(d => d.Run))
        {
            using PackClaim? claim = TryClaimRuns([run.Key]);
            // Looked at again: who held the claim before us may have made it anew.
            if (claim is not null && _reader.WithCheckpoints(Run(run.Key)).Result is null && SetAside(run.Key) is { } to)
                moved.Add((run.First(), to));
        }
        return moved;
    }

    /// <summary>Moves a run that is being made, or a file of it, to damaged/.</summary>
    /// <param name="work">Its folder.</param>
    /// <param name="file">Relative to it; empty for all of it.</param>
    /// <returns>Where it is now, relative to the store; null where it is gone already.</returns>
    public string? SetAside(RunFolder work, string file = "")
    {
        ArgumentNullException.ThrowIfNull(work);
        return new DamagedFolder(Root).Keep(Path.Combine(work.Folder, file), work.Id, file);
    }

    /// <summary>The folder of a run, which need not exist yet.</summary>
    /// <param name="id">Lower-case hexadecimal, at least 8 digits.</param>
    public RunFolder Run(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!IsId(id))
            throw new InputException($"'{id}' is no run id; expected 8 to 64 lower-case hexadecimal digits");
        return new RunFolder(id, Path.Combine(Root, "runs", id[..2], id));
    }

    /// <summary>Ids of all runs that have a folder, in ordinal order.</summary>
    public IReadOnlyList<string> RunIds() => _reader.Folders().Ids;

    /// <summary>Results that came second and were not the result that is there.</summary>
    public IReadOnlyList<Conflict> Conflicts() => _conflicts.All();

    /// <summary>Who works in the store now, by host and process id.</summary>
    public IReadOnlyList<(string Host, int Process)> AtWork() => Heartbeat.AtWork(Root);

    /// <summary>The runs that were begun and are not finished, each with the folder that was written to last.</summary>
    public IReadOnlyList<RunFolder> BeingMade() => _work.All();

    /// <summary>Takes the right to work on one thing by its name, or returns null when another process has it. It ends with Dispose; with
    /// the process, which others of its machine see at once; or when its owner gives no sign of life for a while.</summary>
    public PackClaim? TryClaim(string name) => PackClaim.TryTake(Root, [FileName(name)]);

    /// <summary>Takes the right to make every run of a pack, or none of it and returns null when another process makes one of
    /// them.</summary>
    /// <remarks>By run and not by pack: two studies, or one study under two limits, may put a run into different packs.</remarks>
    public PackClaim? TryClaimRuns(IEnumerable<string> ids) => PackClaim.TryTake(Root, ids.Select(FileName));

    /// <summary>Removes the claims that have lapsed, and what was made of runs that are finished.</summary>
    public void CleanClaims()
    {
        PackClaim.Clean(Root);
        _work.Clean();
    }

    /// <summary>Records an attempt at a pack that gave no result, as one line of <c>attempts/&lt;pack&gt;.jsonl</c>.</summary>
    public void RecordAttempt(string packId, Attempt attempt) => _attempts.Record(FileName(packId), attempt);

    /// <summary>The attempts at a pack that gave no result, oldest first. A line that cannot be read is told with the damage of the
    /// store.</summary>
    public IReadOnlyList<Attempt> ReadAttempts(string packId) => _attempts.Of(FileName(packId));

    /// <summary>All attempts, by pack.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Attempt>> ReadAttempts() => _attempts.All();

    /// <summary>Reads every run of the store, each held against its digests. What was read before and has not changed since is not read
    /// again.</summary>
    public StoreReading Read() => _moment?.Value ?? _reader.Read(anew: true);

    /// <summary>A run's result, held against its digests; null when it is unfinished or damaged, which <see cref="Integrity"/>
    /// tells.</summary>
    public RunResult? TryRead(string id)
    {
        RunCheck check = _reader.Check(Run(id));
        foreach (Damage damage in check.Damaged)
            Tell(damage);
        return check.Result;
    }

    /// <summary>All finished runs that are what was written, in the order of their ids; index.jsonl is brought up to date with
    /// them.</summary>
    public IReadOnlyList<IndexedRun> Index() => [.. Indexed().Select(r => new IndexedRun(r.Key, r.Value))];

    /// <summary>The same by id.</summary>
    public IReadOnlyDictionary<string, RunResult> Indexed()
    {
        StoreReading reading = Read();
        if (!IsOnlyRead)
            _reader.SaveIndex(reading);
        return reading.Results;
    }

    /// <summary>Keeps what a reader found damaged, so that the command that reads can tell it.</summary>
    public void Tell(Damage damage)
    {
        ArgumentNullException.ThrowIfNull(damage);
        _told.TryAdd((damage.Run, damage.File), damage);
    }

    /// <summary>What is known of the store's soundness: all of its runs, and whatever else was read of it.</summary>
    public StoreIntegrity Integrity()
    {
        StoreReading reading = Read();
        int unverified = reading.Results.Values.Count(r => !r.HasDigest);
        // Of a run that failed and was made again meanwhile, what was wrong with the one before counts no longer.
        IEnumerable<Damage> told = _told.Values.Where(t =>
            !IsMended(t, reading) && !reading.Damaged.Any(d => (d.Run, d.File) == (t.Run, t.File))
        );
        return new StoreIntegrity(
            reading.Results.Count - unverified,
            unverified,
            [.. reading.Damaged.Concat(told).OrderBy(d => d.Run, StringComparer.Ordinal).ThenBy(d => d.File, StringComparer.Ordinal)]
        )
        {
            Conflicts = Conflicts(),
        };
    }

    private bool IsMended(Damage damage, StoreReading reading) =>
        IsId(damage.Run)
        && (
            damage.File.EndsWith(".safetensors", StringComparison.Ordinal)
                ? RunReader.OfTensors(Run(damage.Run), damage.File) is null
                : reading.Results.ContainsKey(damage.Run) && RunReader.Files.Contains(damage.File)
        );

    /// <summary>Holds everything in the store that has a digest against it, kept checkpoints, probes and the study's files too. Empty when
    /// all is well.</summary>
    public IReadOnlyList<Damage> Verify()
    {
        _ = Index(); // whoever lists the store next hears of what was found
        return [.. Integrity().Damaged.Concat(_reader.Everything()).Concat(StudyFiles()).Distinct()];
    }

    /// <summary>Whether a text has the form of an id.</summary>
    internal static bool IsId(string id) => id.Length is >= 8 and <= 64 && id.All(char.IsAsciiHexDigitLower);

    private List<Damage> StudyFiles()
    {
        var damaged = new List<Damage>();
        try
        {
            if (ReadStudy() is { Yaml: { } digest } && Sha256.Of(StoreFile.Read(Path.Combine(Root, YamlName))) != digest)
                damaged.Add(
                    new Damage("", YamlName, "has changed since the study was last run (its SHA-256 is not the one in study.json)")
                );
        }
        catch (InputException error)
        {
            damaged.Add(new Damage("", error.Message.Contains(StudyName, StringComparison.Ordinal) ? StudyName : YamlName, error.Message));
        }
        damaged.AddRange(DamagedRounds());
        string history = Path.Combine(Root, HistoryFolder);
        if (!Directory.Exists(history))
            return damaged;
        foreach (string path in Directory.EnumerateFiles(history, "study-*.yaml").Order(StringComparer.Ordinal))
        {
            try
            {
                if (Path.GetFileName(path) != HistoryName(StoreFile.Read(path)))
                    damaged.Add(
                        new Damage(
                            "",
                            Path.Combine(HistoryFolder, Path.GetFileName(path)),
                            "has changed since it was kept (its SHA-256 is not the one in its name)"
                        )
                    );
            }
            catch (InputException error)
            {
                damaged.Add(new Damage("", Path.Combine(HistoryFolder, Path.GetFileName(path)), error.Message));
            }
        }
        _ = ReadAttempts();
        return damaged;
    }

    private IEnumerable<Damage> DamagedRounds()
    {
        string folder = Path.Combine(Root, RoundsFolder);
        if (!Directory.Exists(folder))
            yield break;
        foreach (string path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            Damage? damage = null;
            try
            {
                _ = ReadSealed(path);
            }
            catch (InputException error)
            {
                damage = Damage.Of("", Path.GetRelativePath(Root, path), path, error);
            }
            if (damage is not null)
                yield return damage;
        }
    }

    private static string HistoryName(ReadOnlySpan<byte> yaml) => $"study-{Sha256.Of(yaml)[..12]}.yaml";

    private void KeepInHistory(string yaml)
    {
        string path = Path.Combine(Root, HistoryFolder, HistoryName(Encoding.UTF8.GetBytes(yaml)));
        if (!File.Exists(path))
            AtomicFile.WriteText(path, yaml);
    }

    private string? ReadIfThere(string name)
    {
        string path = Path.Combine(Root, name);
        return File.Exists(path) ? RegularFile.ReadText(path, FileLimit.Store) : null;
    }

    private static string DocumentName(string name) =>
        FileName(name) is StudyName or YamlName or StoreIndex.FileName
            ? throw new ArgumentException($"{name} is written by the store itself", nameof(name))
            : name;

    private static string FileName(string name) =>
        IsFileName(name)
            ? name
            : throw new ArgumentException($"'{name}' is no plain file name (letters, digits, '-', '_', '.')", nameof(name));

    internal static bool IsFileName(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && name[0] != '.';
}
