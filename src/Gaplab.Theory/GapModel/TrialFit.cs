// The probe's instances made to lose as the trial runs did.
using Gaplab.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>What the fit to the trial runs chose, and what it left.</summary>
/// <param name="Floor">The loss that neither optimizer gets below within such a budget; no less than the probe's own floor.</param>
/// <param name="FirstTilt">p of the first optimizer's instance: its squared distances are multiplied by λ^−p. Above 0 more of the loss lies in flat directions.</param>
/// <param name="SecondTilt">p of the second's.</param>
/// <param name="FirstError">Root mean square of ln(model / trial loss); null: no trial run.</param>
/// <param name="SecondError">Likewise.</param>
public sealed record TrialFit(double Floor, double FirstTilt, double SecondTilt, double? FirstError, double? SecondError)
{
    /// <summary>Standard deviation of a gap from both optimizers' errors.</summary>
    public double GapError => double.Hypot(FirstError ?? 0, SecondError ?? 0);

    private const int Floors = 20;

    // A plain grid: the objective is cheap and need not have one minimum.
    private static readonly double[] s_tilts = [.. Enumerable.Range(-10, 41).Select(i => i / 10.0)];

    /// <summary>The floor and tilts with the least sum of squares of ln(model / trial loss) over both runs.</summary>
    /// <param name="first">Modelled losses of the first optimizer's run for a floor and a tilt.</param>
    /// <param name="firstTrial">That run; null: none.</param>
    /// <param name="second">Of the second.</param>
    /// <param name="secondTrial">That run; null: none.</param>
    /// <param name="least">A floor that is known: the data's entropy, or 0.</param>
    public static TrialFit Of(Func<double, double, double[]> first, Trial? firstTrial, Func<double, double, double[]> second, Trial? secondTrial, double least)
    {
        double lowest = new[] { firstTrial, secondTrial }.OfType<Trial>().SelectMany(t => t.Losses).Min(l => l.Loss);
        TrialFit? best = null;
        double sum = double.PositiveInfinity;
        for (int i = 0; i < Floors; i++)
        {
            double floor = least + i * Math.Max(0, lowest - least) / Floors;
            (double Tilt, double Sum) one = Tilted(t => first(floor, t), firstTrial, floor), two = Tilted(t => second(floor, t), secondTrial, floor);
            if (!(one.Sum + two.Sum < sum)) continue;
            sum = one.Sum + two.Sum;
            best = new TrialFit(floor, one.Tilt, two.Tilt, Rms(one.Sum, firstTrial), Rms(two.Sum, secondTrial));
        }
        return best ?? throw new InputException("the trial runs' losses are reproduced by no quadratic with the probe's curvatures: every fit diverges; try lower learning rates");
    }

    private static (double Tilt, double Sum) Tilted(Func<double, double[]> curve, Trial? trial, double floor)
    {
        if (trial is null) return (0, 0);
        (double Tilt, double Sum) best = (0, double.PositiveInfinity);
        foreach (double tilt in s_tilts)
        {
            double[] losses = curve(tilt);
            double sum = trial.Losses.Sum(l => Math.Pow(Math.Log((losses[l.Step] + floor) / l.Loss), 2));
            if (sum < best.Sum) best = (tilt, sum);
        }
        return best;
    }

    private static double? Rms(double sum, Trial? trial) => trial is null ? null : Math.Sqrt(sum / trial.Losses.Count);
}
