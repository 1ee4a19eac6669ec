// From the probe files of tuned runs to rows: read, averaged over seeds, related to SGD.
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>Reads what <see cref="StudyResults.TunedPacks"/> had measured.</summary>
public static class SharpnessRows
{
    private sealed record Sample(
        string Run,
        Dictionary<string, double> Numbers,
        string Verdict,
        (double, double)[] Histogram,
        (double, double)[] Landscape
    );

    /// <summary>A run that was measured: its arm, the updates in the order of its probe files, and where.</summary>
    /// <param name="Arm">Of the study.</param>
    /// <param name="Run">The run.</param>
    /// <param name="Updates">The optimizer that moves, then the shadows.</param>
    /// <param name="Points">Steps, each with its fraction of the run.</param>
    /// <param name="Comparison">The comparison, of a study that has several.</param>
    private sealed record Measured(
        Arm Arm,
        PlannedRun Run,
        OptimizerSpec[] Updates,
        IReadOnlyList<(long Step, double Fraction)> Points,
        string Comparison = ""
    );

    /// <summary>Rows of the packs just measured, by trajectory, point and update. A run that diverged before a point has none
    /// there.</summary>
    public static IReadOnlyList<SharpnessRow> Read(StudyResults results, IReadOnlyList<PackSpec> packs)
    {
        ArgumentNullException.ThrowIfNull(results);
        var probed = packs
            .SelectMany(p => p.Runs.Where(r => p.ProbedRuns!.Contains(r.Id)).Select(r => (Run: r, Probes: p.Probes!)))
            .ToDictionary(p => p.Run.Id);
        return Rows(
            results.Store,
            "",
            results
                .TunedRuns()
                .Where(t => probed.ContainsKey(t.Run.Id))
                .Select(t =>
                {
                    ProbesSpec probes = probed[t.Run.Id].Probes;
                    return new Measured(t.Arm, t.Run, [t.Run.Spec.Optimizer, .. probes.Shadows], PointsOf(probes, Steps(t.Run.Spec)));
                })
        );
    }

    /// <summary>Rows of whatever the tuned runs of a store hold: measured along the way by the study's own probes, or by gaplab sharpness
    /// with its default shadows.</summary>
    public static IReadOnlyList<SharpnessRow> OfStore(StudyResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        (Plan plan, RunStore store) = (results.Plan, results.Store);
        var asked = new SharpnessProbes(results);
        var measured = new List<Measured>();
        foreach ((Arm arm, PlannedRun run) in results.TunedRuns())
        {
            IReadOnlyList<(long Step, string Key)> files = ProbeFiles.Steps(store.Run(run.Id), "sharpness", store.Tell);
            // The latest question wins where a run was measured twice with different shadows.
            foreach (ProbesSpec probes in asked.Candidates(arm.Batch))
            {
                string key = ProbesKey.Of(probes);
                var points = PointsOf(probes, Steps(run.Spec));
                long[] steps = [.. files.Where(f => f.Key == key).Select(f => f.Step)];
                if (steps.Length == 0)
                    continue;
                double Fraction(long step) =>
                    points.Where(p => p.Step == step).Select(p => (double?)p.Fraction).FirstOrDefault()
                    ?? (step == Steps(run.Spec) - 1 ? 1 : step / (double)Steps(run.Spec));
                measured.Add(
                    new Measured(
                        arm,
                        run,
                        [run.Spec.Optimizer, .. probes.Shadows],
                        [.. steps.Select(step => (step, Fraction(step)))],
                        arm.Comparison.Key.Heading
                    )
                );
                break;
            }
        }
        return Rows(store, "", measured);
    }

    /// <summary>Rows of saved checkpoints, measured by <see cref="CheckpointMeasurement"/>.</summary>
    internal static IReadOnlyList<SharpnessRow> OfCheckpoints(
        RunStore store,
        IEnumerable<(Arm Arm, PlannedRun Run, ProbesSpec Probes, long Step)> measured
    ) =>
        Rows(
            store,
            CheckpointMeasurement.Prefix,
            measured.Select(m => new Measured(
                m.Arm,
                m.Run,
                [m.Run.Spec.Optimizer, .. m.Probes.Shadows],
                [(m.Step, m.Step / (double)Steps(m.Run.Spec))]
            ))
        );

