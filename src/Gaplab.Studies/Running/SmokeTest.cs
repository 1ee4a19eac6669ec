// A command tried before it is trusted: a small run, its repeat, and one run more for each knob that the study turns.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;
using Gaplab.Studies.Commands;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Running;

/// <summary>One small run.</summary>
/// <param name="What">What it is: "base", "repeat", "lr 0.1 in place of 0.05".</param>
/// <param name="End">How it ended.</param>
internal sealed record SmokeRun(string What, RunSpec Spec, CommandAttemptEnd End)
{
    /// <summary>Whether it is a result.</summary>
    public bool IsResult => End.Ending.Outcome is CommandOutcome.Completed or CommandOutcome.Diverged;

    public long Steps => Spec.Budget.Steps(Spec.Batch, 1);
}

/// <summary>What a knob did to the metrics.</summary>
/// <param name="Knob">Its name.</param>
/// <param name="What">From and to.</param>
/// <param name="Live">Whether they differ from those of the run that it is turned from, by more than a repeat's do; null where the run
/// failed.</param>
/// <param name="Value">The study's metric at the end.</param>
/// <param name="Cause">Why the run failed; null where it did not.</param>
internal sealed record KnobTest(string Knob, string What, bool? Live, double Value, string? Cause = null);

/// <summary>What a smoke test found.</summary>
public interface ISmokeTestAnswer : IAnswer
{
    /// <summary>Whether the study can be trusted to the command.</summary>
    bool IsGood { get; }
}

/// <summary>How long runs take.</summary>
/// <param name="Start">Seconds before a run's first step and after its last.</param>
/// <param name="PerStep">Seconds a step of the base run.</param>
/// <param name="Total">Seconds of all runs of the first round, one after the other.</param>
internal sealed record SmokeTime(double Start, double PerStep, double Total);

/// <summary>Tries a study's command.</summary>
/// <param name="study">The study.</param>
/// <param name="folder">Where the small runs are made; left to the caller to delete.</param>
/// <param name="say">Told what is being run.</param>
public sealed class SmokeTest(PreparedStudy study, string folder, Action<string> say)
{
    /// <summary>The share of the budget that a small run has.</summary>
    public const double Share = 0.01;

    private const int LongerBy = 4;

    // A longer run tells the time of a step only where it takes visibly longer.
    private const double VisiblyLonger = 1.5;

    // Two runs of one seed are one draw of their difference; a live knob's must stand out of it.
    private const double Outstanding = 3;

    private readonly CommandCrew _crew = CommandCrew.Of(study.Plan.Study, 1);
    private readonly TimeSpan _limit = TimeSpan.FromSeconds(study.Plan.Study.Limits.TimePerPack);
    private int _count;

    private Plan Plan => study.Plan;

    /// <summary>Makes a base run, its repeat, longer ones, and one for each knob.</summary>
    /// <exception cref="InputException">A command that takes no length; a small run that does not end well.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public SmokeTestAnswer Try(CancellationToken stop)
    {
        RefuseEndless();
        Arm arm = Plan.Arms[0];
        RunSpec small = Small(Plan.Run(arm, Middle(arm), Plan.Study.Grid.Seeds[0]));
        SmokeRun one = Good(Make("base", small, stop)),
            repeat = Good(Make("repeat", small, stop));
        double noise = Difference(one, repeat);
        SmokeRun longer = Longer(one, stop);
        var knobs = new List<KnobTest>();
        SmokeRun Turn(SmokeRun from, string knob, string what, RunSpec spec)
        {
            SmokeRun turned = Make($"{knob}: {what}", spec, stop);
            bool? live = turned.IsResult ? Difference(from, turned) > Outstanding * noise : null;
            knobs.Add(new KnobTest(knob, what, live, Value(turned), turned.IsResult ? null : Cause(turned)));
            return turned;
        }
        foreach ((string knob, string what, RunSpec spec) in Turned(arm, one))
            Turn(one, knob, what, spec);
        // At the base run's own rate, so that what differs is the optimizer alone, and then one of its keys.
        RunSpec Of(Arm a) => Like(one, Plan.Run(a, small.Optimizer.LearningRate, small.Seed));
        foreach (
            var arms in Plan
                .Arms.Where(a => ReferenceEquals(a.Comparison, arm.Comparison) && a.Batch == arm.Batch)
                .GroupBy(a => a.Optimizer)
        )
        {
            SmokeRun from =
                arms.Key == arm.Optimizer
                    ? one
                    : Turn(one, CommandTemplate.Optimizer, $"{arms.Key} in place of {arm.Optimizer}", Of(arms.First()));
            if (from.IsResult)
                foreach ((Arm variant, string key) in Variants(arms))
                    Turn(from, key, $"{CommandTemplate.Text(variant.Template.Own.Values[key])} ({variant.Optimizer})", Of(variant));
        }
        return new SmokeTestAnswer(study, one, noise, knobs, Time(one, longer, arm, stop), _count);
    }

