// The runs of some optimizers as a grid over one shared set of seeds, which is what makes comparisons paired.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Results.Analysis;

/// <summary>One trial: losses per shared seed, lower is better, +∞ = diverged.</summary>
internal sealed record TrialLosses(double? LearningRate, Moments Moments, double[] Loss, string[] Runs, double? ClipFraction);

/// <summary>The trials tried for one optimizer at one batch size, by learning rate then moments, ascending.</summary>
internal sealed record OptimizerGrid(string Optimizer, long Batch, IReadOnlyList<TrialLosses> Trials, TuningBudget Budget);

/// <summary>What became of the runs of one optimizer at one batch size; <see cref="RunAccount"/> says what each means.</summary>
internal sealed record ArmRuns(long Batch, int Counted, int Diverged, int Missing, int OtherSeeds);

/// <summary>Grids over the seeds that every trial has (theory.md E1).</summary>
internal sealed class SeedGrid
{
    private SeedGrid(IReadOnlyList<OptimizerGrid> grids, IReadOnlyList<string> seeds, IReadOnlyList<ArmRuns> runs) =>
        (Grids, Seeds, Runs) = (grids, seeds, runs);

    /// <summary>By optimizer, then batch.</summary>
    public IReadOnlyList<OptimizerGrid> Grids { get; }

    public IReadOnlyList<string> Seeds { get; }

    /// <summary>Of every arm, those without a finished run too.</summary>
    public IReadOnlyList<ArmRuns> Runs { get; }

    public OptimizerGrid? Find(string optimizer, long batch) => Grids.FirstOrDefault(g => g.Optimizer == optimizer && g.Batch == batch);

    /// <summary>Builds the grid of all <paramref name="rows"/>; what had to be dropped or merged is added to
    /// <paramref name="findings"/>.</summary>
    /// <param name="higherIsBetter">Metrics are negated so that lower is better inside.</param>
    public static SeedGrid Build(IEnumerable<SweepRow> rows, bool higherIsBetter, List<Finding> findings)
    {
        var trials = rows.GroupBy(r => (r.Optimizer, r.Batch, Rate: SixDigits.Round(r.LearningRate), r.Moments))
            .OrderBy(g => g.Key.Optimizer, StringComparer.Ordinal)
            .ThenBy(g => g.Key.Batch)
            .ThenBy(g => g.Key.Rate ?? 0)
            .ThenBy(g => g.Key.Moments.Order)
            .Select(g => new RawTrial(g.Key.Optimizer, g.Key.Batch, g.Key.Rate, g.Key.Moments, [.. g], higherIsBetter))
            .ToList();
        var finished = trials.Where(c => c.LossBySeed.Count > 0).ToList();
        Report(trials, findings);

        IReadOnlyList<string> seeds = SharedSeeds(finished, findings, out bool pooled);
        var grids = finished
            .GroupBy(c => (c.Optimizer, c.Batch))
            .Select(g => new OptimizerGrid(
                g.Key.Optimizer,
                g.Key.Batch,
                [.. g.Select(c => c.Over(seeds, pooled))],
                Budget(trials.Where(c => c.Optimizer == g.Key.Optimizer && c.Batch == g.Key.Batch), seeds.Count)
            ))
            .ToList();
        bool all = pooled;
        return new SeedGrid(
            grids,
            seeds,
            [.. trials.GroupBy(t => (t.Optimizer, t.Batch)).Select(arm => Account(arm.Key.Batch, [.. arm], all ? null : [.. seeds]))]
        );
    }

    /// <param name="seeds">Those that count; null: all.</param>
    private static ArmRuns Account(long batch, RawTrial[] trials, HashSet<string>? seeds)
    {
        ILookup<bool, (int Finished, int Diverged)> runs = trials
            .SelectMany(t => t.RunsBySeed)
            .ToLookup(s => seeds?.Contains(s.Key) != false, s => s.Value);
        int finished = trials.Sum(t => t.RunsBySeed.Values.Sum(s => s.Finished));
        return new(
            batch,
            runs[true].Sum(s => s.Finished),
            runs[true].Sum(s => s.Diverged),
            trials.Sum(t => t.RunCount) - finished,
            runs[false].Sum(s => s.Finished)
        );
    }

    private static List<string> SharedSeeds(List<RawTrial> trials, List<Finding> findings, out bool pooled)
    {
        pooled = false;
        if (trials.Count == 0)
            return [];
        var shared = new HashSet<string>(trials[0].LossBySeed.Keys);
        var every = new HashSet<string>(shared);
        foreach (RawTrial trial in trials)
        {
            shared.IntersectWith(trial.LossBySeed.Keys);
            every.UnionWith(trial.LossBySeed.Keys);
        }
        if (shared.Count == 0)
        {
            pooled = true;
            findings.Add(
                new(
                    FindingKinds.NoCommonSeed,
                    Severity.Warning,
                    "No seed was run for every trial, so nothing is paired: each trial counts as the mean of its own seeds, and there is "
                        + "no interval. Run the same seeds for every optimizer, batch size and learning rate."
                )
            );
            return ["mean"];
        }
        if (shared.Count < every.Count)
        {
            RawTrial poorest = trials.MinBy(c => c.LossBySeed.Count)!;
            findings.Add(
                new(
                    FindingKinds.SeedsIntersected,
                    Severity.Warning,
                    $"Only {shared.Count} of {every.Count} seeds cover every trial, and only "
                        + $"{(shared.Count == 1 ? "that one is" : "those are")} used; {poorest.Name} has {poorest.LossBySeed.Count}.",
                    poorest.Name
                )
            );
        }
        return
        [
            .. shared
                .OrderBy(s => double.TryParse(s, CultureInfo.InvariantCulture, out double v) ? v : double.MaxValue)
                .ThenBy(s => s, StringComparer.Ordinal),
        ];
    }

