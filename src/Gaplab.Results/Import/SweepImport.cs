// Reads anyone's sweep table: a CSV with an optimizer, a batch size, a metric and perhaps more.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>The importer of sweep tables; docs/crossover.md lists the names it knows.</summary>
public static class SweepImport
{
    /// <summary>Reads a delimited text file as a sweep.</summary>
    /// <exception cref="InputException">The file cannot be read as a sweep: one line with file, line and column.</exception>
    public static SweepTable Read(string path, ImportOptions? options = null)
    {
        options ??= new ImportOptions();
        CsvTable table = CsvTable.Read(path);
        var findings = new List<Finding>();
        ColumnRoles roles = ColumnRoles.Find(table, options, findings);
        bool ratesGiven = roles[ColumnRole.LearningRate] is { } rates && table.Rows.Any(r => r.Fields[rates].Length > 0);
        var unknownStates = new SortedSet<string>(StringComparer.Ordinal);
        List<SweepRow> rows = [.. table.Rows.Select(r => Row(new Cells(table, r.Line, r.Fields), roles, options, ratesGiven, unknownStates))];
        if (unknownStates.Count > 0)
            findings.Add(new("unknown-state", Severity.Warning, $"Run states not known and taken as finished: {string.Join(", ", unknownStates)}."));
        Repetitions(table, roles, rows, findings);

        string metric = table.Header[roles[ColumnRole.Metric]!.Value];
        string simple = ColumnNames.Simplify(metric);
        bool biased = roles.HistoryPart == "min" || (roles.HistoryPart is null && (simple.Contains("best", StringComparison.Ordinal) || simple.StartsWith("min", StringComparison.Ordinal) || simple.EndsWith("min", StringComparison.Ordinal)));
        return new SweepTable(rows, roles.HistoryPart is { } part ? $"{metric}:{part}" : metric, biased, findings);
    }

    private static SweepRow Row(Cells cells, ColumnRoles roles, ImportOptions options, bool ratesGiven, SortedSet<string> unknownStates)
    {
        string optimizer = roles[ColumnRole.Optimizer] is { } o ? Optimizer(cells, o) : (options.Optimizer ?? "unnamed").ToLowerInvariant();
        double? rate = ratesGiven ? cells.Positive(roles[ColumnRole.LearningRate]!.Value, "a learning rate above 0") : null;
        double batch = cells.Positive(roles[ColumnRole.Batch]!.Value, "a batch size of 1 or more");
        if (batch != Math.Floor(batch) || batch > long.MaxValue / 2) throw cells.Bad(roles[ColumnRole.Batch]!.Value, "a whole batch size");
        double? momentum = null;
        foreach (int column in roles.Momenta)
            if (momentum is null && cells[column].Length > 0 && cells.Number(column) is var value && double.IsFinite(value)) momentum = value;
        string? seed = roles[ColumnRole.Seed] is { } s && cells[s].Length > 0 ? Seed(cells[s]) : null;
        double? clip = roles[ColumnRole.Clip] is { } c && cells.Number(c) is var fraction && double.IsFinite(fraction) ? fraction : null;
        var group = roles.Groups.Count == 0 ? GroupKey.Empty : new GroupKey([.. roles.Groups.Select(g => new KeyValuePair<string, string>(cells.Name(g), cells[g]))]);
        string provenance = (roles[ColumnRole.Run] is { } run && cells[run].Length > 0 ? cells[run] + ", " : "") + $"line {cells.Line}";
        RunStatus status = State(roles[ColumnRole.State] is { } state ? cells[state] : "", unknownStates);
        if (status == RunStatus.Missing) return new(group, optimizer, Rounded(rate), (long)batch, seed, momentum, double.NaN, status, provenance, clip);
        double metric = status == RunStatus.Diverged ? double.NaN : Metric(cells, roles);
        return SweepRow.Finished(group, optimizer, Rounded(rate), (long)batch, seed, momentum, metric, provenance, clip);
    }

    /// <summary>6 significant digits, so that two printings of one rate are one cell.</summary>
    private static double? Rounded(double? rate) => SeedGrid.RoundLearningRate(rate);

    private static string Optimizer(Cells cells, int column)
    {
        string name = cells[column].ToLowerInvariant();
        if (name.Length == 0) throw cells.Bad(column, "an optimizer's name");
        return name.StartsWith("torch.optim.", StringComparison.Ordinal) ? name[(name.LastIndexOf('.') + 1)..] : name;
    }

