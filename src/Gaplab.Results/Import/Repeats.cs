// Rows that repeat a trial: replicates, if nothing else tells them apart.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Settles what repeated rows are, and notes what else they could be.</summary>
internal static class Repeats
{
    /// <summary>The rows as they count.</summary>
    public static SweepRow[] Settle(SourceTable table, ColumnRoles roles, SweepRow[] rows, ImportOptions options, ImportNotes notes)
    {
        List<List<int>> repeated =
        [
            .. Enumerable
                .Range(0, rows.Length)
                .GroupBy(i => Trial(rows[i], rows[i].Seed))
                .Where(g => g.Count() > 1)
                .Select(g => g.ToList()),
        ];
        if (repeated.Count == 0)
            return rows;
        int[] telling = Telling(table, roles, rows, repeated);
        if (telling.Length > 0)
            Pooled(table, rows, repeated, telling, options, notes);
        if (roles[ColumnRole.Seed] is null)
            return Numbered(rows, repeated, telling.Length > 0, options, notes);
        if (telling.Length == 0 && repeated.Any(g => g.Count(i => rows[i].Status != RunStatus.Missing) > 1))
            notes.Caveats.Add("repeats of a seed averaged");
        return rows;
    }

    /// <summary>Runs without a seed in a table with seeds are replicates of their own, apart from those of the same number.</summary>
    public static SweepRow[] NamedSeeds(SweepRow[] rows, ColumnRoles roles, ImportNotes notes)
    {
        int without = rows.Count(r => r.Seed is null);
        if (without == 0 || roles[ColumnRole.Seed] is null)
            return rows;
        notes.Caveats.Add($"{without} of {rows.Length} runs have no seed");
        notes.Findings.Add(
            new(
                FindingKinds.ReplicatesNumbered,
                Severity.Warning,
                $"Runs without a seed beside others with one: {without}; they are replicates numbered in order, which share no seed with "
                    + $"the others."
            )
        );
        var counts = new Dictionary<(ComparisonKey, string, double?, long, double?, string?), int>();
        return
        [
            .. rows.Select(r =>
                r.Seed is not null
                    ? r
                    : r with
                    {
                        Seed = $"unnamed {counts[Trial(r, null)] = counts.GetValueOrDefault(Trial(r, null)) + 1}",
                    }
            ),
        ];
    }

    private static (ComparisonKey, string, double?, long, double?, string?) Trial(SweepRow row, string? seed) =>
        (row.Comparison, row.Optimizer, row.LearningRate, row.Batch, row.Momentum, seed);

    private static int[] Telling(SourceTable table, ColumnRoles roles, SweepRow[] rows, List<List<int>> repeated)
    {
        bool oneBatch = rows.Select(r => r.Batch).Distinct().Count() == 1;
        return
        [
            .. Enumerable
                .Range(0, table.Header.Length)
                .Where(c => !roles.IsUsed(c) && !ColumnNames.TellsTime(table.Header[c]) && !ColumnNames.IsOutcome(table.Header[c]))
                .Where(c => table.Measured?.Contains(c) != true)
                // A column with nearly as many values as rows (another metric, a date) describes runs, not settings.
                .Where(c =>
                    table.Rows.Select(r => r.Fields[c]).Distinct().Count() is > 1 and var distinct
                    && distinct <= Math.Max(2, rows.Length / 8)
                )
                // A number of steps that follows from the batch size would put every batch size into a comparison of its own.
                .Where(c =>
                    oneBatch
                    || Enumerable
                        .Range(0, rows.Length)
                        .GroupBy(i => table[i, c])
                        .Average(g => g.Select(i => rows[i].Batch).Distinct().Count()) >= 2
                )
                .Where(c => repeated.Any(g => g.Select(i => table[i, c]).Distinct().Count() > 1)),
        ];
    }

