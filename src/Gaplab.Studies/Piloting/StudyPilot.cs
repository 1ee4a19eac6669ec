// A study's pilot: short runs of it in a store inside the study's, from which the whole is predicted.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Torch;

namespace Gaplab.Studies.Piloting;

/// <summary>One call: made, then <see cref="Plan"/> alone, or <see cref="Train"/> and <see cref="Read"/>.</summary>
public sealed class StudyPilot
{
    /// <summary>The folder of its runs in the study's store.</summary>
    public const string Folder = "pilot";

    private readonly PreparedStudy _whole;
    private readonly PilotTier _tier;
    private readonly IReadOnlyList<PilotedComparison> _comparisons;
    private readonly StudyCall _call;
    private readonly string _folder;
    private readonly TimeProvider _clock;
    private readonly Dictionary<int, PilotSearch> _searches;
    private RunStore? _outer;
    private PilotResults? _results;

    private StudyPilot(
        PreparedStudy whole,
        PilotTier tier,
        IReadOnlyList<PilotedComparison> comparisons,
        IReadOnlyList<string> leftOut,
        string folder,
        StudyCall call,
        TimeProvider clock
    )
    {
        (_whole, _tier, _comparisons, LeftOut, _folder, _call, _clock) = (whole, tier, comparisons, leftOut, folder, call, clock);
        _searches = comparisons.ToDictionary(c => c.Place, c => c.Search());
    }

    /// <summary>Comparisons that cannot be piloted, each with its reason.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>Plans it; nothing is written.</summary>
    /// <param name="whole">The study.</param>
    /// <param name="pairs">The optimizers to predict against each other.</param>
    /// <param name="tier">What it may cost.</param>
    /// <param name="folder">The study's store.</param>
    /// <param name="call">How it is run and who is told.</param>
    /// <param name="clock">Says when a prediction is made; null: the system's.</param>
    /// <exception cref="InputException">The study cannot be piloted, or not at that price.</exception>
    public static StudyPilot Of(
        PreparedStudy whole,
        IReadOnlyList<OptimizerPair> pairs,
        PilotTier tier,
        string folder,
        StudyCall call,
        TimeProvider? clock = null
    )
    {
        ArgumentNullException.ThrowIfNull(whole);
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(tier);
        ArgumentNullException.ThrowIfNull(call);
        StudyPrediction.RefuseUnpredictable(whole);
        var told = new HashSet<(string, int, SentinelStatus)>();
        Func<IStudyObserver> watch = call.Watch;
        call = call with { Watch = () => new ToldOnce(watch(), told) };
        var comparisons = new List<PilotedComparison>();
        var leftOut = new List<string>();
        foreach ((int place, PlannedComparison comparison) in whole.Plan.Comparisons.Index())
        {
            try
            {
                comparisons.Add(PilotedComparison.Of(whole.Plan, place, whole.Tasks[place], pairs, tier));
            }
            catch (InputException e) when (whole.Plan.Comparisons.Count > 1)
            {
                leftOut.Add($"{comparison.Key}: {e.Message}");
            }
        }
        return comparisons.Count > 0
            ? new StudyPilot(whole, tier, comparisons, leftOut, folder, call, clock ?? TimeProvider.System)
            : throw new InputException(leftOut[0]);
    }

    /// <summary>What will be run, and what it costs.</summary>
    public PilotPlanAnswer Plan() =>
        new(_tier, [.. _comparisons.Select(c => PilotPlanPart.Of(c))], LeftOut, PilotPlan.Name(_whole.Plan.Study));

    /// <summary>Of its runs, inside the study's; null before it is trained.</summary>
    public RunStore? Store { get; private set; }

    /// <summary>Whether there is anything to predict from: some comparison whose runs are all there.</summary>
    public bool CanRead => _results is { } results && _comparisons.Any(c => !results.Waiting.Contains(c.Place));

    /// <summary>Trains what the pilot lacks, round by round: what comes next depends on what was found.</summary>
    /// <param name="stop">Ends it in order.</param>
    public RunnerEnd Train(CancellationToken stop)
    {
        if (!_whole.Plan.Study.IsOfCommand)
            _ = TorchRuntime.Version; // fails here, in one sentence and before a store is begun
        _outer = StudyPrediction.OpenStore(_whole, _folder, _call.Command);
        Store = RunStore.Open(Path.Combine(_folder, Folder), create: true);
        _call.Say($"store      {Store.Root}");
        var sides = _comparisons.ToDictionary(c => c.Place, c => c.Design.Sides);
        var open = new HashSet<int>(sides.Keys);
        var end = new RunnerEnd(false, []);
        while (true)
        {
            foreach ((int place, PilotSearch search) in _searches)
                if (open.Contains(place) && search.Next(_results?.Found[place] ?? [], _results?.Spent[place] ?? 0).Count == 0)
                    open.Remove(place);
            if (open.Count == 0)
                return end;
            PilotPlan pilot = PilotPlan.Of(_whole.Plan, _searches.ToDictionary(s => s.Key, s => s.Value.Asked));
            Keep(pilot.Plan, Store);
            RunnerEnd round = RunMissing(pilot, Store, stop);
            end = new RunnerEnd(round.Interrupted, [.. end.Missing, .. round.Missing]) { Waiting = round.Waiting };
            _results = PilotResults.Of(pilot, Store, sides);
            open.ExceptWith(_results.Waiting);
            if (end.Interrupted)
                return end;
        }
    }

