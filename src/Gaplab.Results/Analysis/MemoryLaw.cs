// How the crossover moves with β₂: B* of each β₂ against one sweep of the other optimizer, and what it adds to the loss.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>What a measured slope says of a law that has the slope 1.</summary>
public enum LawVerdict
{
    /// <summary>Its 95% interval holds 1 and lies within 1 ± 0.15.</summary>
    Confirmed,

    /// <summary>Its 95% interval excludes 1.</summary>
    Refuted,

    /// <summary>Neither.</summary>
    Undecided,
}

/// <summary>The slope of log B* on the logarithm of a variable.</summary>
/// <param name="Variable">"1 − β₂" or "κ".</param>
/// <param name="Arms">Values of β₂ with a crossing in range.</param>
/// <param name="Slope">Least squares through the interpolated crossings.</param>
/// <param name="Interval">95%; an end is open where a crossing leaves the range in too many resamples.</param>
public sealed record LawSlope(string Variable, int Arms, double Slope, Interval Interval, LawVerdict Verdict);

/// <summary>One β₂ of an optimizer.</summary>
/// <param name="Kappa">κ of its moments; null where several momenta were tried with it, or none is known.</param>
/// <param name="Curve">Tuned metric at each batch size, in its own units; diverged ones left out.</param>
/// <param name="Between">The batch sizes between which its gap changes sign; null without a crossing in range, or without a pair.</param>
/// <param name="Interpolated">B* between them.</param>
/// <param name="Interval">95% of B*, by brackets.</param>
/// <param name="ExcessExponent">Of its loss above that of the longest memory, as a power of the batch size; null with fewer than three
/// batch sizes at which that is at least a tenth of its largest.</param>
public sealed record MemoryArm(
    double Beta2,
    double? Kappa,
    IReadOnlyList<(long Batch, double Value)> Curve,
    Bracket? Between,
    double? Interpolated,
    Interval Interval,
    double? ExcessExponent
);

/// <summary>A crossing in range.</summary>
/// <param name="Log2Batch">Interpolated, of the point estimates and then of each resample.</param>
/// <param name="Low">Lower ends of their brackets, in log₂ B; −∞ below the range.</param>
/// <param name="High">Upper ends; +∞ above it.</param>
internal sealed record MemoryCrossing(double Beta2, double? Kappa, double[] Log2Batch, double[] Low, double[] High);

/// <summary>An optimizer that was tuned under several β₂.</summary>
/// <param name="Optimizer">Whose β₂ it is.</param>
/// <param name="Other">The other of the pair, whose one sweep all share; null where it was not run.</param>
/// <param name="Arms">By β₂, ascending.</param>
/// <param name="Slopes">Of log B*; empty with fewer than two crossings.</param>
public sealed record MemoryLaw(string Optimizer, string? Other, IReadOnlyList<MemoryArm> Arms, IReadOnlyList<LawSlope> Slopes)
{
    /// <summary>A slope of 1 is confirmed within so much.</summary>
    public const double Tolerance = 0.15;

    /// <summary>What B* may be proportional to.</summary>
    internal static readonly (string Name, Func<MemoryCrossing, double?> Of)[] Variables =
    [
        ("1 − β₂", c => 1 - c.Beta2),
        ("κ", c => c.Kappa),
    ];

    /// <summary>Of the values of β₂ with a crossing in range.</summary>
    internal IReadOnlyList<MemoryCrossing> Crossings { get; init; } = [];

    /// <summary>Excesses below this fraction of the largest are too near the noise to show a power.</summary>
    private const double LeastExcess = 0.1;

    private const int LeastArms = 3;

