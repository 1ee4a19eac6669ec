// Holm's step-down correction of p-values.
namespace Gaplab.Numerics.Statistics;

/// <summary>Adjusted p-values that keep the chance of any false finding below the level, whatever the dependence (Holm 1979).</summary>
public static class Holm
{
    /// <summary>In ascending order the k-th of m becomes the largest of (m−j+1)·p_j over j ≤ k, at most 1; returned in the order
    /// given.</summary>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var adjusted = new double[pValues.Count];
        double most = 0;
        int rank = 0;
        foreach (int i in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]))
            adjusted[i] = most = Math.Max(most, Math.Min(1, (pValues.Count - rank++) * pValues[i]));
        return adjusted;
    }
}
