// From the basin measured at the end of a run to the escape it predicts for SGD and Adam.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;
using Gaplab.Theory.Escape;

namespace Gaplab.Studies.Measuring;

/// <summary>Feeds Hessian eigenpairs, noise columns and Adam's metric of a probe file to <see cref="MinimumEscape"/>.</summary>
internal static class BasinEscapes
{
    /// <summary>One row per measured run that reached its end.</summary>
    /// <param name="results">Of the study.</param>
    /// <param name="measured">The measured runs, with Adam among moving optimizer or shadows.</param>
    /// <param name="rows">The tails: α is the log-moment estimate of SGD's noise over the iterations of single coordinates, at the run's
    /// last point.</param>
    /// <param name="barrier">Assumed height of the loss barrier.</param>
    /// <param name="alpha">Instead of the measured α, in (0, 2).</param>
    public static IReadOnlyList<BasinEscapeRow> Of(
        StudyResults results,
        IReadOnlyList<ProbedRun> measured,
        IReadOnlyList<NoiseRow> rows,
        double barrier,
        double? alpha
    )
    {
        ArgumentNullException.ThrowIfNull(results);
        RunStore store = results.Store;
        var escapes = new List<BasinEscapeRow>();
        foreach (ProbedRun one in measured)
        {
            if (one.Points(BasinReading.Probe) is not [.., (var last, _)])
                continue;
            PlannedRun run = one.Run;
            using SafetensorsReader file = ProbeFiles.Open(store.Run(run.Id), BasinReading.Probe, last);
            var basin = new BasinReading(file);
            if (!ProbeFacts.AreMeasured(file.Metadata) || !basin.HasMetric)
                continue;
            NoiseRow? noise = rows.Where(r =>
                    r.Run == run.Id && r is { Noise: "sgd", Place: "point", Axis: "iterations", Layer: "all" } && double.IsFinite(r.Alpha)
                )
                .OrderBy(r => r.Fraction)
                .ThenBy(r => r.Batch == run.Spec.Batch ? 1 : 0)
                .LastOrDefault();
            OptimizerSpec? adam = one.Recipes.FirstOrDefault(o => o.Kind is "adam" or "adamw"),
                sgd = one.Recipes.FirstOrDefault(o => o.Kind == "sgd");
            escapes.Add(Row(NoiseReading.PanelOf(one.Arm), run, basin, noise, barrier, alpha, sgd, adam));
        }
        return escapes;
    }

    private static BasinEscapeRow Row(
        string panel,
        PlannedRun run,
        BasinReading basin,
        NoiseRow? noise,
        double barrier,
        double? asked,
        OptimizerSpec? sgd,
        OptimizerSpec? adam
    )
    {
        double[] largest = basin.Largest,
            smallest = basin.Smallest,
            variance = basin.ColumnVariance,
            q = basin.Metric;
        string[] layers = basin.ColumnLayers;
        double alpha = asked ?? noise?.Alpha ?? double.NaN;
        var row = new BasinEscapeRow
        {
            Panel = panel,
            Run = run.Id,
            Alpha = alpha,
            Heavy = noise?.Heavy,
            Barrier = barrier,
            SgdRate = double.NaN,
            AdamRate = double.NaN,
            SgdCorrection = double.NaN,
            AdamCorrection = double.NaN,
            LargestMove = double.NaN,
            Refused = "",
            GradientNorm = basin.GradientNorm,
            LargestCurvature = largest[0],
            SmallestCurvature = smallest.Length > 0 ? smallest[0] : double.NaN,
            Explained = variance.Sum() / basin.NoiseTrace,
            Matched = [],
            Risks = [],
        };
        if (alpha is not (> 0 and < 2))
            return row with
            {
                Refused = double.IsNaN(alpha) ? "no α was measured" : "α is not below 2: Gaussian noise has no jumps to leave by",
            };
        double[][] vectors = basin.Eigenvectors,
            columns = basin.Columns;
        for (int c = 0; c < columns.Length; c++)
        {
            double scale = Math.Sqrt(variance[c] / (2 * run.Spec.Batch)); // a stable law of α = 2 and scale σ has variance 2σ²
            for (int i = 0; i < columns[c].Length; i++)
                columns[c][i] *= scale;
        }
        MinimumPrediction prediction;
        try
        {
            prediction = MinimumEscape.FromEigenpairs(alpha, largest, vectors, columns, q, barrier);
        }
        catch (InputException e)
        {
            return row with { Refused = e.Message };
        }
        double Rate(double perUnit, OptimizerSpec? recipe) => recipe is null ? double.NaN : perUnit * Math.Pow(recipe.LearningRate, alpha);
        // The slowest relaxation of the measured directions; slower ones would make the correction larger still.
        double Correction(double perUnit, OptimizerSpec? recipe, double[] spectrum) =>
            recipe is null
                ? double.NaN
                : FiniteNoise.K(alpha)
                    * Rate(perUnit, recipe)
                    / (recipe.LearningRate * spectrum.Where(c => c > 0).DefaultIfEmpty(double.NaN).Min());
        row = row with
        {
            SgdCorrection = Correction(prediction.SgdRate, sgd, largest),
            AdamCorrection = Correction(prediction.AdamRate, adam, adam is null ? [] : basin.AdamLargest),
            SgdRate = Rate(prediction.SgdRate, sgd),
            AdamRate = Rate(prediction.AdamRate, adam),
            Matched =
            [
                .. prediction.Matched.Select(m => new MatchedEscapeRow(m.Matching.ToString().ToLowerInvariant(), m.RateRatio, m.TimeRatio)),
            ],
            Risks = [.. prediction.Directions.Select(d => new RiskRow(d.Column, layers[d.Column], d.Sharpness, d.SgdShare, d.AdamShare))],
        };
        if (adam is null)
            return row;
        // Along the column that carries most of Adam's risk: the largest coordinate of Q⁻¹s that reaches the boundary, against what one
        // impulse can move it by.
        EscapeDirection worst = prediction.Directions.MaxBy(d => d.AdamShare)!;
        double peak = columns[worst.Column].Zip(q, (s, p) => Math.Abs(s / p)).Max(),
            needed = peak * Math.Sqrt(2 * barrier / worst.AdamSharpness);
        double move = adam.LearningRate * AdamResponse.LargestMove(adam.Beta1, adam.Beta2) / needed;
        return row with
        {
            LargestMove = move,
            AdamRate = move < 1 ? double.NaN : row.AdamRate,
            Refused = move < 1 ? "Adam: one impulse moves a coordinate by less than the boundary is away" : "",
        };
    }
}
