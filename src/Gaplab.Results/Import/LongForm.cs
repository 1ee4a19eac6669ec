// Tables with a row per evaluation: the rows of each run become one, with the last or the best value of the metric.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Finds out whether a table holds histories, and reduces them.</summary>
/// <remarks>A history is known by a counter (step, epoch, …) that differs between rows equal in every setting. Its run is the run id where
/// there is one; else all settings with the seed; else, of replicates, what lies between two returns of the counter to its start.</remarks>
internal sealed class LongForm
{
    private readonly SourceTable _table;
    private readonly ColumnRoles _roles;
    private readonly TableNumbers _numbers;
    private readonly ImportOptions _options;
    private readonly int[] _settings;
    private readonly int[] _rates;
    private int _counter = -1;
    private double[] _steps = [];

    private LongForm(SourceTable table, ColumnRoles roles, TableNumbers numbers, ImportOptions options)
    {
        (_table, _roles, _numbers, _options) = (table, roles, numbers, options);
        _rates = [.. roles.Rates, .. roles.OwnRates.Values];
        _settings =
        [
            .. new[] { roles[ColumnRole.Run], roles[ColumnRole.Optimizer], roles[ColumnRole.Batch], roles[ColumnRole.Seed] }.OfType<int>(),
            .. roles.Momenta,
            .. roles.OwnMomenta.Values,
            .. roles.Groups,
        ];
    }

    private int Metric => _roles[ColumnRole.Metric]!.Value;

    private bool HasRuns =>
        _roles[ColumnRole.Run] is { } run
        && _table.Rows.Select(r => r.Fields[run]).Distinct(StringComparer.Ordinal).Count() < _table.Rows.Count;

    /// <summary>A run id of its own for every run, not a name that several share: under it, a step that comes again is a resumed
    /// run's.</summary>
    private bool HasIds =>
        HasRuns
        && _roles[ColumnRole.Run] is { } run
        && ColumnNames.IdentifiesRuns(_table.Header[run])
        && Grouped(_settings).Count() == _table.Rows.Select(r => r.Fields[run]).Distinct(StringComparer.Ordinal).Count();

    /// <summary>The table itself when it has one row per run; else the table of its runs, and what was done is noted.</summary>
    /// <param name="cutShort">Receives the lines of runs that end well before others of their optimizer and batch size.</param>
    /// <exception cref="InputException">Rows of one setting repeat a step, and nothing tells which run each is of.</exception>
    public static SourceTable Reduce(
        SourceTable table,
        ColumnRoles roles,
        TableNumbers numbers,
        ImportOptions options,
        ImportNotes notes,
        ISet<int> cutShort
    )
    {
        bool asked = options.Take is not null;
        var form = new LongForm(table, roles, numbers, options);
        List<List<int>>? runs = roles.Steps.Count == 0 || roles.HistoryPart is not null || form.EveryRowIsARun() ? null : form.Runs();
        if (runs is null)
        {
            if (!asked)
                return table;
            string counters =
                roles.Steps.Count == 0
                    ? "no column counts steps or epochs (name it with --map COLUMN=step)"
                    : $"no two rows of one run differ in {table.Names(roles.Steps)}";
            throw new InputException($"--take asks for one row of each run's history, but {table.File} has one row per run: {counters}");
        }
        return form.Reduced(runs, notes, cutShort);
    }

    /// <summary>Every row has a run id of its own: a counter then says how long each run was.</summary>
    private bool EveryRowIsARun() => _roles[ColumnRole.Run] is not null && !HasRuns;

    private List<List<int>>? Runs()
    {
        foreach (
            int counter in _roles
                .Steps.Where(_numbers.IsNumeric)
                .OrderByDescending(c => ColumnNames.CountsSteps(_table.Header[c]))
                .ThenByDescending(Resolution)
        )
        {
            _counter = counter;
            _steps = [.. _table.Rows.Select(r => _numbers[r, counter] ?? double.NaN)];
            if ((Scheduled() ?? BySettings()) is { } runs)
                return runs;
        }
        return null;
    }

    /// <summary>How many values a counter takes: of several, the finest tells evaluations apart.</summary>
    private int Resolution(int counter) => _table.Rows.Select(r => r.Fields[counter]).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Histories that log the learning rate of a schedule: while a run's counter rises its rate changes, so the rate belongs to no
    /// key.</summary>
    private List<List<int>>? Scheduled()
    {
        if (_rates.Length == 0)
            return null;
        List<List<int>> runs;
        if (HasRuns)
        {
            runs = [.. Grouped(_settings)];
            if (2 * runs.Count(RepeatsStep) > runs.Count)
                return null;
        }
        else
        {
            // Without run ids only the order of rows tells: each stretch of rising steps from the first step on is a run.
            runs = [.. Stretches()];
            double start = _steps.Where(double.IsFinite).DefaultIfEmpty().Min();
            if (runs.Any(r => r.Count < 3 || _steps[r[0]] != start))
                return null;
        }
        bool changes =
            runs.Count(r => _rates.Any(c => r.Select(i => _table[i, c]).Distinct(StringComparer.Ordinal).Count() > 1)) > runs.Count / 2;
        return changes && runs.Any(r => Distinct(r) > 1) ? runs : null;
    }

