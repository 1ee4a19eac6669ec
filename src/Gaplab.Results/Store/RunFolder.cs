// One run in the store: its folder, the files in it, and the order in which they come into being.
using System.Globalization;
using System.Security.Cryptography;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>The folder of one run: <c>runs/&lt;first 2 hex&gt;/&lt;id&gt;/</c> when it is finished, and while it is made a folder that
/// is its maker's alone (<c>work/&lt;id&gt;/&lt;claim&gt;/</c>). One process writes it at a time; any may read it.</summary>
public sealed class RunFolder
{
    /// <summary>The file of a run's numbers along the way, and the key of its checksum.</summary>
    public const string Metrics = "metrics.jsonl";

    /// <summary>The file of what a run was made with, and the key of its checksum.</summary>
    public const string Environment = "env.json";

    internal const string ResultName = "result.json",
        PendingName = "result.json.pending",
        SpecName = "spec.json",
        MetricsName = Metrics,
        EnvironmentName = Environment,
        CheckpointFolder = "checkpoints";

    internal RunFolder(string id, string path)
    {
        Id = id;
        Folder = path;
    }

    /// <summary>The run's id: hexadecimal, the hash of its canonical spec.</summary>
    public string Id { get; }

    /// <summary>The run's folder; it need not exist yet.</summary>
    public string Folder { get; }

    private string SpecPath => Path.Combine(Folder, SpecName);
    private string MetricsPath => Path.Combine(Folder, MetricsName);
    private string ResultPath => Path.Combine(Folder, ResultName);
    private string PendingPath => Path.Combine(Folder, PendingName);

    /// <summary>Writes spec.json when it is absent.</summary>
    /// <exception cref="InputException">Another spec is there: the store was changed by hand, or two specs share an id.</exception>
    public void WriteSpec(string json)
    {
        if (File.Exists(SpecPath))
        {
            if (RegularFile.ReadText(SpecPath, FileLimit.Store) != json)
                throw new InputException(
                    $"{SpecPath} differs from the spec whose id is {Id}: it was changed by hand; move the folder away and the same "
                        + $"command makes the run again"
                );
            return;
        }
        AtomicFile.WriteText(SpecPath, json);
    }

    /// <summary>spec.json, or null when the run was never started.</summary>
    public string? ReadSpec() => ReadIfThere(SpecName);

    /// <summary>Writes env.json (what the run was made with) when it is absent: the first process to start a run describes it.</summary>
    public void WriteEnv(string json)
    {
        if (!File.Exists(Path.Combine(Folder, EnvironmentName)))
            ReplaceEnv(json);
    }

    /// <summary>Writes env.json anew, of a run that goes on elsewhere.</summary>
    public void ReplaceEnv(string json) => AtomicFile.WriteText(Path.Combine(Folder, EnvironmentName), json);

    /// <summary>env.json, or null.</summary>
    public string? ReadEnv() => ReadIfThere(EnvironmentName);

    /// <summary>Appends rows to metrics.jsonl in one write. A line torn by an earlier crash is cut off first; a line torn by a full disk is
    /// cut off at once.</summary>
    /// <exception cref="InputException">The disk is full or the folder is not writable; the file is as long as before.</exception>
    public void AppendMetrics(IEnumerable<MetricRow> rows)
    {
        byte[] bytes = MetricsWriter.Lines(rows);
        if (bytes.Length > 0)
            Append(bytes);
    }

