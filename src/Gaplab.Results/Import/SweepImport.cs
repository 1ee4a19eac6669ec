// Reads anyone's sweep: a table of any known format with an optimizer, a batch size, a metric and perhaps more.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>The importer of sweep tables; docs/crossover.md lists the names it knows.</summary>
public static class SweepImport
{
    /// <summary>Reads a file or folder of any of <see cref="SweepFormats.All"/> as a sweep.</summary>
    /// <exception cref="InputException">It cannot be read as a sweep: one line with file, line and column.</exception>
    public static SweepTable Read(string path, ImportOptions? options = null) => Read(path, options, SweepFormats.All);

    /// <summary>Whether the content of a file or folder says by itself that it is a sweep; text may be one even if it does not.</summary>
    public static bool Recognises(string path) =>
        Path.Exists(path) && SweepSource.At(path) is var source && SweepFormats.All.Any(f => f.Recognise(source) == Recognition.Certain);

    internal static SweepTable Read(string path, ImportOptions? options, IReadOnlyList<SweepFormat> formats)
    {
        var notes = new ImportNotes();
        SweepSource source = SweepSource.At(path);
        SourceTable table = SweepFormats.Of(source, formats).Read(source, notes);
        TellSetAside(notes);
        return Of(table, options ?? new ImportOptions(), notes);
    }

    private static void TellSetAside(ImportNotes notes)
    {
        if (notes.SetAside.Count == 0)
            return;
        notes.Caveats.Add($"{notes.SetAside.Count} unreadable {(notes.SetAside.Count == 1 ? "entry" : "entries")} set aside");
        string shown = string.Join("; ", notes.SetAside.Take(4).Select(s => $"{s.Where}: {s.Why}"));
        notes.Findings.Add(
            new(
                FindingKinds.SetAside,
                Severity.Warning,
                $"Entries that cannot be read are set aside: {notes.SetAside.Count} ({shown}{(notes.SetAside.Count > 4 ? "; …" : "")})."
            )
        );
    }

    /// <summary>A table of text, wherever it came from, as a sweep.</summary>
    internal static SweepTable Of(SourceTable table, ImportOptions options, ImportNotes notes)
    {
        if (options.HigherIsBetter && options.LowerIsBetter)
            throw new InputException("--maximize and --minimize contradict each other; give one of them");
        ColumnRoles roles = ColumnRoles.Find(table, options, notes);
        table = SummaryRows.LeftOut(table, roles, notes.Findings);
        table = SplitRows.Chosen(table, roles, notes);
        table = SameRun.Once(table, roles, notes.Findings);
        var numbers = new TableNumbers(table, roles, notes.Findings);
        var cutShort = new HashSet<int>();
        table = LongForm.Reduce(table, roles, numbers, options, notes, cutShort);
        SameRun.CheckIds(table, roles);
        var runs = new RunRows(table, roles, numbers, options, notes);
        SweepRow[] rows = [.. table.Rows.Select(runs.Row)];
        runs.Tell(rows);

        int[] order = Order(table, roles);
        table = table with { Rows = [.. order.Select(i => table.Rows[i])] };
        rows = [.. order.Select(i => rows[i])];
        rows = Repeats.NamedSeeds(rows, roles, notes);
        rows = OpenRuns.Settle(table, rows, cutShort, runs, roles, options, notes);
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
        return new SweepTable(rows, roles.HistoryPart is { } part ? $"{metric}:{part}" : metric, biased, notes.Findings)
        {
            Caveats = notes.Caveats,
            Open = notes.Open,
        };
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
