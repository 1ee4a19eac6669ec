// A checkpoint of one run as a safetensors file: rows and facts, whose they are, and digests of them and of the metrics before them.
using System.Globalization;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;
using Gaplab.Torch;

namespace Gaplab.Studies.Running;

/// <summary>A checkpoint read back.</summary>
/// <param name="Replica">What training goes on from.</param>
/// <param name="MetricsLength">Bytes of metrics.jsonl when it was taken.</param>
/// <param name="MetricsDigest">SHA-256 of these bytes; null of a checkpoint older than digests.</param>
internal sealed record SavedCheckpoint(ReplicaCheckpoint Replica, long MetricsLength, string? MetricsDigest);

/// <summary>Writes and reads checkpoints.</summary>
internal static class CheckpointFile
{
    private const string StepKey = "step",
        RunKey = "run",
        LengthKey = "metricsLength",
        DigestKey = "metricsDigest";

    /// <param name="run">Whose checkpoint it is.</param>
    /// <param name="replica">What is saved.</param>
    /// <param name="metrics">The run's metrics until now.</param>
    public static void Save(RunFolder run, ReplicaCheckpoint replica, MetricsWriter metrics)
    {
        var facts = new Dictionary<string, string>(replica.Facts)
        {
            [StepKey] = replica.Step.ToString(CultureInfo.InvariantCulture),
            [RunKey] = run.Id,
            [LengthKey] = metrics.Length.ToString(CultureInfo.InvariantCulture),
            [DigestKey] = metrics.Digest,
        };
        List<TensorEntry> entries =
        [
            .. replica.Rows.Select(row => new TensorEntry(
                row.Key,
                row.Value.Type == ScalarType.Float64 ? TensorType.F64 : TensorType.F32,
                [row.Value.Count]
            )),
        ];
        using SafetensorsWriter writer = Safetensors.Create(run.CheckpointPath(replica.Step), entries, facts, digest: true);
        foreach ((string name, Tensor row) in replica.Rows)
        {
            using Tensor near = row.ToDevice(Device.Cpu);
            if (near.Type == ScalarType.Float64)
                writer.Write<double>(name, near.Span<double>());
            else
                writer.Write<float>(name, near.Span<float>());
        }
        writer.Commit();
    }

    /// <exception cref="InputException">Damaged, or another run's or step's.</exception>
    public static SavedCheckpoint Load(RunFolder run, long step)
    {
        string path = run.CheckpointPath(step);
        using SafetensorsReader reader = Safetensors.OpenVerified(path);
        // Checkpoints older than digests do not say whose they are.
        if (reader.Metadata.TryGetValue(RunKey, out string? owner) && owner != run.Id)
            throw new InputException($"{path} is a checkpoint of run {owner}");
        if (Number(StepKey) != step)
            throw new InputException($"{path} is a checkpoint of step {Number(StepKey)}");
        var rows = new Dictionary<string, Tensor>();
        foreach (TensorEntry entry in reader.Entries)
            rows[entry.Name] =
                entry.Type == TensorType.F64
                    ? Tensor.From<double>(reader.Read<double>(entry.Name), entry.Count)
                    : Tensor.From<float>(reader.Read<float>(entry.Name), entry.Count);
        return new SavedCheckpoint(
            new ReplicaCheckpoint(step, rows, reader.Metadata),
            Number(LengthKey),
            reader.Metadata.GetValueOrDefault(DigestKey)
        );

        long Number(string key) =>
            reader.Metadata.TryGetValue(key, out string? text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                ? number
                : throw new InputException($"{path} is no checkpoint: its metadata lack '{key}'");
    }
}
