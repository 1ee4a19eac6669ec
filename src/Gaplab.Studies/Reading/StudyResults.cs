// From the store's results to what decisions and analyses read: the tuned metric of an arm's runs.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Reading;

/// <summary>What a sentinel says now, and the learning rates of each round it came to.</summary>
internal sealed record SentinelReplay(SentinelDecision Decision, IReadOnlyList<IReadOnlyList<double>> Rounds);

/// <summary>Reads a study's runs out of its store.</summary>
public sealed class StudyResults(Plan plan, RunStore store)
{
    /// <summary>The study's metric of a finished run as a loss, which the sentinel makes small: a score is negated; +∞ when it
    /// diverged.</summary>
    public double Loss(RunResult result) =>
        Sign * Metric(result, plan.Study.Metric) is var loss && double.IsFinite(loss) ? loss : double.PositiveInfinity;

    /// <summary>The final number that tells on what fraction of the steps the norm clip acted.</summary>
    public const string ClipFraction = "clip-fraction";

    private int Sign => StudySpec.IsHigherBetter(plan.Study.Metric) ? -1 : 1;

    private static double Metric(RunResult result, string metric) =>
        result.Outcome == Outcome.Completed && result.Metrics.TryGetValue(metric, out double value) ? value : double.PositiveInfinity;

    /// <summary>An arm's sentinel replayed on the results that are known, round by round.</summary>
    /// <param name="arm">The arm.</param>
    /// <param name="result">Of a run id: whether it is known, and its metric (null: missing).</param>
    internal SentinelReplay Replay(Arm arm, Func<string, (bool Known, double? Metric)> result)
    {
        Sentinel sentinel = plan.SentinelOf(arm);
        var offered = new List<RateResult>();
        var rounds = new List<IReadOnlyList<double>>();
        while (true)
        {
            SentinelDecision decision = sentinel.Decide(offered);
            if (decision.IsDone)
                return new SentinelReplay(decision, rounds);
            // Seen before any of its results is offered, a round names all of its rates: the packs made of them are the same after every
            // restart.
            if (decision.Round == rounds.Count)
                rounds.Add(decision.Rates);
            int before = offered.Count;
            foreach (double rate in decision.Rates)
            foreach (Learning.Specs.PlannedRun run in plan.Runs(arm, [rate]))
                if (result(run.Id) is (true, var metric) && !offered.Any(o => LearningRates.Same(o.Rate, rate) && o.Seed == run.Spec.Seed))
                    offered.Add(new RateResult(rate, run.Spec.Seed, metric));
            if (offered.Count == before)
                return new SentinelReplay(decision, rounds);
        }
    }

    internal BestSoFar Best(Arm arm, SentinelDecision? decision, Func<string, (bool Known, double? Metric)> result)
    {
        if (decision?.Best is not { } rate)
            return new BestSoFar(arm.Key, arm.Optimizer, arm.Batch, null, null, decision?.Status ?? SentinelStatus.Running);
        double[] metrics = [.. plan.Runs(arm, [rate]).Select(r => result(r.Id).Metric).OfType<double>()];
        double? mean = metrics.Length == 0 ? null : metrics.Average();
        return new BestSoFar(
            arm.Key,
            arm.Optimizer,
            arm.Batch,
            rate,
            mean is { } m && double.IsFinite(m) ? Sign * m : null,
            decision.Status
        );
    }

    /// <summary>The plan whose results they are.</summary>
    public Plan Plan => plan;

    /// <summary>Where they lie.</summary>
    public RunStore Store => store;

    private IReadOnlyList<(Arm Arm, SentinelDecision Decision)>? _decisions;

    /// <summary>What the sentinel of every arm says of the results in the store, replayed once: all parts of a page speak of the same
    /// tuned runs.</summary>
    public IReadOnlyList<(Arm Arm, SentinelDecision Decision)> Decisions()
    {
        if (_decisions is { } decided)
            return decided;
        IReadOnlyDictionary<string, RunResult> results = store.Read().Results;
        // Of very many runs the ids alone take long.
        var decisions = new (Arm, SentinelDecision)[plan.Arms.Count];
        Parallel.For(0, decisions.Length, i => decisions[i] = (plan.Arms[i], Replay(plan.Arms[i], id => Known(id, results)).Decision));
        return _decisions = decisions;
    }