    private static void Report(List<RawTrial> trials, List<Finding> findings)
    {
        var repeated = trials.Where(c => c.Repeats > 0).ToList();
        if (repeated.Count > 0)
            findings.Add(
                new(
                    FindingKinds.DuplicateRuns,
                    Severity.Warning,
                    $"Runs that repeat a trial and seed already present were averaged with it ({repeated.Sum(c => c.Repeats)}); if another "
                        + $"setting tells them apart, compare it separately (group by its column).",
                    Names(repeated)
                )
            );
        var lost = trials.Where(c => c.Missing > 0).ToList();
        if (lost.Count > 0)
            findings.Add(
                new(
                    FindingKinds.MissingRuns,
                    Severity.Warning,
                    $"Runs not finished (killed, out of memory, timed out or still running): {lost.Sum(c => c.Missing)}; they count "
                        + $"against no optimizer. Run them to use their seeds.",
                    Names(lost)
                )
            );
        var diverged = trials.Where(c => c.Diverged > 0).ToList();
        if (diverged.Count > 0)
            findings.Add(
                new(
                    FindingKinds.DivergedRuns,
                    Severity.Hint,
                    $"Runs diverged: {diverged.Sum(c => c.Diverged)}, in {diverged.Count} of {trials.Count} trials; a trial with a "
                        + "diverged seed is never chosen.",
                    Names(diverged)
                )
            );
    }

    private static string Names(List<RawTrial> trials) =>
        string.Join("; ", trials.Take(3).Select(c => c.Name)) + (trials.Count > 3 ? $"; and {trials.Count - 3} more" : "");

    private static TuningBudget Budget(IEnumerable<RawTrial> tried, int seeds)
    {
        var trials = tried.ToList();
        return new TuningBudget(
            trials[0].Optimizer,
            trials[0].Batch,
            trials.Select(c => c.LearningRate).Distinct().Count(),
            trials.Select(c => c.Moments).Distinct().Count(),
            seeds,
            trials.Sum(c => c.RunCount),
            trials.Sum(c => c.Diverged),
            trials.Sum(c => c.Missing)
        );
    }

    /// <summary>A trial before its seeds are matched with the others'.</summary>
    private sealed class RawTrial
    {
        private readonly Dictionary<string, string> _runs = [];

        public RawTrial(string optimizer, long batch, double? rate, Moments moments, IReadOnlyList<SweepRow> rows, bool higherIsBetter)
        {
            (Optimizer, Batch, LearningRate, Moments, RunCount) = (optimizer, batch, rate, moments, rows.Count);
            var bySeed = new Dictionary<string, List<SweepRow>>();
            int replicate = 0;
            foreach (SweepRow row in rows)
            {
                // Replicates have no names: one that did not finish is one fewer, and moves no other out of its place.
                if (row.Seed is null && row.Status == RunStatus.Missing)
                {
                    Missing++;
                    continue;
                }
                string seed = row.Seed ?? (++replicate).ToString(CultureInfo.InvariantCulture);
                if (!bySeed.TryGetValue(seed, out var list))
                    bySeed[seed] = list = [];
                list.Add(row);
            }
            foreach (var (seed, runs) in bySeed)
            {
                // A run that was killed and started again is its successful repetition.
                var finished = runs.Where(r => r.Status != RunStatus.Missing).ToList();
                if (finished.Count == 0)
                {
                    Missing++;
                    continue;
                }
                Repeats += finished.Count - 1;
                bool diverged = finished.Any(r => r.Status == RunStatus.Diverged);
                if (diverged)
                    Diverged++;
                double mean = diverged ? double.PositiveInfinity : finished.Average(r => r.Metric);
                RunsBySeed[seed] = (finished.Count, finished.Count(r => r.Status == RunStatus.Diverged));
                LossBySeed[seed] =
                    diverged ? mean
                    : higherIsBetter ? -mean
                    : mean;
                _runs[seed] = string.Join("+", finished.Select(r => r.Provenance).Where(p => !string.IsNullOrEmpty(p)));
            }
            var clips = rows.Where(r => r.ClipFraction is not null).ToList();
            ClipFraction = clips.Count == 0 ? null : clips.Average(r => r.ClipFraction!.Value);
        }

        public string Optimizer { get; }
        public long Batch { get; }
        public double? LearningRate { get; }
        public Moments Moments { get; }
        public double? ClipFraction { get; }
        public int RunCount { get; }
        public int Missing { get; }
        public int Diverged { get; }
        public int Repeats { get; }
        public Dictionary<string, double> LossBySeed { get; } = [];
        public Dictionary<string, (int Finished, int Diverged)> RunsBySeed { get; } = [];

        public string Name =>
            $"{Optimizer}, B={Batch}"
            + (LearningRate is { } rate ? string.Create(CultureInfo.InvariantCulture, $", lr={rate}") : "")
            + (Moments.First is { } momentum ? string.Create(CultureInfo.InvariantCulture, $", momentum={momentum}") : "")
            + (Moments.Second is { } beta2 ? string.Create(CultureInfo.InvariantCulture, $", beta2={beta2}") : "")
            + (Moments.Other is { } other ? $", {other}" : "");

        public TrialLosses Over(IReadOnlyList<string> seeds, bool pooled) =>
            pooled
                ? new(
                    LearningRate,
                    Moments,
                    [LossBySeed.Values.Average()],
                    [string.Join("+", _runs.Values.Where(r => r.Length > 0))],
                    ClipFraction
                )
                : new(LearningRate, Moments, [.. seeds.Select(s => LossBySeed[s])], [.. seeds.Select(s => _runs[s])], ClipFraction);
    }
}
