// Runs a study: hands packs to workers, asks the sentinel what comes next, until nothing is missing. Resuming is the same command.
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Running;

/// <summary>Works through a plan, several packs at once.</summary>
/// <remarks>
/// What is to be done is a function of the plan and of the results in the store alone: packs without results, in plan order, then what
/// the sentinel of each arm asks for. An arm's decision waits for all of its own runs and for no other arm's: a pack that is given up
/// leaves its arms undecided, so that the rates asked for in the end are those of a call that nothing befell.
/// Runs whose files are not what was written are moved to damaged/ first, and made again.
/// Several processes may do this on one store, each for all of the plan: what one finds finished, or used up, it takes as its own.
/// </remarks>
internal sealed class StudyRunner
{
    private const int MostPreemptions = 1000;

    private readonly Plan _plan;
    private readonly RunStore _store;
    private readonly RunnerOptions _options;
    private readonly IStudyObserver _observer;
    private readonly object _gate = new(); // a monitor: slots wait on it for work
    private readonly PackQueue _queue;
    private readonly Dictionary<string, Work> _known = [];
    private readonly Dictionary<string, (RunResult? Result, bool Missing)> _results = [];
    private readonly Dictionary<string, SentinelDecision> _decisions = [];
    private readonly SentinelRounds _rounds;
    private readonly long _call;
    private readonly List<(PackSpec, PackEnd)> _missing = [];
    private readonly Dictionary<string, int> _preemptions = [];
    private readonly AlikeFailures _failures = new();
    private readonly List<IPackTrainer> _workers = [];
    private readonly StudyResults _reader;
    private Exception? _fatal;
    private bool _busy;
    private bool _stopping;
    private bool _measuring;
    private int _running;
    private long _started;

    private sealed class Work(PackSpec pack)
    {
        public PackSpec Pack { get; } = pack;
        public double Size { get; } = pack.Runs.Sum(r => (double)r.Spec.Budget.Steps(r.Spec.Batch, r.Spec.Task.Context) * r.Spec.Batch);
        public double Fraction { get; set; }
        public double FractionAtStart { get; set; }
    }

    public StudyRunner(Plan plan, RunStore store, RunnerOptions options, IStudyObserver observer)
    {
        (_plan, _store, _options, _observer, _reader) = (plan, store, options, observer, new StudyResults(plan, store));
        (_rounds, _call) = (new SentinelRounds(plan, store), PlanDocument.CallOf(store));
        _queue = new PackQueue(options.Shard, options.Clock);
    }

    /// <summary>Runs until all is done, given up, or stopped.</summary>
    /// <exception cref="InputException">Something the user can mend (a full disk, data that changed): all that was finished is
    /// kept.</exception>
    public RunnerEnd Run(CancellationToken stop) => Run(null, stop);

    /// <summary>Measures the missing probes of these packs, whose runs are finished, and trains nothing else.</summary>
    /// <exception cref="InputException">As <see cref="Run(CancellationToken)"/>.</exception>
    public RunnerEnd Measure(IReadOnlyList<PackSpec> packs, CancellationToken stop) => Run(packs, stop);

    private RunnerEnd Run(IReadOnlyList<PackSpec>? measured, CancellationToken stop)
    {
        _measuring = measured is not null;
        _started = _options.Clock.GetTimestamp();
        lock (_gate)
        {
            foreach ((Damage damage, string to) in _store.SetAsideDamaged())
                _observer.Noticed($"{damage}; the run is kept in {to} and made again");
            foreach (PackSpec pack in measured ?? _plan.FirstRound())
                Enqueue(pack);
            if (!_measuring)
                DecideAll(_plan.Arms);
            if (_options.OnlyPack is { } only && !_known.ContainsKey(only))
                throw new InputException(
                    $"--pack got '{only}', which is none of the {_known.Count} packs that {_store.Root} asks for now; "
                        + $"'gaplab study commands' lists those that are to be made"
                );
        }
        using CancellationTokenRegistration registration = stop.Register(Stop);
        Thread[] slots =
        [
            .. Enumerable.Range(0, Math.Max(1, _options.Workers)).Select(i => new Thread(() => Slot(i)) { Name = $"slot {i}" }),
        ];
        foreach (Thread slot in slots)
            slot.Start();
        foreach (Thread slot in slots)
            slot.Join();
        if (_fatal is not null)
            ExceptionDispatchInfo.Throw(RunStore.CauseOf(_store.Root, _fatal));
        _store.CleanClaims();
        return new RunnerEnd(stop.IsCancellationRequested, _missing)
        {
            Busy = _busy,
            Waiting =
            [
                .. _plan
                    .Arms.Where(g => g.Comparison.Study.Sentinel.Enabled && _decisions.TryGetValue(g.Key, out var d) && !d.IsDone)
                    .Select(g => (g, _decisions[g.Key])),
            ],
        };
    }

