// The pairs of a back-test: every prediction that a store holds, beside the analysis of the comparison that it is of.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Studies.Prediction;

/// <summary>The predictions of one store.</summary>
public sealed class StoreBacktest
{
    private readonly string _path;
    private readonly PlanDocument _document;
    private readonly RunStore _store;
    private readonly ComparisonKey[] _keys;
    private readonly IReadOnlyList<GapPrediction>[] _predictions;

    /// <param name="path">The store as the user named it.</param>
    /// <param name="document">Its plan.</param>
    /// <param name="store">The store.</param>
    /// <exception cref="InputException">It holds no prediction.</exception>
    public StoreBacktest(string path, PlanDocument document, RunStore store)
    {
        ArgumentNullException.ThrowIfNull(document);
        (_path, _document, _store) = (path, document, store);
        _keys = [.. document.ToPlan().Comparisons.Select(c => c.Key)];
        _predictions = [.. _keys.Select(k => PredictionFiles.AllOf(store, k))];
        GapPrediction any =
            _predictions.SelectMany(p => p).FirstOrDefault()
            ?? throw new InputException(
                $"{path} holds no prediction of its {(_keys.Length == 1 ? "comparison" : "comparisons")}; make one with gaplab "
                    + $"predict STUDY.yaml, or gaplab predict probe.json --out {PredictionFiles.Of(store, _keys[0]).Prediction}"
            );
        Pair = (any.First, any.Second);
    }

    /// <summary>The pair that the first prediction is for.</summary>
    public (string First, string Second) Pair { get; }

    /// <summary>Analyses the store and sets the predictions beside it.</summary>
    /// <param name="pair">What is compared.</param>
    /// <param name="named">Whether the user named the pair: then predictions for another one are passed over where there are some for
    /// it.</param>
    /// <param name="leftOut">Told what has no pair, and why.</param>
    /// <exception cref="InputException">A prediction is for another pair, or the metric is a score.</exception>
    public IReadOnlyList<BacktestPair> Pairs(AnalysisOptions pair, bool named, Action<string> leftOut)
    {
        ArgumentNullException.ThrowIfNull(pair);
        bool OfPair(GapPrediction p) => (p.First, p.Second) == (pair.First, pair.Second);
        IReadOnlyList<GapPrediction>[] predictions =
            named && _predictions.Any(p => p.Any(OfPair)) ? [.. _predictions.Select(p => p.Where(OfPair).ToArray())] : _predictions;
        if (predictions.SelectMany(p => p).FirstOrDefault(p => !OfPair(p)) is { } other)
        {
            string where = other.Comparison.Length > 0 ? $"{_path}, {other.Comparison}" : _path;
            throw new InputException(
                $"{where}: predicted for {other.First} against {other.Second}, "
                    + $"not for {pair.First} against {pair.Second}; predict it for that pair, or name another with --pair"
            );
        }
        GapAnalysis analysis = new StudyReport(_document, _store).Analyse(pair);
        if (analysis.HigherIsBetter)
            throw new InputException($"{_path}: the metric is a score; predictions are of losses");
        var pairs = new List<BacktestPair>();
        foreach ((ComparisonKey key, IReadOnlyList<GapPrediction> made) in _keys.Zip(predictions))
        {
            ComparisonAnalysis? comparison = analysis.Of(key);
            if (made.Count == 0 || comparison is null)
                leftOut($"left out   {_path}, {key}: {(comparison is null ? "no finished runs" : "no prediction")}");
            else
                pairs.AddRange(
                    made.Select(prediction => new BacktestPair(
                        _keys.Length == 1 ? _document.Study.Name : Name(_document.Study.Name, key),
                        prediction,
                        comparison
                    ))
                );
        }
        return pairs;
    }

    /// <summary>The setting's own name where that is all of the key.</summary>
    private static string Name(string study, ComparisonKey key) =>
        key.Pairs is [{ Key: "setting", Value: var only }] ? only : $"{study}, {key}";
}
