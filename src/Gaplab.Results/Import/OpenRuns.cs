// Runs that can be read in two ways: without a metric, or with a history that ends early.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Settles such runs by what the user said; else notes both readings, and the analysis refuses where they disagree.</summary>
internal static class OpenRuns
{
    /// <param name="cutShort">Lines of runs whose histories end early.</param>
    public static SweepRow[] Settle(
        SourceTable table,
        SweepRow[] rows,
        HashSet<int> cutShort,
        RunRows runs,
        ColumnRoles roles,
        ImportOptions options,
        ImportNotes notes
    )
    {
        int[] all = [.. Enumerable.Range(0, rows.Length)];
        // A run without a metric whose state says that it finished may have diverged: many tools write NaN as an empty field. Another is
        // missing.
        int[] blank = [.. all.Where(i => runs.IsBlank(table.Rows[i]))],
            finished = [.. blank.Where(i => runs.Said(table.Rows[i]) == RunStatus.Usable)];
        // A run that ends early was stopped by itself, or was cut off; one that diverged had no more to say.
        int[] early =
        [
            .. all.Where(i =>
                rows[i].Status == RunStatus.Usable && cutShort.Contains(table.Rows[i].Line) && runs.Said(table.Rows[i]) is null
            ),
        ];
        Tell(table.Name(roles[ColumnRole.Metric]!.Value), rows.Length, blank.Length, finished.Length, early.Length, options, notes);
        if (options.Blank == BlankMetric.Diverged)
            rows = With(rows, blank, RunStatus.Diverged);
        if (options.Short == ShortRun.Missing)
            rows = With(rows, early, RunStatus.Missing);

        if (options.Blank is null && finished.Length > 0)
            notes.Open.Add(
                new OpenReading(
                    FindingKinds.BlankMetric,
                    $"{finished.Length} finished runs have no {table.Name(roles[ColumnRole.Metric]!.Value)}",
                    "missing",
                    "diverged",
                    "--blank missing|diverged",
                    With(rows, finished, RunStatus.Diverged),
                    ReadingTest.VerdictsAndEdges
                )
            );
        if (options.Short is null && early.Length > 0)
            notes.Open.Add(
                new OpenReading(
                    null,
                    $"{early.Length} runs end early",
                    "counted",
                    "missing",
                    "--short counted|missing",
                    With(rows, early, RunStatus.Missing),
                    ReadingTest.VerdictsAndEdges
                )
            );
        return rows;
    }

    private static void Tell(string metric, int all, int blank, int finished, int early, ImportOptions options, ImportNotes notes)
    {
        if (options.Blank is { } said && blank > 0)
            notes.Findings.Add(
                new(
                    FindingKinds.BlankMetric,
                    Severity.Hint,
                    $"Runs without a value of {metric}: {blank}, {(said == BlankMetric.Diverged ? "diverged" : "missing")} as was said."
                )
            );
        else if (finished < blank)
            notes.Findings.Add(
                new(
                    FindingKinds.BlankMetric,
                    Severity.Warning,
                    $"Runs without a value of {metric} and without a state that says they finished: {blank - finished}; they are missing. "
                        + $"If they diverged, say --blank diverged."
                )
            );
        if (early == 0)
            return;
        notes.Caveats.Add($"{early} of {all} runs end early");
        notes.Findings.Add(
            new(
                FindingKinds.UnequalLengths,
                Severity.Warning,
                $"Runs that end before nine tenths of the longest of their optimizer and batch size: {early} of {all}; "
                    + $"{(options.Short == ShortRun.Missing ? "they are missing." : "their values are of less training.")}"
            )
        );
    }

    private static SweepRow[] With(SweepRow[] rows, int[] which, RunStatus status)
    {
        SweepRow[] changed = [.. rows];
        foreach (int i in which)
            changed[i] = rows[i] with { Status = status, Metric = double.NaN };
        return changed;
    }
}