    private static void Pooled(
        SourceTable table,
        SweepRow[] rows,
        List<List<int>> repeated,
        int[] telling,
        ImportOptions options,
        ImportNotes notes
    )
    {
        string columns = table.Names(telling),
            comparisons = string.Join(",", telling.Select(c => SourceTable.Shown(table.Header[c])));
        int count = repeated.Sum(g => g.Count);
        notes.Caveats.Add($"{count} of {rows.Length} runs pooled over {columns}");
        notes.Findings.Add(
            new(
                FindingKinds.UnexplainedRepeats,
                Severity.Warning,
                $"Of {rows.Length} rows, {count} share optimizer, learning rate, batch size and seed with another but differ in "
                    + $"{columns}; they are pooled here: compare them separately with --group {comparisons}."
            )
        );
        if (options.Groups is not null)
            return;
        SweepRow[] apart =
        [
            .. rows.Select(
                (r, i) =>
                    r with
                    {
                        Comparison = new ComparisonKey([
                            .. r.Comparison.Pairs,
                            .. telling.Select(c => new KeyValuePair<string, string>(table.Header[c], table[i, c])),
                        ]),
                    }
            ),
        ];
        notes.Open.Add(
            new OpenReading(
                null,
                $"{count} rows repeat a setting and differ in {columns}",
                "pooled",
                "compared apart",
                $"--group {comparisons}, --group \"\" or --map {SourceTable.Shown(table.Header[telling[0]])}=seed",
                apart,
                ReadingTest.Verdicts
            )
        );
    }

    /// <summary>Without seeds, the rows of a trial are numbered; the answer must not hang on their order, nor on their number.</summary>
    private static SweepRow[] Numbered(SweepRow[] rows, List<List<int>> repeated, bool told, ImportOptions options, ImportNotes notes)
    {
        SweepRow[] means = Means(rows);
        if (options.Repeats == TrialRepeats.Mean)
        {
            notes.Caveats.Add("one mean per trial: no seed column");
            for (int i = 0; i < notes.Open.Count; i++)
                notes.Open[i] = notes.Open[i] with { Rows = Means([.. notes.Open[i].Rows]) };
            return means;
        }
        notes.Caveats.Add("replicates numbered: no seed column");
        if (!told)
            notes.Findings.Add(
                new(
                    FindingKinds.ReplicatesNumbered,
                    Severity.Hint,
                    $"There is no seed column: the rows of one trial (up to {repeated.Max(g => g.Count)}) are taken as replicates numbered "
                        + $"in order, so seeds of different trials are not truly paired."
                )
            );
        if (options.Repeats is not null)
            return rows;
        const string What = "without a seed column, which rows are paired is a guess",
            Flag = "--repeats numbered|mean";
        notes.Open.Add(
            new OpenReading(
                null,
                What,
                "numbered in order",
                "numbered from the end",
                Flag,
                [.. Enumerable.Reverse(rows)],
                ReadingTest.Verdicts
            )
        );
        notes.Open.Add(new OpenReading(null, What, "numbered", "pooled", Flag, means, ReadingTest.Gaps));
        return rows;
    }

    /// <summary>One run per trial: the mean of what finished, diverged when one of them did, missing when none finished.</summary>
    private static SweepRow[] Means(SweepRow[] rows) =>
        [
            .. rows.GroupBy(r => Trial(r, null))
                .Select(trial =>
                {
                    SweepRow[] finished = [.. trial.Where(r => r.Status != RunStatus.Missing)];
                    SweepRow first = finished.FirstOrDefault() ?? trial.First();
                    string runs = string.Join("+", finished.Select(r => r.Provenance).Where(p => !string.IsNullOrEmpty(p)));
                    return finished.Length == 0 ? first with { Seed = "mean" }
                        : finished.FirstOrDefault(r => r.Status == RunStatus.Diverged) is { } diverged
                            ? diverged with
                            {
                                Seed = "mean",
                                Provenance = runs,
                            }
                        : first with { Seed = "mean", Metric = finished.Average(r => r.Metric), Provenance = runs };
                }),
        ];
}
