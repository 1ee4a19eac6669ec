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

    // Who watches a run sees it grow.
    private static readonly TimeSpan s_mostHeld = TimeSpan.FromSeconds(1);

    private readonly RunStore _store;
    private readonly PackClaim? _claim;
    private readonly IReadOnlyList<RunFolder> _runs;
    private readonly List<MetricRow>[] _rows;
    private readonly string _keep;
    private readonly TimeProvider _clock;
    private readonly long _started;
    private readonly Action<long, long>? _progress;
    private readonly Action<string>? _notice;
    private readonly MetricsWriter?[] _metrics;
    private readonly long[] _flushed;

    /// <param name="store">The store.</param>
    /// <param name="claim">Held on the runs; null where nobody else can be at work on them.</param>
    /// <param name="runs">Where they are made, in the same order.</param>
    /// <param name="pack">The runs, in the order of the replica axis.</param>
    /// <param name="keep">Checkpoints kept of a finished run: "none", "last" or "all".</param>
    /// <param name="clock">For the wall-clock fields alone.</param>
    /// <param name="progress">Told (step, steps) now and then.</param>
    /// <param name="notice">Told what was found damaged, and what is done about it.</param>
    public StorePackSink(
        RunStore store,
        PackClaim? claim,
        IReadOnlyList<RunFolder> runs,
        PackSpec pack,
        string keep,
        TimeProvider clock,
        Action<long, long>? progress = null,
        Action<string>? notice = null
    )
    {
        (_store, _claim, _runs) = (store, claim, runs);
        (_keep, _clock, _started, _progress, _notice) = (keep, clock, clock.GetTimestamp(), progress, notice);
        _metrics = new MetricsWriter?[pack.Runs.Count];
        _flushed = [.. pack.Runs.Select(_ => clock.GetTimestamp())];
        _rows = [.. pack.Runs.Select(_ => new List<MetricRow>())];
        JsonObject environment = RunEnvironment.Describe();
        for (int r = 0; r < _runs.Count; r++)
        {
            SetAsideWhatIsDamaged(_runs[r]);
            _runs[r].WriteSpec(RunId.Document(pack.Runs[r].Spec));
            if (RunEnvironment.GoingOn(_runs[r].ReadEnv(), environment) is { } elsewhere)
                _runs[r].ReplaceEnv(Text(elsewhere));
            _runs[r].WriteEnv(Text(environment));
        }
    }

    private static string Text(JsonObject environment) => environment.ToJsonString(SpecJson.Indented) + "\n";

    public void Write(int replica, IReadOnlyList<Measurement> measurements)
    {
        List<MetricRow> rows = _rows[replica];
        foreach (Measurement m in measurements)
            rows.Add(new MetricRow(m.Step, m.Samples, m.Name, m.Value));
        if (rows.Count >= RowsInMemory || _clock.GetElapsedTime(_flushed[replica]) >= s_mostHeld)
            Flush(replica);
    }

    public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas)
    {
        if (_claim?.IsHeld == false)
            throw new LostClaimException("another worker has taken these runs over: this one gave no sign of life for too long");
        for (int r = 0; r < _runs.Count; r++)
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
                for (int r = 0; r < _runs.Count; r++)
                    Continue(r, loaded[r].MetricsLength, loaded[r].MetricsDigest);
                return [.. loaded.Select(l => l.Replica)];
            }
            catch (InputException error)
            {
                // A damaged checkpoint costs the steps since the one before it, never the run.
                _notice?.Invoke(
                    $"{error.Message}; the checkpoint of step {step.ToString(CultureInfo.InvariantCulture)} is not used: {_runs.Count} "
                        + $"runs go on from an earlier one, or begin anew"
                );
                foreach (RunFolder run in _runs)
                    run.DeleteCheckpoint(step);
            }
        }
        for (int r = 0; r < _runs.Count; r++)
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
        for (int r = 0; r < _runs.Count; r++)
            Flush(r);
        double seconds = Math.Round(_clock.GetElapsedTime(_started).TotalSeconds, 3);
        string finished = _clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        _store.FinishPack(
            [
                .. results.Select(
                    (result, r) =>
                        (
                            _runs[r],
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
                                    [RunResult.PackRuns] = _runs.Count,
                                    [RunResult.PackSeconds] = seconds,
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
                },
            _claim
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
        _flushed[replica] = _clock.GetTimestamp();
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
            _notice?.Invoke($"{begun}; what was begun is kept in {_store.SetAside(run)}, and the run begins anew");
        else if (run.EnvironmentDamage() is { } environment)
            _notice?.Invoke($"{environment}; it is kept in {_store.SetAside(run, environment.File)}, and the run goes on");
    }
}
