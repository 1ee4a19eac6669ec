// Escape from a measured minimum: its Hessian and its gradient noise give the rates of SGD and Adam and the directions that carry the risk.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Numerics.Stable;
using MathNet.Numerics.LinearAlgebra;

namespace Gaplab.Theory.Escape;

/// <summary>One noise column's part in the escape.</summary>
/// <param name="Sharpness">sᵀHs of the column as SGD applies it.</param>
/// <param name="SgdShare">Its share of SGD's rate.</param>
/// <param name="AdamSharpness">sᵀQ⁻¹HQ⁻¹s.</param>
/// <param name="AdamShare">Its share of Adam's rate.</param>
public sealed record EscapeDirection(int Column, double Sharpness, double SgdShare, double AdamSharpness, double AdamShare);

/// <summary>What a minimum's curvature and noise predict, per step at learning rate 1 (rates scale with η^α).</summary>
/// <param name="SgdRate">Exit probability of SGD per step at η = 1.</param>
/// <param name="AdamRate">Adam's, with its preconditioner frozen and its average's gain left out.</param>
/// <param name="Matched">T_SGD/T_Adam and η_Adam/η_SGD under each convention.</param>
/// <param name="Directions">Largest share of SGD's rate first.</param>
public sealed record MinimumPrediction(
    double SgdRate,
    double AdamRate,
    IReadOnlyList<MatchedEscape> Matched,
    IReadOnlyList<EscapeDirection> Directions
);

/// <summary>The quadratic basin {½θᵀHθ &lt; h} with noise Σζ of independent symmetric stable components: x' = x − η Q⁻¹(Hx + Σζ).</summary>
public static class MinimumEscape
{
    /// <summary>From a dense Hessian.</summary>
    /// <param name="hessian">[d, d]; directions of non-positive curvature count as flat.</param>
    /// <param name="columns">The noise columns, each [d].</param>
    /// <param name="q">[d], Adam's preconditioner, positive.</param>
    public static MinimumPrediction FromHessian(
        double alpha,
        double[,] hessian,
        IReadOnlyList<double[]> columns,
        double[] q,
        double barrier
    )
    {
        MathNet.Numerics.LinearAlgebra.Factorization.Evd<double> evd = Matrix<double>
            .Build.DenseOfArray(hessian)
            .Evd(Symmetricity.Symmetric);
        int d = hessian.GetLength(0);
        return FromEigenpairs(
            alpha,
            [.. evd.EigenValues.Select(v => v.Real)],
            [.. Enumerable.Range(0, d).Select(i => evd.EigenVectors.Column(i).ToArray())],
            columns,
            q,
            barrier
        );
    }

