// The pairs of a back-test: every prediction that a store holds, beside the analysis of the comparison that it is of.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies.Piloting;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Studies.Backtesting;

/// <summary>The predictions of one store.</summary>
public sealed class StoreBacktest
{
    /// <summary>How a pilot that was no prediction any more is told from one that was.</summary>
    private const string Late = ", made after the sweep began";

    private readonly string _path;
    private readonly PlanDocument _document;
    private readonly Plan _plan;
    private readonly RunStore _store;
    private readonly ComparisonKey[] _keys;
    private readonly IReadOnlyList<GapPrediction>[] _predictions;
    private readonly IReadOnlyList<(string Label, PilotPrediction Prediction)>[] _pilots;

    /// <param name="path">The store as the user named it.</param>
    /// <param name="document">Its plan.</param>
    /// <param name="store">The store.</param>
    /// <exception cref="InputException">It holds no prediction.</exception>
    public StoreBacktest(string path, PlanDocument document, RunStore store)
    {
        ArgumentNullException.ThrowIfNull(document);
        (_path, _document, _store, _plan) = (path, document, store, document.ToPlan());
        _keys = [.. _plan.Comparisons.Select(c => c.Key)];
        SweepStart start = SweepStart.Of(store);
        _pilots = [.. _keys.Select(k => Labelled(PredictionFiles.PilotsOf(store, k), start))];
        _predictions =
        [
            .. _keys.Zip(
                _pilots,
                (k, pilots) =>
                    (IReadOnlyList<GapPrediction>)
                        [
                            .. PredictionFiles.WithoutPilots(store, k),
                            .. pilots.SelectMany(p => p.Prediction.Curves.Select(c => c with { Method = p.Label })),
                        ]
            ),
        ];
        Pair =
            _predictions.SelectMany(p => p).Select(p => (p.First, p.Second)).Cast<(string, string)?>().FirstOrDefault()
            ?? _pilots
                .SelectMany(p => p)
                .SelectMany(p => p.Prediction.Pairs)
                .Select(p => (p.First, p.Second))
                .Cast<(string, string)?>()
                .FirstOrDefault()
            ?? throw new InputException(
                $"{path} holds no prediction of its {(_keys.Length == 1 ? "comparison" : "comparisons")}; make one with gaplab "
                    + $"predict STUDY.yaml, or gaplab predict probe.json --out {PredictionFiles.Of(store, _keys[0]).Prediction}"
            );
    }

    /// <summary>The pair that the first prediction is for.</summary>
    public (string First, string Second) Pair { get; }

    /// <summary>Analyses the store and sets the predictions beside it.</summary>
    /// <param name="pair">What is compared.</param>
    /// <param name="named">Whether the user named the pair: then predictions for another one are passed over where there are some for it;
    /// else every pair is compared that a prediction is for.</param>
    /// <param name="leftOut">Told what has no pair, and why.</param>
    /// <exception cref="InputException">No prediction is for the pair that was named, or the metric is a score.</exception>
    public IReadOnlyList<BacktestPair> Pairs(AnalysisOptions pair, bool named, Action<string> leftOut)
    {
        ArgumentNullException.ThrowIfNull(pair);
        (string First, string Second)[] there = [.. _predictions.SelectMany(p => p).Select(p => (p.First, p.Second)).Distinct()];
        if (named && there.Length > 0 && !there.Contains((pair.First, pair.Second)))
        {
            GapPrediction other = _predictions.SelectMany(p => p).First();
            throw new InputException(
                $"{_path}{(other.Comparison.Length > 0 ? $", {other.Comparison}" : "")}: predicted for {other.First} against "
                    + $"{other.Second}, not for {pair.First} against {pair.Second}; predict it for that pair, or name another with --pair"
            );
        }
        if (named)
            there = [(pair.First, pair.Second)];
        return [.. there.SelectMany(p => OfPair(pair with { First = p.First, Second = p.Second }, there.Length > 1, leftOut))];
    }

