// Between the trainer and the store: measurements, checkpoints and results of a pack become files.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Torch;

namespace Gaplab.Studies.Running;

/// <summary>Writes a pack's runs into a store. Rows of metrics are gathered and written in blocks; a checkpoint remembers how long the file was.</summary>
public sealed class StorePackSink : IPackSink
{
    private const int CheckpointsInFlight = 2;
    private const int RowsInMemory = 512;

    private readonly RunStore _store;
    private readonly RunFolder[] _runs;
    private readonly List<MetricRow>[] _rows;
    private readonly string _keep;
    private readonly TimeProvider _clock;
    private readonly long _started;
    private readonly Action<long, long>? _progress;

    /// <param name="store">The store.</param>
    /// <param name="pack">The runs, in the order of the replica axis.</param>
    /// <param name="keep">Checkpoints kept of a finished run: "none", "last" or "all".</param>
    /// <param name="clock">For the wall-clock fields alone.</param>
    /// <param name="progress">Told (step, steps) now and then.</param>
    public StorePackSink(RunStore store, PackSpec pack, string keep, TimeProvider clock, Action<long, long>? progress = null)
    {
        (_store, _keep, _clock, _started, _progress) = (store, keep, clock, clock.GetTimestamp(), progress);
        _runs = [.. pack.Runs.Select(r => store.Run(r.Id))];
        _rows = [.. pack.Runs.Select(_ => new List<MetricRow>())];
        string environment = RunEnvironment.Describe().ToJsonString(SpecJson.Indented) + "\n";
        for (int r = 0; r < _runs.Length; r++)
        {
            _runs[r].WriteSpec(Indented(RunId.Canonical(pack.Runs[r].Spec)));
            _runs[r].WriteEnv(environment);
        }
    }

    public void Write(int replica, IReadOnlyList<Measurement> measurements)
    {
        List<MetricRow> rows = _rows[replica];
        foreach (Measurement m in measurements) rows.Add(new MetricRow(m.Step, m.Samples, m.Name, m.Value));
        if (rows.Count >= RowsInMemory) Flush(replica);
    }

    public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas)
    {
        for (int r = 0; r < _runs.Length; r++)
        {
            Flush(r);
            Save(_runs[r], replicas[r]);
        }
        // Only now does every run have this step: older ones may go, but one, in case this one's disk lied.
        if (_keep == "all") return;
        foreach (RunFolder run in _runs)
            foreach (long old in run.Checkpoints().SkipLast(CheckpointsInFlight)) run.DeleteCheckpoint(old);
    }

    public IReadOnlyList<ReplicaCheckpoint>? Resume()
    {
        foreach (long step in _runs[0].Checkpoints().Reverse())
        {
            if (!_runs.All(run => run.Checkpoints().Contains(step))) continue;
            try
            {
                List<ReplicaCheckpoint> loaded = [.. _runs.Select(run => Load(run, step))];
                for (int r = 0; r < _runs.Length; r++)
                    _runs[r].TruncateMetrics(long.Parse(loaded[r].Facts[MetricsLength], CultureInfo.InvariantCulture));
                return loaded;
            }
            catch (InputException)
            {
                // A damaged checkpoint costs the steps since the one before it, never the run.
                foreach (RunFolder run in _runs) run.DeleteCheckpoint(step);
            }
        }
        foreach (RunFolder run in _runs)
        {
            // Checkpoints that not all of the pack have, left by other packs of other limits, would be taken for this one's.
            foreach (long step in run.Checkpoints()) run.DeleteCheckpoint(step);
            run.TruncateMetrics(0);
        }
        return null;
    }

    public void Finish(IReadOnlyList<RunOutcomeRecord> results)
    {
        for (int r = 0; r < _runs.Length; r++) Flush(r);
        double seconds = Math.Round(_clock.GetElapsedTime(_started).TotalSeconds, 3);
        string finished = _clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        _store.FinishPack([.. results.Select((result, r) => (_runs[r].Id, new RunResult
        {
            Outcome = result.Outcome == RunOutcome.Completed ? Outcome.Completed : Outcome.Diverged,
            Step = result.Step,
            Cause = result.Cause,
            Metrics = result.Metrics,
            Wall = new Dictionary<string, JsonNode?> { ["finished"] = finished, ["packRuns"] = _runs.Length, ["packSeconds"] = seconds },
        }))], steps => _keep switch { "all" => steps, "last" => steps.TakeLast(1), _ => [] });
    }

    public bool HasProbe(int replica, string probe, long step, string key) => ProbeFiles.Has(_runs[replica], probe, step, key);

    public void WriteProbe(int replica, string probe, long step, ProbeResult result) => ProbeFiles.Write(_runs[replica], probe, step, result);

    public void Progress(long step, long steps) => _progress?.Invoke(step, steps);

    private const string MetricsLength = "metricsLength", Step = "step";

    private void Flush(int replica)
    {
        if (_rows[replica].Count == 0) return;
        _runs[replica].AppendMetrics(_rows[replica]);
        _rows[replica].Clear();
    }

    private static void Save(RunFolder run, ReplicaCheckpoint replica)
    {
        var facts = new Dictionary<string, string>(replica.Facts)
        {
            [Step] = replica.Step.ToString(CultureInfo.InvariantCulture),
            [MetricsLength] = run.MetricsLength().ToString(CultureInfo.InvariantCulture),
        };
        List<TensorEntry> entries = [.. replica.Rows.Select(row => new TensorEntry(row.Key, row.Value.Type == ScalarType.Float64 ? TensorType.F64 : TensorType.F32, [row.Value.Count]))];
        using SafetensorsWriter writer = Safetensors.Create(run.CheckpointPath(replica.Step), entries, facts);
        foreach ((string name, Tensor row) in replica.Rows)
        {
            if (row.Type == ScalarType.Float64) writer.Write<double>(name, row.Span<double>());
            else writer.Write<float>(name, row.Span<float>());
        }
        writer.Commit();
    }

    internal static ReplicaCheckpoint Load(RunFolder run, long step)
    {
        using SafetensorsReader reader = Safetensors.Open(run.CheckpointPath(step));
        var rows = new Dictionary<string, Tensor>();
        foreach (TensorEntry entry in reader.Entries)
            rows[entry.Name] = entry.Type == TensorType.F64 ? Tensor.From<double>(reader.Read<double>(entry.Name), entry.Count) : Tensor.From<float>(reader.Read<float>(entry.Name), entry.Count);
        return new ReplicaCheckpoint(step, rows, reader.Metadata);
    }

    private static string Indented(string canonical) => JsonNode.Parse(canonical)!.ToJsonString(SpecJson.Indented) + "\n";
}
