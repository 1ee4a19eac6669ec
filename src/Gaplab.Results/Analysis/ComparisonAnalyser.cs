// The analysis of one comparison, step by step: grid, tuned metrics, gaps, crossings, verdict, findings.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>Theory.md E over the rows of one comparison.</summary>
internal sealed class ComparisonAnalyser
{
    private readonly AnalysisOptions _options;
    private readonly List<Finding> _findings = [];
    private readonly double _sign;

    private readonly ClassFrequencies? _classes;

    private readonly double? _floor;

    /// <param name="classes">Of what is predicted; null where they are not known.</param>
    /// <param name="floor">The least that the metric can be; null where it is not known.</param>
    public ComparisonAnalyser(AnalysisOptions options, ClassFrequencies? classes, double? floor) =>
        (_options, _sign, _classes, _floor) = (options, options.HigherIsBetter ? -1 : 1, classes, floor);

    /// <summary>One optimizer at one batch size, with the losses that the bootstrap gave (null from one seed).</summary>
    private sealed record TunedArm(OptimizerGrid Grid, TunedMetric Tuned, double Loss, double[]? Resampled, double LeaveOneOutLoss);

    public ComparisonAnalysis Analyse(ComparisonKey key, IReadOnlyList<SweepRow> rows)
    {
        bool InPair(SweepRow row) => row.Optimizer == _options.First || row.Optimizer == _options.Second;
        SeedGrid grid = SeedGrid.Build(rows.Where(InPair), _options.HigherIsBetter, _findings);
        SeedResamples? resamples = grid.Seeds.Count > 1 ? SeedResamples.Of(grid.Seeds.Count) : null;
        List<TunedArm> pair = [.. grid.Grids.Select(g => Tune(g, grid.Seeds.Count, resamples))];

        List<Gap> gaps = [];
        List<double[]?> resampledGaps = [];
        foreach (long batch in pair.Select(c => c.Grid.Batch).Distinct().Order())
        {
            TunedArm? first = pair.Find(c => c.Grid.Batch == batch && c.Grid.Optimizer == _options.First);
            TunedArm? second = pair.Find(c => c.Grid.Batch == batch && c.Grid.Optimizer == _options.Second);
            if (first is null || second is null)
                continue;
            double[]? resampled = resamples is null ? null : [.. first.Resampled!.Zip(second.Resampled!, (a, b) => a - b)];
            gaps.Add(Compare(first, second, resampled, grid.Seeds.Count));
            resampledGaps.Add(resampled);
        }

        gaps = [.. gaps.Select((g, i) => g with { Corrected = Corrected(g, resampledGaps[i], grid.Seeds.Count, gaps.Count) })];
        IsotonicFit? isotonic = Fit(gaps, resampledGaps, grid.Seeds.Count);
        List<Crossover> crossovers = Crossings(gaps, isotonic);
        List<TuningBudget> budgets = [.. grid.Grids.Select(g => g.Budget)];
        List<TunedMetric> tuned = [.. pair.Select(c => c.Tuned), .. Others(rows.Where(r => !InPair(r)), budgets, grid.Grids.Count == 0)];
        VerdictRule verdict = VerdictRule.Of(_options, gaps, crossovers, isotonic, grid.Seeds.Count, tuned);
        _findings.AddRange(GapFindings.Of(_options, gaps, crossovers, isotonic, grid.Seeds.Count, tuned, budgets));
        _findings.AddRange(GapFindings.Memory(gaps, crossovers, isotonic, _classes));
        var arms = new ArmComparison(rows, _options.HigherIsBetter);
        if (gaps.Count > 0 && arms.Optimizers.Count > 2)
            _findings.AddRange(GapFindings.OutsideThePair(_options, gaps, arms));
        return new ComparisonAnalysis(
            key,
            gaps,
            crossovers,
            isotonic,
            verdict.Name,
            verdict.Headline,
            verdict.Needs,
            [.. tuned.OrderBy(t => Rank(t.Optimizer)).ThenBy(t => t.Optimizer, StringComparer.Ordinal).ThenBy(t => t.Batch)],
            budgets,
            grid.Seeds,
            resamples?.Count ?? 0,
            _findings
        )
        {
            Arms = arms,
            Runs = RunAccount.Of(grid, gaps),
            Memory = [.. new[] { _options.First, _options.Second }.Select(o => MemoryLaw.Of(rows, _options, o)).OfType<MemoryLaw>()],
        };

        int Rank(string optimizer) =>
            optimizer == _options.First ? 0
            : optimizer == _options.Second ? 1
            : 2;
    }

