// What may explain a gap, collected from stores: from the study itself, from probes along its runs, from its probe and its prediction.
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;
using Gaplab.Theory.GapModel;

namespace Gaplab.Studies.Prediction;

/// <summary>The explanations that are there, and one row per comparison and batch size.</summary>
public sealed record MeasuredExplanations(IReadOnlyList<string> Names, IReadOnlyList<GapObservation> Rows)
{
    private sealed record Source(
        PlannedComparison Comparison,
        GapAnalysis Analysis,
        TunedProbes Probes,
        double? Imbalance,
        ClassFrequencies? Classes,
        double? Floor,
        Probe? Probe,
        Probe? Start,
        IReadOnlyList<GapPrediction> Predictions
    )
    {
        /// <summary>Of the optimizer of the pair that has a mean of squares, the second if both have: targets a step, and its
        /// moments.</summary>
        public (double Targets, Moments Moments)? Memory(Gap gap) =>
            Classes is { } classes
            && new[] { gap.Second.Moments, gap.First.Moments }.FirstOrDefault(m => m.Second is not null) is { Second: not null } moments
                ? (gap.Batch * classes.PerSample, moments)
                : null;

        /// <summary>Where the first optimizer begins to run out of steps, by its own curve: the batch size at which its tuned loss leaves
        /// the band of relevance above its lowest at smaller ones, on a line in log₂ B; null where it does not within the
        /// range.</summary>
        public double? Onset()
        {
            if (Analysis.HigherIsBetter || Analysis.Of(Comparison.Key) is not { } measured)
                return null;
            var band = new RelevanceBand(Floor: Floor);
            TunedMetric[] curve = [.. measured.Gaps.Select(g => g.First).Where(t => !t.AllDiverged)];
            for (int i = 1; i < curve.Length; i++)
            {
                double lowest = curve[..i].Min(t => t.Value),
                    limit = lowest + band.HalfWidth(lowest, lowest);
                if (curve[i].Value <= limit)
                    continue;
                double from = curve[i - 1].Value,
                    share = from >= limit ? 0 : (limit - from) / (curve[i].Value - from);
                return curve[i - 1].Batch * Math.Pow((double)curve[i].Batch / curve[i - 1].Batch, share);
            }
            return null;
        }

        public double? Predicted(string method, Gap gap) => Predictions.FirstOrDefault(p => p.Method == method)?.At(gap.Batch).Gap;

        // The dearest is the last.
        public double? Piloted(Gap gap) => Predictions.LastOrDefault(p => p.IsOfPilot)?.At(gap.Batch).Gap;
    }

    // Name and how it is made stand together; docs/explain.md tells each. Null and NaN: not measured.
    private static readonly (string Name, Func<Source, Gap, double?> Value)[] s_all =
    [
        .. StatedExplanations.Sizes.Select(size =>
            ($"log₂ {size.Name}", (Func<Source, Gap, double?>)((s, g) => size.Log2(s.Comparison, g)))
        ),
        ("class imbalance", (s, _) => s.Imbalance),
        (
            "log₂ memory over the rarest class",
            (s, g) => s.Memory(g) is var (targets, moments) ? Log(targets * moments.Steps * s.Classes!.Rarest) : null
        ),
        (
            "penalty of the output layer",
            (s, g) => s.Memory(g) is var (targets, moments) ? OutputLayerPull.Penalty(s.Classes!, moments.Kappa!.Value, targets) : null
        ),
        ("log₂ batch size over onset of few steps", (s, g) => Log(g.Batch, s.Onset())),
        ("log₂ noise scale over batch size", (s, g) => Log(s.Probes.NoiseScale(s.Comparison, s.Analysis.First, g.Batch), g.Batch)),
        ("tail index of the noise, 1/α", (s, g) => s.Probes.Tail(s.Comparison, s.Analysis.First, g.Batch).Inverse),
        ("1/α above its Gaussian control", (s, g) => s.Probes.Tail(s.Comparison, s.Analysis.First, g.Batch).Excess),
        (
            "log₂ directional sharpness ratio",
            (s, g) => Log(s.Probes.SharpnessRatio(s.Comparison, s.Analysis.First, s.Analysis.Second, g.Batch))
        ),
        (
            "curvature heterogeneity of blocks",
            (s, _) => Spread(s.Probe, b => Math.Sqrt(b.Nodes.Zip(b.Weights, (n, w) => w.Value * n * n).Sum()))
        ),
        ("gradient heterogeneity of blocks", (s, _) => Spread(s.Start, b => (b.GradientNorm?.Value ?? 0) / Math.Sqrt(b.Parameters))),
        (
            "noise heterogeneity of blocks",
            (s, _) =>
                Spread(
                    s.Probe,
                    b =>
                        Math.Sqrt(
                            b.NoiseVariance.Count == 1
                                ? b.NoiseVariance[0].Value
                                : b.Weights.Zip(b.NoiseVariance, (w, v) => w.Value * v.Value).Sum()
                        )
                )
        ),
        (
            "alignment of curvature with the axes",
            (s, _) =>
                s.Probe?.Blocks is { } blocks && blocks.All(b => b.Alignment is not null)
                    ? blocks.Sum(b => b.Parameters * b.Alignment!.Value) / blocks.Sum(b => b.Parameters)
                    : null
        ),
        ("log₂ density of the gradient", (s, _) => Log(s.Probe?.Geometry?.GradientDensity)),
        ("log₂ gain of signs over gradients", (s, _) => Log(s.Probe?.Geometry?.SignGain)),
        ("log₂ gain of signs, own over turned axes", (s, _) => Log(s.Probe?.Geometry?.SignGain, s.Probe?.Geometry?.TurnedSignGain)),
        ("gap model", (s, g) => s.Predicted(GapPrediction.ByModel, g)),
        ("miniature", (s, g) => s.Predicted(GapPrediction.ByMiniature, g)),
        ("pilot", (s, g) => s.Piloted(g)),
    ];

