// One run of MLflow, whichever of its stores it lies in, and the table that runs make.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Results.Import;

/// <summary>A value that was logged.</summary>
/// <param name="Metric">Its number among the names of all metrics.</param>
/// <param name="Step">As the script counted; 0 where it gave none.</param>
/// <param name="Time">Milliseconds since 1970.</param>
internal readonly record struct MlflowValue(int Metric, long Step, long Time, double Value);

/// <summary>A run while it is read.</summary>
internal sealed class MlflowRun
{
    public required string Id { get; init; }

    public string Name { get; set; } = "";

    public required string Experiment { get; init; }

    /// <summary>One of MLflow's words: FINISHED, FAILED, KILLED, RUNNING, SCHEDULED.</summary>
    public required string Status { get; init; }

    public Dictionary<string, string> Params { get; } = new(StringComparer.Ordinal);

    /// <summary>Of the user; MLflow's own begin with "mlflow.".</summary>
    public Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>In the order in which they were written.</summary>
    public List<MlflowValue> Values { get; } = [];
}

/// <summary>The runs of a store while they are read, within bounds, and the table of them.</summary>
/// <remarks>A table with a row for each step at which a run logged something: that a run ended early, or was resumed, can be seen in it.
/// Of a store whose histories are beyond all measure, a row for each run with its last values.</remarks>
internal sealed class MlflowRuns(string file)
{
    /// <summary>Logged values that are held in memory, and rows and fields of the table.</summary>
    internal const int MostValues = 1 << 22,
        MostRows = 1 << 18,
        MostCells = 1 << 24;

    private const int MostRuns = 1 << 20;

    /// <summary>The machine's, every few seconds: their steps are no steps of training.</summary>
    private const string OfTheMachine = "system/";

    private readonly List<string> _metrics = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<MlflowRun> _runs = [];
    private int _values,
        _dropped;

    /// <exception cref="InputException">There are too many.</exception>
    public void Add(MlflowRun run)
    {
        if (_runs.Count == MostRuns)
            throw new InputException($"{file}: more than {MostRuns} runs; read one experiment at a time");
        _runs.Add(run);
    }

    /// <summary>A value of a run. Beyond the bound only the last of each metric is kept.</summary>
    public void Log(MlflowRun run, string metric, long step, long time, double value)
    {
        if (metric.StartsWith(OfTheMachine, StringComparison.Ordinal))
            return;
        if (!_numbers.TryGetValue(metric, out int number))
        {
            if (_metrics.Count == TableHeader.MostColumns)
                throw new InputException($"{file}: more than {TableHeader.MostColumns} names of metrics");
            _numbers.Add(metric, number = _metrics.Count);
            _metrics.Add(metric);
        }
        var logged = new MlflowValue(number, step, time, value);
        if (_values < MostValues)
        {
            _values++;
            run.Values.Add(logged);
            return;
        }
        _dropped++;
        int last = run.Values.FindLastIndex(v => v.Metric == number);
        if (last < 0)
            run.Values.Add(logged);
        else if (!IsLater(run.Values[last], logged))
            run.Values[last] = logged;
    }

    /// <summary>The last value of each metric, which a store may keep beside the histories: it counts where there is no history.</summary>
    public void LogLast(MlflowRun run, string metric, long step, long time, double value)
    {
        if (!_numbers.TryGetValue(metric, out int number) || !run.Values.Exists(v => v.Metric == number))
            Log(run, metric, step, time, value);
    }

