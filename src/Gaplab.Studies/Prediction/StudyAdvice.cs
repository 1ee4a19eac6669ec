// Advice for one batch size from a study's store: what its runs measured, and what was predicted of it.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Advice;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Studies.Prediction;

/// <summary>Collects the evidence, comparison by comparison.</summary>
/// <param name="document">The store's plan.</param>
/// <param name="store">The store.</param>
/// <param name="pair">What is compared.</param>
public sealed class StudyAdvice(PlanDocument document, RunStore store, AnalysisOptions pair)
{
    private readonly ComparisonKey[] _keys = [.. document.ToPlan().Comparisons.Select(c => c.Key)];

    /// <param name="batch">The batch size asked about, at least 1.</param>
    /// <param name="only">Whether the answer is for the pair alone; else the best of all that were tuned is looked for.</param>
    /// <exception cref="InputException">The store holds neither runs nor a prediction for the pair.</exception>
    public AdviceAnswer At(double batch, bool only)
    {
        var comparisons = new List<(string, BatchAdvice)>();
        if (!store.Index().Any())
        {
            AddPredicted(comparisons, batch, _keys);
            return comparisons.Count > 0
                ? new AdviceAnswer(comparisons)
                : throw new InputException(
                    $"{store.Root} holds neither runs nor a prediction for {pair.First} against {pair.Second}; make one with 'gaplab "
                        + $"study run STUDY.yaml' or 'gaplab predict STUDY.yaml'"
                );
        }
        GapAnalysis analysis = new StudyReport(document, store).Analyse(pair);
        foreach (ComparisonAnalysis comparison in analysis.Comparisons)
        {
            int runs = comparison.Tuned.Sum(t => t.Trials.Sum(c => c.Runs.Count));
            GapEvidence? measured = GapEvidence.Measured(
                analysis,
                comparison,
                $"measured: {runs} runs, {NumberText.Count(comparison.Seeds.Count, "seed")}"
            );
            BatchAdvice advice = Of(
                batch,
                analysis.Metric,
                Predicted(_keys.Length == 1 ? _keys[0] : comparison.Key).Prepend(measured).OfType<GapEvidence>()
            );
            // A pair that was asked for is answered as a pair.
            if (!only && comparison.Arms.At(batch, band: Band(comparison.Key)) is { Arms.Count: > 1 } standings)
                advice = advice.Among(standings, StateBytes);
            comparisons.Add((comparison.Key.Heading, advice));
        }
        // What has been predicted but not run has advice too.
        AddPredicted(comparisons, batch, _keys.Where(k => _keys.Length > 1 && analysis.Of(k) is null));
        return new AdviceAnswer(comparisons);
    }

    /// <summary>1% of the loss above the entropy rate, where the comparison's data know theirs and the metric is a loss.</summary>
    private RelevanceBand Band(ComparisonKey key) =>
        new(
            Floor: !pair.HigherIsBetter && Array.IndexOf(_keys, _keys.Length == 1 ? _keys[0] : key) is >= 0 and var at
                ? document.Comparisons[at].EntropyRate
                : null
        );

    private void AddPredicted(List<(string, BatchAdvice)> comparisons, double batch, IEnumerable<ComparisonKey> keys)
    {
        foreach (ComparisonKey key in keys)
            if (Predicted(key).ToArray() is { Length: > 0 } alone)
                comparisons.Add((key.Heading, Of(batch, document.Study.Metric, alone)));
    }

    private BatchAdvice Of(double batch, string metric, IEnumerable<GapEvidence> evidence) =>
        BatchAdvice.Of(batch, metric, (pair.First, StateBytes(pair.First)), (pair.Second, StateBytes(pair.Second)), [.. evidence]);

    // The last goes first: the dearest pilot, then cheaper ones, then the miniature, which of suite-backtest's signs had twice as many
    // right as the gap model.
    private IEnumerable<GapEvidence> Predicted(ComparisonKey key) =>
        PredictionFiles
            .AllOf(store, key)
            .Reverse()
            .Where(p => (p.First, p.Second) == (pair.First, pair.Second))
            .Select(p => GapEvidence.Predicted(p, $"predicted from the study's {(p.Method == GapPrediction.ByModel ? "probe" : p.Method)}"))
            .OfType<GapEvidence>();

    private double StateBytes(string optimizer)
    {
        OptimizerChoice choice = document.Study.Optimizer(optimizer);
        OptimizerSpec spec = choice.Template with { Momentum = choice.Momenta.Max() };
        return document.Study.Catalogues.Optimizers.Of(spec).StateRows(spec) * (document.Study.Precision == "float64" ? 8 : 4);
    }
}
