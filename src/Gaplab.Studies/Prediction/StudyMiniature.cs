// Runs a study's miniature: trains it in a store inside the study's and reads the gap of the whole from it.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Running;
using Gaplab.Torch;

namespace Gaplab.Studies.Prediction;

/// <summary>One call: <see cref="Begin"/>, <see cref="Train"/>, <see cref="Read"/>.</summary>
public sealed class StudyMiniature
{
    private static readonly FindingKind[] s_doubts =
    [
        FindingKinds.GridEdge,
        FindingKinds.OneSidedGap,
        FindingKinds.DivergedEverywhere,
        FindingKinds.MissingRuns,
        FindingKinds.SeedsIntersected,
    ];

    private readonly (string First, string Second) _pair;
    private readonly Miniature _miniature;
    private readonly RunStore _whole;
    private readonly PlanDocument _document;
    private readonly StudyCall _call;

    private StudyMiniature(
        (string First, string Second) pair,
        Miniature miniature,
        RunStore whole,
        RunStore store,
        PlanDocument document,
        StudyCall call
    ) => (_pair, _miniature, _whole, Store, _document, _call) = (pair, miniature, whole, store, document, call);

    /// <summary>Of its runs, inside the study's.</summary>
    public RunStore Store { get; }

    /// <summary>Plans it and opens both stores.</summary>
    /// <param name="whole">The study.</param>
    /// <param name="pair">The two optimizers compared.</param>
    /// <param name="scale">What batch sizes and steps are divided by; null: chosen (<see cref="Miniature.Of"/>).</param>
    /// <param name="folder">The study's store.</param>
    /// <param name="call">How it is run and who is told.</param>
    /// <exception cref="InputException">The study cannot be predicted, or not at that scale.</exception>
    public static StudyMiniature Begin(PreparedStudy whole, (string First, string Second) pair, int? scale, string folder, StudyCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        StudyPrediction.RefuseUnpredictable(whole);
        Miniature miniature = Miniature.Of(whole.Plan, pair, scale);
        Plan plan = miniature.Plan;
        _ = TorchRuntime.Version;
        call.Say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"miniature  at 1:{miniature.Scale}, batch sizes {Batches(plan.Comparisons.SelectMany(c => c.Study.Grid.Batches))}, "
                    + $"{NumberText.Count(plan.Study.Grid.Seeds.Count, "seed")}; {PlanEstimate.Of(plan).Runs} runs at first"
            )
        );
        if (miniature.LeftOut(whole.Plan) is { Count: > 0 } left)
            call.Say($"left out   batch sizes {Batches(left)}: no multiples of {miniature.Scale}");
        RunStore outer = StudyPrediction.OpenStore(whole, folder, call.Command);
        (RunStore inner, PlanDocument document) = call.Begin(whole, Path.Combine(folder, "miniature"), plan);
        return new(pair, miniature, outer, inner, document, call);
    }

    /// <summary>Trains what it lacks.</summary>
    public RunnerEnd Train(CancellationToken stop) => _call.Run(_miniature.Plan, Store, tuned: null, stop);

    /// <summary>Predicts every comparison from the runs that there are, and keeps the predictions in the study's store.</summary>
    /// <param name="source">The study's file, as the page names it.</param>
    /// <exception cref="InputException">No comparison has losses to compare.</exception>
    public MiniatureAnswer Read(string source)
    {
        Plan plan = _miniature.Plan;
        // Those that the sentinel added included; a diverged run counts whole.
        double spent = new StudyResults(plan, Store)
            .Decisions()
            .SelectMany(d => plan.Runs(d.Arm, d.Decision.Tried))
            .DistinctBy(r => r.Id)
            .Sum(r => (double)r.Spec.Budget.Steps(r.Spec.Batch, r.Spec.Task.Context) * r.Spec.Batch);
        bool dear = _miniature.Samples > ProbePlan.Share * _miniature.Sweep;
        _call.Say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"cost       {spent:0} training samples, {100 * spent / _miniature.Sweep:0.0#}% of the {_miniature.Sweep} of the sweep's "
                    + $"first round{(dear ? "; at this scale it costs more than 2% from the start" : "")}"
            )
        );
        GapAnalysis analysis = new StudyReport(_document, Store).Analyse(
            new AnalysisOptions { First = _pair.First, Second = _pair.Second }
        );
        SayDoubts(analysis.Findings);
        GapPrediction[] made = [.. plan.Comparisons.Select(c => Predicted(c, analysis)).OfType<GapPrediction>()];
        return made.Length == 0
            ? throw new InputException($"the miniature's runs gave no losses to compare; see them with gaplab study report {Store.Root}")
            : new MiniatureAnswer(made, _miniature.Scale, spent, _miniature.Sweep, source);
    }

    private GapPrediction? Predicted(PlannedComparison comparison, GapAnalysis analysis)
    {
        string file = PredictionFiles.Of(_whole, comparison.Key).Miniature,
            of = comparison.Key.Heading;
        if (
            analysis.Of(comparison.Key) is not { } measured
            || MiniatureReading.Of(measured, _miniature.Scale, _pair.First, _pair.Second, of) is not { } prediction
        )
        {
            _call.Say($"left out   {of}: no batch size has losses above zero of both optimizers");
            return null;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        prediction.Write(file);
        _call.Say($"prediction: {file}");
        SayDoubts(measured.Findings);
        return prediction;
    }

    /// <summary>What makes the reading doubtful; few seeds and unrefined grids are as they were planned, and its report has the
    /// rest.</summary>
    private void SayDoubts(IEnumerable<Finding> findings)
    {
        foreach (Finding finding in findings.Where(f => s_doubts.Contains(f.Kind)))
            _call.Say(FindingText.Line(finding));
    }

    private static string Batches(IEnumerable<int> batches) => string.Join(", ", batches.Distinct().Order());
}
