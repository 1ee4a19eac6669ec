// Predicted curves against measured ones: sign, crossover, calibration.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>One comparison with its prediction.</summary>
/// <param name="Name">Of the pair, e.g. the store.</param>
public sealed record BacktestPair(string Name, GapPrediction Prediction, ComparisonAnalysis Measured);

/// <summary>One batch size of one comparison.</summary>
/// <param name="Predicted">ln ratio, interpolated in log₂ B; null: outside the predicted batch sizes.</param>
/// <param name="Measured">The measured gap, in the metric.</param>
/// <param name="Decided">Its interval excludes zero.</param>
/// <param name="SignRight">Null where the gap is not decided or not predicted.</param>
/// <param name="LogRatio">ln of the ratio of the measured tuned losses; null unless both are positive.</param>
/// <param name="LogError">Half the length of the measured interval as a part of the losses' geometric mean; null where that or an end is
/// missing.</param>
/// <param name="Covered">Whether the predicted interval holds that ratio; null without an interval.</param>
public sealed record BacktestGap(
    string Name,
    long Batch,
    double? Predicted,
    double Measured,
    bool Decided,
    bool? SignRight,
    double? LogRatio,
    double? LogError,
    bool? Covered
);

/// <summary>One comparison's crossover.</summary>
/// <param name="Determined">The measured verdict is one crossover.</param>
/// <param name="Log2Error">log₂ of predicted over measured B*; null unless both are there and point the same way.</param>
/// <param name="Covered">Whether the predicted interval holds the measured B*; null without one.</param>
public sealed record BacktestCrossover(string Name, double? Predicted, double? Measured, bool Determined, double? Log2Error, bool? Covered);

/// <summary>The back-test of several comparisons by one method. Batch sizes used in any fit are left out by whoever makes the pairs'
/// predictions.</summary>
public sealed record Backtest(string Method, IReadOnlyList<BacktestGap> Gaps, IReadOnlyList<BacktestCrossover> Crossovers)
{
    /// <summary>Gaps decided and predicted, and those of them with the right sign.</summary>
    public (int Right, int Of) Signs => (Gaps.Count(c => c.SignRight == true), Gaps.Count(c => c.SignRight is not null));

    /// <summary>How many of the judged signs are right for who says everywhere that the same optimizer is ahead, the one that is so more
    /// often: what a prediction must beat.</summary>
    public int Constant => Math.Max(Judged.Count(c => c.Measured > 0), Judged.Count(c => c.Measured < 0));

    private IEnumerable<BacktestGap> Judged => Gaps.Where(c => c.SignRight is not null);

    /// <summary>Determined crossovers, and those predicted within a factor of 2; one that was not predicted is a miss.</summary>
    public (int Right, int Of) WithinFactorTwo =>
        (Crossovers.Count(c => c.Determined && c.Log2Error is { } e && Math.Abs(e) <= 1), Crossovers.Count(c => c.Determined));

    /// <summary>Predicted intervals that were tried, and those that held what was measured.</summary>
    public (int Held, int Of) Calibration =>
        (
            Gaps.Count(c => c.Covered == true) + Crossovers.Count(c => c.Covered == true),
            Gaps.Count(c => c.Covered is not null) + Crossovers.Count(c => c.Covered is not null)
        );

    /// <summary>One back-test a method, in the order in which these first appear.</summary>
    public static IReadOnlyList<Backtest> ByMethod(IEnumerable<BacktestPair> pairs) =>
        [.. pairs.GroupBy(p => p.Prediction.Method).Select(g => Of([.. g]))];

    /// <param name="pairs">All predicted by one method.</param>
    public static Backtest Of(IReadOnlyList<BacktestPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var gaps = new List<BacktestGap>();
        var crossovers = new List<BacktestCrossover>();
        foreach (BacktestPair pair in pairs)
        {
            foreach (Gap gap in pair.Measured.Gaps.Where(g => !double.IsNaN(g.Value)))
                gaps.Add(Gap(pair, gap));
            crossovers.Add(Crossover(pair));
        }
        return new Backtest(pairs[0].Prediction.Method, gaps, crossovers);
    }

    /// <summary>Right signs of several back-tests of the same measurements, on the decided gaps that all of them predict.</summary>
    public static (int Right, int Of)[] Common(IReadOnlyList<Backtest> tests)
    {
        ArgumentNullException.ThrowIfNull(tests);
        HashSet<(string, long)> judged = [.. tests[0].Judged.Select(c => (c.Name, c.Batch))];
        foreach (Backtest test in tests.Skip(1))
            judged.IntersectWith(test.Judged.Select(c => (c.Name, c.Batch)));
        return [.. tests.Select(t => (t.Judged.Count(c => judged.Contains((c.Name, c.Batch)) && c.SignRight == true), judged.Count))];
    }

    private static BacktestGap Gap(BacktestPair pair, Gap gap)
    {
        (double? predicted, double? low, double? high) = pair.Prediction.At(gap.Batch);
        bool decided = gap.Interval.ExcludesZero;
        (double first, double second) = (gap.First.Value, gap.Second.Value);
        double? ratio = first > 0 && second > 0 && double.IsFinite(first) && double.IsFinite(second) ? Math.Log(first / second) : null;
        double? error =
            ratio is not null && gap.Interval is { Low: { } from, High: { } to } ? (to - from) / 2 / Math.Sqrt(first * second) : null;
        bool? right = decided && predicted is { } p ? p > 0 == gap.Value > 0 && p != 0 : null;
        bool? covered = ratio is { } r && low is { } l && high is { } h ? r >= l && r <= h : null;
        return new BacktestGap(pair.Name, gap.Batch, predicted, gap.Value, decided, right, ratio, error, covered);
    }

    private static BacktestCrossover Crossover(BacktestPair pair)
    {
        double? measured = pair.Measured.Isotonic?.Batch,
            predicted = pair.Prediction.Crossing;
        bool determined = pair.Measured.Verdict == Verdict.Crossover && measured is not null;
        bool up = pair.Measured.Isotonic?.State == IsotonicState.FirstToSecond;
        // A crossover the other way round is no success, however near.
        bool sameWay = predicted is not null && pair.Prediction.AheadAbove == pair.Prediction.Second == up;
        double? error = determined && sameWay ? Math.Log2(predicted!.Value / measured!.Value) : null;
        Interval interval = pair.Prediction.Interval;
        bool has = interval.Low is not null || interval.High is not null;
        bool? covered =
            determined && has ? (interval.Low is not { } l || measured >= l) && (interval.High is not { } h || measured <= h) : null;
        return new BacktestCrossover(pair.Name, predicted, measured, determined, error, covered);
    }
}
