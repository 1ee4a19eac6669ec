// Runs are compared at equal training: a value of twice the samples is another value.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Holds the runs of a batch size to one length, or says what settles it. Where a table of histories is not cut at given
/// samples, <see cref="LongForm"/> says what is short.</summary>
internal static class EqualSamples
{
    /// <summary>By how much the last evaluations of equally long runs may differ.</summary>
    private const double Tolerance = 0.01;

    /// <returns>The rows, and by line why a run that is too short does not count.</returns>
    /// <exception cref="InputException">Runs of one batch size are of different length, and nothing was said about it.</exception>
    public static (SweepRow[] Rows, Dictionary<int, string> Short) Settle(
        SourceTable table,
        int metric,
        SweepRow[] rows,
        ImportOptions options,
        ImportNotes notes
    )
    {
        var cut = new Dictionary<int, string>();
        if (table.Lengths is not { } lengths)
        {
            return (rows, cut);
        }
        if (options.EqualSamples is { } asked)
        {
            for (int i = 0; i < rows.Length; i++)
                if (rows[i].Status == RunStatus.Usable && lengths.Short(table.Rows[i].Line) is { } why)
                    cut[table.Rows[i].Line] = why;
            notes.Caveats.Add(string.Create(CultureInfo.InvariantCulture, $"at {asked} samples"));
            return (Cut(), cut);
        }
        List<EarlyRun> early = Early(table, metric, rows, lengths);
        if (early.Count == 0)
            return (rows, cut);
        if (options.Short is null)
            throw Unequal(table, metric, rows, lengths, early);
        notes.Caveats.Add($"{early.Count} of {rows.Length} runs are shorter than others of their batch size");
        notes.Findings.Add(
            new(
                FindingKinds.UnequalLengths,
                Severity.Warning,
                $"Runs that end before the longest of their batch size: {early.Count} of {rows.Length}; "
                    + $"{(options.Short == ShortRun.Missing ? "they are missing." : "their values are of less training.")}"
            )
        );
        if (options.Short == ShortRun.Missing)
            foreach (EarlyRun run in early)
                cut[table.Rows[run.Row].Line] = string.Create(
                    CultureInfo.InvariantCulture,
                    $"ended before the longest of its batch size, {run.Longest} {run.Unit}"
                );
        return (Cut(), cut);

        SweepRow[] Cut() =>
            [
                .. rows.Select(
                    (r, i) => cut.ContainsKey(table.Rows[i].Line) ? r with { Status = RunStatus.Missing, Metric = double.NaN } : r
                ),
            ];
    }

    /// <summary>Of a table with a row per evaluation, the rows up to the samples that were asked for; and how far each run came.</summary>
    /// <exception cref="InputException">Nothing counts samples or steps.</exception>
    public static (SourceTable Table, IReadOnlyDictionary<string, double> Reached) UpTo(
        double samples,
        SourceTable table,
        ColumnRoles roles,
        TableNumbers numbers
    )
    {
        int Column(params string[] names) => roles.Steps.FirstOrDefault(c => ColumnNames.Rank(names, table.Header[c]) >= 0, -1);
        int seen = Column("samples", "samplesseen"),
            steps = Column("step", "globalstep", "trainstep", "trainerglobalstep", "iteration", "iter", "iters", "update", "updates");
        if (seen < 0 && steps < 0)
            throw new InputException(
                $"--equal samples: no column of {table.File} counts samples or steps; name it with --map COLUMN=step, or leave the option "
                    + "out"
            );
        int batch = roles[ColumnRole.Batch]!.Value;
        var reached = new Dictionary<string, double>(StringComparer.Ordinal);
        var kept = new List<SourceRow>();
        foreach (SourceRow row in table.Rows)
        {
            double? at = seen >= 0 ? numbers[row, seen] : numbers[row, steps] * numbers[row, batch];
            if (at is not { } now || !double.IsFinite(now))
                continue;
            string run = Run(row, roles);
            reached[run] = Math.Max(reached.GetValueOrDefault(run), now);
            if (now <= samples * (1 + 1e-9))
                kept.Add(row);
        }
        return (table with { Rows = kept }, reached);
    }

