// The probe's instances made to lose as the trial runs did.
using Gaplab.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>What the fit to the trial runs chose, and what it left.</summary>
/// <param name="Floor">The loss that neither optimizer gets below within such a budget; no less than the probe's own floor.</param>
/// <param name="FirstTilt">p of the first optimizer's instance: what there is to lose lies at the nodes of its spectrum as λ^−p. Above 0
/// more of it lies in flat directions.</param>
/// <param name="SecondTilt">p of the second's.</param>
/// <param name="FirstError">Root mean square of ln(model / trial loss); null: no trial run.</param>
/// <param name="SecondError">Likewise.</param>
public sealed record ProbeRunFit(double Floor, double FirstTilt, double SecondTilt, double? FirstError, double? SecondError)
{
    /// <summary>Standard deviation of a gap from both optimizers' errors.</summary>
    public double GapError => double.Hypot(FirstError ?? 0, SecondError ?? 0);

    private const int Floors = 20;

    // A plain grid: the objective is cheap and need not have one minimum. Of equally good tilts the least is taken.
    private static readonly double[] s_tilts = [.. Enumerable.Range(-10, 41).Select(i => i / 10.0).OrderBy(Math.Abs)];

    /// <summary>The floor and tilts with the least sum of squares of ln(model / trial loss) over both runs.</summary>
    /// <param name="first">Modelled losses of the first optimizer's run for a floor and a tilt.</param>
    /// <param name="firstTrial">That run; null: none.</param>
    /// <param name="second">Of the second.</param>
    /// <param name="secondTrial">That run; null: none.</param>
    /// <param name="least">A floor that is known: the data's entropy, or 0.</param>
    /// <param name="initial">The loss at the start, above every floor.</param>
    /// <param name="common">Both optimizers are computed with one instance, so that they have one tilt.</param>
    public static ProbeRunFit Of(
        Func<double, double, double[]> first,
        ProbeRun? firstTrial,
        Func<double, double, double[]> second,
        ProbeRun? secondTrial,
        double least,
        double initial,
        bool common
    )
    {
        // A run may end above its start.
        double highest = new[] { firstTrial, secondTrial }.OfType<ProbeRun>().SelectMany(t => t.Losses).Min(l => Math.Min(l.Loss, initial));
        ProbeRunFit? best = null;
        double sum = double.PositiveInfinity;
        for (int i = 0; i < Floors; i++)
        {
            double floor = least + i * Math.Max(0, highest - least) / Floors;
            double[] one = Misses(t => first(floor, t), firstTrial, floor),
                two = Misses(t => second(floor, t), secondTrial, floor);
            double[] both = [.. one.Zip(two, (a, b) => a + b)];
            int at = Array.IndexOf(common ? both : one, (common ? both : one).Min()),
                then = common ? at : Array.IndexOf(two, two.Min());
            if (!(one[at] + two[then] < sum))
                continue;
            sum = one[at] + two[then];
            best = new ProbeRunFit(floor, s_tilts[at], s_tilts[then], Rms(one[at], firstTrial), Rms(two[then], secondTrial));
        }
        return best
            ?? throw new InputException(
                "the trial runs' losses are reproduced by no quadratic with the probe's curvatures: every fit diverges; try lower "
                    + "learning rates"
            );
    }

    /// <summary>Sum of squares at every tilt; zeros without a run.</summary>
    private static double[] Misses(Func<double, double[]> curve, ProbeRun? trial, double floor) =>
        [
            .. s_tilts.Select(tilt =>
            {
                if (trial is null)
                    return 0;
                double[] losses = curve(tilt);
                double sum = trial.Losses.Sum(l => Math.Pow(Math.Log((losses[l.Step] + floor) / l.Loss), 2));
                return double.IsNaN(sum) ? double.PositiveInfinity : sum;
            }),
        ];

    private static double? Rms(double sum, ProbeRun? trial) => trial is null ? null : Math.Sqrt(sum / trial.Losses.Count);
}