    private static long Steps(RunSpec spec) => spec.Budget.Steps(spec.Batch, spec.Task.Context);

    private static (long Step, double Fraction)[] PointsOf(ProbesSpec probes, long steps) =>
        [.. probes.StepsOf(steps).Select(step => (step, probes.At.First(f => Math.Min(steps - 1, (long)Math.Floor(f * steps)) == step)))];

    // Seeds of one arm at one step, with the same updates, are one row an update.
    private static List<SharpnessRow> Rows(RunStore store, string prefix, IEnumerable<Measured> measured)
    {
        var rows = new List<SharpnessRow>();
        foreach (
            var alike in measured
                .SelectMany(m => m.Points.Select(p => (Run: m, p.Step, p.Fraction)))
                .GroupBy(m => (m.Run.Arm.Key, m.Step, string.Join('\n', m.Run.Updates.Select(u => u.Name))))
        )
        {
            (Measured head, long step, double fraction) = alike.First();
            List<Sample[]> read =
            [
                .. alike.Select(m => Read(store, store.Run(m.Run.Run.Id), prefix, step, head.Updates.Length)).OfType<Sample[]>(),
            ];
            if (read.Count == 0)
                continue;
            int first = rows.Count;
            for (int k = 0; k < head.Updates.Length; k++)
                rows.Add(Row(head.Comparison, head.Arm, fraction, step, head.Updates, k, [.. read.Select(s => s[k])]));
            SharpnessRow? sgd =
                rows.Skip(first).FirstOrDefault(r => !r.Moves && r.Name == "sgd") ?? rows.Skip(first).FirstOrDefault(r => r.Name == "sgd");
            if (sgd is not { Sharpness: > 0 })
                continue;
            for (int i = first; i < rows.Count; i++)
            {
                double ratio = rows[i].Sharpness / sgd.Sharpness;
                rows[i] = rows[i] with
                {
                    Ratio = ratio,
                    RatioError =
                        rows[i].Name == "sgd" && rows[i].Moves == sgd.Moves
                            ? 0
                            : double.Hypot(rows[i].SharpnessError / sgd.Sharpness, ratio * sgd.SharpnessError / sgd.Sharpness),
                };
            }
        }
        return rows;
    }

    private static SharpnessRow Row(string comparison, Arm arm, double fraction, long step, OptimizerSpec[] updates, int k, Sample[] seeds)
    {
        double Mean(string name) => seeds.Average(s => s.Numbers[name]);
        double Error(string name)
        {
            double data = Math.Sqrt(seeds.Average(s => s.Numbers[name + "-error"] * s.Numbers[name + "-error"]));
            return seeds.Length < 2 ? data : double.Hypot(data, SampleError.OfMean([.. seeds.Select(s => s.Numbers[name])]));
        }
        OptimizerSpec me = updates[k];
        OptimizerSpec Bare(OptimizerSpec o) =>
            o with
            {
                Name = "",
                LearningRate = 0,
                ClipTop = 0,
                ClipTopAt = "gradient",
                ClipTopScope = "row",
            };
        string twin =
            me.ClipTop == 0
                ? me.Name
                : updates.Skip(1).Concat(updates).FirstOrDefault(o => o.ClipTop == 0 && Bare(o) == Bare(me))?.Name ?? me.Name;
        return new SharpnessRow
        {
            Comparison = comparison,
            Geometry = arm.Optimizer,
            Batch = arm.Batch,
            Variant = arm.Variant,
            Fraction = fraction,
            Step = step,
            Name = me.Name,
            Optimizer = twin,
            Clipped = me.ClipTop > 0,
            Moves = k == 0,
            LearningRate = me.LearningRate,
            Sharpness = Mean("sharpness"),
            SharpnessError = Error("sharpness"),
            Cosine = Mean("cosine"),
            Change = Mean("change"),
            ChangeError = Error("change"),
            Linear = Mean("linear"),
            Quadratic = Mean("quadratic"),
            Remainder = Mean("remainder"),
            BestStep = seeds.Average(s => s.Numbers["best-step"] / s.Numbers["length"]),
            BestDecrease = Mean("best-decrease"),
            Verdict = string.Join(", ", seeds.Select(s => s.Verdict).Distinct()),
            Histogram = Curve(s => s.Histogram),
            Landscape = Curve(s => s.Landscape),
            Runs = [.. seeds.Select(s => s.Run)],
        };
        (double, double)[] Curve(Func<Sample, (double X, double Y)[]> of) =>
            [.. Enumerable.Range(0, of(seeds[0]).Length).Select(i => (seeds.Average(s => of(s)[i].X), seeds.Average(s => of(s)[i].Y)))];
    }

