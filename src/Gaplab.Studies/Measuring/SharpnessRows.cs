// From the probe files of tuned runs to rows: read, averaged over seeds, related to SGD.
using Gaplab.Learning.Diagnostics;
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
internal static class SharpnessRows
{
    private sealed record Sample(
        string Run,
        SharpnessReading Direction,
        AttributionReading Attribution,
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
            IReadOnlyList<(long Step, string Key)> files = ProbeFiles.Steps(store.Run(run.Id), SharpnessReading.Probe, store.Tell);
            // The latest question wins where a run was measured twice with different shadows.
            foreach (ProbesSpec probes in asked.Questions(arm.Batch))
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

    // Seeds of one arm at one step, with the same updates, are one row per update.
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
        double Mean(Func<Sample, double> number) => seeds.Average(number);
        double Error(Func<Sample, double> number, Func<Sample, double> error)
        {
            double data = Math.Sqrt(seeds.Average(s => error(s) * error(s)));
            return seeds.Length < 2 ? data : double.Hypot(data, SampleError.OfMean([.. seeds.Select(number)]));
        }
        OptimizerSpec me = updates[k];
        return new SharpnessRow
        {
            Comparison = comparison,
            Geometry = arm.Optimizer,
            Batch = arm.Batch,
            Variant = arm.Variant,
            Fraction = fraction,
            Step = step,
            Name = me.Name,
            Optimizer = me.UnclippedTwin(updates.Skip(1).Concat(updates)),
            Clipped = me.ClipTop > 0,
            Moves = k == 0,
            LearningRate = me.LearningRate,
            Sharpness = Mean(s => s.Direction.Sharpness),
            SharpnessError = Error(s => s.Direction.Sharpness, s => s.Direction.SharpnessError),
            Cosine = Mean(s => s.Direction.Cosine),
            Change = Mean(s => s.Attribution.Change),
            ChangeError = Error(s => s.Attribution.Change, s => s.Attribution.ChangeError),
            Linear = Mean(s => s.Attribution.Linear),
            Quadratic = Mean(s => s.Attribution.Quadratic),
            Remainder = Mean(s => s.Attribution.Remainder),
            BestStep = Mean(s => s.Attribution.BestStep / s.Direction.Length),
            BestDecrease = Mean(s => s.Attribution.BestDecrease),
            Verdict = string.Join(", ", seeds.Select(s => s.Attribution.Verdict).Distinct()),
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
        string path = run.ProbePath(prefix + SharpnessReading.Probe, step);
        if (!Path.Exists(path))
            return null;
        using SafetensorsReader? opened = ProbeFiles.TryOpen(run, prefix + SharpnessReading.Probe, step, store.Tell);
        if (opened is not { } sharpness || !ProbeFacts.AreMeasured(sharpness.Metadata))
            return null;
        int named = ProbeFacts.Lines(sharpness.Metadata[ProbeFacts.Updates]).Length;
        if (named != updates)
            throw new InputException($"{path} holds {named} updates, expected {updates}: delete the run's folder probes and run again");
        IReadOnlyList<SharpnessReading> directions = SharpnessReading.Of(sharpness);
        IReadOnlyList<AttributionReading>? attributions = Beside(AttributionReading.Probe, AttributionReading.Of);
        IReadOnlyList<(double, double)[]>? histograms = Beside(HistogramReading.Probe, HistogramReading.Of),
            landscapes = Beside(LandscapeReading.Probe, LandscapeReading.Of);
        return
        [
            .. directions.Select(
                (direction, k) =>
                    new Sample(run.Id, direction, attributions?[k] ?? AttributionReading.None, histograms?[k] ?? [], landscapes?[k] ?? [])
            ),
        ];

        // Of the same point and question: a file of other shadows beside it is none.
        T? Beside<T>(string probe, Func<SafetensorsReader, T> read)
            where T : class
        {
            if (!Path.Exists(run.ProbePath(prefix + probe, step)))
                return null;
            using SafetensorsReader? reader = ProbeFiles.TryOpen(run, prefix + probe, step, store.Tell);
            return
                reader is not null
                && reader.Metadata.GetValueOrDefault(ProbeFacts.Key) == sharpness.Metadata.GetValueOrDefault(ProbeFacts.Key)
                ? read(reader)
                : null;
        }
    }
}
