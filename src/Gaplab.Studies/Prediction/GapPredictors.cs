// What may explain a gap, collected from stores: from the study itself, from probes along its runs, from its probe and its prediction.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Running;
using Gaplab.Theory.GapModel;

namespace Gaplab.Studies.Prediction;

/// <summary>The predictors that are there, and one row a comparison and batch size.</summary>
public sealed record GapPredictors(IReadOnlyList<string> Names, IReadOnlyList<PredictorRow> Rows)
{
    private const double Middle = 0.5;

    // Name and how it is made stand together; docs/explain.md tells each.
    private sealed record Source(Plan Plan, PlanCell Cell, RunStore Store, GapAnalysis Analysis, IReadOnlyList<SharpnessRow> Sharpness, Probe? Probe, Probe? Start, GapPrediction? Prediction);

    private static readonly (string Name, Func<Source, Gap, double?> Value)[] s_all =
    [
        ("log₂ batch size", (_, g) => Math.Log2(g.Batch)),
        ("log₂ steps", (s, g) => Math.Log2(s.Cell.Study.Budget.Steps((int)g.Batch, s.Cell.Study.Task.Context))),
        ("log₂ parameters", (s, _) => Math.Log2(s.Cell.Parameters)),
        ("log₂ vocabulary or classes", (s, _) => Math.Log2(s.Cell.Vocabulary)),
        ("imbalance, Zipf exponent", (s, _) => s.Cell.Study.Task.Kind == "markov" ? s.Cell.Study.Task.Exponent : null),
        ("log₂ noise scale over batch size", (s, g) => NoiseScale(s, g) is > 0 and var scale ? Math.Log2(scale / g.Batch) : null),
        ("log₂ directional sharpness ratio", Sharpness),
        ("curvature heterogeneity of blocks", (s, _) => Spread(s.Probe, b => b.Nodes.Zip(b.Weights, (n, w) => w.Value * n * n).Sum() is var square ? Math.Sqrt(square) : 0)),
        ("gradient heterogeneity of blocks", (s, _) => Spread(s.Start, b => (b.GradientNorm?.Value ?? 0) / Math.Sqrt(b.Parameters))),
        ("noise heterogeneity of blocks", (s, _) => Spread(s.Probe, b => Math.Sqrt(b.Weights.Zip(b.NoiseVariance, (w, v) => w.Value * v.Value).Sum()))),
        ("alignment of curvature with the axes", (s, _) => s.Probe?.Blocks is { } blocks && blocks.All(b => b.Alignment is not null) ? blocks.Sum(b => b.Parameters * b.Alignment!.Value) / blocks.Sum(b => b.Parameters) : null),
        ("gap model", (s, g) => s.Prediction?.At(g.Batch).Gap),
    ];

    /// <summary>Collects from stores; a predictor that no row has is left out.</summary>
    /// <param name="stores">Each with its plan and the analysis of its pair.</param>
    public static GapPredictors Of(IReadOnlyList<(RunStore Store, PlanDocument Document, GapAnalysis Analysis)> stores)
    {
        ArgumentNullException.ThrowIfNull(stores);
        var rows = new List<(string Setting, Gap Gap, double?[] Values)>();
        foreach ((RunStore store, PlanDocument document, GapAnalysis analysis) in stores)
        {
            Plan plan = document.ToPlan();
            IReadOnlyList<SharpnessRow> sharpness = plan.Cells.Count == 1 ? SharpnessRows.OfStore(plan, store) : [];
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(store.Root)));
            foreach (PlanCell cell in plan.Cells)
            {
                if (analysis.Groups.FirstOrDefault(g => plan.Cells.Count == 1 || g.Key.Equals(cell.Key)) is not { } group) continue;
                bool single = plan.Cells.Count == 1;
                PredictionFiles files = PredictionFiles.Of(store, cell.Key);
                GapPrediction? prediction = PredictionFiles.Predicted(store, cell.Key) is { } found && found.First == analysis.First && found.Second == analysis.Second ? found : null;
                var source = new Source(plan, cell, store, analysis, sharpness, PredictionFiles.ReadProbe(files.Probe), PredictionFiles.ReadProbe(files.Start), prediction);
                foreach (Gap gap in group.Gaps.Where(g => double.IsFinite(g.Value) && g.Second.Value != 0))
                    rows.Add((single ? name : $"{name}, {cell.Key}", gap, [.. s_all.Select(one => one.Value(source, gap))]));
            }
        }
        int[] there = [.. Enumerable.Range(0, s_all.Length).Where(i => rows.Any(r => r.Values[i] is { } v && double.IsFinite(v)))];
        return new GapPredictors([.. there.Select(i => s_all[i].Name)],
            // Gaps as fractions of the second optimizer's metric, so that settings of different units compare.
            [.. rows.Select(r => new PredictorRow(r.Setting, r.Gap.Batch, r.Gap.Value / Math.Abs(r.Gap.Second.Value), 0, [.. there.Select(i => r.Values[i] ?? double.NaN)]))]);
    }

    /// <summary>McCandlish's simple noise scale from the noise probe of the first optimizer's tuned runs at this batch size, at the measured point nearest to the middle.</summary>
    private static double? NoiseScale(Source s, Gap gap)
    {
        var scales = new List<double>();
        foreach ((StudyGroup group, PlannedRun run) in SharpnessRows.TunedRuns(s.Plan, s.Store))
        {
            if (group.Batch != gap.Batch || group.Optimizer != s.Analysis.First || s.Plan.CellOf(group) != s.Cell) continue;
            double middle = Middle * run.Spec.Budget.Steps(run.Spec.Batch, run.Spec.Task.Context);
            IReadOnlyList<(long Step, string Key)> steps = ProbeFiles.Steps(s.Store.Run(run.Id), "noise");
            if (steps.Count == 0) continue;
            using SafetensorsReader file = Safetensors.Open(s.Store.Run(run.Id).ProbePath("noise", steps.MinBy(at => Math.Abs(at.Step - middle)).Step));
            if (file.Contains("noise-scale") && file.Read<double>("noise-scale")[0] is > 0 and var scale && double.IsFinite(scale)) scales.Add(scale);
        }
        return scales.Count > 0 ? scales.Average() : null;
    }

    /// <summary>Directional sharpness of the second optimizer's update over SGD's along the first's tuned runs, at the measured point nearest to the middle.</summary>
    private static double? Sharpness(Source s, Gap gap)
    {
        SharpnessRow[] rows = [.. s.Sharpness.Where(r => r.Batch == gap.Batch && r.Geometry == s.Analysis.First && r.Name == s.Analysis.Second && !r.Clipped && r.Ratio > 0)];
        return rows.Length > 0 ? Math.Log2(rows.MinBy(r => Math.Abs(r.Fraction - Middle))!.Ratio) : null;
    }

    /// <summary>Standard deviation of log₂ of a size over the blocks that have one; null with fewer than two.</summary>
    private static double? Spread(Probe? probe, Func<ProbeBlock, double> size)
    {
        double[] logs = [.. (probe?.Layers ?? probe?.Blocks ?? []).Select(size).Where(x => x > 0).Select(Math.Log2)];
        return logs.Length < 2 ? null : Math.Sqrt(logs.Sum(x => Math.Pow(x - logs.Average(), 2)) / (logs.Length - 1));
    }
}
