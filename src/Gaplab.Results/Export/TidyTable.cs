// The long table: a row per measurement, on each everything that its run was made with.
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;

namespace Gaplab.Results.Export;

/// <summary>Every measurement of every run, so that any plot or fit can be made of the one table.</summary>
/// <remarks>"Tidy" as in Wickham 2014: a variable is a column, an observation a row.</remarks>
internal static class TidyTable
{
    /// <summary><c>run</c>, the comparison's keys, <c>task, model, optimizer, lr, batch, seed, momentum, beta2</c>, the other keys of the
    /// runs' specs, <c>state, outcome, step, samples, metric, value</c>.</summary>
    /// <param name="rows">The runs; one without <see cref="SweepRow.Provenance"/> is left out.</param>
    /// <param name="history">The measurements of a run by its id; asked for one run after another.</param>
    public static ExportTable Of(IReadOnlyList<ExportRow> rows, Func<string, IEnumerable<MetricRow>> history)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(history);
        string[] comparison = RunTable.ComparisonKeys(rows);
        string[] names = [.. rows.SelectMany(r => r.Keys.Select(k => k.Key)).Distinct(StringComparer.Ordinal)];
        ExportColumn[] keys = [.. names.Select(n => ExportColumn.Of(n, rows.Select(r => Key(r, n))))];
        // Task and model stand before what was tuned for them.
        int kinds = names.TakeWhile(n => n is ExportRow.Task or ExportRow.Model).Count();
        return new(
            [
                new("run"),
                .. RunTable.ComparisonColumns(rows, comparison),
                .. keys[..kinds],
                .. RunTable.SettingColumns(rows),
                .. keys[kinds..],
                new("state"),
                new("outcome"),
                new("step", ColumnKind.Whole),
                new("samples", ColumnKind.Whole),
                new("metric"),
                new("value", ColumnKind.Number),
            ],
            Measurements()
        );

        IEnumerable<Cell[]> Measurements()
        {
            foreach (ExportRow run in rows)
            {
                if (run.Row.Provenance is not { } id)
                    continue;
                Cell[] all = [.. names.Select(n => new Cell(Key(run, n)))];
                Cell[] row =
                [
                    new(id),
                    .. RunTable.Comparison(run.Row, comparison),
                    .. all[..kinds],
                    .. RunTable.Setting(run.Row),
                    .. all[kinds..],
                    new(run.State),
                    new(run.Outcome?.Word() ?? ""),
                    default,
                    default,
                    default,
                    default,
                ];
                foreach (MetricRow measured in history(id))
                {
                    row[^4] = new(measured.Step);
                    row[^3] = new(measured.Samples);
                    row[^2] = new(measured.Name);
                    row[^1] = new(measured.Value);
                    yield return row;
                }
            }
        }
    }

    private static string Key(ExportRow row, string name) => row.Keys.FirstOrDefault(k => k.Key == name).Value ?? "";
}