    /// <summary>The reasons of the runs that do not come so far.</summary>
    public static RunLengths Short(double samples, SourceTable runs, ColumnRoles roles, IReadOnlyDictionary<string, double> reached)
    {
        var lengths = new RunLengths();
        foreach (SourceRow row in runs.Rows)
            if (reached.TryGetValue(Run(row, roles), out double end) && end < (1 - Tolerance) * samples)
                lengths.AddShort(row.Line, string.Create(CultureInfo.InvariantCulture, $"ended at {end} of {samples} samples"));
        return lengths;
    }

    /// <summary>What tells a run from others: its id, or all of its settings.</summary>
    private static string Run(SourceRow row, ColumnRoles roles) =>
        roles[ColumnRole.Run] is { } id
            ? row.Fields[id]
            : string.Join(
                '\u001F',
                ((int?[])[roles[ColumnRole.Optimizer], roles[ColumnRole.Batch], roles[ColumnRole.Seed]])
                    .OfType<int>()
                    .Concat(roles.Rates)
                    .Concat(roles.Momenta)
                    .Concat(roles.Groups)
                    .Select(c => row.Fields[c])
            );

    /// <summary>A run that ends before others of its batch size, and what they are measured by.</summary>
    private readonly record struct EarlyRun(int Row, double Shortest, double Longest, string Unit);

    private static List<EarlyRun> Early(SourceTable table, int metric, SweepRow[] rows, RunLengths lengths)
    {
        var early = new List<EarlyRun>();
        foreach (
            var alike in Enumerable
                .Range(0, rows.Length)
                .Where(i => rows[i].Status == RunStatus.Usable)
                .GroupBy(i => (rows[i].Comparison, rows[i].Batch))
        )
        {
            (int Row, double? Samples, double? Epochs)[] all =
            [
                .. alike.Select(i => (i, lengths.Samples(table.Rows[i].Line, metric), lengths.Epochs(table.Rows[i].Line, metric))),
            ];
            // Logs of some runs may have no steps; all have epochs then, or what has samples is compared.
            bool byEpochs = all.Any(a => a.Samples is null) && all.All(a => a.Epochs is not null);
            (int Row, double Length)[] known =
            [
                .. all.Select(a => (a.Row, Length: byEpochs ? a.Epochs : a.Samples))
                    .Where(a => a.Length is not null)
                    .Select(a => (a.Row, a.Length!.Value)),
            ];
            if (known.Length == 0)
                continue;
            (double shortest, double longest) = (known.Min(k => k.Length), known.Max(k => k.Length));
            early.AddRange(
                known
                    .Where(k => k.Length < (1 - Tolerance) * longest)
                    .Select(k => new EarlyRun(k.Row, shortest, longest, byEpochs ? "epochs" : "samples"))
            );
        }
        return early;
    }

    private static InputException Unequal(SourceTable table, int metric, SweepRow[] rows, RunLengths lengths, List<EarlyRun> early)
    {
        EarlyRun first = early[0];
        double?[] all =
        [
            .. Enumerable
                .Range(0, rows.Length)
                .Where(i => rows[i].Status == RunStatus.Usable)
                .Select(i => lengths.Samples(table.Rows[i].Line, metric)),
        ];
        string settle = all.All(l => l is not null)
            ? string.Create(CultureInfo.InvariantCulture, $"--equal samples={all.Min()} (all runs reach it), ")
            : "";
        return new InputException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{table.File}: runs of batch size {rows[first.Row].Batch} end after {first.Shortest} to {first.Longest} {first.Unit}, "
                    + $"{early.Count} of {rows.Length} runs before others; say {settle}--short missing (leaves them out) or "
            ) + "--short counted"
        );
    }
}
