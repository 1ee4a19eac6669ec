// What theory predicts for an exit problem, and whether it may be used.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Theory.Escape;
using MathNet.Numerics.LinearAlgebra;

namespace Gaplab.Theory.Levy;

/// <summary>A prediction. Times are in the problem's unit: time of an SDE, steps of an algorithm.</summary>
/// <param name="Rate">Leading order; for Gaussian noise 1/E Γ; null where none is known.</param>
/// <param name="Error">Standard error of the rate, 0 for closed forms.</param>
/// <param name="Correction">kΛ: the part by which finite noise shortens the mean exit.</param>
/// <param name="LargestMove">D_max, what one impulse can move a coordinate by; null without a live preconditioner.</param>
/// <param name="Nearest">The nearest boundary along the noise columns.</param>
/// <param name="Reason">Why the prediction is refused; null when it is not.</param>
public sealed record EscapeForecast(
    double? Rate,
    double Error,
    double Correction,
    Validity Validity,
    double? LargestMove,
    double Nearest,
    string? Reason
)
{
    /// <summary>λ(1 + kΛ), while the correction is small enough to be used.</summary>
    public double? Corrected => Rate is { } rate && Validity != Validity.Outside ? rate * (1 + Correction) : null;

    /// <summary>Not refused, and within the correction's reach.</summary>
    public bool IsValid => Reason is null && Validity != Validity.Outside;

    /// <summary>Predicts.</summary>
    /// <param name="problem">Its region may be the committed one.</param>
    /// <param name="basin">The basin up to its boundary (a saddle).</param>
    /// <exception cref="InputException">Unbounded along every noise direction, or parts that do not fit.</exception>
    public static EscapeForecast Of(ExitProblem problem, IBasin basin)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(basin);
        problem.Check();
        StepRule rule = problem.Rule;
        double alpha = problem.Noise.Alpha,
            epsilon = rule.IsSde ? rule.Amplitude / Math.Pow(rule.Time, 1 / alpha) : rule.Amplitude;
        double[] q = PreconditionerOf(problem);
        double[,] a = problem.Noise.Sigma;
        int d = a.GetLength(0);
        for (int i = 0; i < d; i++)
        for (int j = 0; j < a.GetLength(1); j++)
            a[i, j] /= q[i];
        double nearest = NearestAlong(a, basin);
        if (double.IsPositiveInfinity(nearest))
            throw new InputException(
                "the basin is unbounded in every direction that the noise moves in; expected a boundary that a jump can cross"
            );
        IBasin seen =
            rule.NoisePastAverage || (rule.MeanWeight == 1 && rule.MeanKeep == 0)
                ? basin
                : new ResponseBasin(basin, problem.Potential, problem.Minimum, rule, q);
        double relaxation = Slowest(problem, q),
            kappaStep = Math.Min(1, relaxation * rule.Drift),
            kappa = relaxation * rule.Drift / rule.Time;
        double? largest = rule is { Preconditioner: Preconditioner.Live, NoisePastAverage: false }
            ? rule.Drift * AdamResponse.LargestMove(rule.MeanKeep, 1 - rule.SquareWeight)
            : null;
        if (alpha == 2)
            return Gaussian(problem, basin, q[0], relaxation, nearest, largest);
        RateEstimate rate = EscapeRate.Of(problem.Noise.Driver, alpha, epsilon, a, seen);
        double correction = FiniteNoise.K(alpha, kappaStep) * rate.Value / kappa;
        string? reason =
            largest < nearest
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"one impulse moves Adam by at most {largest:g4}, the nearest boundary is {nearest:g4} away: a prediction by single "
                        + $"jumps does not hold"
                )
                : null;
        return new(rate.Value, rate.Error, correction, FiniteNoise.Of(correction), largest, nearest, reason);
    }

    /// <summary>What Adam divides by near the minimum: frozen values, or the median of √v under the noise.</summary>
    public static double[] PreconditionerOf(ExitProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        StepRule rule = problem.Rule;
        int d = problem.Potential.Dimension;
        if (rule.Preconditioner == Preconditioner.Live)
        {
            // v is driven by the noise of one gradient: amplitude/drift times a coordinate's own scale.
            double median = AdamResponse.MedianRoot(problem.Noise.Alpha, 1 - rule.SquareWeight) * rule.Amplitude / rule.Drift;
            return [.. problem.Noise.Scales.Select(s => s * median + rule.Epsilon)];
        }
        return [.. Enumerable.Range(0, d).Select(i => rule.Frozen.Count == 0 ? 1 : rule.Frozen[rule.Frozen.Count == 1 ? 0 : i])];
    }

    // One dimension, plain descent, equal sides: the exact integral with the chain's boundary shift. Else nothing is known here.
    private static EscapeForecast Gaussian(ExitProblem problem, IBasin basin, double q, double curvature, double nearest, double? largest)
    {
        double low = basin.Dimension == 1 ? basin.Reach([-1]) : 0,
            high = basin.Dimension == 1 ? basin.Reach([1]) : 1;
        if (low != high || !problem.Rule.IsPlain || problem.Potential is not QuadraticPotential)
            return new(
                null,
                0,
                0,
                Validity.Outside,
                largest,
                nearest,
                "Gaussian noise (alpha 2) leaves by diffusion, not by jumps; Kramers' law is given for a one-dimensional quadratic "
                    + "between equal sides under plain descent only"
            );
        StepRule rule = problem.Rule;
        // Over one step the noise has variance 2 (amplitude σ)².
        double s = rule.Amplitude * problem.Noise.Sigma[0, 0] * Math.Sqrt(2) / q / Math.Sqrt(rule.Drift);
        double mean = GaussianExit.EulerMean(curvature, high, s, rule.Drift) * rule.Time / rule.Drift;
        return new(
            1 / mean,
            0,
            0,
            Validity.LeadingOrder,
            largest,
            nearest,
            double.IsInfinity(mean) ? "the mean exit exceeds what numbers hold" : null
        );
    }

    private static double NearestAlong(double[,] a, IBasin basin)
    {
        double nearest = double.PositiveInfinity;
        for (int j = 0; j < a.GetLength(1); j++)
        {
            double[] column = [.. Enumerable.Range(0, a.GetLength(0)).Select(i => a[i, j])];
            double length = Math.Sqrt(column.Sum(x => x * x));
            nearest = Math.Min(nearest, length * Math.Min(basin.Reach(column), basin.Reach([.. column.Select(x => -x)])));
        }
        return nearest;
    }

    // The smallest eigenvalue of Q^−½HQ^−½ at the minimum; H by differences on either side, the flatter side counting.
    private static double Slowest(ExitProblem problem, double[] q)
    {
        int d = q.Length;
        double[] at = [.. problem.Minimum],
            still = new double[d],
            gradient = new double[d];
        problem.Potential.Gradient(at, still);
        double slowest = double.PositiveInfinity;
        foreach (double h in (double[])[1e-5, -1e-5])
        {
            Matrix<double> matrix = Matrix<double>.Build.Dense(d, d);
            for (int j = 0; j < d; j++)
            {
                double[] moved = [.. at];
                moved[j] += h;
                problem.Potential.Gradient(moved, gradient);
                for (int i = 0; i < d; i++)
                    matrix[i, j] = (gradient[i] - still[i]) / h / Math.Sqrt(q[i] * q[j]);
            }
            slowest = Math.Min(slowest, (0.5 * (matrix + matrix.Transpose())).Evd(Symmetricity.Symmetric).EigenValues.Min(v => v.Real));
        }
        return slowest > 0
            ? slowest
            : throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the minimum has curvature {slowest:g3} in some direction; expected every curvature positive"
                )
            );
    }
}
