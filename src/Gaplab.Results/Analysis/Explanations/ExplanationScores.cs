// Which explanation tells the gap across settings: rank correlation, and prediction of settings that were left out.
using System.Globalization;

namespace Gaplab.Results.Analysis;

/// <summary>How one explanation, or all together, did.</summary>
/// <param name="Gaps">Gaps beside which it is known.</param>
/// <param name="Settings">Settings of these.</param>
/// <param name="Correlation">With the gap, alone; null for all together.</param>
/// <param name="Predicted"><see cref="LeftOutSettings"/> with the fit of the scores; null with fewer than three settings.</param>
public sealed record ExplanationScore(string Name, int Gaps, int Settings, SettingCorrelation? Correlation, double? Predicted);

/// <summary>The explanations from the one that predicts left-out settings best; those that could not be scored come last.</summary>
public sealed record ExplanationScores(IReadOnlyList<ExplanationScore> Ranked)
{
    /// <summary>The name of the score that is of no single explanation.</summary>
    public const string Together = "all together";

    /// <summary>Each alone.</summary>
    public IEnumerable<ExplanationScore> Alone => Ranked.Where(s => s.Correlation is not null);

    /// <summary>Settings, at most, in which an explanation is known.</summary>
    public int Settings => Ranked.Count == 0 ? 0 : Ranked.Max(s => s.Settings);

    /// <summary>Scores each explanation where it is known.</summary>
    /// <param name="observations">Those of one setting in the order of factor levels and batch sizes.</param>
    /// <param name="names">The explanations; a name also names its random streams.</param>
    /// <param name="fit">Predicts a setting that was left out.</param>
    /// <param name="together">Whether to score all together too, where every one is known.</param>
    public static ExplanationScores Of(
        IReadOnlyList<GapObservation> observations,
        IReadOnlyList<string> names,
        ExplanationFit fit,
        bool together = false
    )
    {
        ArgumentNullException.ThrowIfNull(observations);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(fit);
        GapObservation[] finite = [.. observations.Where(o => double.IsFinite(o.Gap))];
        GapObservation[][] known = [.. names.Select(n => finite.Where(o => double.IsFinite(o.Of(n))).ToArray())];
        IReadOnlyList<SettingCorrelation> correlations = SettingCorrelation.Of([
            .. names.Select(
                (n, i) => (n, (IReadOnlyList<SettingValue>)[.. known[i].Select(o => new SettingValue(o.Setting, o.Of(n), o.Gap))])
            ),
        ]);
        var scores = names.Select((n, i) => Score(n, known[i], [n], correlations[i], fit)).ToList();
        if (together)
            scores.Add(Score(Together, [.. finite.Where(o => names.All(n => double.IsFinite(o.Of(n))))], names, null, fit));
        return new ExplanationScores([
            .. scores
                .OrderByDescending(s => s.Predicted ?? double.NegativeInfinity)
                .ThenByDescending(s => Math.Abs(s.Correlation?.Value ?? 0))
                .ThenBy(s => s.Name, StringComparer.Ordinal),
        ]);
    }

    /// <summary>The answer in a sentence or two.</summary>
    /// <param name="unit">What is left out, in the plural: "settings", "comparisons".</param>
    public string Sentence(string unit)
    {
        ExplanationScore[] alone = [.. Alone];
        if (Settings < LeftOutSettings.Fewest)
            return $"Fewer than {LeftOutSettings.Fewest} {unit}: no explanation can be tried on one that was left out.";
        int clear = alone.Count(s => s.Correlation!.Adjusted < 0.05);
        // What rounds to nothing explains nothing.
        string best =
            alone[0].Predicted >= 0.005
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"Of {alone.Length} explanations, {alone[0].Name} alone predicts left-out {unit} best: it explains "
                        + $"{alone[0].Predicted:p0} of what their mean leaves."
                )
                : $"None of {alone.Length} explanations alone predicts left-out {unit} better than the mean of the others does.";
        return $"{best} With {Settings} {unit} {clear} of {alone.Length} rank correlations "
            + $"{(clear == 1 ? "is" : "are")} clear of chance after correction.";
    }

    private static ExplanationScore Score(
        string name,
        GapObservation[] known,
        IReadOnlyList<string> explanations,
        SettingCorrelation? correlation,
        ExplanationFit fit
    ) =>
        new(
            name,
            known.Length,
            known.Select(o => o.Setting).Distinct(StringComparer.Ordinal).Count(),
            correlation,
            LeftOutSettings.R2(known, o => o.Setting, o => o.Gap, others => fit(others, explanations))
        );
}
