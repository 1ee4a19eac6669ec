// The standard error of a mean, plain and weighted.

namespace Gaplab.Numerics.Statistics;

/// <summary>Standard errors of means of independent samples; NaN from fewer than two.</summary>
public static class SampleError
{
    /// <summary>s/√n, s with Bessel's correction.</summary>
    public static double OfMean(ReadOnlySpan<double> samples)
    {
        double[] weights = new double[samples.Length];
        Array.Fill(weights, 1);
        return OfMean(samples, weights).StandardError;
    }

    /// <summary>The weighted mean x̄ = Σw_i x_i/Σw_i and its standard error √(n/(n−1)·Σw_i²(x_i−x̄)²)/Σw_i (the ratio estimator's, Cochran
    /// 1977, 6.4): s/√n for equal weights.</summary>
    public static Estimate OfMean(ReadOnlySpan<double> samples, ReadOnlySpan<double> weights)
    {
        if (samples.Length != weights.Length)
            throw new ArgumentException($"{samples.Length} samples with {weights.Length} weights", nameof(weights));
        double total = 0,
            mean = 0,
            squares = 0;
        for (int i = 0; i < samples.Length; i++)
            total += weights[i];
        for (int i = 0; i < samples.Length; i++)
            mean += weights[i] / total * samples[i];
        for (int i = 0; i < samples.Length; i++)
            squares += Math.Pow(weights[i] / total * (samples[i] - mean), 2);
        double n = samples.Length;
        return new Estimate(mean, n < 2 ? double.NaN : Math.Sqrt(n / (n - 1) * squares));
    }
}
