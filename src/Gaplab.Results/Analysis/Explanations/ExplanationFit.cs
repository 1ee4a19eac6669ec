// How a gap is predicted from explanations: a straight line in one of them, or a ridge regression on several.
using MathNet.Numerics.LinearAlgebra;

namespace Gaplab.Results.Analysis;

/// <summary>From the gaps of all other settings, and the explanations to use, to a prediction of one that was left out.</summary>
public delegate Func<GapObservation, double> ExplanationFit(IReadOnlyList<GapObservation> others, IReadOnlyList<string> explanations);

/// <summary>The fits there are.</summary>
public static class ExplanationFits
{
    private static readonly double[] Penalties = [0.01, 0.1, 1, 10, 100];

    /// <summary>Least squares on a single explanation.</summary>
    public static Func<GapObservation, double> Line(IReadOnlyList<GapObservation> others, IReadOnlyList<string> explanations)
    {
        string name = explanations.Single();
        double mx = others.Average(o => o.Of(name)),
            my = others.Average(o => o.Gap);
        double spread = others.Sum(o => Math.Pow(o.Of(name) - mx, 2)),
            slope = spread > 0 ? others.Sum(o => (o.Of(name) - mx) * (o.Gap - my)) / spread : 0;
        return o => my + slope * (o.Of(name) - mx);
    }

    /// <summary>Ridge regression on standardised explanations (Hoerl and Kennard 1970); the mean is not penalised, and the penalty is
    /// chosen by leaving out a second setting among the others.</summary>
    public static Func<GapObservation, double> Ridge(IReadOnlyList<GapObservation> others, IReadOnlyList<string> explanations)
    {
        double penalty = Penalties.MinBy(p =>
            others
                .GroupBy(r => r.Setting)
                .Sum(inner => SquaredError(Ridge([.. others.Where(r => r.Setting != inner.Key)], explanations, p), inner))
        );
        return Ridge(others, explanations, penalty);
    }

    private static double SquaredError(Func<GapObservation, double> fit, IEnumerable<GapObservation> rows) =>
        rows.Sum(r => Math.Pow(r.Gap - fit(r), 2));

    private static Func<GapObservation, double> Ridge(IReadOnlyList<GapObservation> rows, IReadOnlyList<string> names, double penalty)
    {
        double[] mean = [.. names.Select(n => rows.Average(r => r.Of(n)))];
        double[] scale = [.. names.Select((n, j) => Math.Sqrt(rows.Average(r => Math.Pow(r.Of(n) - mean[j], 2))) is > 0 and var s ? s : 1)];
        double gap = rows.Average(r => r.Gap);
        Matrix<double> x = Matrix<double>.Build.Dense(rows.Count, names.Count, (i, j) => (rows[i].Of(names[j]) - mean[j]) / scale[j]);
        Vector<double> y = Vector<double>.Build.Dense(rows.Count, i => rows[i].Gap - gap);
        Vector<double> weights = (x.TransposeThisAndMultiply(x) + penalty * Matrix<double>.Build.DenseIdentity(names.Count))
            .Cholesky()
            .Solve(x.TransposeThisAndMultiply(y));
        return r => gap + names.Select((n, j) => weights[j] * (r.Of(n) - mean[j]) / scale[j]).Sum();
    }
}
