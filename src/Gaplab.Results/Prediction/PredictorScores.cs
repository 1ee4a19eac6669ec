// Scores explanations: how well measured quantities predict the gap in settings that were not used to fit.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using MathNet.Numerics.LinearAlgebra;

namespace Gaplab.Results.Prediction;

/// <summary>One measured gap and the predictors measured beside it.</summary>
/// <param name="Setting">What is left out together: the task and model.</param>
/// <param name="Error">Standard error of the gap, 0 where unknown.</param>
/// <param name="Predictors">One value a predictor, in the order of their names; NaN: not measured.</param>
public sealed record PredictorRow(string Setting, double Batch, double Gap, double Error, IReadOnlyList<double> Predictors);

/// <summary>How one predictor, or all together, did.</summary>
/// <param name="Rows">Rows where it was measured.</param>
/// <param name="Spearman">Rank correlation with the gap; NaN for all together.</param>
/// <param name="Interval">95% of it, by resampling settings.</param>
/// <param name="PValue">By permutation: whole settings change places where all have as many rows, else rows.</param>
/// <param name="Adjusted">Holm over the predictors.</param>
/// <param name="R2"><see cref="LeftOutSettings"/> with a ridge regression on the others.</param>
public sealed record PredictorScore(string Name, int Rows, int Settings, double Spearman, (double Low, double High) Interval, double PValue, double Adjusted, double R2);

/// <summary>Scores predictors of the gap alone and together.</summary>
public static class PredictorScores
{
    private const int Resamples = 2000;
    private static readonly double[] Penalties = [0.01, 0.1, 1, 10, 100];

    /// <summary>One score a predictor, then "all together" over the rows that have every one.</summary>
    /// <exception cref="InputException">Fewer than three settings, or rows that do not match the names.</exception>
    public static IReadOnlyList<PredictorScore> Of(IReadOnlyList<string> names, IReadOnlyList<PredictorRow> rows)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.FirstOrDefault(r => r.Predictors.Count != names.Count) is { } wrong) throw new InputException($"a row of '{wrong.Setting}' has {wrong.Predictors.Count} predictors; expected {names.Count}");
        int settings = rows.Select(r => r.Setting).Distinct().Count();
        if (settings < 3) throw new InputException($"{settings} settings; expected at least 3, because each is predicted from the others");
        var alone = names.Select((name, i) => Alone(name, [.. rows.Where(r => double.IsFinite(r.Predictors[i]) && double.IsFinite(r.Gap))], i)).ToArray();
        double[] adjusted = Adjusted([.. alone.Select(s => s.PValue)]);
        PredictorRow[] complete = [.. rows.Where(r => r.Predictors.All(double.IsFinite) && double.IsFinite(r.Gap))];
        var together = new PredictorScore("all together", complete.Length, Settings(complete), double.NaN, (double.NaN, double.NaN), double.NaN, double.NaN, R2(complete, [.. Enumerable.Range(0, names.Count)]));
        return [.. alone.Select((s, i) => s with { Adjusted = adjusted[i] }), together];
    }

    private static PredictorScore Alone(string name, PredictorRow[] rows, int index)
    {
        double[] x = [.. rows.Select(r => r.Predictors[index])], gap = [.. rows.Select(r => r.Gap)];
        string[] settings = [.. rows.Select(r => r.Setting).Distinct()];
        int[] block = [.. rows.Select(r => Array.IndexOf(settings, r.Setting))];
        // Rows of one setting go together; where settings differ in size they cannot change places whole.
        bool even = settings.Length >= 5 && rows.GroupBy(r => r.Setting).Select(g => g.Count()).Distinct().Count() == 1;
        RandomStream random = RandomStream.For(1, "explain/" + name);
        double p = rows.Length < 3 ? double.NaN : RankCorrelation.PValue(x, gap, random, blocks: even ? block : null);
        return new PredictorScore(name, rows.Length, settings.Length, RankCorrelation.Spearman(x, gap), Bootstrap(x, gap, block, settings.Length, random), p, double.NaN, R2(rows, [index]));
    }

    private static (double, double) Bootstrap(double[] x, double[] gap, int[] block, int settings, RandomStream random)
    {
        if (settings < 3) return (double.NaN, double.NaN);
        int[][] members = [.. Enumerable.Range(0, settings).Select(s => Enumerable.Range(0, x.Length).Where(i => block[i] == s).ToArray())];
        var values = new List<double>();
        for (int r = 0; r < Resamples; r++)
        {
            int[] drawn = [.. Enumerable.Range(0, settings).SelectMany(_ => members[random.NextIndex(settings)])];
            double rho = RankCorrelation.Spearman([.. drawn.Select(i => x[i])], [.. drawn.Select(i => gap[i])]);
            if (!double.IsNaN(rho)) values.Add(rho);
        }
        if (values.Count == 0) return (double.NaN, double.NaN);
        double[] sorted = [.. values.Order()];
        return (Quantiles.Type7(sorted, 0.025), Quantiles.Type7(sorted, 0.975));
    }

    // A p-value that there is none of is no test.
    private static double[] Adjusted(double[] pValues)
    {
        IReadOnlyList<double> tested = Holm.Adjust([.. pValues.Where(p => !double.IsNaN(p))]);
        int at = 0;
        return [.. pValues.Select(p => double.IsNaN(p) ? p : tested[at++])];
    }

    private static int Settings(PredictorRow[] rows) => rows.Select(r => r.Setting).Distinct().Count();

    /// <summary>Leave one setting out; the ridge penalty is chosen by leaving out a second one among those that remain.</summary>
    private static double R2(PredictorRow[] rows, int[] columns)
    {
        return LeftOutSettings.R2(rows, r => r.Setting, r => r.Gap, train =>
        {
            double penalty = Penalties.MinBy(p => train.GroupBy(r => r.Setting).Sum(inner => SquaredError(Fit([.. train.Where(r => r.Setting != inner.Key)], columns, p), inner)));
            return Fit(train, columns, penalty);
        }) ?? double.NaN;
    }

    private static double SquaredError(Func<PredictorRow, double> fit, IEnumerable<PredictorRow> rows) => rows.Sum(r => Math.Pow(r.Gap - fit(r), 2));

    /// <summary>Ridge regression on standardised predictors (Hoerl and Kennard 1970); the mean is not penalised.</summary>
    private static Func<PredictorRow, double> Fit(PredictorRow[] rows, int[] columns, double penalty)
    {
        double[] mean = [.. columns.Select(c => rows.Average(r => r.Predictors[c]))];
        double[] scale = [.. columns.Select((c, j) => Math.Sqrt(rows.Average(r => Math.Pow(r.Predictors[c] - mean[j], 2))) is > 0 and var s ? s : 1)];
        double gap = rows.Average(r => r.Gap);
        Matrix<double> x = Matrix<double>.Build.Dense(rows.Length, columns.Length, (i, j) => (rows[i].Predictors[columns[j]] - mean[j]) / scale[j]);
        Vector<double> y = Vector<double>.Build.Dense(rows.Length, i => rows[i].Gap - gap);
        Vector<double> weights = (x.TransposeThisAndMultiply(x) + penalty * Matrix<double>.Build.DenseIdentity(columns.Length)).Cholesky().Solve(x.TransposeThisAndMultiply(y));
        return r => gap + columns.Select((c, j) => weights[j] * (r.Predictors[c] - mean[j]) / scale[j]).Sum();
    }
}