    /// <summary>The runs at the best learning rate of every arm that has one.</summary>
    internal IEnumerable<(Arm Arm, Learning.Specs.PlannedRun Run)> TunedRuns() =>
        from decided in Decisions()
        where decided.Decision.Best is not null
        from run in plan.Runs(decided.Arm, [decided.Decision.Best!.Value])
        select (decided.Arm, run);

    /// <summary>The packs that hold the tuned runs of these optimizers, to be measured there and nowhere else.</summary>
    /// <param name="optimizers">Names in the study.</param>
    /// <param name="probes">By batch size.</param>
    public IReadOnlyList<Learning.Specs.PackSpec> TunedPacks(IReadOnlyList<string> optimizers, Func<int, Learning.Specs.ProbesSpec> probes)
    {
        IReadOnlyDictionary<string, RunResult> results = store.Read().Results;
        var replays = plan.Arms.Select(g => (Arm: g, Replay: Replay(g, id => Known(id, results)))).ToList();
        HashSet<string> wanted =
        [
            .. replays
                .Where(r => optimizers.Contains(r.Arm.Optimizer) && r.Replay.Decision.Best is not null)
                .SelectMany(r => plan.Runs(r.Arm, [r.Replay.Decision.Best!.Value]))
                .Select(r => r.Id)
                .Where(results.ContainsKey),
        ];
        var packs = new List<Learning.Specs.PackSpec>();
        foreach (
            Learning.Specs.PackSpec pack in plan.FirstRound()
                .Concat(replays.SelectMany(r => r.Replay.Rounds.Skip(1).SelectMany(rates => plan.Round(r.Arm, rates))))
        )
        {
            string[] here = [.. pack.Runs.Select(r => r.Id).Where(wanted.Remove)];
            if (here.Length > 0)
                packs.Add(pack with { Probes = probes(pack.Runs[0].Spec.Batch), ProbedRuns = here });
        }
        return packs;
    }

    /// <summary>The packs that are asked for now, in the plan's order: those of the first round, then of each
    /// arm's rounds so far.</summary>
    public IReadOnlyList<Learning.Specs.PackSpec> AskedPacks()
    {
        IReadOnlyDictionary<string, RunResult> results = store.Read().Results;
        IEnumerable<Learning.Specs.PackSpec> later =
            from arm in plan.Arms
            from rates in Replay(arm, id => Known(id, results)).Rounds.Skip(1)
            from pack in plan.Round(arm, rates)
            select pack;
        return [.. plan.FirstRound().Concat(later).DistinctBy(p => p.Id)];
    }

    /// <summary>Of those the ones that have a run without a result.</summary>
    public IReadOnlyList<Learning.Specs.PackSpec> LackingPacks()
    {
        IReadOnlyDictionary<string, RunResult> results = store.Read().Results;
        return [.. AskedPacks().Where(p => p.Runs.Any(r => !results.ContainsKey(r.Id)))];
    }

    /// <summary>What the sentinel of an arm asked for, round by round, by the results that are there.</summary>
    internal SentinelReplay Replay(Arm arm)
    {
        IReadOnlyDictionary<string, RunResult> results = store.Read().Results;
        return Replay(arm, id => Known(id, results));
    }

