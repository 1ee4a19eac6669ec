// Which single candidate explains the gap across settings: rank correlation, and prediction of settings that were left out.
using System.Globalization;

namespace Gaplab.Results.Analysis;

/// <summary>What a candidate explanation says of one comparison at one batch size.</summary>
/// <param name="Setting">What is left out together.</param>
/// <param name="Gap">The gap as a fraction of the second optimizer's tuned metric, so that settings of different units compare.</param>
/// <param name="Values">By candidate; a candidate that does not apply is absent.</param>
public sealed record GapObservation(string Setting, double Gap, IReadOnlyDictionary<string, double> Values);

/// <summary>A candidate's score.</summary>
/// <param name="Observations">Gaps for which the candidate has a value.</param>
/// <param name="Correlation">Spearman's, between the candidate and the gap; null where either does not vary.</param>
/// <param name="Predicted">1 − Σ(gap − predicted)²/Σ(gap − mean of the others)², where a straight line through all other settings predicts a setting: 1 is perfect, 0 no better than the others' mean, negative is worse. Null with fewer than three settings.</param>
public sealed record CandidateScore(string Name, int Settings, int Observations, double? Correlation, double? Predicted);

/// <summary>The candidates by how well they predict settings that were left out.</summary>
public sealed record CandidateScores(IReadOnlyList<CandidateScore> Scores)
{
    public static CandidateScores Of(IReadOnlyList<GapObservation> observations)
    {
        ArgumentNullException.ThrowIfNull(observations);
        GapObservation[] finite = [.. observations.Where(o => double.IsFinite(o.Gap))];
        string[] names = [.. finite.SelectMany(o => o.Values.Keys).Distinct(StringComparer.Ordinal)];
        return new CandidateScores([.. names.Select(n => Score(n, [.. finite.Where(o => o.Values.ContainsKey(n))]))
            .OrderByDescending(s => s.Predicted ?? double.NegativeInfinity).ThenByDescending(s => Math.Abs(s.Correlation ?? 0)).ThenBy(s => s.Name, StringComparer.Ordinal)]);
    }

    /// <summary>The answer in a sentence.</summary>
    public string Sentence()
    {
        if (Scores.Count == 0 || Scores.All(s => s.Predicted is null)) return "Fewer than three settings: no candidate can be tried on a setting that was left out.";
        CandidateScore best = Scores[0];
        return best.Predicted > 0
            ? string.Create(CultureInfo.InvariantCulture, $"Of {Scores.Count} candidates, {best.Name} alone predicts left-out settings best: it explains {best.Predicted.Value:p0} of what their mean leaves.")
            : $"None of {Scores.Count} candidates alone predicts a left-out setting better than the mean of the others does.";
    }

    private static CandidateScore Score(string name, GapObservation[] observations)
    {
        double[] x = [.. observations.Select(o => o.Values[name])], y = [.. observations.Select(o => o.Gap)];
        string[] settings = [.. observations.Select(o => o.Setting).Distinct(StringComparer.Ordinal)];
        double? predicted = null;
        if (settings.Length >= 3)
        {
            double error = 0, baseline = 0;
            foreach (string left in settings)
            {
                int[] others = [.. Enumerable.Range(0, x.Length).Where(i => observations[i].Setting != left)], here = [.. Enumerable.Range(0, x.Length).Except(others)];
                double mx = others.Average(i => x[i]), my = others.Average(i => y[i]);
                double spread = others.Sum(i => (x[i] - mx) * (x[i] - mx)), slope = spread > 0 ? others.Sum(i => (x[i] - mx) * (y[i] - my)) / spread : 0;
                error += here.Sum(i => Math.Pow(y[i] - my - slope * (x[i] - mx), 2));
                baseline += here.Sum(i => Math.Pow(y[i] - my, 2));
            }
            predicted = baseline > 0 ? 1 - error / baseline : null;
        }
        return new CandidateScore(name, settings.Length, x.Length, Spearman(x, y), predicted);
    }

    /// <summary>Pearson's correlation of ranks, ties sharing their mean rank; null where one side does not vary.</summary>
    internal static double? Spearman(double[] x, double[] y)
    {
        if (x.Length < 3) return null;
        (double[] a, double[] b) = (Ranks(x), Ranks(y));
        double mean = (x.Length + 1) / 2.0, ab = 0, aa = 0, bb = 0;
        for (int i = 0; i < a.Length; i++)
        {
            ab += (a[i] - mean) * (b[i] - mean);
            aa += (a[i] - mean) * (a[i] - mean);
            bb += (b[i] - mean) * (b[i] - mean);
        }
        return aa > 0 && bb > 0 ? ab / Math.Sqrt(aa * bb) : null;
    }

    private static double[] Ranks(double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        var ranks = new double[values.Length];
        for (int from = 0; from < order.Length;)
        {
            int to = from;
            while (to + 1 < order.Length && values[order[to + 1]] == values[order[from]]) to++;
            for (int i = from; i <= to; i++) ranks[order[i]] = (from + to) / 2.0 + 1;
            from = to + 1;
        }
        return ranks;
    }
}
