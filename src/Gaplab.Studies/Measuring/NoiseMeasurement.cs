// What gaplab noise asks of a store's tuned runs, and the answer that is read from them.
using System.Globalization;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>The noise of SGD and Adam along the same trajectories.</summary>
public static class NoiseMeasurement
{
    /// <summary>Height of the loss barrier that predicted escapes cross, unless another is asked for.</summary>
    public const double UsualBarrier = 0.1;

    private static readonly IReadOnlyList<string> s_names = ProbeCatalogue.BuiltIn.MeasuredBy("noise");

    /// <summary>The question at one batch size. Both recipes go along every trajectory: the escape of either is predicted from the same
    /// end.</summary>
    /// <param name="document">The store's plan.</param>
    /// <param name="known">What its runs came to.</param>
    /// <param name="batch">Of the trajectory; the noise is of this mini-batch where no other is named.</param>
    /// <param name="at">Fractions of the run; null: the study's or the default.</param>
    /// <param name="batches">Mini-batch sizes of the noise; null: the study's, or the trajectory's own.</param>
    public static ProbesSpec Probes(
        PlanDocument document,
        StudyResults known,
        int batch,
        IReadOnlyList<double>? at,
        IReadOnlyList<int>? batches
    )
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(known);
        ProbesSpec asked = document.Study.Probes ?? new ProbesSpec { Names = s_names };
        NoiseSpec noise = asked.Noise ?? new NoiseSpec();
        OptimizerSpec[] pair =
        [
            .. known
                .Decisions()
                .Where(d => d.Arm.Batch == batch && d.Arm.Optimizer is "sgd" or "adam" && d.Decision.Best is not null)
                .Select(d => d.Arm.Template with { Name = d.Arm.Optimizer, LearningRate = d.Decision.Best!.Value })
                .DistinctBy(r => r.Name),
        ];
        return asked with
        {
            Names = s_names,
            At = at ?? asked.At,
            Noise = noise with { Batches = batches ?? (noise.Batches.Count > 0 ? [.. noise.Batches] : [batch]) },
            Shadows = pair,
        };
    }

    /// <summary>Reads the measured runs.</summary>
    /// <param name="measured">All of it.</param>
    /// <param name="barrier">Height of the loss barrier that predicted escapes cross.</param>
    /// <param name="alpha">The tail index of predicted escapes; null: the measured one.</param>
    /// <param name="workers">Series measured at once.</param>
    public static NoiseAnswer Answer(TunedMeasurement measured, double barrier, double? alpha, int workers)
    {
        ArgumentNullException.ThrowIfNull(measured);
        IReadOnlyList<ProbedRun> runs = ProbedRun.Of(measured.Results, measured.Packs);
        NoiseResults results = Results(measured.Results, runs, barrier, alpha, workers);
        return new NoiseAnswer
        {
            Study = measured.Document.Study.Name,
            Facts = Facts(measured),
            Results = results,
            Panels = Panels(measured.Store, results.Rows, measured.Folder, measured.Command),
            Source = measured.Store.Integrity().Describe(measured.Folder),
            Command = measured.Command,
        };
    }

    /// <summary>All that is read of measured runs.</summary>
    internal static NoiseResults Results(StudyResults results, IReadOnlyList<ProbedRun> runs, double barrier, double? alpha, int workers)
    {
        (IReadOnlyList<NoiseRow> rows, IReadOnlyList<NoiseScaleRow> scales) = NoiseReading.Tails(results, runs, workers);
        return new NoiseResults(rows, scales, NoiseReading.Losses(results, runs), BasinEscapes.Of(results, runs, rows, barrier, alpha));
    }

    private static IReadOnlyList<Fact> Facts(TunedMeasurement measured)
    {
        string kind = measured.Document.Study.Model.Kind;
        List<Fact> facts =
        [
            new("model", string.Create(CultureInfo.InvariantCulture, $"{kind}, {measured.Plan.Parameters:#,0} parameters")),
            new("trajectories", string.Join(", ", measured.Optimizers)),
        ];
        if (measured.Packs is [{ Probes.Noise: { } noise }, ..])
        {
            string from = noise.Samples == 0 ? "all" : noise.Samples.ToString(CultureInfo.InvariantCulture);
            string drawn = $"{noise.Draws} mini-batches a point, drawn from {from} training samples";
            facts.Add(new("noise", drawn));
        }
        return facts;
    }

    /// <summary>The whole panel, with its tail plot and profiles, of the series that the claims are about.</summary>
    internal static IEnumerable<Section> Panels(RunStore store, IReadOnlyList<NoiseRow> rows, string source, string command) =>
        NoiseReading
            .LastPanels(store, rows)
            .SelectMany(
                (panel, i) =>
                    TailReport.Sections(
                        panel,
                        string.Create(CultureInfo.InvariantCulture, $"tails-{i + 1}"),
                        new Provenance(source, command, [rows[0].Run]),
                        $", {panel.Name}"
                    )
            );
}
