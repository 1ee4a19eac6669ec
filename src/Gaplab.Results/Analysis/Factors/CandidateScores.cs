// Which single candidate explains the gap across settings: rank correlation, and prediction of settings that were left out.
using System.Globalization;

namespace Gaplab.Results.Analysis;

/// <summary>What a candidate explanation says of one comparison at one batch size.</summary>
/// <param name="Setting">What is left out together.</param>
/// <param name="Gap">The gap as a fraction of the second optimizer's tuned metric, so that settings of different units compare.</param>
/// <param name="Values">By candidate; a candidate that does not apply is absent.</param>
public sealed record GapObservation(string Setting, double Gap, IReadOnlyDictionary<string, double> Values);

/// <summary>A candidate's score.</summary>
/// <param name="Correlation">Between the candidate and the gap, where the candidate has a value.</param>
/// <param name="Predicted"><see cref="LeftOutSettings"/> with a straight line through all other settings; null with fewer than three
/// settings.</param>
public sealed record CandidateScore(string Name, SettingCorrelation Correlation, double? Predicted);

/// <summary>The candidates by how well they predict settings that were left out.</summary>
public sealed record CandidateScores(IReadOnlyList<CandidateScore> Scores)
{
    /// <param name="observations">Those of one setting in the order of factor levels and batch sizes.</param>
    public static CandidateScores Of(IReadOnlyList<GapObservation> observations)
    {
        ArgumentNullException.ThrowIfNull(observations);
        GapObservation[] finite = [.. observations.Where(o => double.IsFinite(o.Gap))];
        string[] names = [.. finite.SelectMany(o => o.Values.Keys).Distinct(StringComparer.Ordinal)];
        GapObservation[][] known = [.. names.Select(n => finite.Where(o => o.Values.ContainsKey(n)).ToArray())];
        IReadOnlyList<SettingCorrelation> correlations = SettingCorrelation.Of([
            .. names.Select(
                (n, i) => (n, (IReadOnlyList<SettingValue>)[.. known[i].Select(o => new SettingValue(o.Setting, o.Values[n], o.Gap))])
            ),
        ]);
        return new CandidateScores([
            .. names
                .Select(
                    (n, i) =>
                        new CandidateScore(
                            n,
                            correlations[i],
                            LeftOutSettings.R2(known[i], o => o.Setting, o => o.Gap, others => Line(others, n))
                        )
                )
                .OrderByDescending(s => s.Predicted ?? double.NegativeInfinity)
                .ThenByDescending(s => Math.Abs(s.Correlation.Value ?? 0))
                .ThenBy(s => s.Name, StringComparer.Ordinal),
        ]);
    }

    /// <summary>The answer in a sentence.</summary>
    public string Sentence()
    {
        if (Scores.Count == 0 || Scores.All(s => s.Predicted is null))
            return "Fewer than three settings: no candidate can be tried on a setting that was left out.";
        CandidateScore best = Scores[0];
        int clear = Scores.Count(s => s.Correlation.Adjusted < 0.05),
            settings = Scores.Max(s => s.Correlation.Settings);
        return (
                best.Predicted >= 0.005
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"Of {Scores.Count} candidates, {best.Name} alone predicts left-out settings best: it explains "
                            + $"{best.Predicted.Value:p0} of what their mean leaves."
                    )
                    : $"None of {Scores.Count} candidates alone predicts a left-out setting better than the mean of the others does."
            )
            + $" With {settings} settings {clear} of {Scores.Count} rank correlations {(clear == 1 ? "is" : "are")} clear of chance after "
            + $"correction.";
    }

    private static Func<GapObservation, double> Line(GapObservation[] others, string name)
    {
        double mx = others.Average(o => o.Values[name]),
            my = others.Average(o => o.Gap);
        double spread = others.Sum(o => Math.Pow(o.Values[name] - mx, 2)),
            slope = spread > 0 ? others.Sum(o => (o.Values[name] - mx) * (o.Gap - my)) / spread : 0;
        return o => my + slope * (o.Values[name] - mx);
    }
}