    private List<BacktestPair> OfPair(AnalysisOptions pair, bool several, Action<string> leftOut)
    {
        GapAnalysis analysis = new StudyReport(_document, _store).Analyse(pair);
        if (analysis.HigherIsBetter)
            throw new InputException($"{_path}: the metric is a score; predictions are of losses");
        var pairs = new List<BacktestPair>();
        foreach ((ComparisonKey key, IReadOnlyList<GapPrediction> all) in _keys.Zip(_predictions))
        {
            GapPrediction[] made = [.. all.Where(p => (p.First, p.Second) == (pair.First, pair.Second))];
            ComparisonAnalysis? comparison = analysis.Of(key);
            if (made.Length == 0 || comparison is null)
                leftOut($"left out   {_path}, {key}: {(comparison is null ? "no finished runs" : "no prediction")}");
            else
                pairs.AddRange(
                    made.Select(prediction => new BacktestPair(
                        NameOf(key) + (several ? $", {pair.First} against {pair.Second}" : ""),
                        prediction,
                        comparison
                    ))
                );
        }
        return pairs;
    }

    /// <summary>What pilots forecast of every pair, beside what the sweep measured: those alone that were made before it.</summary>
    /// <param name="leftOut">Told what cannot be scored, and why.</param>
    public IReadOnlyList<ForecastTask> Forecasts(Action<string> leftOut)
    {
        ArgumentNullException.ThrowIfNull(leftOut);
        var tasks = new List<ForecastTask>();
        foreach ((PlannedComparison comparison, int at) in _plan.Comparisons.Select((c, i) => (c, i)))
        {
            (string Label, PilotPrediction Prediction)[] registered =
            [
                .. _pilots[at].Where(p => !p.Label.EndsWith(Late, StringComparison.Ordinal)),
            ];
            IReadOnlyList<PilotSide> sides = PilotSide.Of(_plan, comparison);
            foreach (
                var pair in registered
                    .SelectMany(r => r.Prediction.Pairs.Select(p => (r.Label, r.Prediction, Pair: p)))
                    .GroupBy(p => (First: p.Pair.FirstName, Second: p.Pair.SecondName))
            )
            {
                PilotSide? first = sides.FirstOrDefault(s => s.Name == pair.Key.First),
                    second = sides.FirstOrDefault(s => s.Name == pair.Key.Second);
                if (first is null || second is null)
                {
                    leftOut($"left out   {_path}, {comparison.Key}: the study has no {pair.Key.First} and {pair.Key.Second} any more");
                    continue;
                }
                if (Task(comparison, first, second, [.. pair]) is { } task)
                    tasks.Add(task);
                else
                    leftOut(
                        $"left out   {_path}, {NameOf(comparison.Key)}, {first.Name} against {second.Name}: not scored, for lack of two "
                            + "seeds at two of the predicted batch sizes"
                    );
            }
        }
        return tasks;
    }

    private ForecastTask? Task(
        PlannedComparison comparison,
        PilotSide first,
        PilotSide second,
        IReadOnlyList<(string Label, PilotPrediction Prediction, PilotPair Pair)> made
    )
    {
        RelevanceBand band = made[0].Pair.Band;
        SweepTable table = new StudyResults(_plan, _store).Sweep(only: arm =>
            ReferenceEquals(arm.Comparison, comparison) && (first.Has(arm) || second.Has(arm))
        );
        if (SweepGaps.Of(table.Rows, first.Optimizer, second.Optimizer, band) is not { } measured)
            return null;
        Dictionary<string, GapDraws> forecasts = [];
        foreach ((string label, _, PilotPair pair) in made)
            if (pair.DrawsAt(measured.Sizes) is { } draws)
                forecasts[label] = draws;
        if (forecasts.Count == 0)
            return null;
        double shortness = PilotPairs.MemoryOf(second).Shortness is > 0 and var own ? own : PilotPairs.MemoryOf(first).Shortness;
        return new ForecastTask(
            NameOf(comparison.Key),
            measured,
            forecasts,
            PilotAnchors.Of(made[^1].Prediction.Cells, first, second, band),
            shortness > 0 ? shortness : null,
            PilotAnchors.SeedError
        );
    }

    // Of those with one label the last counts: what it says before the sweep, and what it says after it.
    private static IReadOnlyList<(string, PilotPrediction)> Labelled(IReadOnlyList<PilotPrediction> all, SweepStart start) =>
        [
            .. all.GroupBy(p => p.Method + (start.IsAfter(p) ? "" : Late))
                .Select(g => (g.Key, g.MaxBy(p => p.Made)!))
                .OrderBy(p => p.Item2.SpentSamples),
        ];

    /// <summary>The setting's own name where that is all of the key; the study's where there is no key.</summary>
    private string NameOf(ComparisonKey key) =>
        _keys.Length == 1 ? _document.Study.Name
        : key.Pairs is [{ Key: "setting", Value: var only }] ? only
        : $"{_document.Study.Name}, {key}";
}
