// The predicted gap against batch size and where it changes sign.
namespace Gaplab.Theory.GapModel;

/// <summary>One batch size of a predicted curve.</summary>
/// <param name="Gap">G = ln(L*_first / L*_second): positive means the second is ahead.</param>
/// <param name="Share">What share of the losses the quadratic explains; the rest is a floor that both have. 1: all.</param>
public sealed record GapPoint(double Batch, int Steps, TunedRate First, TunedRate Second, double Gap, double Share = 1)
{
    /// <summary>Whether the gap is too small to be told from none, above the floor: a floor shrinks every gap, and ties with it.</summary>
    public bool Ties(double band) => Math.Abs(Gap) < band * Share;
}

/// <summary>A change of sign.</summary>
/// <param name="Batch">B*, by interpolation in log₂ B.</param>
/// <param name="ToSecond">The second optimizer is ahead above it.</param>
/// <param name="Slope">dG/d log₂ B there.</param>
public sealed record GapCrossing(double Batch, bool ToSecond, double Slope)
{
    /// <summary>Standard deviation of log₂ B* that an error of G makes: σ_G / |slope| (theory.md C3).</summary>
    public double Log2Error(double gapError) => gapError / Math.Abs(Slope);
}

/// <summary>gap(B) on a grid of batch sizes (theory.md C3).</summary>
/// <param name="Crossings">Those where the gap leaves the tie band on both sides.</param>
/// <param name="TieBand">Of the gap above the floor.</param>
/// <param name="WeakCrossings">Sign changes that stay within the tie band on a side: ties, not crossovers.</param>
public sealed record GapCurve(IReadOnlyList<GapPoint> Points, IReadOnlyList<GapCrossing> Crossings, int WeakCrossings, double TieBand)
{
    /// <summary>Computes it: every batch size by itself, all cores.</summary>
    public static GapCurve Of(GapSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        setting.Check();
        int count = setting.Batches.Count;
        setting.Prepare();
        var tuned = new TunedRate[2 * count];
        // Fixed samples: the smallest batch sizes have the most steps, so they start first.
        Parallel.For(0, 2 * count, i => tuned[i] = setting.Tune(i % 2 == 0 ? setting.First : setting.Second, setting.Batches[i / 2]));
        return Of([.. Enumerable.Range(0, count).Select(i => Point(setting, i, tuned[2 * i], tuned[2 * i + 1]))], setting.TieBand);
    }

    /// <summary>Finds the crossings of given points.</summary>
    public static GapCurve Of(IReadOnlyList<GapPoint> points, double tieBand)
    {
        ArgumentNullException.ThrowIfNull(points);
        var crossings = new List<GapCrossing>();
        int signChanges = 0,
            last = -1,
            lastSigned = -1;
        for (int i = 0; i < points.Count; i++)
        {
            double gap = points[i].Gap;
            if (gap != 0)
            {
                if (lastSigned >= 0 && points[lastSigned].Gap > 0 != gap > 0)
                    signChanges++;
                lastSigned = i;
            }
            if (points[i].Ties(tieBand) || double.IsNaN(gap))
                continue;
            if (last >= 0 && points[last].Gap > 0 != gap > 0)
                crossings.Add(Between(points, last, i));
            last = i;
        }
        return new GapCurve(points, crossings, Math.Max(0, signChanges - crossings.Count), tieBand);
    }

    /// <summary>The curve with every gap moved by as much.</summary>
    public GapCurve Shifted(double by) => Of([.. Points.Select(p => p with { Gap = p.Gap + by })], TieBand);

    /// <summary>crossover, several-crossovers, first-throughout, second-throughout or tie.</summary>
    public string Verdict =>
        Crossings.Count > 1 ? "several-crossovers"
        : Crossings.Count == 1 ? "crossover"
        : Points.All(p => p.Ties(TieBand)) ? "tie"
        : Points.First(p => !p.Ties(TieBand)).Gap > 0 ? "second-better-throughout"
        : "first-better-throughout";

    private static GapPoint Point(GapSetting setting, int index, TunedRate first, TunedRate second)
    {
        double batch = setting.Batches[index];
        double one = setting.WholeLoss(first),
            two = setting.WholeLoss(second);
        return new GapPoint(
            batch,
            setting.Budget.StepsAt(batch),
            first,
            second,
            Math.Log(one / two),
            Math.Min(first.Loss / one, second.Loss / two)
        );
    }

    /// <summary>Between two points outside the tie band: the middle of the sign changes of the points from one to the other, all but always
    /// one.</summary>
    private static GapCrossing Between(IReadOnlyList<GapPoint> points, int from, int to)
    {
        var at = new List<double>();
        for (int i = from; i < to; i++)
        {
            double a = points[i].Gap,
                b = points[i + 1].Gap,
                x = Math.Log2(points[i].Batch),
                y = Math.Log2(points[i + 1].Batch);
            if (a > 0 != b > 0)
                at.Add(x - a / (b - a) * (y - x));
        }
        double where = 0.5 * (at[0] + at[^1]);
        double slope = (points[to].Gap - points[from].Gap) / (Math.Log2(points[to].Batch) - Math.Log2(points[from].Batch));
        return new GapCrossing(Math.Pow(2, where), points[to].Gap > 0, slope);
    }
}
