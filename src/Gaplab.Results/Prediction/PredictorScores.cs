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
/// <param name="Correlation">Rank correlation with the gap; null for all together.</param>
/// <param name="R2"><see cref="LeftOutSettings"/> with a ridge regression on the others; NaN where there is none.</param>
public sealed record PredictorScore(string Name, int Rows, int Settings, SettingCorrelation? Correlation, double R2);

/// <summary>Scores predictors of the gap alone and together.</summary>
public static class PredictorScores
{
    /// <summary>The name of the last score.</summary>
    public const string Together = "all together";

    private static readonly double[] Penalties = [0.01, 0.1, 1, 10, 100];

    /// <summary>One score a predictor, then "all together" over the rows that have every one.</summary>
    /// <param name="names">Of the predictors.</param>
    /// <param name="rows">Those of one setting in the order of its batch sizes.</param>
    /// <exception cref="InputException">Fewer than three settings, or rows that do not match the names.</exception>
    public static IReadOnlyList<PredictorScore> Of(IReadOnlyList<string> names, IReadOnlyList<PredictorRow> rows)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.FirstOrDefault(r => r.Predictors.Count != names.Count) is { } wrong)
            throw new InputException($"a row of '{wrong.Setting}' has {wrong.Predictors.Count} predictors; expected {names.Count}");
        int settings = Settings(rows);
        if (settings < LeftOutSettings.Fewest)
            throw new InputException(
                $"{settings} settings; expected at least {LeftOutSettings.Fewest}, because each is predicted from the others"
            );
        PredictorRow[] finite = [.. rows.Where(r => double.IsFinite(r.Gap))];
        PredictorRow[][] measured = [.. names.Select((_, i) => finite.Where(r => double.IsFinite(r.Predictors[i])).ToArray())];
        IReadOnlyList<SettingCorrelation> correlations = SettingCorrelation.Of([
            .. names.Select(
                (name, i) =>
                    (name, (IReadOnlyList<SettingValue>)[.. measured[i].Select(r => new SettingValue(r.Setting, r.Predictors[i], r.Gap))])
            ),
        ]);
        PredictorRow[] complete = [.. finite.Where(r => r.Predictors.All(double.IsFinite))];
        return
        [
            .. names.Select(
                (name, i) => new PredictorScore(name, measured[i].Length, Settings(measured[i]), correlations[i], R2(measured[i], [i]))
            ),
            new PredictorScore(Together, complete.Length, Settings(complete), null, R2(complete, [.. Enumerable.Range(0, names.Count)])),
        ];
    }

    private static int Settings(IEnumerable<PredictorRow> rows) => rows.Select(r => r.Setting).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Leave one setting out; the ridge penalty is chosen by leaving out a second one among those that remain.</summary>
    private static double R2(PredictorRow[] rows, int[] columns)
    {
        return LeftOutSettings.R2(
                rows,
                r => r.Setting,
                r => r.Gap,
                train =>
                {
                    double penalty = Penalties.MinBy(p =>
                        train
                            .GroupBy(r => r.Setting)
                            .Sum(inner => SquaredError(Fit([.. train.Where(r => r.Setting != inner.Key)], columns, p), inner))
                    );
                    return Fit(train, columns, penalty);
                }
            ) ?? double.NaN;
    }

    private static double SquaredError(Func<PredictorRow, double> fit, IEnumerable<PredictorRow> rows) =>
        rows.Sum(r => Math.Pow(r.Gap - fit(r), 2));

    /// <summary>Ridge regression on standardised predictors (Hoerl and Kennard 1970); the mean is not penalised.</summary>
    private static Func<PredictorRow, double> Fit(PredictorRow[] rows, int[] columns, double penalty)
    {
        double[] mean = [.. columns.Select(c => rows.Average(r => r.Predictors[c]))];
        double[] scale =
        [
            .. columns.Select((c, j) => Math.Sqrt(rows.Average(r => Math.Pow(r.Predictors[c] - mean[j], 2))) is > 0 and var s ? s : 1),
        ];
        double gap = rows.Average(r => r.Gap);
        Matrix<double> x = Matrix<double>.Build.Dense(
            rows.Length,
            columns.Length,
            (i, j) => (rows[i].Predictors[columns[j]] - mean[j]) / scale[j]
        );
        Vector<double> y = Vector<double>.Build.Dense(rows.Length, i => rows[i].Gap - gap);
        Vector<double> weights = (x.TransposeThisAndMultiply(x) + penalty * Matrix<double>.Build.DenseIdentity(columns.Length))
            .Cholesky()
            .Solve(x.TransposeThisAndMultiply(y));
        return r => gap + columns.Select((c, j) => weights[j] * (r.Predictors[c] - mean[j]) / scale[j]).Sum();
    }
}