    /// <summary>Null for an optimizer with fewer than two values of β₂.</summary>
    /// <param name="rows">Of one comparison.</param>
    /// <param name="pair">The gap's two optimizers.</param>
    /// <param name="optimizer">One of them.</param>
    internal static MemoryLaw? Of(IReadOnlyList<SweepRow> rows, AnalysisOptions pair, string optimizer)
    {
        string other = optimizer == pair.First ? pair.Second : pair.First;
        double[] values = [.. rows.Where(r => r.Optimizer == optimizer).Select(r => r.Beta2).OfType<double>().Distinct().Order()];
        if (values.Length < 2)
            return null;
        SeedGrid grid = SeedGrid.Build(rows.Where(r => r.Optimizer == optimizer || r.Optimizer == other), pair.HigherIsBetter, []);
        int seeds = grid.Seeds.Count;
        SeedResamples? resamples = seeds > 1 ? SeedResamples.Of(seeds) : null;
        Cell Tuned(OptimizerGrid cell)
        {
            (double[] means, int best) = LearningRateChoice.Tune(cell, seeds);
            return new(cell.Batch, means[best], resamples is null ? null : PairedBootstrap.Tuned(cell, resamples));
        }
        Dictionary<long, Cell> others = grid
            .Grids.Where(g => g.Optimizer == other)
            .Select(Tuned)
            .Where(c => double.IsFinite(c.Loss))
            .ToDictionary(c => c.Batch);
        Dictionary<double, Cell[]> by = values.ToDictionary(
            b => b,
            b =>
                grid.Grids.Where(g => g.Optimizer == optimizer && g.Trials.Any(t => t.Moments.Second == b))
                    .Select(g => Tuned(g with { Trials = [.. g.Trials.Where(t => t.Moments.Second == b)] }))
                    .Where(c => double.IsFinite(c.Loss))
                    .OrderBy(c => c.Batch)
                    .ToArray()
        );
        Dictionary<long, double> longest = by.SelectMany(a => a.Value.Select(c => (a.Key, Cell: c)))
            .GroupBy(c => c.Cell.Batch)
            .ToDictionary(b => b.Key, b => b.MaxBy(c => c.Key).Key);
        int turn = optimizer == pair.Second ? 1 : -1,
            sign = pair.HigherIsBetter ? -1 : 1;

        var arms = new List<MemoryArm>();
        var crossings = new List<MemoryCrossing>();
        foreach (double beta2 in values)
        {
            double?[] kappas =
            [
                .. rows.Where(r => r.Optimizer == optimizer && r.Beta2 == beta2)
                    .Select(r => r.Momentum is null ? null : r.Moments.Kappa)
                    .Distinct(),
            ];
            double? kappa = kappas is [{ } one] ? one : null;
            Cell[] shared = [.. by[beta2].Where(c => others.ContainsKey(c.Batch))];
            MonotoneGap? fit = null;
            Interval interval = Interval.None;
            double[] x = [.. shared.Select(c => Math.Log2(c.Batch))];
            if (shared.Length > 1)
            {
                double[] gaps = [.. shared.Select(c => turn * (others[c.Batch].Loss - c.Loss))];
                fit = GapCrossings.Isotonic(x, gaps);
                (double Low, double High) ends = ResampledBrackets.Ends(x, fit);
                ResampledBrackets? brackets = resamples is null
                    ? null
                    : ResampledBrackets.Of(
                        x,
                        fit,
                        gaps,
                        [.. shared.Select(c => others[c.Batch].Resampled!.Zip(c.Resampled!, (a, b) => turn * (a - b)).ToArray())],
                        seeds
                    );
                if (brackets is not null)
                    interval = ResampledBrackets.Interval(brackets.Low, brackets.High, ends);
                // A memory that is short costs its own optimizer small batch sizes: a crossing that turns the other way is of another kind.
                if (fit.State == (turn > 0 ? IsotonicState.FirstToSecond : IsotonicState.SecondToFirst))
                    crossings.Add(
                        new(
                            beta2,
                            kappa,
                            [fit.Log2Batch, .. brackets?.Interpolated ?? []],
                            [ends.Low, .. brackets?.Low ?? []],
                            [ends.High, .. brackets?.High ?? []]
                        )
                    );
            }
            (double X, double Y)[] excess =
            [
                .. by[beta2]
                    .Where(c => longest[c.Batch] > beta2)
                    .Select(c => (Math.Log(c.Batch), c.Loss - by[longest[c.Batch]].First(l => l.Batch == c.Batch).Loss)),
            ];
            double most = excess.Length > 0 ? excess.Max(e => e.Y) : 0;
            excess = [.. excess.Where(e => e.Y >= LeastExcess * most && e.Y > 0)];
            arms.Add(
                new(
                    beta2,
                    kappa,
                    [.. by[beta2].Select(c => (c.Batch, sign * c.Loss))],
                    fit is { Crosses: true } ? new Bracket(shared[fit.Below].Batch, shared[fit.Above].Batch) : null,
                    fit is { Crosses: true } ? Math.Pow(2, fit.Log2Batch) : null,
                    interval with
                    {
                        Low = Size(interval.Low),
                        High = Size(interval.High),
                    },
                    excess.Length < 3 ? null : Line([.. excess.Select(e => e.X)], [.. excess.Select(e => Math.Log(e.Y))])
                )
            );
        }
        return new(
            optimizer,
            others.Count > 0 ? other : null,
            arms,
            [.. Variables.Select(v => Slope(v.Name, crossings, v.Of, resamples is not null)).OfType<LawSlope>()]
        )
        {
            Crossings = crossings,
        };

        static double? Size(double? octave) => octave is { } o ? Math.Round(Math.Pow(2, o)) : null;
    }

