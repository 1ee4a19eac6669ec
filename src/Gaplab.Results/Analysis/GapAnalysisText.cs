// The terminal form of a gap analysis: one compact table per comparison, the headline, the findings.
using System.Globalization;
using System.Text;

namespace Gaplab.Results.Analysis;

/// <summary>Renders a <see cref="GapAnalysis"/> as plain text.</summary>
public static class GapAnalysisText
{
    private const int ShownFindings = 12;

    /// <summary>The lines, without trailing newlines or colours.</summary>
    public static IReadOnlyList<string> ToLines(this GapAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        var lines = new List<string>
        {
            $"gap = {(analysis.HigherIsBetter ? $"{analysis.Second} - {analysis.First}" : $"{analysis.First} - {analysis.Second}")} in "
                + $"{analysis.Metric}: positive means {analysis.Second} is ahead",
        };
        foreach (ComparisonAnalysis comparison in analysis.Comparisons)
        {
            lines.Add("");
            if (comparison.Key.Heading.Length > 0)
                lines.Add($"[{comparison.Key}]");
            if (comparison.Gaps.Count > 0)
                lines.AddRange(GapTable(analysis, comparison));
            else
                lines.AddRange(TunedTable(comparison));
            lines.Add(analysis.Told(comparison));
            lines.Add($"verdict: {comparison.Verdict}{Caveats.Beside(analysis, comparison)}");
            foreach (string need in comparison.Needs)
                lines.Add($"  needs {need}");
            lines.AddRange(comparison.Memory.SelectMany(MemoryLawText.Lines));
            AddFindings(lines, comparison.Findings);
        }
        if (analysis.MemoryLaws is { Count: > 0 } laws)
            lines.AddRange(["", .. laws.Select(MemoryLawText.Sentence)]);
        if (analysis.Factors is { } factors)
            lines.AddRange(["", .. factors.ToLines(analysis.First, analysis.Second)]);
        if (analysis.Explanations is { Ranked.Count: > 0 } explanations)
            lines.AddRange(["", .. explanations.ToLines()]);
        if (analysis.Findings.Count > 0)
            lines.Add("");
        // A comparison's findings name their place in their sentence; those that came with the table may not.
        AddFindings(lines, [.. analysis.Findings.Select(f => f.Where.Length > 0 ? f with { Message = $"{f.Where}: {f.Message}" } : f)]);
        return lines;
    }

    private static void AddFindings(List<string> lines, IReadOnlyList<Finding> findings)
    {
        foreach (Finding finding in findings.OrderByDescending(f => f.Severity).Take(ShownFindings))
            lines.Add(
                $"  {finding.Severity switch { Severity.Hint => "hint", Severity.Warning => "warning", _ => "error" }} {finding.Id}: "
                    + $"{finding.Message}"
            );
        if (findings.Count > ShownFindings)
            lines.Add($"  and {findings.Count - ShownFindings} more findings (all are in the JSON form)");
    }

    private static IEnumerable<string> GapTable(GapAnalysis analysis, ComparisonAnalysis comparison)
    {
        Moments[] tried = [.. comparison.Gaps.SelectMany(g => g.First.Trials.Concat(g.Second.Trials)).Select(c => c.Moments)];
        bool momentum = tried.Select(m => m.First).Distinct().Count() > 2,
            beta2 = tried.Select(m => m.Second).OfType<double>().Distinct().Count() > 1;
        var rows = new List<string[]>
        {
            new[] { "batch", $"{analysis.First}", "at lr", $"{analysis.Second}", "at lr", "gap", "95% interval", "" },
        };
        foreach (Gap gap in comparison.Gaps)
            rows.Add([
                gap.Batch.ToString(CultureInfo.InvariantCulture),
                Value(gap.First),
                Rate(gap.First, momentum, beta2),
                Value(gap.Second),
                Rate(gap.Second, momentum, beta2),
                Signed(gap.Value),
                Interval(gap.Interval),
                Note(gap),
            ]);
        return Columns(rows);
    }

    private static IEnumerable<string> TunedTable(ComparisonAnalysis comparison)
    {
        var rows = new List<string[]> { new[] { "optimizer", "batch", "tuned", "at lr", "seeds" } };
        foreach (TunedMetric tuned in comparison.Tuned)
            rows.Add([
                tuned.Optimizer,
                tuned.Batch.ToString(CultureInfo.InvariantCulture),
                Value(tuned),
                Rate(tuned, tuned.Moments.First is not null, tuned.Moments.Second is not null),
                tuned.Best.Values.Count.ToString(CultureInfo.InvariantCulture),
            ]);
        return Columns(rows);
    }

    private static string Note(Gap gap) =>
        gap.Bound switch
        {
            GapBound.AtMost => "gap is at most this",
            GapBound.AtLeast => "gap is at least this",
            GapBound.Unbounded => "bounded on neither side",
            _ => gap.IsRelevant == false ? $"within {gap.Band!.Percent}" : "",
        };

    private static string Value(TunedMetric tuned) =>
        tuned.AllDiverged ? "diverged" : tuned.Value.ToString("G6", CultureInfo.InvariantCulture);

    private static string Rate(TunedMetric tuned, bool momentum, bool beta2)
    {
        string moments = tuned.Moments.Text(momentum, beta2);
        if (tuned.LearningRate is not { } rate)
            return moments.Length > 0 ? moments : "-";
        string edge = tuned.Edge switch
        {
            GridEdge.Low => " (low edge)",
            GridEdge.High => " (high edge)",
            GridEdge.Both => " (only one)",
            _ => "",
        };
        return rate.ToString("G4", CultureInfo.InvariantCulture) + (moments.Length > 0 ? $", {moments}" : "") + edge;
    }

    private static string Signed(double value) =>
        !double.IsFinite(value) ? "-"
        : value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture) is var text
        && text.Trim('+', '-') == "0.0000"
        && value != 0
            ? value.ToString("+0.00E+0;-0.00E+0", CultureInfo.InvariantCulture)
        : text;

    private static string Interval(Interval interval) =>
        interval switch
        {
            { Low: null, High: null, LowOpen: false, HighOpen: false } => "none",
            _ => $"{(interval.Low is { } low ? Signed(low) : "open")} … {(interval.High is { } high ? Signed(high) : "open")}",
        };

    private static IEnumerable<string> Columns(List<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        foreach (string[] row in rows)
        {
            var line = new StringBuilder();
            for (int c = 0; c < row.Length; c++)
                line.Append(c == 0 ? row[c].PadLeft(widths[c]) : "  " + row[c].PadRight(widths[c]));
            yield return line.ToString().TrimEnd();
        }
    }
}
