// The contract of answers over every answer of Gaplab.Results and Gaplab.Reference: a new one must have a sample here.
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Tails;
using Gaplab.Reference;
using Gaplab.Results.Advice;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;
using Gaplab.Results.Folders;
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Pure.Tests.Report;

public sealed class AnswerContractSpecs
{
    private const string H = PageContract.Hostile;

    // An explanation and a setting are named by study files; methods and optimizers are too.
    private static readonly GapObservation[] s_rows =
    [
        .. from s in Enumerable.Range(0, 5)
        from b in Enumerable.Range(0, 3)
        select new GapObservation(
            $"setting {s}{H}",
            4 << b,
            s + 0.01 * b,
            new Dictionary<string, double> { ["level" + H] = s + 0.1 * b, ["useless"] = s % 2 }
        ),
    ];

    private static readonly Dictionary<Type, Func<IAnswer>> s_samples = new()
    {
        [typeof(CrossoverAnswer)] = () => new CrossoverAnswer(SampleReports.Full(2, mischief: H)),
        [typeof(ImportAnswer)] = () =>
            new ImportAnswer(
                new ImportedRuns(
                    new SweepTable([SweepRow.Finished(ComparisonKey.Empty, "sgd" + H, 0.1, 8, "1", null, 2)], "loss" + H)
                    {
                        Caveats = ["said" + H],
                    },
                    [
                        new("run" + H, "run-folders", "finished", null, new Dictionary<string, string> { ["key" + H] = "value" + H }),
                        new("other" + H, null, "set-aside", "torn" + H, new Dictionary<string, string>()),
                    ]
                )
            ),
        [typeof(PowerAnswer)] = () =>
        {
            GapAnalysis pilot = SampleReports.Full(2, mischief: H).Analysis;
            return new PowerAnswer(pilot, SeedPower.Of(pilot, 0.05, 0.8), 0.05, 0.8);
        },
        [typeof(AdviceAnswer)] = () =>
            new AdviceAnswer([
                (
                    "setting" + H,
                    BatchAdvice.Of(32, "loss" + H, ("sgd" + H, 4), ("adam", 8), [GapEvidence.Predicted(Prediction(), "predicted" + H)!])
                ),
            ]),
        [typeof(MiniatureAnswer)] = () =>
            new MiniatureAnswer([Prediction(), Prediction() with { Crossing = null, Verdict = "tie" }], 2, 1e4, 1e6, "study.yaml" + H),
        [typeof(PilotAnswer)] = () =>
        {
            PilotPrediction made = Analysis.PilotPredictionSpecs.Made(name: H);
            GapVerdict verdict = GapVerdict.Of("sgd" + H, "adam" + H, Analysis.PilotPredictionSpecs.Draws(), new RelevanceBand());
            return new PilotAnswer([new PilotPart(made, [verdict, verdict])], "study.yaml" + H);
        },
        [typeof(BacktestAnswer)] = () =>
        {
            GapAnalysis measured = SampleReports.Full(1, mischief: H).Analysis;
            return new BacktestAnswer(
                Backtest.ByMethod([
                    new BacktestPair("one" + H, Prediction(), measured.Comparisons[0]),
                    new BacktestPair("one" + H, Prediction() with { Method = GapPrediction.ByMiniature }, measured.Comparisons[0]),
                ]),
                "stores" + H,
                "gaplab backtest stores" + H
            )
            {
                Standings =
                [
                    new ForecastStanding("pilot" + H, 2, new TaskScore(1, 2, 0.5, 0.01, 0.75), null, null, 2, 1),
                    new ForecastStanding(
                        "no gap",
                        2,
                        new TaskScore(1.5, 2, 0.5, 0.01, 0.75),
                        new PairedDifference(2, 0.5, 0.1, 0.9),
                        null,
                        2,
                        0
                    ),
                ],
            };
        },
        [typeof(ExplainAnswer)] = () =>
        {
            string[] names = ["level" + H, "useless"];
            return new ExplainAnswer
            {
                Compared = "sgd with adam" + H,
                Names = names,
                Rows = s_rows,
                Scores = ExplanationScores.Of(s_rows, names, ExplanationFits.Ridge, together: true),
                Source = "stores" + H,
                Command = "gaplab explain stores" + H,
            };
        },
        [typeof(TailAnswer)] = () =>
        {
            double[] noise = Tails.TailEstimatorSpecs.Draw("t3", 2000, "answers");
            var options = new TailOptions
            {
                Name = "noise" + H,
                Resamples = 20,
                ControlDraws = 5,
                FitValues = 0,
            };
            return new TailAnswer(
                TailMeasurement.Measure(new MemoryTailSource<double>(noise, 8), options),
                "noise.npy" + H,
                "gaplab tails noise.npy" + H
            );
        },
        [typeof(NoiseAnswer)] = () =>
            new NoiseAnswer
            {
                Study = "noisy" + H,
                Facts = [new("model" + H, "gpt")],
                Results = new NoiseResults(
                    [.. Enumerable.Range(0, 4).Select(i => Noise($"r{i}{H}", "iterations")), Noise("r4", "norm")],
                    [new("along sgd" + H, 0, 0, "r0", 10, 1, 11, 2)],
                    [],
                    []
                ),
                Panels =
                [
                    new Section
                    {
                        Id = "more",
                        Title = "more" + H,
                        Prose = ["prose" + H],
                    },
                ],
                Source = "store" + H,
                Command = "gaplab noise" + H,
            },
        [typeof(SharpnessAnswer)] = () =>
            new SharpnessAnswer
            {
                Study = "sharp" + H,
                Facts = [new("model", "gpt" + H)],
                Rows = [Sharpness("sgd", 2), Sharpness("adam" + H, 1)],
                Curves = [new PanelPoint("B = 8" + H, "sgd", 0, 2), new PanelPoint("B = 8" + H, "sgd", 8, 1)],
                Source = "store" + H,
                Command = "gaplab sharpness" + H,
            },
        [typeof(ReferenceAnswer)] = () =>
            new ReferenceAnswer(new ReferenceReport(2, 1, 3, 1, ["A unknown" + H], [new("A1", "mean" + H, "{}", "off by 1")])),
    };