    // Null where a run diverged before, or the point was never measured. Parts that were not asked for are NaN or empty.
    private static Sample[]? Read(RunStore store, RunFolder run, string prefix, long step, int updates)
    {
        string path = run.ProbePath(prefix + "sharpness", step);
        if (!Path.Exists(path))
            return null;
        using SafetensorsReader? opened = ProbeFiles.TryOpen(run, prefix + "sharpness", step, store.Tell);
        if (opened is not { } sharpness || sharpness.Metadata.GetValueOrDefault("status") != "measured")
            return null;
        int named = sharpness.Metadata["updates"].Split('\n').Length;
        if (named != updates)
            throw new InputException($"{path} holds {named} updates, expected {updates}: delete the run's folder probes and run again");
        var columns = new Dictionary<string, double[]>();
        foreach (string name in (string[])["length", "cosine", "sharpness", "sharpness-error"])
            columns[name] = sharpness.Read<double>(name);
        using SafetensorsReader? attribution = Beside("attribution"),
            histogram = Beside("histogram"),
            landscape = Beside("landscape");
        foreach (string name in (string[])["change", "change-error", "linear", "quadratic", "remainder", "best-step", "best-decrease"])
            columns[name] = attribution?.Read<double>(name) ?? [.. Enumerable.Repeat(double.NaN, updates)];
        string[] verdicts = attribution?.Metadata["verdicts"].Split('\n') ?? [.. Enumerable.Repeat("", updates)];
        double[] edges = histogram?.Read<double>("edges") ?? [0],
            counts = histogram?.Read<double>("counts") ?? [],
            zeros = histogram?.Read<double>("zeros") ?? [],
            odd = histogram?.Read<double>("non-finite") ?? [];
        double[] lengths = landscape?.Read<double>("steps") ?? [],
            change = landscape?.Read<double>("change") ?? [];
        int bins = edges.Length - 1,
            points = lengths.Length;
        return
        [
            .. Enumerable
                .Range(0, updates)
                .Select(k =>
                {
                    double[] mine = counts[(k * bins)..((k + 1) * bins)];
                    double all = bins == 0 ? 1 : mine.Sum() + zeros[k] + odd[k];
                    return new Sample(
                        run.Id,
                        columns.ToDictionary(c => c.Key, c => c.Value[k]),
                        verdicts[k],
                        [.. mine.Select((c, i) => (Math.Sqrt(edges[i] * edges[i + 1]), c / all))],
                        [.. lengths.Select((s, i) => (s, change[k * points + i]))]
                    );
                }),
        ];

        // Of the same point and question: a file of other shadows beside it is none.
        SafetensorsReader? Beside(string probe)
        {
            if (
                !Path.Exists(run.ProbePath(prefix + probe, step))
                || ProbeFiles.TryOpen(run, prefix + probe, step, store.Tell) is not { } reader
            )
                return null;
            if (reader.Metadata.GetValueOrDefault("key") == sharpness.Metadata.GetValueOrDefault("key"))
                return reader;
            reader.Dispose();
            return null;
        }
    }
}