    /// <summary>One worker's turn after the other. The thread lives as long as its process, which the kernel ends with it.</summary>
    private void Slot(int number)
    {
        var device = _options.Devices.Of(number).ToString();
        IPackTrainer? worker = null;
        try
        {
            while (Next() is { } work)
            {
                if (EndedElsewhere(work))
                    continue;
                if (worker is null || !worker.IsAlive)
                {
                    Retire(worker);
                    worker = Hire();
                }
                PackEnd end;
                try
                {
                    end = worker.Train(
                        new WorkerOrder(_store.Root, work.Pack, _plan.Study.Checkpoint.EverySeconds, _plan.Study.Checkpoint.Keep)
                        {
                            Device = device,
                        },
                        TimeSpan.FromSeconds(_plan.Study.Limits.TimePerPack),
                        (step, steps) => Moved(work, step / (double)steps),
                        Noticed
                    );
                }
                catch (Exception e) when (e is IOException or InvalidOperationException)
                {
                    end = new PackEnd(PackEndKind.Killed, e.Message.ReplaceLineEndings(" "));
                }
                Ended(work, end);
            }
        }
        catch (Exception e)
        {
            // Whatever it is, it ends the call in order and is told by who started it; a thread's own would end the process.
            Fail(e);
        }
        finally
        {
            Retire(worker);
        }
    }

    private IPackTrainer Hire()
    {
        IPackTrainer worker = _options.Hire?.Invoke() ?? new WorkerProcess(_options.Worker);
        lock (_gate)
        {
            _workers.Add(worker);
            if (_stopping)
                worker.Stop();
        }
        return worker;
    }

    private void Retire(IPackTrainer? worker)
    {
        if (worker is null)
            return;
        lock (_gate)
            _workers.Remove(worker);
        worker.Dispose();
    }

