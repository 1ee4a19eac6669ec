// Runs that can be read in two ways: without a metric, or with a history that ends early.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Settles such runs by what the user said; else notes both readings, and the analysis refuses where they disagree.</summary>
internal static class OpenRuns
{
    /// <summary>A run without a metric: one whose state says that it finished may have diverged (many tools write NaN as an empty field); another is missing.</summary>
    public static SweepRow[] Blank(SourceTable table, SweepRow[] rows, RunRows runs, ColumnRoles roles, ImportOptions options, ImportNotes notes)
    {
        int[] blank = [.. Enumerable.Range(0, rows.Length).Where(i => runs.IsBlank(table.Rows[i]))];
        if (blank.Length == 0) return rows;
        string metric = table.Name(roles[ColumnRole.Metric]!.Value);
        SweepRow[] diverged = With(rows, blank, r => SweepRow.Finished(r.Group, r.Optimizer, r.LearningRate, r.Batch, r.Seed, r.Momentum, double.NaN, r.Provenance, r.ClipFraction));
        if (options.Blank is { } said)
        {
            notes.Findings.Add(new("blank-metric", Severity.Hint, $"Runs without a value of {metric}: {blank.Length}, {(said == BlankMetric.Diverged ? "diverged" : "missing")} as was said."));
            return said == BlankMetric.Diverged ? diverged : rows;
        }
        int[] finished = [.. blank.Where(i => runs.Said(table.Rows[i]) == RunStatus.Usable)];
        if (finished.Length < blank.Length)
            notes.Findings.Add(new("blank-metric", Severity.Warning, $"Runs without a value of {metric} and without a state that says they finished: {blank.Length - finished.Length}; they are missing. If they diverged, say --blank diverged."));
        if (finished.Length > 0)
            notes.Open.Add(new OpenReading("blank-metric", $"{finished.Length} finished runs have no {metric}", "missing", "diverged", "--blank missing|diverged",
                With(rows, finished, r => r with { Status = RunStatus.Diverged }), ReadingTest.VerdictsAndEdges));
        return rows;
    }

    /// <summary>A run whose history ends early was stopped by itself, or was cut off.</summary>
    public static SweepRow[] CutShort(SourceTable table, SweepRow[] rows, HashSet<int> lines, RunRows runs, ImportOptions options, ImportNotes notes)
    {
        int[] early = [.. Enumerable.Range(0, rows.Length).Where(i => rows[i].Status == RunStatus.Usable && lines.Contains(table.Rows[i].Line) && runs.Said(table.Rows[i]) is null)];
        if (early.Length == 0) return rows;
        SweepRow[] missing = With(rows, early, r => r with { Status = RunStatus.Missing, Metric = double.NaN });
        notes.Findings.Add(new("unequal-lengths", Severity.Warning,
            $"Runs that end before nine tenths of the longest of their optimizer and batch size: {early.Length} of {rows.Length}; {(options.Short == ShortRun.Missing ? "they are missing." : "their values are of less training.")}"));
        notes.Caveats.Add($"{early.Length} of {rows.Length} runs end early");
        if (options.Short is { } said) return said == ShortRun.Missing ? missing : rows;
        notes.Open.Add(new OpenReading(null, $"{early.Length} runs end early", "counted", "missing", "--short counted|missing", missing, ReadingTest.VerdictsAndEdges));
        return rows;
    }

    private static SweepRow[] With(SweepRow[] rows, int[] which, Func<SweepRow, SweepRow> change)
    {
        SweepRow[] changed = [.. rows];
        foreach (int i in which) changed[i] = change(rows[i]);
        return changed;
    }
}
