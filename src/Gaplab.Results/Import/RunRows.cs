// A row of a table as a run of a sweep.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Makes runs of rows, and remembers what their states said.</summary>
internal sealed class RunRows
{
    /// <summary>Names are printed with every number that they belong to.</summary>
    private const int LongestName = 200;

    private readonly SourceTable _table;
    private readonly ColumnRoles _roles;
    private readonly TableNumbers _numbers;
    private readonly ImportOptions _options;
    private readonly ImportNotes _notes;
    private readonly RunStates _states;
    private readonly bool _ratesGiven;
    private readonly Dictionary<int, RunStatus?> _said = [];
    private readonly HashSet<int> _blank = [];

    public RunRows(SourceTable table, ColumnRoles roles, TableNumbers numbers, ImportOptions options, ImportNotes notes)
    {
        (_table, _roles, _numbers, _options, _notes) = (table, roles, numbers, options, notes);
        int[] rates = [.. roles.Rates, .. roles.OwnRates.Values];
        _ratesGiven = table.Rows.Any(r => rates.Any(c => !SweepNumber.IsBlank(r.Fields[c])));
        _states = new RunStates(roles[ColumnRole.State] is { } state ? table.Rows.Select(r => r.Fields[state]) : []);
    }

    /// <summary>What a row's state says; null when it says nothing.</summary>
    public RunStatus? Said(SourceRow row) => _said[row.Line];

    /// <summary>It has no metric, and its state does not say why.</summary>
    public bool IsBlank(SourceRow row) => _blank.Contains(row.Line);

    /// <summary>What of optimizer, learning rate and batch size a row does not say; null where it says all.</summary>
    public string? Hole(SourceRow row)
    {
        if (_roles[ColumnRole.Optimizer] is { } optimizer && row.Fields[optimizer].Length == 0)
            return "no optimizer";
        if (SweepNumber.IsBlank(row.Fields[_roles[ColumnRole.Batch]!.Value]))
            return "no batch size";
        if (!_ratesGiven)
            return null;
        bool own =
            _roles[ColumnRole.Optimizer] is { } named
            && _roles.Optimizers.TryGetValue(row.Fields[named], out string? name)
            && _roles.OwnRates.TryGetValue(name, out int rate)
            && !SweepNumber.IsBlank(row.Fields[rate]);
        return own || _roles.Rates.Any(c => !SweepNumber.IsBlank(row.Fields[c])) ? null : "no learning rate";
    }

    public SweepRow Row(SourceRow row)
    {
        string optimizer = Optimizer(row);
        double? rate = _ratesGiven ? SixDigits.Round(Rate(row, optimizer)) : null;
        int batchColumn = _roles[ColumnRole.Batch]!.Value;
        double batch = _numbers.Positive(row, batchColumn, "a batch size of 1 or more");
        if (batch != Math.Floor(batch) || batch > long.MaxValue / 2)
            throw _table.Bad(row, batchColumn, "a whole batch size");
        string? seed = _roles[ColumnRole.Seed] is { } s && row.Fields[s].Length > 0 ? Seed(Named(row, s)) : null;
        double? clip = _roles[ColumnRole.Clip] is { } c && _numbers[row, c] is { } fraction && double.IsFinite(fraction) ? fraction : null;
        ComparisonKey comparison =
            _roles.Groups.Count == 0
                ? ComparisonKey.Empty
                : new ComparisonKey([
                    .. _roles.Groups.Select(g => new KeyValuePair<string, string>(
                        ColumnNames.ComparisonOf(_table.Header[g]) ?? _table.Header[g],
                        Named(row, g)
                    )),
                ]);
        string provenance = (_roles[ColumnRole.Run] is { } run && row.Fields[run].Length > 0 ? Named(row, run) + ", " : "") + row.Where;
        Moments moments = Moments(row, optimizer);
        RunStatus? said = _roles[ColumnRole.State] is { } state ? _states.Of(row.Fields[state]) : null;
        _said[row.Line] = said;
        double? metric =
            said is RunStatus.Missing ? null
            : said is RunStatus.Diverged ? double.NaN
            : Metric(row);
        if (metric is null && said is not RunStatus.Missing)
            _blank.Add(row.Line);
        return metric is { } value
            ? SweepRow.Finished(comparison, optimizer, rate, (long)batch, seed, moments.First, value, provenance, clip) with
            {
                Beta2 = moments.Second,
                Variant = moments.Other ?? "",
            }
            : new(comparison, optimizer, rate, (long)batch, seed, moments.First, double.NaN, RunStatus.Missing, provenance, clip)
            {
                Beta2 = moments.Second,
                Variant = moments.Other ?? "",
            };
    }