    /// <summary>Takes metrics.jsonl up where a checkpoint was taken: what follows is cut off, what precedes is held against the
    /// checkpoint's digest.</summary>
    /// <param name="bytes">The file's length at the checkpoint; 0 begins anew.</param>
    /// <param name="digest">SHA-256 of these bytes; null of a checkpoint older than digests.</param>
    /// <exception cref="InputException">The file is shorter, or its first bytes are others.</exception>
    public MetricsWriter ContinueMetrics(long bytes, string? digest = null)
    {
        AssertThere();
        TruncateMetrics(bytes);
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            if (bytes > 0)
                Sha256.Add(hash, MetricsPath, bytes);
            if (digest is not null && Convert.ToHexStringLower(hash.GetCurrentHash()) != digest)
                throw new InputException($"{MetricsPath} has changed since the checkpoint was taken (its first {bytes} bytes are others)");
            return new MetricsWriter(this, hash, bytes);
        }
        catch (Exception error)
        {
            hash.Dispose();
            if (error is IOException or UnauthorizedAccessException)
                throw new InputException($"cannot read {MetricsPath}: {error.Message.ReplaceLineEndings(" ")}", error);
            throw;
        }
    }

    /// <summary>What of an unfinished run keeps it from going on: a spec that is not its own, a folder where a file should be. Null for a
    /// good run and for none.</summary>
    public Damage? BegunDamage() => IsFinished ? null : RunCheck.OfBegun(this);

    /// <summary>What is wrong with the env.json of an unfinished run; null when nothing is.</summary>
    public Damage? EnvironmentDamage() => IsFinished ? null : RunCheck.OfEnvironment(this);

    /// <summary>Asks whether a run that was begun is still there, before anything that would make its folder anew.</summary>
    /// <exception cref="VanishedRunException">It is not.</exception>
    internal void AssertThere()
    {
        if (!File.Exists(SpecPath))
            throw new VanishedRunException($"{Folder} was deleted while its run trained");
    }

    internal void Append(byte[] bytes)
    {
        Change(stream =>
        {
            long length = WholeLines(stream);
            if (length != stream.Length)
                stream.SetLength(length);
            stream.Position = length;
            try
            {
                stream.Write(bytes);
            }
            catch (IOException)
            {
                stream.SetLength(length);
                throw;
            }
        });
    }

    /// <summary>Length in bytes of the whole lines of metrics.jsonl; a checkpoint keeps it. 0 when there is no file.</summary>
    public long MetricsLength()
    {
        if (!File.Exists(MetricsPath))
            return 0;
        using FileStream stream = OpenShared(MetricsPath);
        return WholeLines(stream);
    }

    /// <summary>Cuts metrics.jsonl back to the length it had at a checkpoint, so that the resumed run writes the same bytes after
    /// it.</summary>
    /// <exception cref="InputException">The file is shorter than that: the checkpoint belongs to another run or the file was
    /// changed.</exception>
    public void TruncateMetrics(long bytes)
    {
        if (bytes == 0 && !File.Exists(MetricsPath))
            return;
        Change(stream =>
        {
            if (stream.Length < bytes)
                throw new InputException(
                    $"{MetricsPath} has {stream.Length} bytes but the checkpoint was taken at {bytes}: the file was cut; delete the run's "
                        + $"folder and run again"
                );
            stream.SetLength(bytes);
        });
    }

    /// <summary>The rows of metrics.jsonl in the order they were written; a torn last line is ignored. Empty when there is no
    /// file.</summary>
    /// <exception cref="InputException">A whole line that is no metric, with its number.</exception>
    public IReadOnlyList<MetricRow> ReadMetrics() => [.. StreamMetrics()];

    /// <summary>The same, one row after another: the file is not held in memory.</summary>
    /// <inheritdoc cref="ReadMetrics"/>
    public IEnumerable<MetricRow> StreamMetrics()
    {
        if (!File.Exists(MetricsPath))
            yield break;
        using FileStream stream = OpenShared(MetricsPath);
        if (stream.Length > FileLimit.Store.Most)
            throw RegularFile.TooLarge(MetricsPath, FileLimit.Store);
        byte[] buffer = new byte[1 << 16];
        int held = 0,
            line = 0;
        while (stream.Read(buffer, held, buffer.Length - held) is > 0 and var got)
        {
            held += got;
            int start = 0;
            for (int end; (end = Array.IndexOf(buffer, (byte)'\n', start, held - start)) >= 0; start = end + 1)
            {
                line++;
                yield return MetricRow.Parse(buffer.AsSpan(start, end - start), $"{MetricsPath}:{line}");
            }
            held -= start;
            buffer.AsSpan(start, held).CopyTo(buffer);
            if (held == buffer.Length)
                Array.Resize(ref buffer, 2 * buffer.Length);
        }
    }

    /// <summary>Where the checkpoint of a step belongs. Write it with <see cref="Safetensors.Create"/>, which lets it appear whole or not
    /// at all.</summary>
    public string CheckpointPath(long step) =>
        Path.Combine(Folder, CheckpointFolder, string.Create(CultureInfo.InvariantCulture, $"{step}.safetensors"));

    /// <summary>Where a probe's arrays of a step belong.</summary>
    public string ProbePath(string probe, long step) =>
        Path.Combine(Folder, "probes", probe, string.Create(CultureInfo.InvariantCulture, $"{step}.safetensors"));

    /// <summary>The steps of which a complete checkpoint is there, ascending.</summary>
    public IReadOnlyList<long> Checkpoints() => StepsIn(CheckpointFolder);

    /// <summary>The steps at which a probe has a file, ascending.</summary>
    public IReadOnlyList<long> ProbeSteps(string probe) => StepsIn(Path.Combine("probes", probe));

    private long[] StepsIn(string name)
    {
        string folder = Path.Combine(Folder, name);
        if (!Directory.Exists(folder))
            return [];
        return
        [
            .. Directory
                .EnumerateFiles(folder, "*.safetensors")
                .Select(file =>
                    long.TryParse(
                        Path.GetFileNameWithoutExtension(file),
                        System.Globalization.NumberStyles.None,
                        System.Globalization.CultureInfo.InvariantCulture,
                        out long step
                    )
                        ? step
                        : -1
                )
                .Where(step => step >= 0)
                .Order(),
        ];
    }

    /// <summary>Deletes the checkpoint of a step when it is there.</summary>
    public void DeleteCheckpoint(long step)
    {
        string path = CheckpointPath(step);
        if (File.Exists(path))
            File.Delete(path);
    }

    /// <summary>Whether result.json is there.</summary>
    public bool IsFinished => File.Exists(ResultPath);

    /// <summary>Whether a complete result waits to be committed.</summary>
    public bool IsStaged => File.Exists(PendingPath);

    /// <summary>Whether anything of the run is there.</summary>
    public bool Exists => Directory.Exists(Folder);

    /// <summary>
    /// Writes the result completely, synced, as result.json.pending, with the checksums of spec.json, env.json, metrics.jsonl and the
    /// checkpoints kept.
    /// metrics.jsonl is synced first: a result never outlives the numbers it vouches for.
    /// </summary>
    /// <param name="result">Completed or diverged. Checksums that it brings are what its writer wrote, and must be those of the
    /// files.</param>
    /// <param name="keep">Of the checkpoints, those that the result will list; null is all. Committing deletes the rest.</param>
    /// <exception cref="InputException">The disk is full; the run stays unfinished.</exception>
    /// <exception cref="VanishedRunException">The run's folder is gone, or a file is not what its writer wrote.</exception>
    public void StageResult(RunResult result, Func<IReadOnlyList<long>, IEnumerable<long>>? keep = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (!result.Outcome.IsResult())
            throw new ArgumentException(
                $"'{result.Outcome.Word()}' is a missing value, not a result; record it as an attempt",
                nameof(result)
            );
        AssertThere();
        if (File.Exists(MetricsPath))
            Change(
                stream =>
                {
                    long length = WholeLines(stream);
                    if (length != stream.Length)
                        stream.SetLength(length);
                },
                sync: true
            );
        var checksums = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in CheckedFiles(keep))
            checksums[name] = Sha256.OfFile(Path.Combine(Folder, name));
        foreach ((string name, string written) in result.Checksums)
            if (checksums.GetValueOrDefault(name) != written)
                throw new VanishedRunException(
                    $"{Path.Combine(Folder, name)} is not what was written: it was deleted or changed while the run trained"
                );
        AtomicFile.WriteBytes(PendingPath, (result with { Checksums = checksums }).ToJson());
    }

    /// <summary>Gives the staged result its name. A run that is finished already keeps its first result.</summary>
    /// <exception cref="InvalidOperationException">Nothing is staged.</exception>
    public void CommitResult()
    {
        if (IsFinished)
        {
            AtomicFile.Discard(PendingPath);
            return;
        }
        if (!IsStaged)
            throw new InvalidOperationException($"run {Id} has no staged result to commit");
        try
        {
            // What the result does not list is not kept. Cut in the middle of this, the run is still staged and comes here again.
            RunResult staged = RunResult.Parse(ReadShared(PendingPath), PendingPath);
            foreach (long step in Checkpoints())
                if (!staged.Checksums.ContainsKey(CheckpointName(step)))
                    DeleteCheckpoint(step);
            AtomicFile.Replace(PendingPath, ResultPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Explain(ResultPath, error);
        }
    }

    /// <summary>The result, or null when the run is unfinished. <see cref="RunStore.TryRead"/> holds the run's other files against it
    /// too.</summary>
    /// <exception cref="InputException">result.json was damaged.</exception>
    public RunResult? TryReadResult() => IsFinished ? RunResult.Parse(ReadShared(ResultPath), ResultPath) : null;

    /// <summary>Deletes the temporary files that a killed process left: they were never given their names.</summary>
    internal void DiscardTemporaries()
    {
        if (!Exists)
            return;
        // Of the store's own files alone: a command's folder below is its own.
        foreach (string own in OwnFolders().Where(Directory.Exists))
        foreach (string file in Directory.EnumerateFiles(own, "*.tmp"))
            AtomicFile.Discard(file);
    }

    /// <summary>The folders in which the store writes files of this run; another, such as a command's own, is none of them.</summary>
    internal IEnumerable<string> OwnFolders()
    {
        string probes = Path.Combine(Folder, "probes");
        IEnumerable<string> each = Directory.Exists(probes) ? Directory.EnumerateDirectories(probes) : [];
        return [Folder, Path.Combine(Folder, CheckpointFolder), probes, .. each];
    }

    /// <summary>Drops a staged result that the run is about to outgrow.</summary>
    internal void Unstage() => AtomicFile.Discard(PendingPath);

    private IEnumerable<string> CheckedFiles(Func<IReadOnlyList<long>, IEnumerable<long>>? keep)
    {
        foreach (string name in (string[])[SpecName, EnvironmentName, MetricsName])
            if (File.Exists(Path.Combine(Folder, name)))
                yield return name;
        foreach (long step in keep is null ? Checkpoints() : keep(Checkpoints()))
            yield return CheckpointName(step);
    }

    private static string CheckpointName(long step) =>
        string.Create(CultureInfo.InvariantCulture, $"{CheckpointFolder}/{step}.safetensors");

    // Every change of metrics.jsonl makes a staged result stale, so it goes first; a finished run is never changed.
    private void Change(Action<FileStream> change, bool sync = false)
    {
        if (IsFinished)
            throw new InvalidOperationException($"run {Id} is finished; its metrics cannot change");
        Unstage();
        try
        {
            // The folder is made with the spec. One that is gone was deleted, and is not made again in part.
            RegularFile.RefuseSpecial(MetricsPath);
#pragma warning disable RS0030 // Writes.
            using var stream = new FileStream(
                MetricsPath,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 0
            );
#pragma warning restore RS0030
            change(stream);
            if (sync)
                stream.Flush(flushToDisk: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Explain(MetricsPath, error);
        }
    }

    // The length up to and with the last line feed: what follows it was torn by a crash.
    private static long WholeLines(FileStream stream)
    {
        Span<byte> tail = stackalloc byte[4096];
        long end = stream.Length;
        while (end > 0)
        {
            int take = (int)Math.Min(tail.Length, end);
            stream.Position = end - take;
            stream.ReadExactly(tail[..take]);
            int at = tail[..take].LastIndexOf((byte)'\n');
            if (at >= 0)
                return end - take + at + 1;
            end -= take;
        }
        return 0;
    }

    private string? ReadIfThere(string name)
    {
        string path = Path.Combine(Folder, name);
        return File.Exists(path) ? RegularFile.ReadText(path, FileLimit.Store) : null;
    }

    // Readers never block the writer (and the writer never blocks readers): no lock is taken on metrics and results.
    private static FileStream OpenShared(string path) => RegularFile.Open(path);

    internal static byte[] ReadShared(string path)
    {
        return RegularFile.ReadBytes(path, FileLimit.Store);
    }
}
