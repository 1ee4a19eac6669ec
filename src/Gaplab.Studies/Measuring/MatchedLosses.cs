// Validation losses of two trajectories at equal training loss.
using Gaplab.Results.Report;

namespace Gaplab.Studies.Measuring;

/// <summary>Reads each trajectory at the first time its training loss falls to a level, linearly between points.</summary>
internal static class MatchedLosses
{
    private const int Levels = 10;

    /// <summary>Null where no level is passed by both.</summary>
    /// <param name="batch">Of the runs.</param>
    /// <param name="seed">Of the runs.</param>
    /// <param name="sgd">Training and validation loss along the run.</param>
    /// <param name="adam">Likewise.</param>
    public static MatchedLossRow? Of(
        int batch,
        long seed,
        IReadOnlyList<(double Train, double Validation)> sgd,
        IReadOnlyList<(double Train, double Validation)> adam
    )
    {
        ArgumentNullException.ThrowIfNull(sgd);
        ArgumentNullException.ThrowIfNull(adam);
        if (sgd.Count == 0 || adam.Count == 0)
            return null;
        double low = Math.Max(sgd.Min(p => p.Train), adam.Min(p => p.Train)),
            high = Math.Min(sgd[0].Train, adam[0].Train);
        if (!(low < high))
            return null;
        // The start is common to both: the levels end one short of it.
        double[] levels = [.. Enumerable.Range(0, Levels).Select(i => low + (high - low) * i / Levels)];
        double[] differences = [.. levels.Select(l => At(sgd, l) - At(adam, l))];
        return new MatchedLossRow(batch, seed, low, At(sgd, low), At(adam, low), differences[0], differences.Average());
    }

    private static double At(IReadOnlyList<(double Train, double Validation)> curve, double level)
    {
        for (int i = 0; i < curve.Count; i++)
        {
            if (!(curve[i].Train <= level))
                continue;
            if (i == 0)
                return curve[0].Validation;
            double share = (curve[i - 1].Train - level) / (curve[i - 1].Train - curve[i].Train);
            return curve[i - 1].Validation + share * (curve[i].Validation - curve[i - 1].Validation);
        }
        return double.NaN;
    }
}
