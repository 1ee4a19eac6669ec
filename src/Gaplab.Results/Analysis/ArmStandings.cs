// Every tuned optimizer of a comparison at one batch size, beside the best of them: a pair says nothing of the others.
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>How an optimizer stands beside the best.</summary>
public enum ArmPlace
{
    /// <summary>The lowest tuned loss (highest score) of the point estimates.</summary>
    Best,

    /// <summary>Behind by no more than the band of relevance.</summary>
    Level,

    /// <summary>Behind by its point estimate, which cannot be relied upon: its 95% interval does not show it to be worse by more than the
    /// band, its best learning rate is at the edge of its grid, or fewer than three seeds are shared.</summary>
    Open,

    /// <summary>Behind beyond doubt.</summary>
    Behind,
}

/// <summary>One tuned optimizer at one batch size.</summary>
/// <param name="Value">Tuned metric, in its own units; between two measured batch sizes linear in log₂ B.</param>
/// <param name="LearningRate">The tuned one; between two batch sizes linear in both logarithms. Null where the table has none.</param>
/// <param name="Behind">How much worse than the best, at least 0; infinite where the optimizer diverged everywhere.</param>
/// <param name="Interval">Of <paramref name="Behind"/>: 95%, paired bootstrap over the seeds that all optimizers here share, every learning
/// rate chosen anew.</param>
/// <param name="ProbabilityBest">Share of those resamples, widened for the number of seeds, in which it is the best; null from one
/// seed.</param>
/// <param name="AtEdge">Its best learning rate is the first or last tried.</param>
public sealed record ArmStanding(
    string Optimizer,
    double Value,
    double? LearningRate,
    double Behind,
    Interval Interval,
    double? ProbabilityBest,
    bool AtEdge,
    ArmPlace Place
)
{
    /// <summary>The decays of its averages at the tuned learning rate; between two batch sizes those of the nearer one.</summary>
    public Moments Moments { get; init; }

    /// <summary>What choosing it costs on average for not being the best, over the same resamples, in the metric's units; null from one
    /// seed, and where it diverged.</summary>
    public double? ExpectedRegret { get; init; }
}

/// <summary>The standings at one batch size, best first.</summary>
/// <param name="Seeds">Shared by all.</param>
/// <param name="Interpolated">Some optimizer was not run at this batch size but at one below and one above.</param>
/// <param name="Relevance">Half of the band in which a difference does not matter, in the metric's units.</param>
public sealed record ArmStandings(double Batch, IReadOnlyList<ArmStanding> Arms, int Seeds, bool Interpolated, double Relevance)
{
    /// <summary>By which <see cref="Relevance"/> was measured; null where none was asked for.</summary>
    public RelevanceBand? Band { get; init; }

    public ArmStanding Best => Arms[0];

    /// <summary>Those that the runs do not part from the best.</summary>
    public IEnumerable<ArmStanding> NotBehind => Arms.Where(a => a.Place is ArmPlace.Level or ArmPlace.Open);
}

/// <summary>The runs of one comparison, to be asked for the standings at any batch size they cover.</summary>
public sealed class ArmComparison
{
    private readonly IReadOnlyList<SweepRow> _rows;
    private readonly bool _higherIsBetter;

    internal ArmComparison(IReadOnlyList<SweepRow> rows, bool higherIsBetter) => (_rows, _higherIsBetter) = (rows, higherIsBetter);

