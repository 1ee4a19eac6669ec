// What may explain a gap, collected from stores: from the study itself, from probes along its runs, from its probe and its prediction.
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;
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
        Probe? Probe,
        Probe? Start,
        IReadOnlyList<GapPrediction> Predictions
    )
    {
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
        var imbalances = new Dictionary<TaskSpec, double?>();
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
                    data.Imbalance ?? Imbalance(comparison.Study.Task, imbalances),
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
    private static double? Imbalance(TaskSpec task, Dictionary<TaskSpec, double?> known)
    {
        if (known.TryGetValue(task, out double? value) || !TaskCatalogue.BuiltIn.All.Any(k => k.Name == task.Kind && k.Generated))
            return value;
        using ITask made = TaskCatalogue.BuiltIn.Load(task);
        return known[task] = ClassImbalance.Of(made);
    }

    private static double? Log(double? value, double? over = 1) => value / over is > 0 and var ratio ? Math.Log2(ratio) : null;

    /// <summary>Standard deviation of log₂ of a size over the blocks that have one; null with fewer than two.</summary>
    private static double? Spread(Probe? probe, Func<ProbeBlock, double> size)
    {
        double[] logs = [.. (probe?.Layers ?? probe?.Blocks ?? []).Select(size).Where(x => x > 0).Select(Math.Log2)];
        return logs.Length < 2 ? null : Math.Sqrt(logs.Sum(x => Math.Pow(x - logs.Average(), 2)) / (logs.Length - 1));
    }
}