    /// <summary>Makes a run without interruption, another that is ended half-way and run again, and compares.</summary>
    /// <exception cref="InputException">As <see cref="Try"/>; a run too short to be interrupted.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public ResumeTestAnswer TryResume(CancellationToken stop)
    {
        RefuseEndless();
        Arm arm = Plan.Arms[0];
        SmokeRun one = Good(Make("base", Small(Plan.Run(arm, Middle(arm), Plan.Study.Grid.Seeds[0])), stop));
        // So long that the steps, and not the start, are most of what can be interrupted.
        SmokeRun whole = Longer(one, stop);
        (double start, _) = StartAndStep(one, whole);
        double steps = whole.End.Took.TotalSeconds - start;
        string place = Path.Combine(folder, "interrupted");
        Directory.CreateDirectory(place);
        using GpuLease? gpus = _crew.Gpus.Take(stop);
        IReadOnlyList<string> devices = gpus?.Devices ?? [];
        using var half = CancellationTokenSource.CreateLinkedTokenSource(stop);
        half.CancelAfter(TimeSpan.FromSeconds(start + steps / 2));
        say("to be interrupted half-way");
        double reached = 0,
            begunAt = double.PositiveInfinity;
        CommandAttemptEnd first = new CommandAttempt(_crew, whole.Spec, place, 1, devices).Run(
            _limit,
            (at, of) =>
            {
                reached = Math.Max(reached, at);
                if (2 * at >= of)
                    half.Cancel();
            },
            half.Token
        );
        stop.ThrowIfCancellationRequested();
        if (first.Ending.Outcome != CommandOutcome.Stopped)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the run that was to be interrupted ended before half of the {whole.End.Took.TotalSeconds:0.0} s of the other: "
                ) + $"{CommandEnding.Word(first.Ending.Outcome)}; a larger budget leaves time for it"
            );
        say("run again");
        CommandAttemptEnd again = new CommandAttempt(_crew, whole.Spec, place, 2, devices).Run(
            _limit,
            (at, _) => begunAt = Math.Min(begunAt, at),
            stop
        );
        stop.ThrowIfCancellationRequested();
        var resumed = new SmokeRun("resumed", whole.Spec, again);
        // By its own steps where it tells them; by the clock, which other programs disturb, where it does not.
        bool anew = reached > 0 && double.IsFinite(begunAt) ? begunAt < reached / 2 : again.Took.TotalSeconds > start + 0.85 * steps;
        return new ResumeTestAnswer(study, whole, first.Took, Good(resumed), anew);
    }

    private void RefuseEndless()
    {
        CommandSpec command = Plan.Comparisons[0].Study.Model.Command!;
        if (
            !CommandTemplate.CarriesAll(command)
            && !CommandTemplate.Names(command).Any(n => n is CommandTemplate.Steps or CommandTemplate.Samples)
        )
            throw new InputException(
                "the command takes neither {steps} nor {samples}, so no small run of it can be made; pass one of them "
                    + "in model.run to try it"
            );
    }

    private static double Middle(Arm arm) => arm.Rates[arm.Rates.Count / 2];

    // Longer runs until one takes visibly longer, or has the whole budget.
    private SmokeRun Longer(SmokeRun one, CancellationToken stop)
    {
        long whole = Plan.Comparisons[0].Study.Budget.Amount;
        SmokeRun longer = one;
        while (longer.End.Took < VisiblyLonger * one.End.Took && longer.Spec.Budget.Amount < whole)
        {
            long amount = Math.Min(whole, LongerBy * longer.Spec.Budget.Amount);
            longer = Good(Make("longer", one.Spec with { Budget = one.Spec.Budget with { Amount = amount } }, stop));
        }
        return longer;
    }

    // What is turned, from the base run and with as many steps: the next value of each list of the study.
    private IEnumerable<(string Knob, string What, RunSpec Spec)> Turned(Arm arm, SmokeRun one)
    {
        RunSpec small = one.Spec;
        double rate = small.Optimizer.LearningRate,
            other = arm.Rates.FirstOrDefault(r => !LearningRates.Same(r, rate), rate / 2);
        static string N(double value) => value.ToString("g6", CultureInfo.InvariantCulture);
        yield return (CommandTemplate.Rate, $"{N(other)} in place of {N(rate)}", Like(one, Plan.Run(arm, other, small.Seed)));
        long seed = Plan.Study.Grid.Seeds.FirstOrDefault(s => s != small.Seed, small.Seed + 1);
        yield return (CommandTemplate.Seed, $"{seed} in place of {small.Seed}", Like(one, Plan.Run(arm, rate, seed)));
        bool Alike(Arm a) => a.Optimizer == arm.Optimizer && a.Variant == arm.Variant;
        if (Plan.Arms.FirstOrDefault(a => ReferenceEquals(a.Comparison, arm.Comparison) && Alike(a) && a.Batch != arm.Batch) is { } batch)
            yield return (CommandTemplate.Batch, $"{batch.Batch} in place of {arm.Batch}", Like(one, Plan.Run(batch, rate, small.Seed)));
        foreach (PlannedComparison comparison in Plan.Comparisons.Skip(1))
            if (Plan.Arms.FirstOrDefault(a => ReferenceEquals(a.Comparison, comparison) && Alike(a) && a.Batch == arm.Batch) is { } level)
                yield return ($"{comparison.Key}", "in place of the first", Like(one, Plan.Run(level, rate, small.Seed)));
    }

    // Of an optimizer's arms those that differ from its first in one key.
    private static IEnumerable<(Arm Arm, string Key)> Variants(IEnumerable<Arm> arms)
    {
        Arm first = arms.First();
        HashSet<string> seen = [];
        foreach (Arm arm in arms.Skip(1))
        {
            string[] differing =
            [
                .. arm
                    .Template.Own.Values.Where(v => !Equals(v.Value, first.Template.Own.Values.GetValueOrDefault(v.Key)))
                    .Select(v => v.Key),
            ];
            if (differing is [var key] && seen.Add(key))
                yield return (arm, key);
        }
    }

    private SmokeRun Make(string what, RunSpec spec, CancellationToken stop)
    {
        say(what);
        string place = Path.Combine(folder, (_count++).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(place);
        using GpuLease? gpus = _crew.Gpus.Take(stop);
        stop.ThrowIfCancellationRequested();
        CommandAttemptEnd end = new CommandAttempt(_crew, spec, place, 1, gpus?.Devices ?? []).Run(_limit, (_, _) => { }, stop);
        stop.ThrowIfCancellationRequested();
        return new SmokeRun(what, spec, end);
    }

    private static SmokeRun Good(SmokeRun run) =>
        run.IsResult
            ? run
            : throw new InputException($"a small run of the command ({run.What}) ended as {Cause(run)}. It was: {run.End.Line}");

    private static string Cause(SmokeRun run) => $"{CommandEnding.Word(run.End.Ending.Outcome)}: {run.End.Ending.Cause}";

    private static RunSpec Small(RunSpec run)
    {
        long least = run.Budget.Unit == CommandTemplate.Steps ? 1 : run.Batch,
            amount = Math.Max(least, (long)Math.Ceiling(Share * run.Budget.Amount));
        return run with { Budget = run.Budget with { Amount = amount } };
    }

    // With as many steps as another run, so that a batch size that is not heard changes nothing.
    private static RunSpec Like(SmokeRun other, RunSpec run) =>
        run with
        {
            Budget = run.Budget with { Amount = run.Budget.Unit == CommandTemplate.Steps ? other.Steps : other.Steps * run.Batch },
        };

    // The largest relative difference of values of the same name and step, and of the final ones.
    private static double Difference(SmokeRun a, SmokeRun b)
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

    private double Value(SmokeRun run) => run.End.Metrics.Final.GetValueOrDefault(Plan.Study.Metric, double.NaN);

    private static (double Start, double PerStep) StartAndStep(SmokeRun one, SmokeRun longer)
    {
        double first = one.End.Took.TotalSeconds,
            perStep = Math.Max(0, (longer.End.Took.TotalSeconds - first) / Math.Max(1, longer.Steps - one.Steps));
        return (Math.Max(0, first - perStep * one.Steps), perStep);
    }

    // seconds = start + steps·(fixed + c·B), from the base run, a longer one, and one as long at the largest batch size.
    private SmokeTime Time(SmokeRun one, SmokeRun longer, Arm arm, CancellationToken stop)
    {
        (double start, double perStep) = StartAndStep(one, longer);
        double perSample = 0;
        Arm widest = Plan.Arms.Where(a => ReferenceEquals(a.Comparison, arm.Comparison)).MaxBy(a => a.Batch)!;
        if (widest.Batch > arm.Batch)
        {
            RunSpec full = Plan.Run(widest, widest.Rates[0], one.Spec.Seed),
                same = Like(longer, full);
            long amount = Math.Min(full.Budget.Amount, same.Budget.Amount);
            SmokeRun wide = Good(Make("at the largest batch size", same with { Budget = same.Budget with { Amount = amount } }, stop));
            double wideStep = Math.Max(0, (wide.End.Took.TotalSeconds - start) / wide.Steps);
            perSample = Math.Max(0, (wideStep - perStep) / (widest.Batch - arm.Batch));
        }
        double fixedPart = Math.Max(0, perStep - perSample * one.Spec.Batch),
            total = Plan.FirstRound()
                .SelectMany(p => p.Runs)
                .Sum(r => start + r.Spec.Budget.Steps(r.Spec.Batch, 1) * (fixedPart + perSample * r.Spec.Batch));
        return new(start, perStep, total);
    }
}