    public static TheoryData<string> Answers =>
        [.. ((Type[])[typeof(IAnswer), typeof(ReferenceAnswer)]).SelectMany(t => PageContract.AnswersOf(t.Assembly)).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_has_faces_that_say_the_same_twice_and_obey_no_name(string answer)
    {
        Assert.True(s_samples.Any(s => s.Key.Name == answer), $"{answer} has no sample here");
        PageContract.Holds(s_samples.Single(s => s.Key.Name == answer).Value());
    }

    private static GapPrediction Prediction() =>
        new(
            "setting" + H,
            "sgd",
            "adam" + H,
            [.. new[] { 4.0, 16, 64, 256 }.Select((b, i) => new PredictedGap(b, 0.1 * (i - 1.5), 0.1 * (i - 2), 0.1 * i, 0.1, 0.01))],
            32,
            new Interval(16, 64),
            "crossover"
        );

    private static NoiseRow Noise(string run, string axis) =>
        new()
        {
            Geometry = "sgd" + H,
            RunBatch = 16,
            Variant = "",
            Fraction = 0,
            Step = 0,
            Run = run,
            Noise = "sgd",
            Place = "point",
            Batch = 16,
            Axis = axis,
            Layer = "all",
            Alpha = 1.5,
            Low = 1.4,
            High = 1.6,
            ControlAlpha = 1.9,
            McCulloch = 1.5,
            Hill = 2,
            Kurtosis = 0,
            Heavy = true,
            Verdict = "heavy" + H,
        };

    private static SharpnessRow Sharpness(string name, double sharpness) =>
        new()
        {
            Geometry = "sgd" + H,
            Batch = 8,
            Variant = "",
            Fraction = 0,
            Step = 0,
            Name = name,
            Optimizer = name,
            Clipped = false,
            Moves = false,
            LearningRate = 0.1,
            Sharpness = sharpness,
            SharpnessError = 0.1,
            Ratio = sharpness / 2,
            Cosine = -1,
            Change = -1,
            ChangeError = 0.1,
            Linear = -1,
            Quadratic = 0.1,
            Remainder = -0.1,
            BestStep = 1,
            BestDecrease = 1,
            Verdict = "convex",
            Histogram = [(1, 0.5)],
            Landscape = [(0.1, -0.1)],
            Runs = ["0123456789abcdef" + H],
        };
}