    /// <summary>What is to be said of all rows together.</summary>
    /// <exception cref="InputException">No state is known.</exception>
    public void Tell(IReadOnlyList<SweepRow> rows)
    {
        if (!_ratesGiven)
            _notes.Caveats.Add(_roles.HasRates ? "taken as tuned: no learning rates" : "taken as tuned: no learning-rate column");
        if (_states.Unknown.Count == 0)
            return;
        string words = string.Join(", ", _states.Unknown.Take(6)) + (_states.Unknown.Count > 6 ? ", …" : "");
        if (rows.All(r => r.Status == RunStatus.Missing))
            throw new InputException(
                $"{_table.File}: no run is finished by the words of column {_table.Name(_roles[ColumnRole.State]!.Value)} ({words} not "
                    + $"known); if they say something else, add --map "
                    + $"{SourceTable.Shown(_table.Header[_roles[ColumnRole.State]!.Value])}=ignore"
            );
        _notes.Caveats.Add("unknown run states taken as missing");
        _notes.Findings.Add(new(FindingKinds.UnknownState, Severity.Warning, $"Run states not known, taken as missing: {words}."));
    }

    private string Optimizer(SourceRow row)
    {
        if (_roles[ColumnRole.Optimizer] is not { } column)
            return (_options.Optimizer ?? "unnamed").ToLowerInvariant();
        return _roles.Optimizers.TryGetValue(row.Fields[column], out string? name) && name.Length is > 0 and <= LongestName
            ? name
            : throw _table.Bad(row, column, "an optimizer's name");
    }

    private string Named(SourceRow row, int column) =>
        row.Fields[column].Length <= LongestName
            ? row.Fields[column]
            : throw _table.Bad(row, column, $"a name of at most {LongestName} characters");

    private double Rate(SourceRow row, string optimizer)
    {
        const string Expected = "a learning rate above 0";
        if (_roles.OwnRates.TryGetValue(optimizer, out int own) && !SweepNumber.IsBlank(row.Fields[own]))
            return _numbers.Positive(row, own, Expected);
        int[] given = [.. _roles.Rates.Where(c => !SweepNumber.IsBlank(row.Fields[c]))];
        if (given.Length == 0)
            throw _table.Bad(
                row,
                _roles.OwnRates.TryGetValue(optimizer, out own) ? own
                    : _roles.Rates.Count > 0 ? _roles.Rates[0]
                    : _roles.OwnRates.Values.First(),
                $"{Expected} of {SourceTable.Shown(optimizer)}"
            );
        double rate = _numbers.Positive(row, given[0], Expected);
        foreach (int other in given.Skip(1))
            if (_numbers.Positive(row, other, Expected) != rate)
                throw _table.Bad(
                    row,
                    other,
                    $"one learning rate a row, and {_table.Name(given[0])} holds another; --map one of them =ignore"
                );
        return rate;
    }

    /// <summary>A script may log Adam's β₂ beside every optimizer that it can be told to use: it counts for those that have one.</summary>
    private Moments Moments(SourceRow row, string optimizer)
    {
        bool adam = OptimizerName.KeepsSquares(optimizer);
        double? first = First(
                row,
                _roles.OwnMomenta,
                _roles.Momenta.Where(c => adam || !ColumnNames.IsOfAdam(_table.Header[c])),
                optimizer
            ),
            second = First(row, _roles.OwnBeta2s, _roles.Beta2s, optimizer);
        return adam ? new(first, second)
            : OptimizerName.AveragesTwice(optimizer) && second is { } other ? new(first, null, $"beta2={Analysis.Moments.Number(other)}")
            : new(first);
    }

    private double? First(SourceRow row, IReadOnlyDictionary<string, int> owned, IEnumerable<int> shared, string optimizer)
    {
        foreach (int column in owned.TryGetValue(optimizer, out int own) ? shared.Prepend(own) : shared)
            if (_numbers[row, column] is { } value && double.IsFinite(value))
                return value;
        return null;
    }

    /// <summary>"42.0", as a tracker may export an integer, is seed 42.</summary>
    private static string Seed(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
        && value == Math.Floor(value)
        && Math.Abs(value) < 1e15
            ? ((long)value).ToString(CultureInfo.InvariantCulture)
            : text;

    /// <summary>Null when nothing was written.</summary>
    private double? Metric(SourceRow row)
    {
        int column = _roles[ColumnRole.Metric]!.Value;
        if (_roles.HistoryPart is not { } part || SweepNumber.IsBlank(row.Fields[column]))
            return _numbers[row, column];
        double[] history =
            HistoryLiteral.Parse(row.Fields[column]) ?? throw _table.Bad(row, column, "a list of numbers such as [2.3, 2.2, nan]");
        if (history.Length == 0)
            return null;
        ReadOnlySpan<double> tail = part == "last" ? history.AsSpan(history.Length - 1) : HistoryLiteral.Tail(history);
        double sum = 0,
            min = double.PositiveInfinity;
        foreach (double value in tail)
        {
            sum += value;
            min = Math.Min(min, value);
        }
        return part == "min" ? min : sum / tail.Length;
    }
}