    /// <summary>The study's runs as rows of a sweep, with the metric asked for.</summary>
    /// <param name="metric">Null is the study's own.</param>
    /// <param name="only">Arms whose runs are wanted; null: all.</param>
    /// <exception cref="InputException">A completed run did not measure it.</exception>
    public SweepTable Sweep(string? metric = null, Func<Arm, bool>? only = null)
    {
        string name = metric ?? plan.Study.Metric;
        IReadOnlyDictionary<string, RunResult> results = store.Indexed();
        HashSet<string> attempted = [.. store.ReadAttempts().Values.SelectMany(a => a).SelectMany(a => a.Runs)];
        HashSet<string> conflicting = [.. store.Conflicts().Select(c => c.Run)];
        var rows = new List<SweepRow>();
        var findings = new List<Finding>();
        foreach ((Arm arm, SentinelDecision decision) in Decisions().Where(d => only?.Invoke(d.Arm) != false))
        {
            int missing = 0,
                failed = 0;
            foreach (Learning.Specs.PlannedRun run in plan.Runs(arm, decision.Tried))
            {
                double rate = run.Spec.Optimizer.LearningRate;
                string seed = run.Spec.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture);
                if (results.TryGetValue(run.Id, out RunResult? result))
                {
                    // A metric that was never measured is the request's fault; as a missing number it would pass for divergence.
                    if (result.Outcome == Outcome.Completed && !result.Metrics.ContainsKey(name))
                        throw new InputException(
                            $"--metric got '{name}', which the runs of this study did not measure; expected one of: "
                                + $"{string.Join(", ", StudySpec.Metrics.Where(result.Metrics.ContainsKey))}"
                        );
                    rows.Add(
                        SweepRow.Finished(
                            arm.Comparison.Key,
                            arm.Optimizer,
                            rate,
                            arm.Batch,
                            seed,
                            arm.Momentum,
                            Metric(result, name),
                            run.Id,
                            result.Metrics.TryGetValue(ClipFraction, out double clip) && run.Spec.Optimizer.ClipNorm > 0 ? clip : null
                        ) with
                        {
                            Beta2 = arm.Beta2,
                            Variant = arm.Other,
                        }
                    );
                }
                else
                {
                    missing++;
                    if (attempted.Contains(run.Id))
                        failed++;
                    rows.Add(
                        new SweepRow(
                            arm.Comparison.Key,
                            arm.Optimizer,
                            rate,
                            arm.Batch,
                            seed,
                            arm.Momentum,
                            double.NaN,
                            RunStatus.Missing,
                            run.Id
                        )
                        {
                            Beta2 = arm.Beta2,
                            Variant = arm.Other,
                        }
                    );
                }
            }
            if (Objection(arm, decision, missing, failed) is { } finding)
                findings.Add(finding);
            string[] unlike = [.. plan.Runs(arm, decision.Tried).Select(r => r.Id).Where(conflicting.Contains)];
            if (unlike.Length > 0)
                findings.Add(
                    new Finding(
                        StudyFindingKinds.ConflictingResults,
                        Severity.Warning,
                        $"{unlike.Length} runs were made twice with different results ({string.Join(", ", unlike.Take(3))}); the first is "
                            + "used, and conflicts/ in the store says how they differ",
                        Where(arm)
                    )
                );
        }
        return new SweepTable(rows, name, name == "last-min", findings);
    }

    private static string Where(Arm arm) =>
        $"{arm.Comparison.Key.Prefix}{arm.Optimizer}, B={arm.Batch}{(arm.Variant.Length > 0 ? ", " + arm.Variant : "")}";

    private static Finding? Objection(Arm arm, SentinelDecision decision, int missing, int failed)
    {
        string where = Where(arm);
        string provisional = arm.Comparison.Study.Sentinel.Enabled
            ? "; which learning rates are tried next is decided when they are there, so the best one so far is provisional"
            : "";
        return decision.Status switch
        {
            SentinelStatus.BoundLow => new Finding(
                StudyFindingKinds.SentinelBound,
                Severity.Warning,
                "the best learning rate is the smallest that the sentinel may try; raise sentinel.max-extensions or start lower",
                where
            ),
            SentinelStatus.BoundHigh => new Finding(
                StudyFindingKinds.SentinelBound,
                Severity.Warning,
                "the best learning rate is the largest that the sentinel may try; raise sentinel.max-extensions or start higher",
                where
            ),
            SentinelStatus.AllDiverged => new Finding(
                StudyFindingKinds.AllDiverged,
                Severity.Warning,
                "every learning rate tried diverged, down to the sentinel's bound; start lower",
                where
            ),
            SentinelStatus.Incomplete or SentinelStatus.Off when missing > 0 => new Finding(
                FindingKinds.MissingRuns,
                Severity.Warning,
                $"{missing} runs were killed, ran out of memory or of time, or are still to be made; the same command makes them",
                where
            ),
            SentinelStatus.Running when failed > 0 => new Finding(
                FindingKinds.MissingRuns,
                Severity.Warning,
                $"{missing} runs were killed, ran out of memory or of time, or are still to be made{provisional}; the same command makes "
                    + "them",
                where
            ),
            SentinelStatus.Running => new Finding(
                StudyFindingKinds.Unfinished,
                Severity.Warning,
                "runs are still to be made; the same command makes them",
                where
            ),
            _ => null,
        };
    }

    // A run whose every attempt failed is missing as one that was never begun: what depends on it waits for it.
    private (bool, double?) Known(string id, IReadOnlyDictionary<string, RunResult> results) =>
        results.TryGetValue(id, out RunResult? result) ? (true, Loss(result)) : (false, null);
}
