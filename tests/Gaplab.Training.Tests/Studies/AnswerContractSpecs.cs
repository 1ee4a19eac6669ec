// The contract of answers over every answer of Gaplab.Studies: a new one must have a sample here.
using System.Text.Json.Nodes;
using Gaplab.Learning.Training;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Commands;
using Gaplab.Studies.Datasets;
using Gaplab.Studies.Escape;
using Gaplab.Studies.Kinds;
using Gaplab.Studies.Piloting;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Python;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Running;
using Gaplab.Studies.Schema;
using Gaplab.Studies.Slurm;
using Gaplab.Studies.Theorem;
using Gaplab.Theory.Efficiency;
using Gaplab.Theory.Sharpness;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Studies;

public sealed class AnswerContractSpecs(SmallStudy small) : IDisposable
{
    private const string H = PageContract.Hostile;
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Answers => [.. PageContract.AnswersOf(typeof(StudyAnswer).Assembly).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_has_faces_that_say_the_same_twice_and_obey_no_name(string answer)
    {
        var samples = new Dictionary<Type, Func<IAnswer>>
        {
            [typeof(StudyAnswer)] = () =>
                OfStore(
                    (document, store) =>
                    {
                        document = document with { Study = document.Study with { Question = "why" + H }, Command = "gaplab study run" + H };
                        var report = new StudyReport(document, store);
                        return new StudyAnswer(report, report.Analyse(new AnalysisOptions { First = "sgd", Second = "adam" }), "store" + H);
                    }
                ),
            [typeof(StatusAnswer)] = () => OfStore((document, store) => StatusAnswer.Of(document, store, verify: true)),
            [typeof(WeightsAnswer)] = () =>
                OfStore(
                    (document, store) =>
                    {
                        Plan plan = document.ToPlan();
                        Arm arm = plan.Arms[0] with { Key = "sgd" + H };
                        return new WeightsAnswer(
                            document.Study.Name,
                            [new KeptPoint(arm, plan.Runs(arm, [0.1])[0], 8, 96)],
                            "w" + H + ".safetensors",
                            [("blocks.0" + H, [2, 3]), ("head", [])]
                        );
                    }
                ),
            [typeof(PlanAnswer)] = Plan,
            [typeof(SmokeTestAnswer)] = () =>
                OfCommand(
                    (study, run) =>
                        new SmokeTestAnswer(
                            study,
                            run,
                            0.25,
                            [new("knob" + H, "one in place of two" + H, true, 2.5), new("seed", "2 in place of 1", false, double.NaN)],
                            new SmokeTime(1, 0.5, 1e6),
                            2
                        )
                ),
            [typeof(ResumeTestAnswer)] = () =>
                OfCommand((study, run) => new ResumeTestAnswer(study, run, TimeSpan.FromSeconds(2), run, beganAnew: true)),
            [typeof(PythonModule)] = () => new PythonModule(),
            [typeof(DatasetsAnswer)] = () => new DatasetsAnswer(new DatasetFolder(_folder.File("data"))),
            [typeof(StudyDifferences)] = () => new StudyDifferences("a" + H, "b", [new("task.path", "x" + H, null)]),
            [typeof(SchemaAnswer)] = () => new SchemaAnswer(Catalogues.BuiltIn),
            [typeof(KindsAnswer)] = () => KindsAnswer.Of(null, Catalogues.BuiltIn),
            [typeof(EscapeAnswer)] = () => new EscapeAnswer(Escapes(), "spec.yaml" + H, Sde: false),
            [typeof(PredictionAnswer)] = Prediction,
            [typeof(PilotPlanAnswer)] = () =>
                new PilotPlanAnswer(
                    PilotTier.All[1],
                    [
                        new(
                            "setting=one" + H,
                            ["sgd" + H + " against adam"],
                            ["sgd" + H, "adam"],
                            [new("N/4", 1024, [4, 16], [101], 12, 12288)],
                            2,
                            [64],
                            2e4,
                            400000
                        ),
                    ],
                    ["two: too short" + H],
                    "small-pilot"
                ),
            [typeof(BoundsAnswer)] = () =>
                new BoundsAnswer(
                    [
                        new("setting=one" + H, "sgd" + H, "adam", new DualNormBound(10, 2, 5, 3, 1, 1000, 8192)),
                        new("", "sgd", "adam", new DualNormBound(10, 100, 5, 3, 1, 1000, 8192)),
                    ],
                    "study.yaml" + H
                ),
            [typeof(SubmittedAnswer)] = () => new SubmittedAnswer([("12" + H, 3), ("13", 1)], "workers.sbatch" + H, 5),
            [typeof(PackCommands)] = () => new PackCommands([("p1", 8, "gaplab worker store" + H + " --pack p1")]),
            [typeof(VerifyAnswer)] = () => OfStore((document, store) => VerifyAnswer.Of(document, store, 0, 0, CancellationToken.None)),
            [typeof(BenchAnswer)] = () =>
                new BenchAnswer(
                    new JsonObject
                    {
                        ["processor"] = "two cores" + H,
                        ["libtorch"] = "1.13.0",
                        ["blas"] = "OpenBLAS" + H,
                        ["kernels"] = "avx2",
                    },
                    [
                        new("replicas", 1, 32, 32, 4, 8, new StepCost(16512, 100, 150, 2), 1 << 28),
                        new("size", 2, 64, 64, 16, 1, new StepCost(106000, 900, 1800, 9), null),
                    ]
                ),
            [typeof(TheoremAnswer)] = () =>
                new TheoremAnswer(
                    [new LimitRow(0.1, 0.1, "clipped" + H, 2, 2, 0.5, 0.5)],
                    [Bench("sgd", 100), Bench("clip" + H, 50), Bench("sign", null)]
                ),
        };
        Assert.True(samples.Any(s => s.Key.Name == answer), $"{answer} has no sample here");
        PageContract.Holds(samples.Single(s => s.Key.Name == answer).Value());
    }

    private IAnswer OfCommand(Func<PreparedStudy, SmokeRun, IAnswer> made)
    {
        string file = _folder.Write(
            "command.yaml",
            "optimizers: {sgd: {lr: 0.1}}\ngrid: {batch: [4, 8]}\nbudget: {steps: 4}\nmodel: {kind: command, run: [t, \"{args}\"]}"
        );
        using PreparedStudy study = PreparedStudy.Read(file, [], 2, Catalogues.BuiltIn, _ => _folder.File("store"));
        var metrics = new CommandMetrics
        {
            Final = new Dictionary<string, double> { ["validation-loss"] = 2.5, ["train-loss"] = double.NaN },
            Rows = [],
            Sources = new Dictionary<string, string> { ["validation-loss"] = "'loss" + H + "' in output.txt" },
            Files = [],
        };
        var end = new CommandAttemptEnd(
            new CommandEnding(CommandOutcome.Completed),
            metrics,
            TimeSpan.FromSeconds(3),
            new CommandLine(["train" + H, "--lr", "0.1"]),
            []
        );
        return made(study, new SmokeRun("base", study.Plan.FirstRound()[0].Runs[0].Spec, end));
    }

    private IAnswer OfStore(Func<PlanDocument, RunStore, IAnswer> made)
    {
        RunStore store = RunStore.Open(small.ReferenceStore);
        return made(PlanDocument.TryLoad(store, Catalogues.BuiltIn)!, store);
    }

    private PlanAnswer Plan()
    {
        string file = _folder.Write(
            "study.yaml",
            $"question: \"why {H.Replace("\"", "\\\"", StringComparison.Ordinal)}\"\n" + SmallStudy.Yaml
        );
        using PreparedStudy study = PreparedStudy.Read(file, [], 2, Catalogues.BuiltIn, _ => _folder.File("store"));
        return new PlanAnswer(study, PlanEstimate.Of(study.Plan), Time: null, Timing: "not estimated");
    }

    private PredictionAnswer Prediction()
    {
        string file = _folder.Write(
            "quadratic.yaml",
            $$"""
            kind: quadratic
            title: "noisy {{H.Replace("\"", "\\\"", StringComparison.Ordinal)}}"
            spectrum: {family: power-law, dimension: 8, exponent: 1}
            noise: {scale: 100, exponent: 1}
            start: {scale: 1, exponent: 0.5}
            first: {optimizer: sgd, momentum: 0.9}
            second: {optimizer: adam, beta1: 0.9, beta2: 0.999}
            schedule: {kind: cosine, warm-up: 0.1}
            budget: {steps: 32}
            batches: [1, 8, 64, 512]
            brute-force: {runs: 20, seed: 1}
            """
        );
        return new PredictionAnswer([PredictionRun.Of(QuadraticFile.Read(file), bruteForce: true)], "quadratic.yaml" + H);
    }

    private static EscapeResults Escapes() =>
        new(
            "sweep" + H,
            "who leaves?" + H,
            [Escape(0.05), Escape(0.1)],
            [new("scaling", "sharp" + H, "sgd", null, 1.5, "epsilon", -1.4, -1.6, -1.2, -1.5, null, 2)],
            [new("sharp" + H, 1.5, "update", 0.01, 0.5)],
            [new("flat minima hold longer" + H, "1 of 1", true), new("undecided", "nothing", null)]
        );

    private static EscapeRow Escape(double epsilon) =>
        new(
            "scaling",
            "sharp" + H,
            "sgd",
            null,
            1.5,
            epsilon,
            epsilon,
            1,
            new(0.01, 100, 99, 0),
            new(1 / epsilon, 1, 70, 1, 200, 0),
            0.01,
            true,
            null,
            1,
            false,
            null,
            new(0.5, 0.5)
        )
        {
            Survival = [(1, 0.9), (10, 0.5), (100, 0.1)],
        };

    private static BenchRow Bench(string rule, int? steps) =>
        new(Profile.Quadratic, 0.1, 0.1, 0, rule, 1, 0.5, 0.4, 2, 0.5, steps, steps, steps * 2.0, steps);
}