    private IEnumerable<List<int>> Stretches()
    {
        List<int> run = [0];
        for (int i = 1; i < _table.Rows.Count; i++)
        {
            bool goesOn =
                _settings.All(c => _table[i, c] == _table[i - 1, c])
                && (_steps[i] > _steps[i - 1] || (_steps[i] == _steps[i - 1] && _rates.All(c => _table[i, c] == _table[i - 1, c])));
            if (!goesOn)
            {
                yield return run;
                run = [];
            }
            run.Add(i);
        }
        yield return run;
    }

    private List<List<int>>? BySettings()
    {
        List<List<int>> groups = [.. Grouped([.. _settings, .. _rates])];
        var several = groups.Where(g => g.Count > 1).ToList();
        // Most of what has several rows must have several steps: else rows are runs, and the counter says how long they were. Where every
        // run has an id, one that has several rows is enough.
        int stepping = several.Count(g => Distinct(g) > 1);
        if (HasIds ? stepping == 0 : several.Count == 0 || 2 * stepping < Math.Max(several.Count, groups.Count))
            return null;
        bool told = HasRuns || _roles[ColumnRole.Seed] is not null;
        if (
            !ColumnNames.CountsSteps(_table.Header[_counter])
            && _roles[ColumnRole.Step] != _counter
            && !(told && 2 * groups.Count(g => g.Count >= 3) >= groups.Count)
        )
            return null;
        int[] telling = Telling(several);
        if (telling.Length > 0)
            groups = [.. Grouped([.. _settings, .. _rates, .. telling])];
        bool identified = HasIds;
        List<List<int>> runs = [.. groups.SelectMany(g => Split(g, identified, told))];
        if (!HasRuns)
            CheckStarts(runs);
        return runs;
    }

    private IEnumerable<List<int>> Grouped(int[] columns) =>
        Enumerable
            .Range(0, _table.Rows.Count)
            .GroupBy(i => string.Join('\u001F', columns.Select(c => _table[i, c])))
            .Select(g => g.ToList());

    private int Distinct(List<int> rows) => rows.Select(i => _steps[i]).Distinct().Count();

    /// <summary>Two rows of one step both hold the metric.</summary>
    private bool RepeatsStep(List<int> rows) =>
        rows.Where(i => !SweepNumber.IsBlank(_table[i, Metric])).GroupBy(i => _steps[i]).Any(g => g.Count() > 1);

    /// <summary>A column without a role that parts every group that repeats a step into runs that do not: a setting that the importer does
    /// not know.</summary>
    private int[] Telling(List<List<int>> groups)
    {
        var repeating = groups.Where(RepeatsStep).ToList();
        if (repeating.Count == 0)
            return [];
        foreach (int column in Enumerable.Range(0, _table.Header.Length).Where(c => !_roles.IsUsed(c) && !_roles.Steps.Contains(c)))
        {
            if (_table.Rows.Select(r => r.Fields[column]).Distinct(StringComparer.Ordinal).Count() > Math.Max(2, _table.Rows.Count / 8))
                continue;
            var parts = repeating.SelectMany(g => g.GroupBy(i => _table[i, column]).Select(p => p.ToList())).ToList();
            if (parts.All(p => p.Count > 1 && !RepeatsStep(p)))
                return [column];
        }
        return [];
    }

    /// <summary>The runs among rows of one key.</summary>
    /// <param name="identified">The key holds a run's id: its rows are one run, and of two of one step the later is the resumed
    /// run's.</param>
    /// <param name="told">The key holds a seed or a run's name: rows of different steps are one run in whatever order they stand.</param>
    private IEnumerable<List<int>> Split(List<int> rows, bool identified, bool told)
    {
        if (identified || (told && !RepeatsStep(rows)))
            return [rows];
        double start = Start(rows);
        var runs = new List<List<int>>();
        for (int k = 0; k < rows.Count; k++)
        {
            if (k == 0 || (_steps[rows[k]] < _steps[rows[k - 1]] && _steps[rows[k]] <= start))
                runs.Add([]);
            runs[^1].Add(rows[k]);
        }
        if (runs.All(r => !RepeatsStep(r) && _steps[r[0]] == start && r.Zip(r.Skip(1)).All(p => _steps[p.First] <= _steps[p.Second])))
            return runs;
        SourceRow row = _table.Rows[rows[^1]];
        throw new InputException(
            $"{_table.File}, {row.Where}: rows equal in every setting differ in {_table.Name(_counter)} and do not follow each other "
                + $"as runs do; name what tells their runs apart "
                + $"with --map COLUMN=run or COLUMN=seed, or say --map {SourceTable.Shown(_table.Header[_counter])}=ignore"
        );
    }