    /// <summary>The next pack, or null when there is none and none can come.</summary>
    private Work? Next()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_stopping)
                    return null;
                if (_queue.TryTake() is { } pack)
                {
                    _running++;
                    return _known[pack.Id];
                }
                if (_queue.Count == 0 && _running == 0)
                    return null;
                Monitor.Wait(_gate, _queue.Count > 0 ? PackQueue.Pause : Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Moved(Work work, double fraction)
    {
        lock (_gate)
        {
            // A resumed pack begins in the middle: what was done before is no measure of this call's pace.
            if (work.Fraction == 0)
                work.FractionAtStart = fraction;
            work.Fraction = fraction;
            _observer.Changed(Snapshot());
        }
    }

    private void Noticed(string text)
    {
        lock (_gate)
            _observer.Noticed(text);
    }

    private void Ended(Work work, PackEnd end)
    {
        lock (_gate)
        {
            _running--;
            PackSpec pack = work.Pack;
            // A worker that was told to stop before it had its order, or that the terminal's signal reached first, has not failed.
            if (_stopping && end.Kind == PackEndKind.Killed)
                end = new PackEnd(PackEndKind.Stopped);
            switch (end.Kind)
            {
                case PackEndKind.Trained or PackEndKind.Found:
                    Learn(pack);
                    if (SetAsideUnlearned(pack) is { } cause)
                    {
                        end = new PackEnd(PackEndKind.Failed, cause);
                        GiveUpOrRetry(work, end);
                    }
                    else
                    {
                        work.Fraction = 1;
                        if (end.Kind == PackEndKind.Trained && !_measuring)
                            foreach (PlannedRun run in pack.Runs)
                                if (_results.TryGetValue(run.Id, out var known) && known.Result is { } made)
                                    _observer.RunEnded(run, made);
                    }
                    break;
                case PackEndKind.Stopped:
                    break;
                // It asked to be run again with what it has: no failure, unless it asks for ever.
                case PackEndKind.Preempted
                    when ++CollectionsMarshal.GetValueRefOrAddDefault(_preemptions, pack.Id, out _) < MostPreemptions:
                    if (!_stopping)
                        _queue.AddFirst(pack);
                    break;
                case PackEndKind.Busy when _options.OnlyPack is not null:
                    _busy = true;
                    Monitor.PulseAll(_gate);
                    return;
                case PackEndKind.Busy:
                    _queue.AddBusy(pack);
                    Monitor.PulseAll(_gate);
                    return;
                case PackEndKind.Input:
                    Fail(new InputException(end.Cause ?? "the worker refused its input"));
                    break;
                default:
                    GiveUpOrRetry(work, end);
                    break;
            }
            _observer.PackEnded(pack, end, Snapshot());
            if (!_measuring)
                DecideAll(ArmsOf(pack));
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes a pack that another worker has finished, or has used up the attempts at, as ended.</summary>
    private bool EndedElsewhere(Work work)
    {
        PackSpec pack = work.Pack;
        if (pack.Runs.All(r => _store.Run(r.Id).IsFinished) && !ProbeFiles.AnyMissing(_store, pack, _plan.Study.Catalogues.Probes))
        {
            Ended(work, new PackEnd(PackEndKind.Found));
            return true;
        }
        Attempt[] attempts = [.. AttemptsAt(pack)];
        if (attempts.Length < _options.Attempts)
            return false;
        lock (_gate)
        {
            _running--;
            GiveUp(pack, new PackEnd(PackEndWords.Of(attempts[^1].Outcome), attempts[^1].Cause));
            if (!_measuring)
                DecideAll(ArmsOf(pack));
            Monitor.PulseAll(_gate);
        }
        return true;
    }

    // Of this call, whichever worker made them.
    private IEnumerable<Attempt> AttemptsAt(PackSpec pack) => _store.ReadAttempts(pack.Id).Where(a => a.Call == _call);

    // Of commands alone: what Gaplab's own models fail of at once is refused input.
    private void StopIfAllFailAlike(PackSpec pack, PackEnd end)
    {
        bool isCommand = pack.Runs[0].Spec.Model.Command is not null,
            anyResult = _results.Values.Any(r => r.Result is not null);
        if (isCommand && !anyResult && _failures.Add(pack.Id, end.Cause ?? "", _known.Count))
            Fail(
                new InputException(
                    $"the first {_failures.Count} attempts at runs failed, and none has gone well: {end.Kind.Word()}: {end.Cause}; mend "
                        + "the command and run the study again ('gaplab study plan FILE --try' tries it on small runs)"
                )
            );
    }

    private void GiveUpOrRetry(Work work, PackEnd end)
    {
        PackSpec pack = work.Pack;
        if (_stopping)
            return;
        if (end.Kind == PackEndKind.Preempted)
            end = end with { Kind = PackEndKind.Failed, Cause = $"asked to be run again {MostPreemptions} times" };
        if (!RunStore.IsThere(_store.Root))
        {
            Fail(RunStore.Gone(_store.Root));
            return;
        }
        _store.RecordAttempt(
            pack.Id,
            new Attempt(
                _options.Clock.GetUtcNow(),
                end.Kind.ToOutcome(),
                end.Cause ?? end.Kind.Word(),
                [.. pack.Runs.Select(r => r.Id)],
                Call: _call
            )
        );
        StopIfAllFailAlike(pack, end);
        work.Fraction = work.FractionAtStart = 0;
        if (AttemptsAt(pack).Count() < _options.Attempts)
        {
            _queue.AddFirst(pack);
            return;
        }
        GiveUp(pack, end);
    }

    private void GiveUp(PackSpec pack, PackEnd end)
    {
        _missing.Add((pack, end));
        foreach (PlannedRun run in pack.Runs)
            if (!_results.TryGetValue(run.Id, out var known) || known.Result is null)
                _results[run.Id] = (null, true);
    }

    private void Enqueue(PackSpec pack)
    {
        if (_known.ContainsKey(pack.Id))
            return;
        var work = new Work(pack);
        _known[pack.Id] = work;
        Learn(pack);
        if (
            pack.Runs.All(r => _results.ContainsKey(r.Id))
            && !ProbeFiles.AnyMissing(_store, pack, _plan.Study.Catalogues.Probes, d => _observer.Noticed($"{d}; it is measured again"))
        )
            work.Fraction = work.FractionAtStart = 1;
        else if (_options.OnlyPack is null || _options.OnlyPack == pack.Id)
            _queue.Add(pack);
    }

    private void Learn(PackSpec pack)
    {
        foreach (PlannedRun run in pack.Runs)
            if (_store.TryRead(run.Id) is { } result)
                _results[run.Id] = (result, false);
    }

    /// <summary>Why a pack that is said to be finished is not: a run of it that is not what was written, moved away so that it can be made
    /// again.</summary>
    private string? SetAsideUnlearned(PackSpec pack)
    {
        if (pack.Runs.All(r => _results.TryGetValue(r.Id, out var known) && known.Result is not null))
            return null;
        if (!RunStore.IsThere(_store.Root))
            return RunStore.Gone(_store.Root).Message;
        (Damage damage, string to)[] moved = [.. _store.SetAsideDamaged()];
        return moved.Length > 0 ? string.Join("; ", moved.Select(m => $"{m.damage} (kept in {m.to})")) : "a run of it has no result";
    }

    private void DecideAll(IEnumerable<Arm> arms)
    {
        foreach (Arm arm in arms)
            Decide(arm);
        _rounds.Record(_decisions, id => _results.TryGetValue(id, out var known) ? known.Missing : null);
    }

    private void Decide(Arm arm)
    {
        while (true)
        {
            if (_decisions.TryGetValue(arm.Key, out SentinelDecision? before) && before.IsDone)
                return;
            SentinelReplay replay = _reader.Replay(arm, Result);
            foreach (IReadOnlyList<double> rates in replay.Rounds.Skip(1))
            foreach (PackSpec pack in _plan.Round(arm, rates))
                Enqueue(pack);
            _decisions[arm.Key] = replay.Decision;
            _rounds.Learn(arm, replay);
            if (before is null || before.Round != replay.Decision.Round || before.Status != replay.Decision.Status)
                _observer.Decided(arm, replay.Decision);
            // What was just asked for may lie in the store already: then the next decision can be taken at once.
            if (replay.Decision.IsDone || !replay.Decision.Rates.All(rate => _plan.Runs(arm, [rate]).All(r => Result(r.Id).Known)))
                return;
        }
    }

    private (bool Known, double? Metric) Result(string id) =>
        _results.TryGetValue(id, out var known) && known.Result is { } result ? (true, _reader.Loss(result)) : (false, null);

    private IEnumerable<Arm> ArmsOf(PackSpec pack)
    {
        HashSet<string> ids = [.. pack.Runs.Select(r => r.Id)];
        return _plan.Arms.Where(g =>
            pack.Runs.Any(r => r.Spec.Batch == g.Batch)
            && (!_decisions.TryGetValue(g.Key, out var d) || !d.IsDone)
            && _plan.Runs(g, _decisions.TryGetValue(g.Key, out var known) ? known.Tried : g.Rates).Any(r => ids.Contains(r.Id))
        );
    }

    private void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            foreach (IPackTrainer worker in _workers)
                worker.Stop();
            Monitor.PulseAll(_gate);
        }
    }

    private void Fail(Exception error)
    {
        lock (_gate)
            _fatal ??= error;
        Stop();
    }

    private StudySnapshot Snapshot()
    {
        double planned = _known.Values.Sum(w => w.Size),
            done = _known.Values.Sum(w => w.Size * w.Fraction),
            now = _known.Values.Sum(w => w.Size * (w.Fraction - w.FractionAtStart));
        TimeSpan elapsed = _options.Clock.GetElapsedTime(_started);
        TimeSpan? remaining = now > 0 && elapsed.TotalSeconds > 2 ? (planned - done) / now * elapsed : null;
        List<BestSoFar> best = [.. _plan.Arms.Select(g => _reader.Best(g, _decisions.GetValueOrDefault(g.Key), Result))];
        return new StudySnapshot(
            _results.Values.Count(r => r.Result is not null),
            _known.Values.Sum(w => w.Pack.Runs.Count),
            _results.Values.Count(r => r.Missing),
            done,
            planned,
            elapsed,
            remaining,
            best,
            _measuring ? _known.Values.Sum(w => w.Pack.ProbedRuns?.Count ?? w.Pack.Runs.Count) : 0
        );
    }
}
