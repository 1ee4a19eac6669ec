// Isotonic regression by pooling adjacent violators, increasing or decreasing.
namespace Gaplab.Numerics.Statistics;

/// <summary>The monotone sequence nearest in least squares, weights 1 (Ayer et al. 1955: pool adjacent violators).</summary>
public static class IsotonicRegression
{
    /// <summary>The non-decreasing fit; same length as <paramref name="values"/>, all finite.</summary>
    public static double[] Increasing(ReadOnlySpan<double> values)
    {
        int n = values.Length,
            blocks = 0;
        Span<double> sum = n <= 128 ? stackalloc double[n] : new double[n];
        Span<int> size = n <= 128 ? stackalloc int[n] : new int[n];
        for (int i = 0; i < n; i++)
        {
            sum[blocks] = values[i];
            size[blocks++] = 1;
            while (blocks > 1 && sum[blocks - 2] / size[blocks - 2] > sum[blocks - 1] / size[blocks - 1])
            {
                sum[blocks - 2] += sum[blocks - 1];
                size[blocks - 2] += size[blocks - 1];
                blocks--;
            }
        }
        var fit = new double[n];
        for (int b = 0, at = 0; b < blocks; b++)
        {
            double mean = sum[b] / size[b];
            for (int k = 0; k < size[b]; k++)
                fit[at++] = mean;
        }
        return fit;
    }

    /// <summary>The non-increasing fit.</summary>
    public static double[] Decreasing(ReadOnlySpan<double> values)
    {
        var mirrored = new double[values.Length];
        for (int i = 0; i < mirrored.Length; i++)
            mirrored[i] = -values[i];
        double[] fit = Increasing(mirrored);
        for (int i = 0; i < fit.Length; i++)
            fit[i] = -fit[i];
        return fit;
    }

    /// <summary>Σ (fit − value)².</summary>
    public static double SquaredError(ReadOnlySpan<double> values, ReadOnlySpan<double> fit)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
            sum += (fit[i] - values[i]) * (fit[i] - values[i]);
        return sum;
    }
}
