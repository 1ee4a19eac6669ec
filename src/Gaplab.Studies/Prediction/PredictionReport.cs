// The page of a prediction: gap with its band, loss curves, what moves B*.
using System.Globalization;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Theory.GapModel;

namespace Gaplab.Studies.Prediction;

internal static class PredictionReport
{
    // Relative error of the trial runs' losses from which a model is told to be a guess.
    private const double PoorFit = 0.05;

    /// <summary>The answer in one sentence.</summary>
    public static string Headline(PredictionRun run)
    {
        (string first, string second) = (run.Prediction.First, run.Prediction.Second);
        string range = $"batch size {NumberText.Short(run.Curve.Points[0].Batch)} to {NumberText.Short(run.Curve.Points[^1].Batch)}";
        string edge = run.Curve.Points.Any(p => p.First.Edge != RateEdge.None || p.Second.Edge != RateEdge.None)
            ? " A best learning rate lies at an end of its grid: gaps there are bounds."
            : "";
        string Change(GapCrossing c) => $"to {(c.ToSecond ? second : first)} at {NumberText.Short(c.Batch)}";
        string sentence = run.Curve.Verdict switch
        {
            "crossover" => Crossing(run, first, second),
            "several-crossovers" => $"The model sees {run.Curve.Crossings.Count} crossovers: "
                + $"{string.Join(", ", run.Curve.Crossings.Select(Change))}.",
            "second-better-throughout" => $"The model puts {second} ahead from {range}: no crossover in range.",
            "first-better-throughout" => $"The model puts {first} ahead from {range}: no crossover in range.",
            _ => $"The model sees no difference beyond {NumberText.Short(run.Curve.TieBand)} from {range}: a tie.",
        };
        string open =
            run.Resamples > 0 && run.Curve.Verdict != "tie" && run.Prediction.Gaps.All(g => g.Low <= 0 && g.High >= 0)
                ? " But no 95% interval of a gap excludes zero: the model does not settle it."
                : "";
        return sentence
            + open
            + Doubt(run)
            + (
                run.Agreeing is { } agreeing
                    ? $" {NumberText.Percent(agreeing)} of {run.Resamples} resamples of "
                        + $"{(run.Setting.Fit is null ? "the probe's errors" : "the errors of the probe and the fit")} say the same."
                    : ""
            )
            + edge;
    }

    /// <summary>What the fit to the trial runs says of the model; "" without one or where it is good.</summary>
    private static string Doubt(PredictionRun run) =>
        run.Setting.Fit is { } fit && fit.GapError > PoorFit
            ? $" It misses the losses of the trial runs by {Missed(fit.GapError)}: a quadratic does not describe this training, and the "
                + $"prediction is a guess."
            : "";

    /// <summary>An error of ln(loss) in words: per cent while it is small, a factor where per cent would mislead.</summary>
    public static string Missed(double error) =>
        error < 0.5 ? NumberText.Percent(error)
        : error < 14 ? $"a factor of {NumberText.Short(Math.Exp(error))}"
        : "more than a factor of a million";

    private static string Crossing(PredictionRun run, string first, string second)
    {
        GapCrossing c = run.Curve.Crossings[0];
        (string below, string above) = c.ToSecond ? (first, second) : (second, first);
        string interval = NumberText.Interval(run.Prediction.Interval, NumberText.Short);
        return $"The model puts the crossover at batch size "
            + $"{NumberText.Short(c.Batch)}{(interval == NumberText.None ? "" : $", 95% interval {interval}")}: {below} is ahead below, "
            + $"{above} above. The gap changes by {NumberText.Short(Math.Abs(c.Slope))} a doubling there, so an error of 0.02 in it moves "
            + $"B* by {NumberText.Short(c.Log2Error(0.02))} octaves.";
    }

    /// <summary>The page of one prediction, or of a study's comparisons one after the other.</summary>
    public static Report Build(IReadOnlyList<PredictionRun> runs, string source)
    {
        PredictionRun run = runs[0];
        string budget = run.Setting.Budget.Steps is { } steps ? $"{steps} steps" : $"{run.Setting.Budget.Samples} samples";
        return new Report
        {
            Title = runs.Count == 1 ? run.Title : $"Predictions of {source}",
            Headline = runs.Count == 1 ? Headline(run) : string.Join(" ", runs.Select(r => $"{r.Prediction.Comparison}: {Headline(r)}")),
            Facts =
            [
                new("compared", $"{run.Prediction.First} with {run.Prediction.Second}"),
                .. runs.Count > 1
                    ? (Fact[])[new("comparisons", $"{runs.Count}")]
                    :
                    [
                        new("coordinates", run.Setting.Quadratic.Coordinates.ToString("g6", CultureInfo.InvariantCulture)),
                        new("budget", budget),
                        new("schedule", run.Setting.Schedule.Description),
                        new("noise scale at the start", NumberText.Short(run.Setting.Quadratic.NoiseScale)),
                    ],
            ],
            Command = $"gaplab predict {source}",
            Sections = [.. runs.SelectMany((r, i) => Sections(r, source, runs.Count == 1 ? "" : $"-{i}"))],
        };
    }

