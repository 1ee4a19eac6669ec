// From the noise files of tuned runs to rows: the tail panel of every series, the noise scale, losses at equal training loss.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Files;
using Gaplab.Numerics.Tails;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>Reads what the probes "noise", "adam-noise" and "losses" left.</summary>
internal static class NoiseReading
{
    private static readonly TailOptions Panel = new()
    {
        Centre = TailCentre.None,
        Order = TailOrder.Series,
        Kept = 1 << 13,
        Resamples = 60,
        ControlDraws = 20,
        FitValues = 0,
    };

    private sealed record Series(NoiseRow Row, double[] Values, int Coordinates);

    /// <summary>Rows in the order of trajectories, points and series; a run that diverged before a point, or is shorter than a window, has
    /// none there.</summary>
    /// <param name="results">Of the study.</param>
    /// <param name="measured">Its measured runs.</param>
    /// <param name="threads">Panels at once; the numbers do not depend on it.</param>
    public static (IReadOnlyList<NoiseRow> Rows, IReadOnlyList<NoiseScaleRow> Scales) Tails(
        StudyResults results,
        IReadOnlyList<ProbedRun> measured,
        int threads
    )
    {
        ArgumentNullException.ThrowIfNull(results);
        RunStore store = results.Store;
        var series = new List<Func<Series>>();
        var scales = new List<NoiseScaleRow>();
        foreach (ProbedRun one in measured)
        {
            (Arm arm, PlannedRun run) = (one.Arm, one.Run);
            var points =
                from probe in (string[])[NoiseFile.AtPoint, NoiseFile.InWindow]
                from point in one.Points(probe)
                orderby point.Step
                select (Probe: probe, point.Step, point.Fraction);
            foreach ((string probe, long step, double fraction) in points)
            {
                using SafetensorsReader file = ProbeFiles.Open(store.Run(run.Id), probe, step);
                if (!ProbeFacts.AreMeasured(file.Metadata))
                    continue;
                if (NoiseScaleReading.Of(file) is { } scale)
                    scales.Add(
                        new NoiseScaleRow(
                            PanelOf(arm),
                            fraction,
                            step,
                            run.Id,
                            scale.Scale,
                            scale.Error,
                            scale.TwoBatch,
                            scale.TwoBatchError
                        )
                    );
                series.AddRange(
                    SeriesOf(
                        file,
                        store.Run(run.Id).ProbePath(probe, step),
                        probe,
                        new()
                        {
                            Comparison = arm.Comparison.Key.Heading,
                            Geometry = arm.Optimizer,
                            RunBatch = arm.Batch,
                            Variant = arm.Variant,
                            Fraction = fraction,
                            Step = step,
                            Run = run.Id,
                            Noise = "",
                            Place = probe == NoiseFile.AtPoint ? "point" : "window",
                            Batch = 0,
                            Axis = "",
                            Layer = "",
                            Alpha = double.NaN,
                            Low = double.NaN,
                            High = double.NaN,
                            ControlAlpha = double.NaN,
                            McCulloch = double.NaN,
                            Hill = double.NaN,
                            Kurtosis = double.NaN,
                            Heavy = null,
                            Verdict = "",
                        }
                    )
                );
            }
        }
        var rows = new NoiseRow[series.Count];
        Parallel.For(
            0,
            rows.Length,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) },
            i => rows[i] = Measure(series[i]())
        );
        return (rows, scales);
    }

    /// <summary>SGD's and Adam's validation loss where their training losses are equal, seed by seed; a run that diverged has none. Of one
    /// comparison: rows do not name it.</summary>
    public static IReadOnlyList<MatchedLossRow> Losses(StudyResults results, IReadOnlyList<ProbedRun> measured)
    {
        ArgumentNullException.ThrowIfNull(results);
        if (results.Plan.Comparisons.Count > 1)
            return [];
        RunStore store = results.Store;
        var curves = new Dictionary<(string Optimizer, int Batch, long Seed), (double Train, double Validation)[]>();
        foreach (ProbedRun one in measured)
        {
            var points = new List<(double, double)>();
            foreach ((long step, _) in one.Points(LossesReading.Probe))
            {
                using SafetensorsReader file = ProbeFiles.Open(store.Run(one.Run.Id), LossesReading.Probe, step);
                if (!ProbeFacts.AreMeasured(file.Metadata))
                    continue;
                LossesReading losses = LossesReading.Of(file);
                points.Add((losses.Train, losses.Validation));
            }
            if (points.Count > 0)
                curves.TryAdd((one.Arm.Optimizer, one.Arm.Batch, one.Run.Spec.Seed), [.. points]);
        }
        return
        [
            .. from key in curves.Keys
            where key.Optimizer == "sgd" && curves.ContainsKey(("adam", key.Batch, key.Seed))
            let row = MatchedLosses.Of(key.Batch, key.Seed, curves[key], curves[("adam", key.Batch, key.Seed)])
            where row is not null
            select row,
        ];
    }

    internal static string PanelOf(Arm arm) =>
        $"{arm.Comparison.Key.Prefix}along {arm.Optimizer}, B = {NumberText.Count(arm.Batch)}"
        + (arm.Variant.Length > 0 ? ", " + arm.Variant : "");

    /// <summary>The rows of one file of "noise" or "adam-noise".</summary>
    /// <param name="path">The file.</param>
    /// <param name="probe">Which of the two.</param>
    /// <param name="of">Whose it is: the rows differ in what they measure.</param>
    internal static IReadOnlyList<NoiseRow> RowsOf(string path, string probe, NoiseRow of)
    {
        using SafetensorsReader file = Safetensors.Open(path);
        return [.. SeriesOf(file, path, probe, of).Select(s => Measure(s()))];
    }

    /// <summary>1/α̂ of SGD's pooled noise by the log-moment estimator, and how far above its Gaussian control that is (NaN without one);
    /// null where there is no estimate.</summary>
    /// <param name="path">A file of the probe "noise".</param>
    /// <param name="batch">Samples a mini-batch; the nearest size that was drawn is read.</param>
    internal static (double Inverse, double Excess)? PooledTail(string path, int batch)
    {
        using SafetensorsReader file = Safetensors.Open(path);
        if (!ProbeFacts.AreMeasured(file.Metadata))
            return null;
        var noise = new NoiseFile(file);
        int nearest = noise.Batches.MinBy(b => Math.Abs(Math.Log((double)b / batch)));
        (double[] values, int coordinates) = Moving(noise, NoiseFile.Sgd, nearest, 0, noise.Width(NoiseFile.Sgd, nearest));
        if (values.Length < TailMeasurement.FewestValues)
            return null;
        TailPanel panel = TailMeasurement.Measure(
            new MemoryTailSource<double>(values, coordinates),
            Panel with
            {
                Axis = coordinates == 1 ? TailAxis.Iterations : TailAxis.Pooled,
                Resamples = 0,
            }
        );
        return panel.Estimates.First(e => e.Id == "log-moment") is { All: { } all } found
            ? (all.Inverse, found.Kept is { } kept && found.Control is { } control ? kept.Inverse - 1 / control.Alpha : double.NaN)
            : null;
    }

    // Each is loaded when its turn comes: together they are larger than one needs to be.
    private static List<Func<Series>> SeriesOf(SafetensorsReader file, string path, string probe, NoiseRow of)
    {
        var series = new List<Func<Series>>();
        var recorded = new NoiseFile(file);
        foreach (string noise in NoiseFile.Recorded(probe))
        foreach (int batch in recorded.Batches)
        {
            NoiseRow Row(string axis, string layer) => of with { Noise = noise, Batch = batch, Axis = axis, Layer = layer };
            foreach (string axis in (string[])["iterations", "coordinates", "pooled", "norm"])
                series.Add(() => Load(path, Row(axis, "all"), 0, recorded.Layers.Sum(l => l.Count)));
            int first = 0;
            foreach ((string layer, int count) in recorded.Layers)
            {
                int from = first;
                series.Add(() => Load(path, Row("iterations", layer), from, count));
                first += count;
            }
        }
        return series;
    }

    private static Series Load(string path, NoiseRow row, int from, int count)
    {
        using SafetensorsReader file = Safetensors.Open(path);
        var recorded = new NoiseFile(file);
        if (row.Axis == "norm")
            return new Series(row, recorded.Norms(row.Noise, row.Batch), 1);
        (double[] values, int coordinates) = Moving(recorded, row.Noise, row.Batch, from, count);
        return new Series(row, values, coordinates);
    }

    // Coordinates that no sample moves (a token that does not occur, a pixel that is always dark) have no noise to speak of and are left
    // out.
    private static (double[] Values, int Coordinates) Moving(NoiseFile file, string noise, int batch, int from, int count)
    {
        double[] all = file.Rows(noise, batch);
        int width = file.Width(noise, batch),
            iterations = all.Length / width;
        int[] alive = [.. Enumerable.Range(from, count).Where(c => Enumerable.Range(0, iterations).Any(i => all[i * width + c] != 0))];
        double[] kept = new double[iterations * alive.Length];
        for (int i = 0; i < iterations; i++)
        for (int c = 0; c < alive.Length; c++)
            kept[i * alive.Length + c] = all[i * width + alive[c]];
        return (kept, alive.Length);
    }

    /// <summary>The full panels behind the rows that a reader asks for first: along each trajectory's first run, at its last point, SGD's
    /// noise and Adam's across iterations.</summary>
    /// <param name="store">The store.</param>
    /// <param name="rows">Of <see cref="Tails"/>.</param>
    public static IReadOnlyList<TailPanel> LastPanels(RunStore store, IReadOnlyList<NoiseRow> rows)
    {
        var panels = new List<TailPanel>();
        foreach (
            var trajectory in rows.Where(r => r is { Axis: "iterations", Layer: "all" } && double.IsFinite(r.Alpha)).GroupBy(r => r.Panel)
        )
        {
            foreach (string noise in (string[])[NoiseFile.Sgd, NoiseFile.Adam])
            {
                string place = noise == NoiseFile.Sgd ? "point" : "window",
                    run = trajectory.First().Run;
                if (
                    trajectory
                        .Where(r => r.Noise == noise && r.Place == place && r.Run == run)
                        .OrderByDescending(r => r.Step)
                        .ThenBy(r => r.Batch)
                        .FirstOrDefault()
                    is not { } row
                )
                    continue;
                string path = store.Run(run).ProbePath(place == "point" ? NoiseFile.AtPoint : NoiseFile.InWindow, row.Step);
                using SafetensorsReader file = Safetensors.Open(path);
                Series series = Load(path, row, 0, new NoiseFile(file).Width(row.Noise, row.Batch));
                string name = string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"{(noise == NoiseFile.Sgd ? "SGD" : "Adam")}'s noise {trajectory.Key}, at {100 * row.Fraction:0.#}% of the run, "
                        + $"mini-batches of {row.Batch}"
                );
                panels.Add(Of(series, Panel with { FitValues = FitValues }) with { Name = name });
            }
        }
        return panels;
    }

    private const int FitValues = 1 << 11;

    // Of norms the file holds the norms themselves: one coordinate whose norm each is.
    private static TailPanel Of(Series series, TailOptions options)
    {
        TailAxis axis = series.Row.Axis switch
        {
            "iterations" => TailAxis.Iterations,
            "coordinates" => TailAxis.Coordinates,
            "pooled" => TailAxis.Pooled,
            _ => TailAxis.Norm,
        };
        return TailMeasurement.Measure(
            new MemoryTailSource<double>(series.Values, series.Coordinates),
            options with
            {
                Axis = series.Coordinates == 1 && axis != TailAxis.Norm ? TailAxis.Iterations : axis,
            }
        );
    }

    private static NoiseRow Measure(Series series)
    {
        NoiseRow row = series.Row;
        if (series.Coordinates == 0 || series.Values.Length == 0)
            return row with { Verdict = "no coordinate has noise" };
        bool norm = row.Axis == "norm";
        TailPanel panel;
        try
        {
            panel = Of(series, Panel);
        }
        catch (InputException e)
        {
            return row with { Verdict = e.Message };
        }
        PanelEstimate? By(string id) => panel.Estimates.FirstOrDefault(e => e.Id == id);
        double Alpha(string id) => By(id)?.All?.Alpha ?? double.NaN;
        PanelEstimate? main = By(norm ? "hill" : "log-moment");
        // The interval is of the kept values: of all of them the estimate may lie outside, and then the interval is none of it.
        double alpha = main?.All?.Alpha ?? double.NaN;
        (double low, double high) =
            main is { BootstrapLow: { } from, BootstrapHigh: { } to } && from <= alpha && alpha <= to
                ? (from, to)
                : (double.NaN, double.NaN);
        return row with
        {
            Alpha = alpha,
            Low = low,
            High = high,
            ControlAlpha = main?.Control?.Alpha ?? double.NaN,
            McCulloch = Alpha("mcculloch"),
            Hill = Alpha("hill"),
            Kurtosis = panel.ExcessKurtosis,
            Heavy = panel.Verdict.HeavyTailed,
            Verdict = panel.Verdict.Sentence,
        };
    }
}
