// From the probe files of tuned runs to rows: read, averaged over seeds, related to SGD.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Report;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Running;

/// <summary>Reads what <see cref="StudyResults.TunedPacks"/> had measured.</summary>
public static class SharpnessRows
{
    private sealed record Sample(string Run, Dictionary<string, double> Numbers, string Verdict, (double, double)[] Histogram, (double, double)[] Landscape);

    /// <summary>Rows by trajectory, point and update. A run that diverged before a point has none there.</summary>
    public static IReadOnlyList<SharpnessRow> Read(Plan plan, RunStore store, IReadOnlyList<PackSpec> packs)
    {
        var rows = new List<SharpnessRow>();
        var probed = packs.SelectMany(p => p.Runs.Where(r => p.ProbedRuns!.Contains(r.Id)).Select(r => (Run: r, Probes: p.Probes!))).ToDictionary(p => p.Run.Id);
        foreach ((StudyGroup group, SentinelDecision decision) in new StudyResults(plan, store).Decisions())
        {
            if (decision.Best is not { } rate) continue;
            var runs = plan.Runs(group, [rate]).Where(r => probed.ContainsKey(r.Id)).Select(r => probed[r.Id]).ToList();
            if (runs.Count == 0) continue;
            ProbesSpec probes = runs[0].Probes;
            RunSpec spec = runs[0].Run.Spec;
            long steps = spec.Budget.Steps(spec.Batch, spec.Task.Context);
            OptimizerSpec[] updates = [spec.Optimizer, .. probes.Shadows];
            foreach (long step in probes.StepsOf(steps))
            {
                double fraction = probes.At.First(f => Math.Min(steps - 1, (long)Math.Floor(f * steps)) == step);
                List<Sample[]> read = [.. runs.Select(r => Read(store.Run(r.Run.Id), step, updates.Length)).OfType<Sample[]>()];
                if (read.Count == 0) continue;
                int first = rows.Count;
                for (int k = 0; k < updates.Length; k++) rows.Add(Row(group, fraction, step, updates, k, [.. read.Select(s => s[k])]));
                SharpnessRow? sgd = rows.Skip(first).FirstOrDefault(r => !r.Moves && r.Name == "sgd") ?? rows.Skip(first).FirstOrDefault(r => r.Name == "sgd");
                if (sgd is not { Sharpness: > 0 }) continue;
                for (int i = first; i < rows.Count; i++)
                {
                    double ratio = rows[i].Sharpness / sgd.Sharpness;
                    rows[i] = rows[i] with { Ratio = ratio, RatioError = rows[i].Name == "sgd" && rows[i].Moves == sgd.Moves ? 0 : double.Hypot(rows[i].SharpnessError / sgd.Sharpness, ratio * sgd.SharpnessError / sgd.Sharpness) };
                }
            }
        }
        return rows;
    }

    private static SharpnessRow Row(StudyGroup group, double fraction, long step, OptimizerSpec[] updates, int k, Sample[] seeds)
    {
        double Mean(string name) => seeds.Average(s => s.Numbers[name]);
        double Error(string name)
        {
            double data = Math.Sqrt(seeds.Average(s => s.Numbers[name + "-error"] * s.Numbers[name + "-error"]));
            return seeds.Length < 2 ? data : double.Hypot(data, SampleError.OfMean([.. seeds.Select(s => s.Numbers[name])]));
        }
        OptimizerSpec me = updates[k];
        OptimizerSpec Bare(OptimizerSpec o) => o with { Name = "", LearningRate = 0, ClipTop = 0, ClipTopAt = "gradient", ClipTopScope = "row" };
        string twin = me.ClipTop == 0 ? me.Name : updates.Skip(1).Concat(updates).FirstOrDefault(o => o.ClipTop == 0 && Bare(o) == Bare(me))?.Name ?? me.Name;
        return new SharpnessRow
        {
            Geometry = group.Optimizer, Batch = group.Batch, Variant = group.Variant, Fraction = fraction, Step = step,
            Name = me.Name, Optimizer = twin, Clipped = me.ClipTop > 0, Moves = k == 0, LearningRate = me.LearningRate,
            Sharpness = Mean("sharpness"), SharpnessError = Error("sharpness"), Cosine = Mean("cosine"),
            Change = Mean("change"), ChangeError = Error("change"), Linear = Mean("linear"), Quadratic = Mean("quadratic"), Remainder = Mean("remainder"),
            BestStep = seeds.Average(s => s.Numbers["best-step"] / s.Numbers["length"]), BestDecrease = Mean("best-decrease"),
            Verdict = string.Join(", ", seeds.Select(s => s.Verdict).Distinct()),
            Histogram = Curve(s => s.Histogram), Landscape = Curve(s => s.Landscape),
            Runs = [.. seeds.Select(s => s.Run)],
        };
        (double, double)[] Curve(Func<Sample, (double X, double Y)[]> of) =>
            [.. Enumerable.Range(0, of(seeds[0]).Length).Select(i => (seeds.Average(s => of(s)[i].X), seeds.Average(s => of(s)[i].Y)))];
    }

    private static Sample[]? Read(RunFolder run, long step, int updates)
    {
        using SafetensorsReader sharpness = Safetensors.Open(run.ProbePath("sharpness", step)), attribution = Safetensors.Open(run.ProbePath("attribution", step)),
            histogram = Safetensors.Open(run.ProbePath("histogram", step)), landscape = Safetensors.Open(run.ProbePath("landscape", step));
        if (sharpness.Metadata.GetValueOrDefault("status") != "measured") return null;
        int named = sharpness.Metadata["updates"].Split('\n').Length;
        if (named != updates) throw new InputException($"{run.ProbePath("sharpness", step)} holds {named} updates, expected {updates}: delete the run's folder probes and run again");
        var columns = new Dictionary<string, double[]>();
        foreach (string name in (string[])["length", "cosine", "sharpness", "sharpness-error"]) columns[name] = sharpness.Read<double>(name);
        foreach (string name in (string[])["change", "change-error", "linear", "quadratic", "remainder", "best-step", "best-decrease"]) columns[name] = attribution.Read<double>(name);
        string[] verdicts = attribution.Metadata["verdicts"].Split('\n');
        double[] edges = histogram.Read<double>("edges"), counts = histogram.Read<double>("counts"), zeros = histogram.Read<double>("zeros"), odd = histogram.Read<double>("non-finite");
        double[] lengths = landscape.Read<double>("steps"), change = landscape.Read<double>("change");
        int bins = edges.Length - 1, points = lengths.Length;
        return [.. Enumerable.Range(0, updates).Select(k =>
        {
            double[] mine = counts[(k * bins)..((k + 1) * bins)];
            double all = mine.Sum() + zeros[k] + odd[k];
            return new Sample(run.Id, columns.ToDictionary(c => c.Key, c => c.Value[k]), verdicts[k],
                [.. mine.Select((c, i) => (Math.Sqrt(edges[i] * edges[i + 1]), c / all))], [.. lengths.Select((s, i) => (s, change[k * points + i]))]);
        })];
    }
}