    private double Start(List<int> rows) => rows.Select(i => _steps[i]).Where(double.IsFinite).DefaultIfEmpty().Min();

    /// <summary>Runs of one optimizer and batch size begin at one step: if not, rows of one run were taken for several, as when a scheduled
    /// rate is logged.</summary>
    private void CheckStarts(List<List<int>> runs)
    {
        foreach (var alike in runs.GroupBy(r => string.Join('\u001F', _settings.Select(c => _table[r[0], c]))))
        {
            double[] starts = [.. alike.Select(Start).Distinct().Order()];
            if (starts.Length < 2 || _rates.Length == 0)
                continue;
            SourceRow row = _table.Rows[alike.MaxBy(Start)![0]];
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_table.File}, {row.Where}: runs of one setting begin at {_table.Name(_counter)} {starts[0]} and {starts[^1]}; "
                        + $"if the rate of a schedule is logged, "
                )
                    + "name the run's column with --map COLUMN=run; if rows are runs, say --map "
                    + $"{SourceTable.Shown(_table.Header[_counter])}=ignore"
            );
        }
    }

    private SourceTable Reduced(List<List<int>> runs, ImportNotes notes, ISet<int> cutShort)
    {
        bool best = _options.Take == HistoryValue.Best;
        List<SourceRow> rows = [.. runs.Select(r => Row(r, best))];
        string metric = _table.Name(Metric),
            by = _table.Name(_counter);
        notes.Caveats.Add($"{(best ? "best" : "last")} {metric} of each run by {by}");
        notes.Findings.Add(
            new(
                FindingKinds.HistoryReduced,
                Severity.Warning,
                $"The {_table.Rows.Count} rows are histories of {rows.Count} runs, up to {runs.Max(r => r.Count)} rows each by {by}: each "
                    + $"run counts once, with its {(best ? "best" : "last")} {metric} "
                    + $"({(best ? "--take last takes the last" : "--take best takes the best, which favours noisy and long runs")})."
            )
        );
        foreach (int run in CutShort(runs))
            cutShort.Add(rows[run].Line);
        return _table with { Rows = [.. rows.OrderBy(r => r.Line)] };
    }

    /// <summary>The run's last row, with the value that counts, the peak of a logged rate, and what only earlier rows say.</summary>
    private SourceRow Row(List<int> run, bool best)
    {
        List<int> order = [.. run.OrderBy(i => double.IsNaN(_steps[i]) ? double.PositiveInfinity : _steps[i]).ThenBy(i => i)];
        string[] fields = [.. _table.Rows[order[^1]].Fields];
        for (int c = 0; c < fields.Length; c++)
        for (int k = order.Count - 1; k >= 0 && fields[c].Length == 0; k--)
            fields[c] = _table[order[k], c];
        List<int> measured = [.. order.Where(i => !SweepNumber.IsBlank(_table[i, Metric]))];
        int at = measured.Count == 0 ? order[^1] : measured[^1];
        if (best && measured.Where(i => _numbers[_table.Rows[i], Metric] is { } v && double.IsFinite(v)).ToList() is { Count: > 0 } finite)
            at = _options.HigherIsBetter
                ? finite.MaxBy(i => _numbers[_table.Rows[i], Metric])
                : finite.MinBy(i => _numbers[_table.Rows[i], Metric]);
        fields[Metric] = _table[at, Metric];
        foreach (int rate in _rates)
            if (run.Where(i => !SweepNumber.IsBlank(_table[i, rate])).ToList() is { Count: > 0 } given)
                fields[rate] = _table[given.MaxBy(i => _numbers[_table.Rows[i], rate] ?? 0), rate];
        return _table.Rows[at] with { Fields = fields };
    }

    /// <summary>Runs that end before nine tenths of the longest of their optimizer and batch size, with a finite value: of less training
    /// than the others.</summary>
    private IEnumerable<int> CutShort(List<List<int>> runs)
    {
        double[] ends = [.. runs.Select(r => r.Select(i => _steps[i]).Where(double.IsFinite).DefaultIfEmpty().Max())];
        int[] alike = [.. new[] { _roles[ColumnRole.Optimizer], _roles[ColumnRole.Batch] }.OfType<int>(), .. _roles.Groups];
        foreach (var set in Enumerable.Range(0, runs.Count).GroupBy(r => string.Join('\u001F', alike.Select(c => _table[runs[r][0], c]))))
        {
            double longest = set.Max(r => ends[r]);
            foreach (int run in set)
                if (ends[run] < 0.9 * longest)
                    yield return run;
        }
    }
}
