// Between the trainer and the store: measurements, checkpoints and results of a pack become files.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Running;

/// <summary>Writes a pack's runs into a store. Rows of metrics are gathered and written in blocks; a checkpoint remembers how long the file
/// was and what was in it.</summary>
/// <remarks>A folder that vanishes under it is not made again in part: <see cref="VanishedRunException"/> ends the attempt.</remarks>
internal sealed class StorePackSink : IPackSink, IDisposable
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
    private readonly Action<string>? _notice;
    private readonly MetricsWriter?[] _metrics;

    /// <param name="store">The store.</param>
    /// <param name="pack">The runs, in the order of the replica axis.</param>
    /// <param name="keep">Checkpoints kept of a finished run: "none", "last" or "all".</param>
    /// <param name="clock">For the wall-clock fields alone.</param>
    /// <param name="progress">Told (step, steps) now and then.</param>
    /// <param name="notice">Told what was found damaged, and what is done about it.</param>
    public StorePackSink(
        RunStore store,
        PackSpec pack,
        string keep,
        TimeProvider clock,
        Action<long, long>? progress = null,
        Action<string>? notice = null
    )
    {
        (_store, _keep, _clock, _started, _progress, _notice) = (store, keep, clock, clock.GetTimestamp(), progress, notice);
        _metrics = new MetricsWriter?[pack.Runs.Count];
        _runs = [.. pack.Runs.Select(r => store.Run(r.Id))];
        _rows = [.. pack.Runs.Select(_ => new List<MetricRow>())];
        string environment = RunEnvironment.Describe().ToJsonString(SpecJson.Indented) + "\n";
        for (int r = 0; r < _runs.Length; r++)
        {
            SetAsideWhatIsDamaged(_runs[r]);
            _runs[r].WriteSpec(RunId.Document(pack.Runs[r].Spec));
            _runs[r].WriteEnv(environment);
        }
    }

    public void Write(int replica, IReadOnlyList<Measurement> measurements)
    {
        List<MetricRow> rows = _rows[replica];
        foreach (Measurement m in measurements)
            rows.Add(new MetricRow(m.Step, m.Samples, m.Name, m.Value));
        if (rows.Count >= RowsInMemory)
            Flush(replica);
    }

    public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas)
    {
        for (int r = 0; r < _runs.Length; r++)
        {
            Flush(r);
            Metrics(r).AssertThere();
            CheckpointFile.Save(_runs[r], replicas[r], Metrics(r));
        }
        // Only now does every run have this step: older ones may go, but one, in case this one's disk lied.
        if (_keep == "all")
            return;
        foreach (RunFolder run in _runs)
        foreach (long old in run.Checkpoints().SkipLast(CheckpointsInFlight))
            run.DeleteCheckpoint(old);
    }

    public IReadOnlyList<ReplicaCheckpoint>? Resume()
    {
        foreach (long step in _runs[0].Checkpoints().Reverse())
        {
            if (!_runs.All(run => run.Checkpoints().Contains(step)))
                continue;
            try
            {
                List<SavedCheckpoint> loaded = [.. _runs.Select(run => CheckpointFile.Load(run, step))];
                for (int r = 0; r < _runs.Length; r++)
                    Continue(r, loaded[r].MetricsLength, loaded[r].MetricsDigest);
                return [.. loaded.Select(l => l.Replica)];
            }
            catch (InputException error)
            {
                // A damaged checkpoint costs the steps since the one before it, never the run.
                _notice?.Invoke(
                    $"{error.Message}; the checkpoint of step {step.ToString(CultureInfo.InvariantCulture)} is not used: {_runs.Length} "
                        + $"runs go on from an earlier one, or begin anew"
                );
                foreach (RunFolder run in _runs)
                    run.DeleteCheckpoint(step);
            }
        }
        for (int r = 0; r < _runs.Length; r++)
        {
            // Checkpoints that not all of the pack have, left by other packs of other limits, would be taken for this one's.
            foreach (long step in _runs[r].Checkpoints())
                _runs[r].DeleteCheckpoint(step);
            Continue(r, 0, null);
        }
        return null;
    }

    public void Finish(IReadOnlyList<RunOutcomeRecord> results)
    {
        for (int r = 0; r < _runs.Length; r++)
            Flush(r);
        double seconds = Math.Round(_clock.GetElapsedTime(_started).TotalSeconds, 3);
        string finished = _clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        _store.FinishPack(
            [
                .. results.Select(
                    (result, r) =>
                        (
                            _runs[r].Id,
                            new RunResult
                            {
                                Outcome = result.Outcome == RunOutcome.Completed ? Outcome.Completed : Outcome.Diverged,
                                Step = result.Step,
                                Cause = result.Cause,
                                Metrics = result.Metrics,
                                Checksums =
                                    Metrics(r).Length == 0
                                        ? new Dictionary<string, string>()
                                        : new Dictionary<string, string> { [RunFolder.Metrics] = Metrics(r).Digest },
                                Wall = new Dictionary<string, JsonNode?>
                                {
                                    ["finished"] = finished,
                                    ["packRuns"] = _runs.Length,
                                    ["packSeconds"] = seconds,
                                },
                            }
                        )
                ),
            ],
            steps =>
                _keep switch
                {
                    "all" => steps,
                    "last" => steps.TakeLast(1),
                    _ => [],
                }
        );
    }

    public bool HasProbe(int replica, string probe, long step, string key) => ProbeFiles.Has(_runs[replica], probe, step, key);

    public void WriteProbe(int replica, string probe, long step, ProbeResult result)
    {
        Metrics(replica).AssertThere();
        ProbeFiles.Write(_runs[replica], probe, step, result);
    }

    public void Dispose()
    {
        foreach (MetricsWriter? metrics in _metrics)
            metrics?.Dispose();
    }

    public void Progress(long step, long steps) => _progress?.Invoke(step, steps);

    private void Flush(int replica)
    {
        if (_rows[replica].Count == 0)
            return;
        Metrics(replica).Append(_rows[replica]);
        _rows[replica].Clear();
    }

    // A trainer asks for what can be resumed before it writes; whoever does not begins anew.
    private MetricsWriter Metrics(int replica) => _metrics[replica] ?? Continue(replica, 0, null);

    private MetricsWriter Continue(int replica, long length, string? digest)
    {
        _metrics[replica]?.Dispose();
        _metrics[replica] = null;
        return _metrics[replica] = _runs[replica].ContinueMetrics(length, digest);
    }

    private void SetAsideWhatIsDamaged(RunFolder run)
    {
        if (run.BegunDamage() is { } begun)
            _notice?.Invoke($"{begun}; what was begun is kept in {_store.SetAside(run.Id)}, and the run begins anew");
        else if (run.EnvironmentDamage() is { } environment)
            _notice?.Invoke($"{environment}; it is kept in {_store.SetAside(run.Id, environment.File)}, and the run goes on");
    }
}