    /// <summary>"42.0", as a tracker may export an integer, is seed 42.</summary>
    private static string Seed(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value == Math.Floor(value) && Math.Abs(value) < 1e15
            ? ((long)value).ToString(CultureInfo.InvariantCulture)
            : text;

    private static double Metric(Cells cells, ColumnRoles roles)
    {
        int column = roles[ColumnRole.Metric]!.Value;
        if (roles.HistoryPart is not { } part || cells[column].Length == 0) return cells.Number(column);
        double[] history = HistoryLiteral.Parse(cells[column]) ?? throw cells.Bad(column, "a list of numbers such as [2.3, 2.2, nan]");
        if (history.Length == 0) return double.NaN;
        ReadOnlySpan<double> tail = part == "last" ? history.AsSpan(history.Length - 1) : HistoryLiteral.Tail(history);
        double sum = 0, min = double.PositiveInfinity;
        foreach (double value in tail)
        {
            sum += value;
            min = Math.Min(min, value);
        }
        return part == "min" ? min : sum / tail.Length;
    }

    private static RunStatus State(string state, SortedSet<string> unknown)
    {
        switch (ColumnNames.Simplify(state))
        {
            case "" or "finished" or "completed" or "complete" or "done" or "success" or "succeeded" or "ok" or "usable":
                return RunStatus.Usable;
            case "crashed" or "failed" or "killed" or "running" or "pending" or "queued" or "preempted" or "preempting" or "cancelled" or "canceled" or "missing"
                or "timeout" or "timedout" or "oom" or "outofmemory" or "interrupted" or "stopped" or "unfinished":
                return RunStatus.Missing;
            case "diverged" or "nan":
                return RunStatus.Diverged;
            default:
                unknown.Add($"'{state}'");
                return RunStatus.Usable;
        }
    }

    /// <summary>Rows that repeat a cell are replicates only if nothing else tells them apart; columns that do are named.</summary>
    private static void Repetitions(CsvTable table, ColumnRoles roles, List<SweepRow> rows, List<Finding> findings)
    {
        var repeated = Enumerable.Range(0, rows.Count)
            .GroupBy(i => (rows[i].Group, rows[i].Optimizer, rows[i].LearningRate, rows[i].Batch, rows[i].Momentum, rows[i].Seed))
            .Where(g => g.Count() > 1).Select(g => g.ToList()).ToList();
        if (repeated.Count == 0) return;
        string[] telling = [.. Enumerable.Range(0, table.Header.Length)
            .Where(c => !roles.IsUsed(c))
            // A column with nearly as many values as rows (another metric, a date) describes runs, not settings.
            .Where(c => table.Rows.Select(r => r.Fields[c]).Distinct().Count() is > 1 and var distinct && distinct <= Math.Max(2, rows.Count / 8))
            // A number of steps that follows from the batch size would put every batch size into a group of its own.
            .Where(c => rows.Select(r => r.Batch).Distinct().Count() == 1
                || Enumerable.Range(0, rows.Count).GroupBy(i => table.Rows[i].Fields[c]).Average(g => g.Select(i => rows[i].Batch).Distinct().Count()) >= 2)
            .Where(c => repeated.Any(g => g.Select(i => table.Rows[i].Fields[c]).Distinct().Count() > 1))
            .Select(c => table.Header[c])];
        if (telling.Length > 0)
            findings.Add(new("unexplained-repeats", Severity.Warning,
                $"Of {rows.Count} rows, {repeated.Sum(g => g.Count)} share optimizer, learning rate, batch size and seed with another but differ in {string.Join(", ", telling.Select(t => $"'{t}'"))}; they are pooled here: compare them separately with --group {string.Join(",", telling)}."));
        else if (roles[ColumnRole.Seed] is null)
            findings.Add(new("replicates-numbered", Severity.Hint,
                $"There is no seed column: the rows of one cell (up to {repeated.Max(g => g.Count)}) are taken as replicates numbered in order, so seeds of different cells are not truly paired."));
    }

    /// <summary>One row with the names needed for a message.</summary>
    private readonly record struct Cells(CsvTable Table, int Line, string[] Fields)
    {
        public string this[int column] => Fields[column];

        public string Name(int column) => Table.Header[column];

        public double Number(int column) => NumberText.Parse(Fields[column]) ?? throw Bad(column, "a number");

        public double Positive(int column, string expected)
        {
            double value = Number(column);
            return double.IsFinite(value) && value > 0 ? value : throw Bad(column, expected);
        }

        public InputException Bad(int column, string expected)
        {
            string got = Fields[column].ReplaceLineEndings(" ");
            return new($"{Table.File}, line {Line}, column '{Table.Header[column]}': got {(got.Length == 0 ? "nothing" : $"'{(got.Length > 40 ? got[..40] + "…" : got)}'")}, expected {expected}");
        }
    }
}
