// Exponents of the mean exit in ε and in the width, by weighted least squares on logarithms.
namespace Gaplab.Studies.Escape;

internal static class EscapeFits
{
    public static IEnumerable<ExponentFit> Of(IReadOnlyList<EscapeRow> rows)
    {
        foreach (bool byWidth in (bool[])[false, true])
        foreach (
            var group in rows.Where(r => r.Simulated is { Mean: > 0, Stderr: > 0 } && !r.Refused)
                .GroupBy(r => (r.Experiment, r.Minimum, r.Algorithm, r.Matching, r.Alpha, Other: byWidth ? r.Epsilon : r.Width))
        )
        {
            EscapeRow[] points = [.. group.OrderBy(r => byWidth ? r.Width : r.Epsilon)];
            double[] x = [.. points.Select(r => Math.Log(byWidth ? r.Width : r.Epsilon))];
            if (x.Distinct().Count() < 2)
                continue;
            double[] y = [.. points.Select(r => Math.Log(r.Simulated.Mean!.Value))],
                w = [.. points.Select(r => Math.Pow(r.Simulated.Mean!.Value / r.Simulated.Stderr!.Value, 2))];
            (double slope, double error) = Slope(x, y, w);
            double? corrected = points.All(r => r.Predicted.CorrectedMean is > 0)
                ? Slope(x, [.. points.Select(r => Math.Log(r.Predicted.CorrectedMean!.Value))], w).Slope
                : null;
            var key = group.Key;
            yield return new(
                key.Experiment,
                key.Minimum,
                key.Algorithm,
                key.Matching,
                key.Alpha,
                byWidth ? "width" : "epsilon",
                slope,
                slope - 1.96 * error,
                slope + 1.96 * error,
                byWidth ? key.Alpha : -key.Alpha,
                corrected,
                points.Length
            );
        }
    }

    // The weights are known inverse variances of log means, so the error needs no residuals.
    private static (double Slope, double Error) Slope(double[] x, double[] y, double[] w)
    {
        double total = w.Sum(),
            mx = x.Zip(w, (a, b) => a * b).Sum() / total,
            my = y.Zip(w, (a, b) => a * b).Sum() / total;
        double sxx = 0,
            sxy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            sxx += w[i] * (x[i] - mx) * (x[i] - mx);
            sxy += w[i] * (x[i] - mx) * (y[i] - my);
        }
        return (sxy / sxx, 1 / Math.Sqrt(sxx));
    }
}
