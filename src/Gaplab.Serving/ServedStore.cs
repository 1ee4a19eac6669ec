// One store that is watched: it is looked at a few times a second, read again where it has changed, and those who watch are told.
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;
using Gaplab.Studies;

namespace Gaplab.Serving;

/// <summary>What the store says now, and the thread that keeps it so. Nothing is ever written, and no state of the store ends it.</summary>
internal sealed class ServedStore
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(400);

    // Reading takes a quarter of the time at most: the study has the rest.
    private const double Patience = 3;

    private static readonly TimeSpan s_paceOver = TimeSpan.FromMinutes(5),
        s_paceFrom = TimeSpan.FromSeconds(4);

    private readonly int _number;
    private readonly string _given;
    private readonly Catalogues _catalogues;
    private readonly EventHub _hub;
    private readonly TimeProvider _clock;
    private readonly Queue<(long Time, double Work)> _pace = [];
    private RunStore? _store;
    private volatile StudyReading? _reading;
    private volatile Progress _progress = new(0, "opening");
    private volatile IReadOnlyDictionary<string, string> _work = new Dictionary<string, string>();
    private volatile IReadOnlyList<string> _measured = [];
    private bool _isHeld;
    private int _seen;

    /// <summary>How far the study is.</summary>
    /// <param name="Version">Counts what was read.</param>
    /// <param name="State">"running", "idle", "done", "gone" or "unreadable".</param>
    private sealed record Progress(long Version, string State)
    {
        public string? Problem { get; init; }
        public int AtWork { get; init; }
        public double Fraction { get; init; }
        public TimeSpan? Remaining { get; init; }
    }

    /// <param name="number">By which the page names it.</param>
    /// <param name="path">The store's folder, as the user named it.</param>
    public ServedStore(int number, string path, Catalogues catalogues, EventHub hub, TimeProvider clock)
    {
        (_number, _given, _catalogues, _hub, _clock) = (number, path, catalogues, hub, clock);
        Path = System.IO.Path.GetFullPath(path);
        Measured = new MeasuredPages(this, catalogues, clock);
    }

    public string Path { get; }

    public string Name => _reading?.Study ?? System.IO.Path.GetFileName(Path);

    /// <summary>The last that could be read; null before the first.</summary>
    public StudyReading? Reading => _reading;

    /// <summary>The store's folder as the user named it.</summary>
    public string Given => _given;

    public CurveLibrary? Curves { get; private set; }

    /// <summary>What probes measured.</summary>
    public MeasuredPages Measured { get; }

    /// <summary>Ids of the runs at the best learning rates so far.</summary>
    public IEnumerable<string> Tuned() => _reading?.Rows.Where(r => r.IsTuned).Select(r => r.Id) ?? [];

    /// <summary>Where a run is being made; null where it is not.</summary>
    public string? WorkOf(string run) => _work.GetValueOrDefault(run);

    public RunStore? Store => _store;

    /// <summary>Watches until stopped.</summary>
    public void Watch(CancellationToken stop)
    {
        StoreStamp? last = null;
        while (!stop.IsCancellationRequested)
        {
            long began = _clock.GetTimestamp();
            try
            {
                last = Look(last);
            }
            catch (Exception error)
            {
                // Torn, half deleted, not permitted: said, and looked at again; what was read before stays on the page.
                Tell(_progress with { State = "unreadable", Problem = Shown.Line(error.Message), Remaining = null });
                last = null;
            }
            TimeSpan took = _clock.GetElapsedTime(began);
            stop.WaitHandle.WaitOne(took * Patience > s_look ? took * Patience : s_look);
        }
    }

    private StoreStamp Look(StoreStamp? last)
    {
        StoreStamp now = StoreStamp.Of(Path);
        if (!now.IsThere)
        {
            _work = new Dictionary<string, string>();
            _store = null;
            _pace.Clear();
            Tell(
                _progress with
                {
                    State = "gone",
                    Problem = $"The store {_given} is not there: it was deleted or moved. The page shows what it last said.",
                    AtWork = 0,
                    Remaining = null,
                }
            );
            return now;
        }
        if (_store is null)
        {
            _store = RunStore.OpenToRead(Path);
            Curves = new CurveLibrary(_store);
            last = null;
        }
        bool results = last is null || last.Value.Study != now.Study || last.Value.Results != now.Results,
            work = results || last!.Value.Work != now.Work;
        if (!work && _isHeld && _progress.State is not "running")
            return now;
        _work = _store.BeingMade().DistinctBy(r => r.Id).ToDictionary(r => r.Id, r => r.Folder, StringComparer.Ordinal);
        if (results)
            Read(_store, glance: _reading is null);
        else if (!_isHeld)
            results = Hold(_store);
        // Probes measure finished runs too: files come without a new result.
        IReadOnlyList<string> measured = MeasuredPages.Held(_store, Tuned());
        bool views = !measured.SequenceEqual(_measured);
        _measured = measured;
        Measure(_reading!, results || views);
        if (results)
            _hub.Tell("answer", Event(new JsonObject()));
        else if (work)
            _hub.Tell("work", Event(new JsonObject { ["runs"] = AnswerJson.Texts(_work.Keys) }));
        return now;
    }

    // The index says in a few seconds what very many files held when they were last held against their digests: that is shown first.
    private void Read(RunStore store, bool glance)
    {
        RunStore moment = store.Still(glance);
        _reading = StudyReading.Of(moment, _catalogues, _given);
        (_seen, _isHeld) = (moment.Read().Results.Count, !glance);
    }

    /// <summary>Holds every file against its digest.</summary>
    /// <returns>Whether what is shown was otherwise, and is read anew.</returns>
    private bool Hold(RunStore store)
    {
        StoreReading whole = store.Read();
        _isHeld = true;
        if (whole.Damaged.Count == 0 && whole.Results.Count == _seen)
            return false;
        Read(store, glance: false);
        return true;
    }

    // How far it is and how long it will take, by the pace of the last minutes.
    private void Measure(StudyReading reading, bool isNew)
    {
        int atWork = _store!.AtWork().Count;
        double open = 0;
        foreach ((string run, double samples) in reading.Work)
            open += samples - Done(run, samples);
        double done = reading.TotalWork - open;
        long now = _clock.GetTimestamp();
        _pace.Enqueue((now, done));
        while (_pace.Count > 2 && _clock.GetElapsedTime(_pace.Peek().Time, now) > s_paceOver)
            _pace.Dequeue();
        TimeSpan over = _clock.GetElapsedTime(_pace.Peek().Time, now);
        double gained = done - _pace.Peek().Work;
        bool running = atWork > 0 && open > 0;
        Tell(
            new Progress(
                _progress.Version + (isNew ? 1 : 0),
                running ? "running"
                    : open > 0 ? "idle"
                    : "done"
            )
            {
                AtWork = atWork,
                Fraction = reading.TotalWork > 0 ? done / reading.TotalWork : 1,
                Remaining = running && gained > 0 && over > s_paceFrom ? over * (open / gained) : null,
            }
        );
    }

    private double Done(string run, double samples) =>
        WorkOf(run) is { } folder && Curves?.Of(run, folder) is { } file
            ? Math.Min(samples, file.Names.Max(n => file.Of(n)[^1].Samples))
            : 0;

    private void Tell(Progress progress)
    {
        if (progress == _progress)
            return;
        _progress = progress;
        _hub.Tell("state", State().ToJsonString());
    }

    /// <summary>Where the store stands, in numbers.</summary>
    public JsonObject State()
    {
        Progress progress = _progress;
        StudyReading? reading = _reading;
        int Count(Func<RunRow, bool> match) => reading?.Rows.Count(match) ?? 0;
        return Named(
            new JsonObject
            {
                ["name"] = Name,
                ["path"] = _given,
                ["version"] = progress.Version,
                ["state"] = progress.State,
                ["problem"] = progress.Problem,
                ["metric"] = reading?.Metric,
                ["higherIsBetter"] = reading?.HigherIsBetter,
                ["runs"] = reading?.Rows.Count ?? 0,
                ["done"] = Count(r => r.State is RunState.Completed or RunState.Diverged),
                ["diverged"] = Count(r => r.State == RunState.Diverged),
                ["failed"] = Count(r => r.State == RunState.Missing && r.Reason != RunRow.NotBegun),
                ["making"] = _work.Count,
                ["atWork"] = progress.AtWork,
                ["fraction"] = progress.Fraction,
                ["secondsLeft"] = progress.Remaining?.TotalSeconds,
                ["measured"] = AnswerJson.Texts(_measured),
            }
        );
    }

    /// <summary>The rows with what is being made now.</summary>
    public IEnumerable<RunRow> Rows()
    {
        IReadOnlyDictionary<string, string> work = _work;
        bool atWork = _progress.AtWork > 0;
        foreach (RunRow row in _reading?.Rows ?? [])
            yield return row.State != RunState.Missing ? row
            : work.ContainsKey(row.Id) && atWork ? row with { State = RunState.Running, Reason = "being made" }
            : row.Reason == RunRow.NotBegun
                ? row with
                {
                    Reason = atWork ? "waits for its turn" : $"{RunRow.NotBegun}, and nobody is at work",
                }
            : row;
    }

    private string Event(JsonObject content) => Named(content).ToJsonString();

    private JsonObject Named(JsonObject content)
    {
        content["store"] = _number;
        return content;
    }
}