    private sealed record Cell(long Batch, double Loss, double[]? Resampled);

    /// <summary>A slope is linear in the crossings, Σ w_a log B*_a, so that brackets bound it: its lowest value takes the lower ends where
    /// w_a is positive and the upper ends elsewhere. Each resample gives both bounds, of all arms at once; the interval reaches from the
    /// 2.5% quantile of the lower ones to the 97.5% quantile of the upper ones, and holds both bounds of the point estimates.</summary>
    private static LawSlope? Slope(string variable, List<MemoryCrossing> crossings, Func<MemoryCrossing, double?> of, bool resampled)
    {
        if (crossings.Count < 2 || crossings.Exists(c => of(c) is null))
            return null;
        double[] weights = Weights([.. crossings.Select(c => Math.Log2(of(c)!.Value))]);
        double[] low = Bound((c, positive, r) => positive ? c.Low[r] : c.High[r]),
            high = Bound((c, positive, r) => positive ? c.High[r] : c.Low[r]);
        Interval interval = resampled ? ResampledBrackets.Interval(low[1..], high[1..], (low[0], high[0])) : Interval.None;
        return new(
            variable,
            crossings.Count,
            crossings.Select((c, a) => weights[a] * c.Log2Batch[0]).Sum(),
            interval,
            crossings.Count < LeastArms ? LawVerdict.Undecided : Judge(interval)
        );

        double[] Bound(Func<MemoryCrossing, bool, int, double> end) =>
            [
                .. Enumerable
                    .Range(0, crossings[0].Low.Length)
                    .Select(r => crossings.Select((c, a) => weights[a] == 0 ? 0 : weights[a] * end(c, weights[a] > 0, r)).Sum()),
            ];
    }

    internal static LawVerdict Judge(Interval interval) =>
        interval is { Low: null, High: null } ? LawVerdict.Undecided
        : interval.Low > 1 || interval.High < 1 ? LawVerdict.Refuted
        : interval.Low >= 1 - Tolerance && interval.High <= 1 + Tolerance ? LawVerdict.Confirmed
        : LawVerdict.Undecided;

    /// <summary>w with Σ w_i y_i the slope of the least-squares line of y on x.</summary>
    private static double[] Weights(double[] x)
    {
        double mean = x.Average(),
            squares = x.Sum(v => (v - mean) * (v - mean));
        return [.. x.Select(v => (v - mean) / squares)];
    }

    private static double Line(double[] x, double[] y) => Weights(x).Zip(y, (w, v) => w * v).Sum();
}