    /// <exception cref="InputException">There is no run.</exception>
    public SourceTable Table(ImportNotes notes)
    {
        SetEmptyAside(notes);
        if (_runs.Count == 0)
            throw new InputException(
                $"{file}: holds no runs of MLflow{(notes.SetAside.Count > 0 ? $" ({notes.SetAside.Count} set aside)" : "")}; expected runs "
                    + $"with parameters and metrics"
            );
        string[] parameters = Names(r => r.Params),
            tags = Names(r => r.Tags);
        string[] header =
        [
            "run_id",
            "run_name",
            // Experiments are of different things: of several, each is compared apart.
            _runs.Select(r => r.Experiment).Distinct(StringComparer.Ordinal).Count() > 1
                ? "mlflow.experiment"
                : "experiment",
            "status",
            .. parameters.Select(p => "params." + p),
            "step",
            .. _metrics.Select(m => "metrics." + m),
            .. tags.Select(t => "tags." + t),
        ];
        TableHeader.Check(file, header);
        // Rows are at most as many as values.
        long steps = _runs.Sum(r => Math.Max(1L, r.Values.Select(v => v.Step).Distinct().LongCount()));
        bool whole = _dropped == 0 && steps <= MostRows && steps * header.Length <= MostCells;
        if (!whole)
            notes.Caveats.Add("last value of each run only: too many were logged to compare histories");
        var rows = new List<SourceRow>();
        foreach (MlflowRun run in _runs)
        {
            string[] fields = new string[header.Length];
            Array.Fill(fields, "");
            (fields[0], fields[1], fields[2], fields[3]) = (run.Id, run.Name, run.Experiment, State(run));
            for (int i = 0; i < parameters.Length; i++)
                fields[4 + i] = run.Params.GetValueOrDefault(parameters[i], "");
            for (int i = 0; i < tags.Length; i++)
                fields[^(tags.Length - i)] = run.Tags.GetValueOrDefault(tags[i], "");
            foreach (string[] row in Rows(fields, 4 + parameters.Length, [.. run.Values.OrderBy(v => v.Step).ThenBy(v => v.Time)], whole))
                rows.Add(new(rows.Count + 1, row, $"run {SourceTable.Shown(run.Id)}"));
            if ((long)rows.Count * header.Length > 4L * MostCells)
                throw new InputException($"{file}: {_runs.Count} runs with {header.Length} names in all; read one experiment at a time");
        }
        return new(file, header, rows);
    }

    /// <summary>A row for each step, or one for all of them.</summary>
    /// <param name="fields">What all rows of the run have.</param>
    /// <param name="step">The column of the step, before those of the metrics.</param>
    /// <param name="values">In the order in which they hold.</param>
    /// <param name="whole">A row for each step.</param>
    private static IEnumerable<string[]> Rows(string[] fields, int step, MlflowValue[] values, bool whole)
    {
        if (values.Length == 0)
            yield return fields;
        for (int i = 0; i < values.Length; )
        {
            string[] row = [.. fields];
            row[step] = Text(values[whole ? i : ^1].Step);
            for (long at = values[i].Step; i < values.Length && (!whole || values[i].Step == at); i++)
                row[step + 1 + values[i].Metric] = Text(values[i].Value);
            yield return row;
        }
    }

    /// <summary>A run that logged nothing is none, nor is one that only holds others, as the sweep they are of.</summary>
    private void SetEmptyAside(ImportNotes notes)
    {
        HashSet<string> parents = [.. _runs.Select(r => r.Tags.GetValueOrDefault(ParentTag, "")).Where(p => p.Length > 0)];
        foreach (MlflowRun run in _runs.Where(r => parents.Contains(r.Id) && (r.Params.Count == 0 || r.Values.Count == 0)))
            notes.SetAside.Add(($"run {SourceTable.Shown(run.Id)}", "only holds the runs that are nested in it"));
        _runs.RemoveAll(r => parents.Contains(r.Id) && (r.Params.Count == 0 || r.Values.Count == 0));
        foreach (MlflowRun run in _runs.Where(r => r.Params.Count == 0 && r.Values.Count == 0))
            notes.SetAside.Add(($"run {SourceTable.Shown(run.Id)}", $"logged no parameters and no metrics ({run.Status})"));
        _runs.RemoveAll(r => r.Params.Count == 0 && r.Values.Count == 0);
        int both = _runs.Count(r => parents.Contains(r.Id));
        if (both > 0)
            notes.Caveats.Add($"{both} of {_runs.Count} runs hold others and count like them");
        foreach (MlflowRun run in _runs)
        foreach (string own in run.Tags.Keys.Where(k => k.StartsWith("mlflow.", StringComparison.Ordinal) && k != ParentTag).ToList())
            run.Tags.Remove(own);
    }

    private string State(MlflowRun run) =>
        run.Status != "FINISHED"
        && RunStates.HaveDiverged(
            run.Values.GroupBy(v => v.Metric)
                .Select(m => (_metrics[m.Key], (double?)m.Aggregate((last, v) => IsLater(last, v) ? last : v).Value))
        )
            ? "DIVERGED"
            : run.Status;

    private const string ParentTag = "mlflow.parentRunId";

    private string[] Names(Func<MlflowRun, Dictionary<string, string>> of) =>
        [.. _runs.SelectMany(r => of(r).Keys).Distinct(StringComparer.Ordinal).Take(TableHeader.MostColumns + 1)];

    /// <summary>Whether the first holds rather than the second, which was written after it.</summary>
    private static bool IsLater(MlflowValue a, MlflowValue b) => a.Step > b.Step || (a.Step == b.Step && a.Time > b.Time);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
