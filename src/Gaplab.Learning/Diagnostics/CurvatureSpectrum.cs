// Eigenvalues, trace and spectral density of a curvature matrix, with the error of the probes and the error from sampling the data.
using Gaplab.Numerics.Linear;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>An eigenpair of the mean matrix.</summary>
/// <param name="Pair">Value, vector [Dimension], residual, converged.</param>
/// <param name="DataError">Standard error of λ over the batches, to first order: of the mean of vᵀA_b v (dλ = vᵀ dA v).</param>
internal sealed record CurvatureEigenpair(Eigenpair Pair, double DataError);

/// <summary>Both ends of the spectrum; both lists are empty when the matrix is not finite.</summary>
internal sealed record CurvatureEnds(IReadOnlyList<CurvatureEigenpair> Largest, IReadOnlyList<CurvatureEigenpair> Smallest, bool Finite);

/// <summary>A number with its two errors.</summary>
/// <param name="Value">NaN when the matrix is not finite.</param>
/// <param name="ProbeError">Standard error of the random probes, for this data.</param>
/// <param name="DataError">Standard error over the batches, for these probes; NaN from one batch.</param>
internal readonly record struct SampledNumber(double Value, double ProbeError, double DataError);

/// <summary>A smoothed spectral density on a grid.</summary>
/// <param name="At">Eigenvalues t.</param>
/// <param name="Width">Standard deviation of the smoothing Gaussian, in units of t.</param>
/// <param name="Density">φ(t), of integral 1, at each t.</param>
/// <param name="Raw">The quadratures, for exact moments.</param>
internal sealed record CurvatureDensity(IReadOnlyList<double> At, double Width, IReadOnlyList<SampledNumber> Density, SpectralDensity Raw);

/// <summary>The tools of <see cref="Lanczos"/>, <see cref="HutchPlusPlus"/> and <see cref="SpectralDensity"/> on a
/// <see cref="Curvature"/>.</summary>
internal static class CurvatureSpectrum
{
    /// <summary>The <paramref name="count"/> largest and smallest eigenpairs.</summary>
    public static CurvatureEnds Ends(Curvature curvature, int count, RandomStream random, double tolerance = 1e-6, int maxProducts = 200)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        SpectrumEnds ends = Lanczos.Ends(curvature.Apply, curvature.Dimension, count, random, tolerance, maxProducts);
        double[] product = new double[curvature.Dimension];
        CurvatureEigenpair WithError(Eigenpair pair)
        {
            double[] perBatch =
            [
                .. Enumerable
                    .Range(0, curvature.Set.Count)
                    .Select(b =>
                    {
                        curvature.OfBatch(b)(pair.Vector, product);
                        return TensorPrimitives.Dot<double>(pair.Vector, product);
                    }),
            ];
            return new CurvatureEigenpair(pair, SampleError.OfMean(perBatch, [.. curvature.Set.Weights]).StandardError);
        }
        return new CurvatureEnds([.. ends.Largest.Select(WithError)], [.. ends.Smallest.Select(WithError)], ends.Finite);
    }

    /// <summary>The trace by Hutch++. The data error needs about as many products again, each of one batch and with the same
    /// probes.</summary>
    public static SampledNumber Trace(Curvature curvature, Func<RandomStream> random, int products = 60)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        Estimate mean = HutchPlusPlus.Trace(curvature.Apply, curvature.Dimension, random(), products);
        double[] perBatch =
        [
            .. Enumerable
                .Range(0, curvature.Set.Count)
                .Select(b => HutchPlusPlus.Trace(curvature.OfBatch(b), curvature.Dimension, random(), products).Value),
        ];
        return new SampledNumber(mean.Value, mean.StandardError, SampleError.OfMean(perBatch, [.. curvature.Set.Weights]).StandardError);
    }

    /// <summary>The density by stochastic Lanczos quadrature; null when the matrix is not finite.</summary>
    /// <param name="curvature">The matrix.</param>
    /// <param name="random">Gives the same stream at each call, so that the jackknife's differences are the data's alone.</param>
    /// <param name="probes">Random start vectors.</param>
    /// <param name="steps">Products a probe.</param>
    /// <param name="points">Grid points from below the smallest to above the largest node.</param>
    /// <param name="groups">Groups of batches that the delete-one jackknife leaves out in turn; each repeats the whole work.</param>
    public static CurvatureDensity? Density(
        Curvature curvature,
        Func<RandomStream> random,
        int probes = 10,
        int steps = 60,
        int points = 201,
        int groups = 5
    )
    {
        ArgumentNullException.ThrowIfNull(curvature);
        SpectralDensity? all = SpectralDensity.Estimate(curvature.Apply, curvature.Dimension, random(), probes, steps);
        if (all is null)
            return null;
        groups = Math.Min(groups, curvature.Set.Count);
        var left = new List<SpectralDensity>();
        for (int g = 0; groups > 1 && g < groups; g++)
        {
            int leave = g;
            if (
                SpectralDensity.Estimate(curvature.Over(b => b % groups != leave), curvature.Dimension, random(), probes, steps)
                is not { } without
            )
                return null;
            left.Add(without);
        }
        double low = all.Probes.Min(q => q.Nodes[0]),
            high = all.Probes.Max(q => q.Nodes[^1]),
            width = Math.Max(high - low, 1e-300) / 100;
        double[] at = [.. Enumerable.Range(0, points).Select(i => low - 3 * width + (high - low + 6 * width) * i / (points - 1))];
        return new CurvatureDensity(at, width, [.. at.Select(t => Jackknifed(all, left, d => d.At(t, width)))], all);
    }

    // √((G−1)/G·Σ(x_(g) − x̄)²), Efron and Stein 1981.
    private static SampledNumber Jackknifed(SpectralDensity all, List<SpectralDensity> left, Func<SpectralDensity, Estimate> number)
    {
        Estimate value = number(all);
        if (left.Count == 0)
            return new SampledNumber(value.Value, value.StandardError, double.NaN);
        double[] without = [.. left.Select(d => number(d).Value)];
        double mean = without.Average(),
            squares = without.Sum(x => (x - mean) * (x - mean));
        return new SampledNumber(value.Value, value.StandardError, Math.Sqrt((without.Length - 1.0) / without.Length * squares));
    }
}
