// Where the best learning rate of the next cell is looked for: a line in the logarithms of batch size and length, fitted to those found.
namespace Gaplab.Studies.Piloting;

/// <summary>
/// ln lr* = a + b·ln(B/B₀) + c·ln(n/N) of one optimizer, with normal priors on a, b and c: the middle of the study's grid at the middle
/// of its batch sizes, the growth that the optimizer's kind has (<c>OptimizerKind.RateGrowth</c>), and a rate that falls with the length
/// of training (measured from a quarter to the whole: by 2 to 3 for SGD, 1 to 3 for Adam).
/// </summary>
/// <param name="Middle">a's mean: ln of a rate.</param>
/// <param name="MiddleBatch">B₀, samples.</param>
/// <param name="Growth">b's mean and standard deviation.</param>
internal sealed record RateLine(double Middle, double MiddleBatch, (double Exponent, double Deviation) Growth)
{
    // A grid of rates is centred by its author to a factor 3; the vertex of three rates √10 apart is good to a factor 1.5.
    private static readonly double s_middle = Math.Log(3),
        s_found = Math.Log(1.5);

    private const double LengthExponent = -0.5,
        LengthDeviation = 0.25;

    // Of a best at the edge of what was tried: it may lie another step beyond.
    private const double EdgeFactor = 3;

    /// <summary>A best rate that was found.</summary>
    /// <param name="Batch">B.</param>
    /// <param name="Share">n/N.</param>
    /// <param name="Rate">lr*.</param>
    /// <param name="AtEdge">The first or last that was tried.</param>
    public readonly record struct Found(double Batch, double Share, double Rate, bool AtEdge);

    /// <summary>The posterior mean of lr* at a batch size and length.</summary>
    /// <param name="found">The best rates so far, of any cells.</param>
    /// <param name="batch">Samples a step.</param>
    /// <param name="share">n/N, in (0, 1].</param>
    public double At(IReadOnlyList<Found> found, double batch, double share)
    {
        // The normal equations of the prior and of what was found, three unknowns.
        (double Mean, double Deviation)[] priors = [(Middle, s_middle), Growth, (LengthExponent, LengthDeviation)];
        var precision = new double[3, 3];
        var right = new double[3];
        for (int i = 0; i < 3; i++)
        {
            double weight = 1 / (priors[i].Deviation * priors[i].Deviation);
            precision[i, i] = weight;
            right[i] = weight * priors[i].Mean;
        }
        foreach (Found one in found)
        {
            double[] row = Row(one.Batch, one.Share);
            double deviation = one.AtEdge ? EdgeFactor * s_found : s_found,
                weight = 1 / (deviation * deviation);
            for (int i = 0; i < 3; i++)
            {
                right[i] += weight * row[i] * Math.Log(one.Rate);
                for (int j = 0; j < 3; j++)
                    precision[i, j] += weight * row[i] * row[j];
            }
        }
        double[] line = Solve(precision, right),
            at = Row(batch, share);
        return Math.Exp(line[0] * at[0] + line[1] * at[1] + line[2] * at[2]);
    }

    private double[] Row(double batch, double share) => [1, Math.Log(batch / MiddleBatch), Math.Log(share)];

    /// <summary>A symmetric positive definite system, by Gauss's elimination: its diagonal needs no pivots.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        int n = right.Length;
        for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++)
        {
            double factor = matrix[i, k] / matrix[k, k];
            for (int j = k; j < n; j++)
                matrix[i, j] -= factor * matrix[k, j];
            right[i] -= factor * right[k];
        }
        var x = new double[n];
        for (int i = n - 1; i >= 0; i--)
        {
            double sum = right[i];
            for (int j = i + 1; j < n; j++)
                sum -= matrix[i, j] * x[j];
            x[i] = sum / matrix[i, i];
        }
        return x;
    }
}