    /// <summary>Predicts every comparison whose runs are there, and keeps the predictions in the study's store.</summary>
    /// <param name="source">The study's file, as the page names it.</param>
    /// <exception cref="InputException">No comparison has losses of two optimizers.</exception>
    public PilotAnswer Read(string source)
    {
        PilotResults results = _results ?? throw new InvalidOperationException("the pilot has not been trained");
        RunStore outer = _outer!;
        int sweepRuns = outer.RunIds().Count;
        var made = new List<PilotPart>();
        foreach (PilotedComparison piloted in _comparisons)
        {
            if (results.Waiting.Contains(piloted.Place))
            {
                _call.Say($"left out   {Of(piloted)}runs are missing");
                continue;
            }
            SayDoubts(piloted, results.Found[piloted.Place]);
            if (Predicted(piloted, results, sweepRuns) is not { } part)
            {
                _call.Say($"left out   {Of(piloted)}no pair has a finite loss on either side");
                continue;
            }
            _call.Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"cost       {Of(piloted)}{part.Prediction.SpentSamples:0} training samples, "
                        + $"{100 * part.Prediction.SpentSamples / part.Prediction.SweepSamples:0.0#}% of the "
                        + $"{part.Prediction.SweepSamples:0} of the sweep's first round"
                )
            );
            _call.Say($"prediction: {part.Prediction.Keep(PredictionFiles.Of(outer, piloted.Key).Folder)}");
            made.Add(part);
        }
        return made.Count == 0
            ? throw new InputException($"the pilot's runs gave no losses to compare; see them with gaplab study report {Store!.Root}")
            : new PilotAnswer(made, source);
    }

    private PilotPart? Predicted(PilotedComparison piloted, PilotResults results, int sweepRuns)
    {
        IReadOnlyList<PilotFound> found = results.Found[piloted.Place];
        var pairs = new List<PilotPair>();
        var verdicts = new List<GapVerdict>();
        for (int i = 0; i < piloted.Pairs.Count; i++)
        {
            if (piloted.Posterior(i, found) is not { } posterior)
                continue;
            (PilotSide first, PilotSide second) = piloted.Pairs[i];
            RelevanceBand band = piloted.BandOf(i);
            GapDraws draws = EfficiencyForecast.Draws(posterior);
            NextRun? next = piloted.Next(i, posterior, draws, _searches[piloted.Place].Anchors());
            GapVerdict verdict = EfficiencyForecast.Verdict(posterior, first.Name, second.Name, band, draws, next);
            verdicts.Add(verdict);
            pairs.Add(
                new PilotPair
                {
                    First = first.Optimizer,
                    FirstVariant = first.Variant,
                    Second = second.Optimizer,
                    SecondVariant = second.Variant,
                    Band = band,
                    Curve = PilotCurve.Of(piloted, i, posterior, verdict, draws, found, _tier),
                    Draws = PilotPair.Thinned(draws),
                    Verdict = GapVerdictText.Json(verdict),
                }
            );
        }
        if (pairs.Count == 0)
            return null;
        PilotDesign design = piloted.Design;
        return new PilotPart(
            new PilotPrediction
            {
                Comparison = piloted.Key.Heading,
                Study = RunId.OfStudy(_whole.Plan.Study),
                Made = _clock.GetUtcNow(),
                Cost = _tier.Name,
                SweepSamples = design.Sweep,
                PlannedSamples = design.Certain,
                SpentSamples = results.Spent[piloted.Place],
                SweepRuns = sweepRuns,
                Seeds = [.. found.Select(f => f.Cell.Seed).Distinct().Order()],
                Priors = PilotPairs.Priors,
                Cells = [.. found.Select(f => f.Cell)],
                Pairs = pairs,
            },
            verdicts
        );
    }

    /// <summary>Best rates at the edge of what was tried, after the sentinel has gone one further, and cells that diverged.</summary>
    private void SayDoubts(PilotedComparison piloted, IReadOnlyList<PilotFound> found)
    {
        foreach (PilotFound one in found.Where(f => f.Cell.AtEdge || f.Cell.Loss is null))
        {
            string doubt = one.Cell.Loss is null
                ? "every learning rate diverged; the cell is left out"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"its best learning rate, {one.Cell.Rate:g4}, is at the edge of what was tried"
                );
            _call.Say($"doubt      {Of(piloted)}{one.Side.Name} at batch size {one.Cell.Batch}, {one.Length.Text}: {doubt}");
        }
    }

    private static string Of(PilotedComparison piloted) => piloted.Key.Heading is { Length: > 0 } key ? $"{key}: " : "";

    // What an earlier call has run is not gone through again, with its lines and its progress.
    private RunnerEnd RunMissing(PilotPlan pilot, RunStore store, CancellationToken stop)
    {
        IReadOnlyDictionary<string, RunResult> results = store.Read().Results;
        bool complete = new StudyResults(pilot.Plan, store).Decisions().All(d => d.Decision.IsDone);
        bool all = complete && pilot.Plan.FirstRound().SelectMany(p => p.Runs).All(r => results.ContainsKey(r.Id));
        return all ? new RunnerEnd(false, []) : _call.Run(pilot.Plan, store, tuned: null, stop);
    }

    private void Keep(Plan plan, RunStore store)
    {
        store.Bind(plan.Study.Name, RunId.OfStudy(_whole.Plan.Study), _whole.Yaml);
        _whole.ToDocument(_call.Command, plan).Save(store);
    }
}