    /// <summary>From eigenpairs, for instance the leading ones of Lanczos; curvature outside their span counts as none.</summary>
    /// <param name="alpha">0 &lt; α &lt; 2.</param>
    /// <param name="eigenvalues">[k]; those not above 0 are left out.</param>
    /// <param name="eigenvectors">[k] unit vectors, each [d].</param>
    /// <param name="columns">The noise columns, each [d].</param>
    /// <param name="q">[d], Adam's preconditioner, positive.</param>
    /// <param name="barrier">h, the height of the loss barrier, positive.</param>
    /// <exception cref="InputException">α, the barrier or Q out of range, or no positive curvature.</exception>
    public static MinimumPrediction FromEigenpairs(
        double alpha,
        IReadOnlyList<double> eigenvalues,
        IReadOnlyList<double[]> eigenvectors,
        IReadOnlyList<double[]> columns,
        double[] q,
        double barrier
    )
    {
        ArgumentNullException.ThrowIfNull(eigenvalues);
        ArgumentNullException.ThrowIfNull(eigenvectors);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(q);
        if (alpha is not (> 0 and < 2))
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"alpha is {alpha}; expected a number above 0 and below 2: Gaussian noise has no jumps to leave by"
                )
            );
        if (!(barrier > 0))
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"the barrier is {barrier}; expected a positive height"));
        if (q.Any(x => !(x > 0)))
            throw new InputException("Adam's preconditioner holds a value that is not positive");
        (double Value, double[] Vector)[] pairs = [.. eigenvalues.Zip(eigenvectors).Where(p => p.First > 0)];
        if (pairs.Length == 0)
            throw new InputException("the basin is unbounded: no curvature at the minimum is positive");
        double Sharpness(double[] s) => pairs.Sum(p => p.Value * Square(Dot(p.Vector, s)));
        double[] sgd = [.. columns.Select(Sharpness)],
            adam = [.. columns.Select(s => Sharpness([.. s.Zip(q, (x, p) => x / p)]))];
        double c = 2 * StableConstants.Levy(alpha) / alpha;
        double[] sgdRates = [.. sgd.Select(s => c * Math.Pow(s / (2 * barrier), alpha / 2))],
            adamRates = [.. adam.Select(s => c * Math.Pow(s / (2 * barrier), alpha / 2))];
        double sgdRate = sgdRates.Sum(),
            adamRate = adamRates.Sum();
        EscapeDirection[] directions =
        [
            .. sgd.Select((s, i) => new EscapeDirection(i, s, sgdRates[i] / sgdRate, adam[i], adamRates[i] / adamRate))
                .OrderByDescending(d => d.SgdShare),
        ];
        return new(sgdRate, adamRate, Match(alpha, pairs, columns, q, adamRate / sgdRate), directions);
    }

    private static MatchedEscape[] Match(
        double alpha,
        (double Value, double[] Vector)[] pairs,
        IReadOnlyList<double[]> columns,
        double[] q,
        double rateRatio
    )
    {
        int d = q.Length,
            k = pairs.Length;
        // The scale of one coordinate's noise: a sum of independent stable components adds α-th powers.
        double[] power = [.. Enumerable.Range(0, d).Select(i => columns.Sum(s => Math.Pow(Math.Abs(s[i]), alpha)))];
        // Spectrum of Q^−½HQ^−½, the relaxation rates of Adam, from the k × k matrix Λ^½VᵀQ⁻¹VΛ^½.
        Matrix<double> small = Matrix<double>.Build.Dense(
            k,
            k,
            (a, b) =>
            {
                double sum = 0;
                for (int i = 0; i < d; i++)
                    sum += pairs[a].Vector[i] * pairs[b].Vector[i] / q[i];
                return Math.Sqrt(pairs[a].Value * pairs[b].Value) * sum;
            }
        );
        double[] adamRates = [.. small.Evd(Symmetricity.Symmetric).EigenValues.Select(v => v.Real)];
        var rates = new List<(Matching, double)>
        {
            (Matching.Update, Math.Pow(power.Sum() / power.Zip(q, (p, s) => p * Math.Pow(s, -alpha)).Sum(), 1 / alpha)),
            (Matching.Slowest, pairs.Min(p => p.Value) / adamRates.Min()),
            (Matching.Fastest, pairs.Max(p => p.Value) / adamRates.Max()),
        };
        double[] h = [.. Enumerable.Range(0, d).Select(i => pairs.Sum(p => p.Value * p.Vector[i] * p.Vector[i]))];
        double sgdLoss = 0,
            adamLoss = 0;
        for (int i = 0; i < d; i++)
        {
            if (h[i] <= 0)
                continue;
            double each = Math.Pow(h[i], alpha / 2 - 1) * power[i];
            sgdLoss += each;
            adamLoss += each * Math.Pow(q[i], 1 - alpha);
        }
        if (alpha != 1)
            rates.Add((Matching.Loss, Math.Pow(sgdLoss / adamLoss, 1 / (alpha - 1))));
        return [.. rates.Select(r => new MatchedEscape(r.Item1, r.Item2, Math.Pow(r.Item2, alpha) * rateRatio))];
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static double Square(double x) => x * x;
}
