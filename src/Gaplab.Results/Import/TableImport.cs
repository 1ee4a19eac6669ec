// Makes a sweep of a table of text: columns get their roles, rows become runs, and what is open is settled or noted.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>A sweep beside the rows that it was made of.</summary>
/// <param name="Sweep">The runs that count.</param>
/// <param name="Source">A row of text for each of <paramref name="Rows"/>.</param>
/// <param name="Rows">The runs before replicates are numbered or averaged.</param>
/// <param name="Roles">Of the source's columns.</param>
/// <param name="Metric">The metric's column.</param>
/// <param name="Short">By line, why a run is too short to count.</param>
internal sealed record ReadSweep(
    SweepTable Sweep,
    SourceTable Source,
    IReadOnlyList<SweepRow> Rows,
    ColumnRoles Roles,
    int Metric,
    IReadOnlyDictionary<int, string> Short
);

/// <summary>What every format has in common behind its reader; docs/crossover.md lists the names it knows.</summary>
internal static class TableImport
{
    /// <summary>Rows that do not say what every run must have are no runs of a comparison: they are counted, and the others are
    /// read.</summary>
    private static SourceTable WithoutHoles(SourceTable table, RunRows runs, ImportNotes notes)
    {
        (SourceRow Row, string? Hole)[] all = [.. table.Rows.Select(r => (r, runs.Hole(r)))];
        // Where no row is whole, the first says best what is missing.
        if (all.All(r => r.Hole is not null))
            return table;
        (string Where, string Why)[] holes = [.. all.Where(r => r.Hole is not null).Select(r => (r.Row.Where, r.Hole!))];
        if (holes.Length == 0)
            return table;
        notes.SetAside.AddRange(holes);
        notes.Caveats.Add($"{holes.Length} incomplete {(holes.Length == 1 ? "run" : "runs")} set aside");
        notes.Findings.Add(
            new(
                FindingKinds.SetAside,
                Severity.Warning,
                $"Runs that do not say all of optimizer, learning rate and batch size are set aside: {holes.Length} ({Some(holes)}). What "
                    + "holds for all of them can be said with --default KEY=VALUE."
            )
        );
        return table with { Rows = [.. all.Where(r => r.Hole is null).Select(r => r.Row)] };
    }

    private static string Some(IReadOnlyList<(string Where, string Why)> aside) =>
        string.Join("; ", aside.Take(4).Select(s => $"{Shown.Of(s.Where)}: {Shown.Of(s.Why, 120)}")) + (aside.Count > 4 ? "; …" : "");

    private static InputException NoRuns(SourceTable table, ImportNotes notes) =>
        new(
            $"{table.File}: no run can be read"
                + (
                    notes.SetAside.Count == 0
                        ? "; expected a row per run"
                        : $" of {notes.SetAside.Count}; the first: {Shown.Line($"{notes.SetAside[0].Where}: {notes.SetAside[0].Why}", 200)}"
                )
        );

    private static void TellSetAside(ImportNotes notes)
    {
        if (notes.SetAside.Count == 0)
            return;
        notes.Caveats.Add($"{notes.SetAside.Count} unreadable {(notes.SetAside.Count == 1 ? "entry" : "entries")} set aside");
        notes.Findings.Add(
            new(
                FindingKinds.SetAside,
                Severity.Warning,
                $"Entries that cannot be read are set aside: {notes.SetAside.Count} ({Some(notes.SetAside)})."
            )
        );
    }

    /// <summary>A table of text, wherever it came from, as a sweep.</summary>
    public static ReadSweep Read(SourceTable table, ImportOptions options, ImportNotes notes)
    {
        if (options.HigherIsBetter && options.LowerIsBetter)
            throw new InputException("--maximize and --minimize contradict each other; give one of them");
        TellSetAside(notes);
        if (table.Rows.Count == 0)
            throw NoRuns(table, notes);
        table = GivenValues.Applied(BetaPairs.Split(table), options, notes);
        table = MeltedRows.Taken(table, options, notes);
        ColumnRoles roles = ColumnRoles.Find(table, options, notes);
        table = SummaryRows.LeftOut(table, roles, notes.Findings);
        table = SplitRows.Chosen(table, roles, notes);
        table = SameRun.Once(table, roles, notes.Findings);
        var numbers = new TableNumbers(table, roles, notes.Findings);
        var cutShort = new HashSet<int>();
        IReadOnlyDictionary<string, double>? reached = null;
        if (options.EqualSamples is { } samples && table.Lengths is null)
            (table, reached) = EqualSamples.UpTo(samples, table, roles, numbers);
        table = LongForm.Reduce(table, roles, numbers, options, notes, cutShort);
        if (reached is not null)
        {
            table = table with { Lengths = EqualSamples.Short(options.EqualSamples!.Value, table, roles, reached) };
            // What is short of the samples is known exactly.
            cutShort.Clear();
        }
        SameRun.CheckIds(table, roles);
        var runs = new RunRows(table, roles, numbers, options, notes);
        table = WithoutHoles(table, runs, notes);
        SweepRow[] rows = [.. table.Rows.Select(runs.Row)];
        runs.Tell(rows);

        int[] order = Order(table, roles);
        table = table with { Rows = [.. order.Select(i => table.Rows[i])] };
        rows = [.. order.Select(i => rows[i])];
        (rows, Dictionary<int, string> cut) = EqualSamples.Settle(table, roles[ColumnRole.Metric]!.Value, rows, options, notes);
        rows = Repeats.NamedSeeds(rows, roles, notes);
        rows = OpenRuns.Settle(table, rows, cutShort, runs, roles, options, notes);
        SweepRow[] each = rows;
        rows = Repeats.Settle(table, roles, rows, options, notes);

        string metric = table.Header[roles[ColumnRole.Metric]!.Value],
            simple = ColumnNames.Simplify(metric);
        bool biased =
            roles.HistoryPart == "min"
            || options.Take == HistoryValue.Best
            || (
                roles.HistoryPart is null
                && (
                    simple.Contains("best", StringComparison.Ordinal)
                    || simple.StartsWith("min", StringComparison.Ordinal)
                    || simple.EndsWith("min", StringComparison.Ordinal)
                )
            );
        var sweep = new SweepTable(rows, roles.HistoryPart is { } part ? $"{metric}:{part}" : metric, biased, notes.Findings)
        {
            Caveats = notes.Caveats,
            SetAside = notes.SetAside.Count,
            Open = notes.Open,
        };
        return new(sweep, table, each, roles, roles[ColumnRole.Metric]!.Value, cut);
    }

    /// <summary>The order of the file; but where replicates are numbered in order and runs have ids, the order of the ids, so that shuffled
    /// rows are the same table.</summary>
    private static int[] Order(SourceTable table, ColumnRoles roles)
    {
        int[] order = [.. Enumerable.Range(0, table.Rows.Count)];
        if (
            roles[ColumnRole.Seed] is not null
            || roles[ColumnRole.Run] is not { } run
            || !ColumnNames.IdentifiesRuns(table.Header[run])
            || table.Rows.Select(r => r.Fields[run]).Distinct(StringComparer.Ordinal).Count() < order.Length
        )
            return order;
        return
        [
            .. order
                .OrderBy(i =>
                    long.TryParse(table[i, run], NumberStyles.Integer, CultureInfo.InvariantCulture, out long number)
                        ? number
                        : long.MaxValue
                )
                .ThenBy(i => table[i, run], StringComparer.Ordinal),
        ];
    }
}
