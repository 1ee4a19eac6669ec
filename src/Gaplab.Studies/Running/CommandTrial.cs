// A command tried before it is trusted: a small run, its repeat, and one run more for each knob that the study turns.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies.Commands;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Running;

/// <summary>One run of a trial.</summary>
/// <param name="What">"base", "repeat", or the knob that is turned: "lr 0.1 in place of 0.05".</param>
/// <param name="End">How it ended.</param>
internal sealed record TrialRun(string What, RunSpec Spec, CommandAttemptEnd End);

/// <summary>What a knob did to the metric.</summary>
/// <param name="Knob">Its name.</param>
/// <param name="What">From and to.</param>
/// <param name="Live">Whether the metrics differ from the base run's by more than its repeat's do; null where the run failed.</param>
/// <param name="Value">The metric at the end.</param>
internal sealed record KnobTrial(string Knob, string What, bool? Live, double Value);

/// <summary>Tries a study's command.</summary>
/// <param name="study">The study.</param>
/// <param name="folder">Where the small runs are made; left to the caller to delete.</param>
/// <param name="say">Told what is being run.</param>
public sealed class CommandTrial(PreparedStudy study, string folder, Action<string> say)
{
    /// <summary>The share of the budget that a small run has.</summary>
    public const double Share = 0.01;

    private const int LongerBy = 4;

    // A longer run tells the time of a step only where it takes visibly longer.
    private const double VisiblyLonger = 1.5;

    private readonly List<TrialRun> _runs = [];
    private readonly CommandCrew _crew = CommandCrew.Of(study.Plan.Study, 1);
    private int _count;

    /// <summary>The runs made, in their order.</summary>
    internal IReadOnlyList<TrialRun> Runs => _runs;

    /// <summary>Runs a base run, its repeat, a longer one, and one for each knob.</summary>
    /// <exception cref="InputException">A command that takes no length; a small run that does not end well.</exception>
    public CommandTrialAnswer Try(CancellationToken stop)
    {
        StudySpec first = study.Plan.Comparisons[0].Study;
        RefuseEndless(first);
        Arm arm = study.Plan.Arms[0];
        RunSpec small = Small(study.Plan.Run(arm, arm.Rates[arm.Rates.Count / 2], study.Plan.Study.Grid.Seeds[0]));
        TrialRun one = Make("base", small, stop),
            repeat = Make("repeat", small, stop);
        foreach (TrialRun run in (TrialRun[])[one, repeat])
            if (run.End.Ending.Outcome is not (CommandOutcome.Completed or CommandOutcome.Diverged))
                throw new InputException(
                    $"a small run of the command ended as {run.End.Ending.Outcome}: {run.End.Ending.Cause}. It was: {run.End.Line}"
                );
        double noise = Difference(one, repeat);
        TrialRun longer = Longer(one, first.Budget.Amount, stop);
        var knobs = new List<KnobTrial>();
        foreach ((string knob, string what, RunSpec spec) in Turned(arm, small))
        {
            TrialRun turned = Make($"{knob}: {what}", Small(spec), stop);
            bool ended = turned.End.Ending.Outcome is CommandOutcome.Completed or CommandOutcome.Diverged;
            knobs.Add(new(knob, what, ended ? Difference(one, turned) > noise : null, Value(turned)));
        }
        return new CommandTrialAnswer(study, one, repeat, noise, knobs, Time(one, longer, arm, stop), [.. _runs]);
    }