    private TunedArm Tune(OptimizerGrid grid, int seeds, SeedResamples? resamples)
    {
        (double[] means, int best) = LearningRateChoice.Tune(grid, seeds);
        double[]? resampled = resamples is null ? null : PairedBootstrap.Tuned(grid, resamples);
        double leaveOneOut = PairedBootstrap.LeaveOneOut(grid);
        List<Trial> trials =
        [
            .. grid.Trials.Select(
                (c, i) =>
                    new Trial(
                        c.LearningRate,
                        c.Moments,
                        _sign * means[i],
                        [.. c.Loss.Select(l => double.IsFinite(l) ? _sign * l : double.NaN)],
                        c.Runs,
                        c.ClipFraction
                    )
            ),
        ];
        InterpolatedOptimum? interpolated = LearningRateChoice.Interpolate(grid.Trials, means, best);
        var tuned = new TunedMetric(
            grid.Optimizer,
            grid.Batch,
            trials[best].LearningRate,
            trials[best].Moments,
            trials[best].Mean,
            LearningRateChoice.Edge(grid.Trials, best),
            interpolated is null ? null : interpolated with { Value = _sign * interpolated.Value },
            resampled is null ? null : Finite(_sign * (resampled.Average() - means[best])),
            Finite(_sign * leaveOneOut),
            trials[best],
            trials
        );
        return new TunedArm(grid, tuned, means[best], resampled, leaveOneOut);
    }

    private Gap Compare(TunedArm first, TunedArm second, double[]? resampled, int seeds)
    {
        double value = first.Loss - second.Loss;
        Interval percentile = Interval.None,
            interval = Interval.None;
        if (resampled is not null && double.IsFinite(value))
        {
            percentile = PairedBootstrap.Percentile(resampled).Holding(value);
            interval = PairedBootstrap.Inflate(percentile, value, seeds);
        }
        else if (resampled is not null)
        {
            percentile = interval = new Interval(null, null, true, true);
        }
        double? interpolated =
            first.Tuned.Interpolated is null && second.Tuned.Interpolated is null
                ? null
                : Finite(
                    _sign
                        * (
                            (first.Tuned.Interpolated?.Value ?? first.Tuned.Value)
                            - (second.Tuned.Interpolated?.Value ?? second.Tuned.Value)
                        )
                );
        return new Gap(
            first.Grid.Batch,
            value,
            interval,
            percentile,
            interpolated,
            Finite(value - _sign * ((first.Tuned.SelectionBias ?? double.NaN) - (second.Tuned.SelectionBias ?? double.NaN))),
            Finite(first.LeaveOneOutLoss - second.LeaveOneOutLoss),
            Bound(first.Tuned, second.Tuned),
            first.Tuned,
            second.Tuned
        )
        {
            Band = _options.HigherIsBetter ? null : new RelevanceBand(Floor: _floor),
            StandardError =
                resampled is not null && double.IsFinite(value) ? Finite(ResampledNumber.StandardError(resampled, seeds)) : null,
        };
    }

    /// <summary>The interval at 1 − 5%/n: together, the n of them hold all their gaps at once (Bonferroni).</summary>
    private static Interval Corrected(Gap gap, double[]? resampled, int seeds, int gaps) =>
        resampled is null || !double.IsFinite(gap.Value)
            ? gap.Interval
            : PairedBootstrap.Inflate(PairedBootstrap.Percentile(resampled, 1 - 0.05 / gaps), gap.Value, seeds, 1 - 0.05 / gaps);

