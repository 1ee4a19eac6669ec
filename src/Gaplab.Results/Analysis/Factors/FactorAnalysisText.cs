// The terminal form of a factor analysis and of the explanations' scores.
using System.Globalization;

namespace Gaplab.Results.Analysis;

/// <summary>Plain lines, as <see cref="GapAnalysisText"/>.</summary>
internal static class FactorAnalysisText
{
    public static IReadOnlyList<string> ToLines(this FactorAnalysis analysis, string first, string second)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        var lines = new List<string>
        {
            $"effects of the factors ({analysis.Study.Design} design, {analysis.Seeds.Count} seeds): change of the mean gap and of log2 "
                + $"B* when a factor goes from its first level to the other; a positive change of the gap is towards {second}, away "
                + $"from {first}",
        };
        foreach (SettingEffects setting in analysis.Settings)
        {
            if (setting.Setting.Length > 0)
                lines.Add($"[{setting.Setting}]");
            var rows = new List<string[]> { new[] { "effect", "gap", "95% interval", "p (Holm)", "log2 B*", "95% interval", "" } };
            rows.AddRange(
                setting.Effects.Select(e =>
                    new[]
                    {
                        Title(e),
                        Number(e.Gap.Value),
                        Interval(e.Gap.Interval),
                        P(e.Gap.Adjusted),
                        Number(e.Log2Batch.Value),
                        Interval(e.Log2Batch.Interval),
                        e.Aliases.Count > 0 ? "or " + string.Join(", ", e.Aliases) : "",
                    }
                )
            );
            lines.AddRange(Columns(rows));
            lines.Add($"  {setting.Crossing} of {setting.Comparisons} comparisons have a crossover in range");
        }
        lines.AddRange(
            analysis.Findings.Select(f =>
                $"  {f.Severity.ToString().ToLowerInvariant()} {f.Id}: {(f.Where.Length > 0 ? f.Where + ": " : "")}{f.Message}"
            )
        );
        return lines;
    }

    public static IReadOnlyList<string> ToLines(this ExplanationScores explanations)
    {
        ArgumentNullException.ThrowIfNull(explanations);
        const string Two = "+0.00;-0.00;0.00";
        var rows = new List<string[]>
        {
            new[] { "explanation", "settings", "rank correlation", "95% interval", "p (Holm)", "predicts left-out settings" },
        };
        rows.AddRange(
            explanations.Ranked.Select(s =>
                new[]
                {
                    s.Name,
                    s.Settings.ToString(CultureInfo.InvariantCulture),
                    Number(s.Correlation?.Value, Two),
                    Interval(s.Correlation?.Interval ?? Analysis.Interval.None, Two),
                    P(s.Correlation?.Adjusted),
                    Number(s.Predicted, Two),
                }
            )
        );
        return
        [
            "which single explanation predicts the gap across settings (1 is perfect, 0 is no better than the other settings' mean)",
            .. Columns(rows),
            explanations.Sentence("settings"),
        ];
    }

    /// <summary>"activation: relu → gelu", or the interaction's name.</summary>
    internal static string Title(FactorEffect effect) =>
        effect.From.Length > 0 ? $"{effect.Factors[0]}: {effect.From} → {effect.To}" : effect.Name;

    internal static string P(double? p) =>
        p is not { } value ? "-"
        : value < 0.001 ? "< 0.001"
        : value.ToString("0.000", CultureInfo.InvariantCulture);

    private const string Four = "+0.0000;-0.0000;0.0000";

    private static string Number(double? value, string format = Four) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private static string Interval(Interval interval, string format = Four) =>
        interval is { Low: null, High: null, LowOpen: false, HighOpen: false }
            ? "none"
            : $"{(interval.Low is { } low ? Number(low, format) : "open")} … {(interval.High is { } high ? Number(high, format) : "open")}";

    private static IEnumerable<string> Columns(List<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        return rows.Select(row => ("  " + string.Join("  ", row.Select((comparison, c) => comparison.PadRight(widths[c])))).TrimEnd());
    }
}