    /// <summary>Makes a small run unbroken, another that is ended half-way and run again, and compares.</summary>
    /// <exception cref="InputException">As <see cref="Try"/>; a run too short to be broken.</exception>
    public ResumeTrialAnswer TryResume(CancellationToken stop)
    {
        StudySpec first = study.Plan.Comparisons[0].Study;
        RefuseEndless(first);
        Arm arm = study.Plan.Arms[0];
        RunSpec small = Small(study.Plan.Run(arm, arm.Rates[arm.Rates.Count / 2], study.Plan.Study.Grid.Seeds[0]));
        TrialRun whole = Make("unbroken", small, stop);
        if (whole.End.Ending.Outcome != CommandOutcome.Completed)
            throw new InputException(
                $"a small run of the command ended as {whole.End.Ending.Outcome}: {whole.End.Ending.Cause}. It was: {whole.End.Line}"
            );
        string place = Path.Combine(folder, "broken");
        Directory.CreateDirectory(place);
        using GpuLease? gpus = _crew.Gpus.Take(stop);
        IReadOnlyList<string> devices = gpus?.Devices ?? [];
        using var half = CancellationTokenSource.CreateLinkedTokenSource(stop);
        half.CancelAfter(whole.End.Took / 2);
        say("broken half-way");
        CommandAttemptEnd broken = new CommandAttempt(_crew, small, place, 1, devices).Run(TimeSpan.Zero, (_, _) => { }, half.Token);
        if (broken.Ending.Outcome != CommandOutcome.Stopped)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the run that was to be broken ended before half of the {whole.End.Took.TotalSeconds:0.0} s of "
                        + $"the unbroken one; a longer "
                        + $"budget leaves time for it"
                )
            );
        say("run again");
        CommandAttemptEnd again = new CommandAttempt(_crew, small, place, 2, devices).Run(TimeSpan.Zero, (_, _) => { }, stop);
        if (again.Ending.Outcome != CommandOutcome.Completed)
            throw new InputException($"run again, the command ended as {again.Ending.Outcome}: {again.Ending.Cause}");
        return new ResumeTrialAnswer(study, whole, broken.Took, new TrialRun("broken", small, again));
    }

    private TrialRun Longer(TrialRun one, long whole, CancellationToken stop)
    {
        TrialRun longer = one;
        while (longer.End.Took < VisiblyLonger * one.End.Took && longer.Spec.Budget.Amount < whole)
            longer = Make(
                "longer",
                one.Spec with
                {
                    Budget = one.Spec.Budget with { Amount = Math.Min(whole, LongerBy * longer.Spec.Budget.Amount) },
                },
                stop
            );
        return longer;
    }

    private static void RefuseEndless(StudySpec study)
    {
        CommandSpec command = study.Model.Command!;
        if (
            !CommandTemplate.CarriesAll(command)
            && !CommandTemplate.Names(command).Any(n => n is CommandTemplate.Steps or CommandTemplate.Samples)
        )
            throw new InputException(
                "the command takes neither {steps} nor {samples}, so no small run of it can be made; pass one of them "
                    + "in model.run to try it"
            );
    }

    // What is turned, from the base run: the next value of each list of the study.
    private IEnumerable<(string Knob, string What, RunSpec Spec)> Turned(Arm arm, RunSpec small)
    {
        Plan plan = study.Plan;
        static string N(double value) => value.ToString("g6", CultureInfo.InvariantCulture);
        RunSpec Of(Arm of, double? rate = null, long? seed = null) =>
            plan.Run(of, rate ?? small.Optimizer.LearningRate, seed ?? small.Seed);
        double other = arm.Rates.FirstOrDefault(
            r => !LearningRates.Same(r, small.Optimizer.LearningRate),
            small.Optimizer.LearningRate / 2
        );
        yield return ("lr", $"{N(other)} in place of {N(small.Optimizer.LearningRate)}", Of(arm, rate: other));
        if (plan.Study.Grid.Seeds.FirstOrDefault(s => s != small.Seed, small.Seed + 1) is var seed)
            yield return ("seed", $"{seed} in place of {small.Seed}", Of(arm, seed: seed));
        bool Like(Arm a) => ReferenceEquals(a.Comparison, arm.Comparison);
        if (plan.Arms.FirstOrDefault(a => Like(a) && a.Batch != arm.Batch && a.Optimizer == arm.Optimizer) is { } batch)
            yield return ("batch", $"{batch.Batch} in place of {arm.Batch}", Of(batch));
        foreach (Arm variant in plan.Arms.Where(a => Like(a) && a.Batch == arm.Batch && a.Optimizer == arm.Optimizer && a != arm))
        {
            string[] differing =
            [
                .. variant
                    .Template.Own.Values.Where(v => !Equals(v.Value, arm.Template.Own.Values.GetValueOrDefault(v.Key)))
                    .Select(v => v.Key),
            ];
            if (differing is [var key])
                yield return (key, $"{CommandTemplate.Text(variant.Template.Own.Values[key])}", Of(variant));
        }
        foreach (
            var another in plan.Arms.Where(a => Like(a) && a.Batch == arm.Batch && a.Optimizer != arm.Optimizer).GroupBy(a => a.Optimizer)
        )
            yield return (
                "optimizer",
                $"{another.Key} in place of {arm.Optimizer}",
                Of(another.First(), rate: another.First().Rates[another.First().Rates.Count / 2])
            );
        foreach (PlannedComparison comparison in plan.Comparisons.Skip(1))
            if (
                plan.Arms.FirstOrDefault(a =>
                    ReferenceEquals(a.Comparison, comparison) && a.Batch == arm.Batch && a.Optimizer == arm.Optimizer
                ) is
                { } level
            )
                yield return (comparison.Key.ToString(), "in place of the first", Of(level));
    }

    private TrialRun Make(string what, RunSpec spec, CancellationToken stop)
    {
        say(what);
        string place = Path.Combine(folder, (_count++).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(place);
        using GpuLease? gpus = _crew.Gpus.Take(stop);
        TimeSpan limit = TimeSpan.FromSeconds(study.Plan.Study.Limits.TimePerPack);
        CommandAttemptEnd end = new CommandAttempt(_crew, spec, place, 1, gpus?.Devices ?? []).Run(limit, (_, _) => { }, stop);
        if (stop.IsCancellationRequested)
            throw new InputException("the trial was interrupted; nothing of it is kept");
        var run = new TrialRun(what, spec, end);
        _runs.Add(run);
        return run;
    }

    private static RunSpec Small(RunSpec run) =>
        run with
        {
            Budget = run.Budget with
            {
                Amount = Math.Max(run.Budget.Unit == "steps" ? 1 : run.Batch, (long)Math.Ceiling(Share * run.Budget.Amount)),
            },
        };

    // The largest relative difference of values of the same name and step, and of the final ones.
    private static double Difference(TrialRun a, TrialRun b)
    {
        static double Relative(double x, double y) =>
            x.Equals(y) ? 0
            : double.IsFinite(x) && double.IsFinite(y) ? Math.Abs(x - y) / Math.Max(Math.Abs(x), Math.Abs(y))
            : double.PositiveInfinity;
        double largest = 0;
        foreach ((string name, double value) in a.End.Metrics.Final)
            if (b.End.Metrics.Final.TryGetValue(name, out double other))
                largest = Math.Max(largest, Relative(value, other));
        Dictionary<(string, long), double> rows = [];
        foreach (MetricRow row in b.End.Metrics.Rows)
            rows[(row.Name, row.Step)] = row.Value;
        foreach (MetricRow row in a.End.Metrics.Rows)
            if (rows.TryGetValue((row.Name, row.Step), out double other))
                largest = Math.Max(largest, Relative(row.Value, other));
        return largest;
    }

    private double Value(TrialRun run) => run.End.Metrics.Final.GetValueOrDefault(study.Plan.Study.Metric, double.NaN);

    // seconds = start + steps·(fixed + c·B), from the base run, a longer one, and one as long at the largest batch size.
    private TrialTime Time(TrialRun one, TrialRun longer, Arm arm, CancellationToken stop)
    {
        static long Steps(TrialRun run) => run.Spec.Budget.Steps(run.Spec.Batch, 1);
        double first = one.End.Took.TotalSeconds,
            perStep = Math.Max(0, (longer.End.Took.TotalSeconds - first) / Math.Max(1, Steps(longer) - Steps(one))),
            start = Math.Max(0, first - perStep * Steps(one)),
            perSample = 0;
        Arm widest = study.Plan.Arms.Where(a => ReferenceEquals(a.Comparison, arm.Comparison)).MaxBy(a => a.Batch)!;
        if (widest.Batch > arm.Batch)
        {
            RunSpec full = study.Plan.Run(widest, widest.Rates[0], one.Spec.Seed);
            long amount = full.Budget.Unit == "steps" ? Steps(longer) : Steps(longer) * widest.Batch;
            TrialRun wide = Make(
                "at the largest batch size",
                full with
                {
                    Budget = full.Budget with { Amount = Math.Min(full.Budget.Amount, amount) },
                },
                stop
            );
            double wideStep = Math.Max(0, (wide.End.Took.TotalSeconds - start) / Steps(wide));
            perSample = Math.Max(0, (wideStep - perStep) / (widest.Batch - arm.Batch));
        }
        double fixedPart = Math.Max(0, perStep - perSample * one.Spec.Batch),
            total = study
                .Plan.FirstRound()
                .SelectMany(p => p.Runs)
                .Sum(r => start + r.Spec.Budget.Steps(r.Spec.Batch, 1) * (fixedPart + perSample * r.Spec.Batch));
        return new(start, perStep, total);
    }
}

/// <summary>How long runs take.</summary>
/// <param name="Start">Seconds before a run's first step and after its last.</param>
/// <param name="PerStep">Seconds a step of the base run.</param>
/// <param name="Total">Seconds of all runs of the first round, one after the other.</param>
internal sealed record TrialTime(double Start, double PerStep, double Total);