    private static GapBound Bound(TunedMetric first, TunedMetric second) =>
        (first.Edge != GridEdge.None, second.Edge != GridEdge.None) switch
        {
            (true, true) => GapBound.Unbounded,
            (true, false) => GapBound.AtMost,
            (false, true) => GapBound.AtLeast,
            _ => GapBound.None,
        };

    private static IsotonicFit? Fit(List<Gap> gaps, List<double[]?> resampled, int seeds)
    {
        int[] finite = [.. Enumerable.Range(0, gaps.Count).Where(i => double.IsFinite(gaps[i].Value))];
        if (finite.Length < 2)
            return null;
        long[] batches = [.. finite.Select(i => gaps[i].Batch)];
        double[] x = [.. batches.Select(b => Math.Log2(b))],
            values = [.. finite.Select(i => gaps[i].Value)];
        MonotoneGap point = GapCrossings.Isotonic(x, values);
        Bracket? between = point.Crosses ? new Bracket(batches[point.Below], batches[point.Above]) : null;
        var fit = new IsotonicFit(
            point.IsIncreasing,
            batches,
            point.Fit,
            between,
            point.Crosses ? Math.Pow(2, point.Log2Batch) : null,
            point.State,
            Interval.None,
            Interval.None,
            null,
            null
        );
        if (resampled[finite[0]] is null)
            return fit;
        // A trial that is finite over all seeds is finite in every resample: no infinity reaches the fit.
        List<double[]> numbers = [.. finite.Select(i => resampled[i]!)];
        ResampledBrackets brackets = ResampledBrackets.Of(x, point, values, numbers, seeds);
        Interval log2 = ResampledBrackets.Interval(brackets.Low, brackets.High, ResampledBrackets.Ends(x, point));
        return fit with
        {
            Interval = log2 with { Low = Size(log2.Low), High = Size(log2.High) },
            Percentile = CrossingInterval.Percentile(x, point.Log2Batch, numbers),
            FractionCrossing = brackets.Crossing,
            FractionAgreeing = brackets.Agreeing,
        };

        // Ends are measured sizes: whole numbers.
        static double? Size(double? octave) => octave is { } o ? Math.Round(Math.Pow(2, o)) : null;
    }

    private List<Crossover> Crossings(List<Gap> gaps, IsotonicFit? isotonic)
    {
        List<Gap> finite = [.. gaps.Where(g => double.IsFinite(g.Value))];
        var all = GapCrossings.All([.. finite.Select(g => Math.Log2(g.Batch))], [.. finite.Select(g => g.Value)]);
        Interval interval = all.Count == 1 && isotonic?.Between is not null ? isotonic.Interval : Interval.None;
        return
        [
            .. all.Select(c => (Change: c, Between: new Bracket(finite[c.Below].Batch, finite[c.Above].Batch)))
                .Select(c => new Crossover(
                    c.Between,
                    Math.Pow(2, c.Change.Log2Batch),
                    interval.Holding(c.Between.Low).Holding(c.Between.High),
                    c.Change.ToSecond ? _options.First : _options.Second,
                    c.Change.ToSecond ? _options.Second : _options.First
                )),
        ];
    }

    /// <summary>Optimizers outside the pair: tuned each over its own seeds, so that they cost the pair none. Their findings are told only
    /// when there is no pair.</summary>
    private IEnumerable<TunedMetric> Others(IEnumerable<SweepRow> rows, List<TuningBudget> budgets, bool alone)
    {
        foreach (var optimizer in rows.GroupBy(r => r.Optimizer))
        {
            SeedGrid grid = SeedGrid.Build(optimizer, _options.HigherIsBetter, alone ? _findings : []);
            SeedResamples? resamples = grid.Seeds.Count > 1 ? SeedResamples.Of(grid.Seeds.Count) : null;
            budgets.AddRange(grid.Grids.Select(g => g.Budget));
            foreach (OptimizerGrid trials in grid.Grids)
                yield return Tune(trials, grid.Seeds.Count, resamples).Tuned;
        }
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