    /// <summary>The names of all that can be measured, whether or not a store has them.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. s_all.Select(one => one.Name)];

    /// <summary>Collects from stores; an explanation that no row has is left out.</summary>
    /// <param name="stores">Each with its plan and the analysis of its pair.</param>
    public static MeasuredExplanations Of(IReadOnlyList<(RunStore Store, PlanDocument Document, GapAnalysis Analysis)> stores)
    {
        ArgumentNullException.ThrowIfNull(stores);
        var imbalances = new Dictionary<TaskSpec, (double? Imbalance, ClassFrequencies? Classes)>();
        var rows = new List<GapObservation>();
        foreach ((RunStore store, PlanDocument document, GapAnalysis analysis) in stores)
        {
            Plan plan = document.ToPlan();
            var probes = new TunedProbes(new StudyResults(plan, store));
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(store.Root)));
            foreach ((PlannedComparison comparison, ComparisonData data) in plan.Comparisons.Zip(document.Comparisons))
            {
                if (analysis.Of(comparison.Key) is not { } measured)
                    continue;
                PredictionFiles files = PredictionFiles.Of(store, comparison.Key);
                GapPrediction[] predictions =
                [
                    .. PredictionFiles.AllOf(store, comparison.Key).Where(p => (p.First, p.Second) == (analysis.First, analysis.Second)),
                ];
                var source = new Source(
                    comparison,
                    analysis,
                    probes,
                    data.Imbalance ?? Made(comparison.Study.Task, imbalances).Imbalance,
                    data.Classes ?? Made(comparison.Study.Task, imbalances).Classes,
                    data.EntropyRate,
                    PredictionFiles.ReadProbe(files.Probe),
                    PredictionFiles.ReadProbe(files.Start),
                    predictions
                );
                foreach (Gap gap in GapObservation.Of(measured))
                    rows.Add(
                        GapObservation.Of(
                            string.Join(
                                ", ",
                                stores.Count > 1 || plan.Comparisons.Count == 1
                                    ? [name, .. Named(plan, comparison)]
                                    : Named(plan, comparison)
                            ),
                            gap,
                            s_all.ToDictionary(one => one.Name, one => one.Value(source, gap) ?? double.NaN)
                        )
                    );
            }
        }
        string[] there = [.. Known.Where(name => rows.Any(r => double.IsFinite(r.Of(name))))];
        return new MeasuredExplanations(there, rows);
    }

    // The only comparison of a store is called as the store is.
    private static IEnumerable<string> Named(Plan plan, PlannedComparison comparison) =>
        plan.Comparisons.Count == 1 ? [] : comparison.Key.Names;

    // Stores made before plans kept it, when there were no kinds but Gaplab's: generated data are made anew, files are not read.
    private static (double? Imbalance, ClassFrequencies? Classes) Made(
        TaskSpec task,
        Dictionary<TaskSpec, (double?, ClassFrequencies?)> known
    )
    {
        if (
            known.TryGetValue(task, out (double?, ClassFrequencies?) value)
            || !TaskCatalogue.BuiltIn.All.Any(k => k.Name == task.Kind && k.Generated)
        )
            return value;
        using ITask made = TaskCatalogue.BuiltIn.Load(task);
        return known[task] = (ClassImbalance.Of(made), TargetCounts.Frequencies(made));
    }

    private static double? Log(double? value, double? over = 1) => value / over is > 0 and var ratio ? Math.Log2(ratio) : null;

    /// <summary>Standard deviation of log₂ of a size over the blocks that have one; null with fewer than two.</summary>
    private static double? Spread(Probe? probe, Func<ProbeBlock, double> size)
    {
        double[] logs = [.. (probe?.Layers ?? probe?.Blocks ?? []).Select(size).Where(x => x > 0).Select(Math.Log2)];
        return logs.Length < 2 ? null : Math.Sqrt(logs.Sum(x => Math.Pow(x - logs.Average(), 2)) / (logs.Length - 1));
    }
}