    /// <summary>The optimizers with finished runs, by name.</summary>
    public IReadOnlyList<string> Optimizers =>
        [.. _rows.Where(r => r.Status != RunStatus.Missing).Select(r => r.Optimizer).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The standings of those optimizers that were run at <paramref name="batch"/>, or both below and above it; null where none
    /// was.</summary>
    /// <param name="among">Only these; null: all.</param>
    /// <param name="band">What is level with the best; null: what ties with it. Of a score, where there is no floor, it is
    /// the same share of the best score.</param>
    public ArmStandings? At(double batch, IReadOnlyCollection<string>? among = null, RelevanceBand? band = null)
    {
        var ends = new Dictionary<string, (long Low, long High)>();
        foreach (
            var optimizer in _rows
                .Where(r => r.Status != RunStatus.Missing && among?.Contains(r.Optimizer) != false)
                .GroupBy(r => r.Optimizer)
        )
        {
            long[] batches = [.. optimizer.Select(r => r.Batch).Distinct().Order()];
            int above = Array.FindIndex(batches, b => b >= batch);
            if (above < 0 || (above == 0 && batches[0] > batch))
                continue;
            ends[optimizer.Key] = (batches[above] == batch ? batches[above] : batches[above - 1], batches[above]);
        }
        if (ends.Count == 0)
            return null;
        SeedGrid grid = SeedGrid.Build(
            _rows.Where(r => ends.TryGetValue(r.Optimizer, out var e) && (r.Batch == e.Low || r.Batch == e.High)),
            _higherIsBetter,
            []
        );
        SeedResamples? resamples = grid.Seeds.Count > 1 ? SeedResamples.Of(grid.Seeds.Count) : null;
        List<Arm> arms =
        [
            .. ends.Select(e => Between(grid, e.Key, e.Value, batch, resamples))
                .OfType<Arm>()
                .OrderBy(a => a.Loss)
                .ThenBy(a => a.Optimizer, StringComparer.Ordinal),
        ];
        return arms.Count == 0 ? null : Stand(batch, arms, grid.Seeds.Count, ends.Values.Any(e => e.Low != e.High), band);
    }

    /// <summary>One optimizer at the batch size asked for.</summary>
    private sealed record Arm(string Optimizer, double Loss, double? LearningRate, Moments Moments, bool AtEdge, double[]? Resampled);

    private static Arm? Between(SeedGrid grid, string optimizer, (long Low, long High) ends, double batch, SeedResamples? resamples)
    {
        if (grid.Find(optimizer, ends.Low) is not { } low || grid.Find(optimizer, ends.High) is not { } high)
            return null;
        Arm a = Tuned(low, grid.Seeds.Count, resamples);
        if (ends.Low == ends.High)
            return a;
        Arm b = Tuned(high, grid.Seeds.Count, resamples);
        double t = Math.Log2(batch / ends.Low) / Math.Log2((double)ends.High / ends.Low);
        double Line(double x, double y) => double.IsFinite(x) && double.IsFinite(y) ? x + t * (y - x) : double.PositiveInfinity;
        double? rate = a.LearningRate is { } p && b.LearningRate is { } q ? Math.Exp(Line(Math.Log(p), Math.Log(q))) : null;
        return new(
            optimizer,
            Line(a.Loss, b.Loss),
            rate,
            t < 0.5 ? a.Moments : b.Moments,
            a.AtEdge || b.AtEdge,
            a.Resampled is null ? null : [.. a.Resampled.Zip(b.Resampled!, Line)]
        );
    }

    private static Arm Tuned(OptimizerGrid grid, int seeds, SeedResamples? resamples)
    {
        (double[] means, int best) = LearningRateChoice.Tune(grid, seeds);
        return new(
            grid.Optimizer,
            means[best],
            grid.Trials[best].LearningRate,
            grid.Trials[best].Moments,
            LearningRateChoice.Edge(grid.Trials, best) != GridEdge.None,
            resamples is null ? null : PairedBootstrap.Tuned(grid, resamples)
        );
    }

    private ArmStandings Stand(double batch, List<Arm> arms, int seeds, bool interpolated, RelevanceBand? band)
    {
        Arm best = arms[0];
        double relevance =
            band is null || !double.IsFinite(best.Loss) ? 0
            : _higherIsBetter ? band.Share * Math.Abs(best.Loss)
            : band.HalfWidth(best.Loss, best.Loss);
        (double[] shares, double[] regrets) =
            double.IsFinite(best.Loss) && best.Resampled is not null ? Shares(arms, seeds) : (Array.Empty<double>(), Array.Empty<double>());
        var standings = arms.Select(
            (arm, i) =>
            {
                double behind = arm.Loss - best.Loss;
                Interval interval = Interval.None;
                if (arm.Resampled is not null && best.Resampled is not null && double.IsFinite(behind))
                    interval = PairedBootstrap.Inflate(
                        PairedBootstrap.Percentile([.. arm.Resampled.Zip(best.Resampled, (x, y) => x - y)]),
                        behind,
                        seeds
                    );
                ArmPlace place =
                    i == 0 ? ArmPlace.Best
                    : double.IsInfinity(behind) ? ArmPlace.Behind
                    : seeds < VerdictRule.FewestSeeds ? ArmPlace.Open
                    : behind <= relevance ? ArmPlace.Level
                    : !(interval.Low > relevance) ? ArmPlace.Open
                    : arm.AtEdge ? ArmPlace.Open
                    : ArmPlace.Behind;
                return new ArmStanding(
                    arm.Optimizer,
                    _higherIsBetter ? -arm.Loss : arm.Loss,
                    arm.LearningRate,
                    double.IsNaN(behind) ? 0 : behind,
                    interval,
                    shares.Length > 0 ? shares[i] : null,
                    arm.AtEdge,
                    place
                )
                {
                    Moments = arm.Moments,
                    ExpectedRegret = regrets.Length > 0 && double.IsFinite(regrets[i]) ? regrets[i] : null,
                };
            }
        );
        return new(batch, [.. standings], seeds, interpolated, relevance) { Band = band };
    }

    /// <summary>In which share of resamples each is the best (ties shared), and by how much it misses the best on average; resamples
    /// widened by the t factor.</summary>
    private static (double[] Shares, double[] Regrets) Shares(List<Arm> arms, int seeds)
    {
        double factor = StudentTDistribution.BootstrapInflation(seeds);
        Arm[] finite = [.. arms.Where(a => double.IsFinite(a.Loss))];
        double[] shares = new double[arms.Count],
            regrets = [.. arms.Select(a => double.IsFinite(a.Loss) ? 0 : double.PositiveInfinity)];
        int resamples = finite[0].Resampled!.Length;
        var loss = new double[finite.Length];
        for (int r = 0; r < resamples; r++)
        {
            for (int i = 0; i < loss.Length; i++)
                loss[i] = finite[i].Loss + factor * (finite[i].Resampled![r] - finite[i].Loss);
            double lowest = loss.Min();
            int tied = loss.Count(l => l == lowest);
            for (int i = 0; i < loss.Length; i++)
            {
                if (loss[i] == lowest)
                    shares[i] += 1.0 / tied / resamples;
                regrets[i] += (loss[i] - lowest) / resamples;
            }
        }
        return (shares, regrets);
    }
}