    private static IEnumerable<Section> Sections(PredictionRun run, string source, string suffix)
    {
        string of = run.Prediction.Comparison.Length == 0 ? "" : $", {run.Prediction.Comparison}";
        (string first, string second) = (run.Prediction.First, run.Prediction.Second);
        var from = new Provenance(source, $"gaplab predict {source}", []);
        var points = new List<PanelPoint>();
        for (int i = 0; i < run.Curve.Points.Count; i++)
        {
            double batch = run.Curve.Points[i].Batch;
            points.Add(
                new PanelPoint("", "model", batch, run.Curve.Points[i].Gap)
                {
                    Interval = run.Prediction.Gaps[i] is { Low: { } low, High: { } high } ? (low, high) : null,
                }
            );
        }
        points.AddRange(
            run.Simulated.Select(s => new PanelPoint("", "true algorithms", s.Batch, s.Gap.Value, Error: 1.96 * s.Gap.StandardError))
        );
        var sections = new List<Section>
        {
            new()
            {
                Id = "gap" + suffix,
                Title = "Gap against batch size" + of,
                Prose =
                [
                    $"Gap = ln(tuned loss of {first} / tuned loss of {second}); above 0 {second} is ahead. Each loss is at its own best "
                        + $"learning rate.",
                ],
                Chart = SeriesPanels.Make(
                    points,
                    PanelAxis.Batches(run.Curve.Points.Select(p => (double)p.Batch)) with
                    {
                        Mark = Crossing(run) is { } at ? (at, $"B* = {NumberText.Short(at)}") : null,
                    },
                    PanelAxis.Gap(first, second, "ln ratio of losses"),
                    lines: true,
                    $"The predicted gap against batch size. {Headline(run)}",
                    run.Simulated.Count > 0 ? "Bars: 95% of the simulation."
                        : run.Resamples > 0
                            ? run.Setting.Fit is null ? "Bars: 95% over the probe's own errors."
                                : "Bars: 95% over the probe's own errors and what the fit to the trial runs leaves."
                        : "The model has no error of its own here; see what moves B* below."
                ),
                TableOpen = true,
                Table = new Table(
                    "one row per batch size",
                    [
                        new("batch", true),
                        new("steps", true),
                        new(first, true),
                        new("lr", true),
                        new(second, true),
                        new("lr", true),
                        new("gap", true),
                        new("95% interval", true),
                        new("true algorithms", true),
                    ],
                    [
                        .. run.Curve.Points.Select(
                            (p, i) =>
                                new Row(
                                    Of(p.Batch),
                                    new Cell(NumberText.Count(p.Steps), p.Steps),
                                    Metric(run.Setting.WholeLoss(p.First)),
                                    Of(p.First.Rate),
                                    Metric(run.Setting.WholeLoss(p.Second)),
                                    Of(p.Second.Rate),
                                    new Cell(NumberText.Signed(p.Gap), p.Gap),
                                    run.Prediction.Gaps[i] is { Low: { } low, High: { } high }
                                        ? $"{NumberText.Signed(low)} … {NumberText.Signed(high)}"
                                        : NumberText.None,
                                    run.Simulated.Count > 0
                                        ? new Cell(
                                            $"{NumberText.Signed(run.Simulated[i].Gap.Value)} ± "
                                                + $"{NumberText.Metric(run.Simulated[i].Gap.StandardError)}",
                                            run.Simulated[i].Gap.Value
                                        )
                                        : NumberText.None
                                )
                        ),
                    ]
                ),
                Provenance = from,
            },
            new()
            {
                Id = "curves" + suffix,
                Title = "Loss over time" + of,
                Prose = ["Expected loss at the tuned learning rates, at the smallest, the middle and the largest batch size."],
                Chart = SeriesPanels.Make(
                    [
                        .. run.Losses.SelectMany(c =>
                            c.Points.Where(p => p.Loss > 0)
                                .Select(p => new PanelPoint($"batch size {NumberText.Short(c.Batch)}", c.Optimizer, p.Step, p.Loss))
                        ),
                    ],
                    new PanelAxis("step"),
                    new PanelAxis("expected loss", true),
                    lines: true,
                    "Expected loss against the step, one line per optimizer, one panel per batch size.",
                    "No noise of single runs: these are expectations."
                ),
                Provenance = from,
            },
        };
        if (run.Sensitivities.Count > 0)
        {
            sections.Add(
                new Section
                {
                    Id = "sensitivity" + suffix,
                    Title = "What moves the crossover" + of,
                    Prose =
                    [
                        "B* when one input is lowered and when it is raised, the others held. What moves it most is what to measure best.",
                    ],
                    Chart = run.Sensitivities.All(s => s is { Low: null, High: null })
                        ? null
                        : Dumbbells.Make(
                            [.. run.Sensitivities.Select(s => new Dumbbell(s.Input, s.Low, s.High))],
                            "crossover batch size B*",
                            Crossing(run),
                            "B* with each input lowered and raised.",
                            "What moves B* most stands first; the table says by how much each input was changed. Dotted: B* as predicted."
                        ),
                    Table = new Table(
                        "one row per input",
                        [new("input"), new("change"), new("B* lowered", true), new("B* raised", true), new("octaves of B* a step", true)],
                        [
                            .. run.Sensitivities.Select(s => new Row(
                                s.Input,
                                s.Change,
                                Of(s.Low),
                                Of(s.High),
                                s.Elasticity is { } e ? new Cell(NumberText.Signed(e), e) : NumberText.None
                            )),
                        ]
                    ),
                    TableOpen = true,
                    Provenance = from,
                }
            );
        }
        return sections;
    }

    private static double? Crossing(PredictionRun run) => run.Curve.Crossings is [var only] ? only.Batch : null;

    private static Cell Of(double? value) => Cell.Of(value, NumberText.Short);

    private static Cell Metric(double value) => new(NumberText.Metric(value), value);
}
