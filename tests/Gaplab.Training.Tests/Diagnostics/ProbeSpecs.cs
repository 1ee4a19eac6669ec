// Probes and shadows in the trainer: they change no bit, resume with the run, and say what the definitions say.
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Torch;
using Gaplab.Training.Tests.Devices;
using Gaplab.Training.Tests.Samples;

namespace Gaplab.Training.Tests.Diagnostics;

public sealed class ProbeSpecs
{
    private static readonly TaskSpec Task = new()
    {
        Kind = "markov",
        Vocabulary = 11,
        Context = 8,
        Tokens = 20_000,
    };
    private static readonly ModelSpec Model = new()
    {
        Layers = 1,
        Heads = 1,
        Width = 8,
        MlpRatio = 2,
        Activation = "tanh",
    };
    private static readonly ProbesSpec All = new()
    {
        Names = SampleKinds.Catalogues.Probes.Names,
        At = [0, 0.4, 1],
        Samples = 12,
        Batch = 4,
        Classes = 3,
        CrossCheck = true,
        Eigenvalues = 1,
        LandscapePoints = 4,
        Noise = new NoiseSpec
        {
            Samples = 16,
            Batches = [2, 4],
            Draws = 4,
            Coordinates = 12,
            Window = 6,
            Beta1 = 0.5,
            Columns = 3,
        },
        Shadows =
        [
            new OptimizerSpec
            {
                Name = "plain",
                Kind = "sgd",
                LearningRate = 0.1,
            },
            new OptimizerSpec
            {
                Name = "twin",
                Kind = "adamw",
                LearningRate = 0.01,
                WeightDecay = 0.1,
                Decay = "lr",
                ClipNorm = 1,
            },
        ],
    };

    [Theory]
    [InlineData("float32")]
    [InlineData("float64")]
    public void A_run_with_all_probes_and_a_run_with_none_are_the_same_bit_for_bit(string precision)
    {
        RunSpec[] runs = [Run(1) with { Precision = precision }, Run(2) with { Precision = precision }];
        Recorder with = Train(runs, All),
            without = Train(runs, null);
        Assert.Equal(without.Measurements, with.Measurements);
        Assert.Equal(without.Rows[0]["theta"], with.Rows[0]["theta"]);
        Assert.Equal(without.Rows[1]["theta"], with.Rows[1]["theta"]);
        Assert.Equal(without.Results[1].Metrics, with.Results[1].Metrics);
        // Every probe of the catalogue is at every one of its steps.
        foreach (string name in SampleKinds.Catalogues.Probes.Names)
        foreach (int r in (int[])[0, 1])
            Assert.Equal(
                name switch
                {
                    "basin" => [19],
                    "losses" => Enumerable.Range(0, 20).Select(i => (long)i),
                    _ => [0, 8, 19],
                },
                with.Probes.Keys.Where(k => k.Probe == name && k.Replica == r).Select(k => k.Step).Order()
            );
        Assert.Empty(without.Probes);
    }

    /// <summary>Every probe of the catalogue, shadows and window probes among them.</summary>
    [Fact]
    public void On_a_device_probes_find_what_they_find_on_the_CPU()
    {
        RunSpec[] runs = [Run(1) with { Precision = "float64" }];
        Recorder near = Train(runs, All);
        using DeviceScope _ = FarDevice.Device.Use();
        Recorder far = Train(runs, All);
        Assert.Equal(near.Probes.Keys.Order(), far.Probes.Keys.Order());
        foreach ((var key, ProbeResult here) in near.Probes)
        {
            ProbeResult there = far.Probes[key];
            Assert.Equal(here.Facts, there.Facts);
            Assert.Equal(here.Numbers.Keys, there.Numbers.Keys);
            string what = $"{key.Probe} at {key.Step}";
            // Iterations that end by a tolerance (spectra, sharpness along an eigenvector) leave its order of error.
            foreach ((string name, double number) in here.Numbers)
                Close(number, there.Numbers[name], 1e-6, 1e-9, $"{what}: {name}");
            foreach ((string name, ProbeArray array) in here.Arrays)
            {
                double largest = array.Values.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
                for (int i = 0; i < array.Values.Length; i++)
                    Close(array.Values[i], there.Arrays[name].Values[i], 1e-6, 1e-6 * largest + 1e-9, $"{what}: {name}[{i}]");
            }
        }

        static void Close(double expected, double actual, double relative, double absolute, string what) =>
            Assert.True(
                expected.Equals(actual) || Math.Abs(expected - actual) <= relative * Math.Abs(expected) + absolute,
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{what}: {expected:r} and {actual:r}")
            );
    }

    [Fact]
    public void A_shadow_with_the_moving_optimizers_recipe_has_its_update_at_every_step()
    {
        Recorder run = Train([Run(1) with { Precision = "float64" }], All);
        foreach (long step in All.StepsOf(20))
        {
            double[] length = run.Probes[(0, "sharpness", step)].Arrays["length"].Values,
                sharpness = run.Probes[(0, "sharpness", step)].Arrays["sharpness"].Values;
            Assert.Equal(length[0], length[2], 1e-9 * length[0]);
            Assert.Equal(sharpness[0], sharpness[2], 1e-6 * Math.Abs(sharpness[0]) + 1e-12);
            Assert.Equal("adamw (moves)\nplain\ntwin", run.Probes[(0, "sharpness", step)].Facts["updates"]);
        }
    }

    [Fact]
    public void Resumed_in_the_middle_the_shadows_measure_what_they_measure_uninterrupted()
    {
        RunSpec[] runs = [Run(1)];
        Recorder whole = Train(runs, All),
            first = Train(runs, All, new Recorder { StopAfter = 13 }),
            second = Train(runs, All, new Recorder { Saved = first.Saved });
        Assert.DoesNotContain((0, "sharpness", 19L), first.Probes.Keys);
        foreach (string name in SampleKinds.Catalogues.Probes.Names.Where(n => n != "adam-noise"))
        foreach ((string array, ProbeArray values) in whole.Probes[(0, name, 19)].Arrays)
            Assert.Equal(values.Values, second.Probes[(0, name, 19)].Arrays[array].Values);
    }

    [Fact]
    public void A_window_that_an_interruption_cuts_stays_missing_for_a_replay_to_make()
    {
        RunSpec[] runs = [Run(1)];
        Recorder whole = Train(runs, All),
            first = Train(runs, All, new Recorder { StopAfter = 13 }),
            second = Train(runs, All, new Recorder { Saved = first.Saved });
        Assert.Equal([0L, 8, 19], whole.Probes.Keys.Where(k => k.Probe == "adam-noise").Select(k => k.Step).Order());
        Assert.DoesNotContain(first.Probes.Keys.Concat(second.Probes.Keys), k => k.Probe == "adam-noise");
    }

    [Fact]
    public void A_run_shorter_than_a_window_says_so()
    {
        ProbesSpec probes = All with { Names = ["adam-noise"], At = [0], Noise = All.Noise! with { Window = 100 } };
        Assert.Equal("run-too-short", Assert.Single(Train([Run(1)], probes).Probes).Value.Facts["status"]);
    }

    [Fact]
    public void A_checkpoint_without_the_shadows_leaves_the_rest_of_the_run_unobserved_and_the_run_itself_unharmed()
    {
        RunSpec[] runs = [Run(1)];
        Recorder whole = Train(runs, null),
            first = Train(runs, null, new Recorder { StopAfter = 13 }),
            second = Train(runs, All, new Recorder { Saved = first.Saved });
        Assert.Empty(second.Probes);
        Assert.Equal(whole.Rows[0]["theta"], second.Rows[0]["theta"]);
    }

    [Fact]
    public void Attribution_adds_up_and_is_second_order_for_a_short_step()
    {
        ProbesSpec probes = All with
        {
            Names = ["attribution", "sharpness", "landscape", "histogram"],
            Shadows = [All.Shadows[0] with { LearningRate = 1e-3 }],
        };
        Recorder run = Train([Run(1) with { Precision = "float64" }], probes);
        ProbeResult attribution = run.Probes[(0, "attribution", 8)],
            sharpness = run.Probes[(0, "sharpness", 8)];
        double At(string name, int row) => attribution.Arrays[name].Values[row];
        for (int row = 0; row < 2; row++)
        {
            Assert.Equal(At("change", row), At("linear", row) + At("quadratic", row) + At("remainder", row), 1e-14);
            double length = sharpness.Arrays["length"].Values[row];
            Assert.Equal(sharpness.Arrays["slope"].Values[row] * length, At("linear", row), 1e-12);
            Assert.Equal(sharpness.Arrays["sharpness"].Values[row] * length * length / 2, At("quadratic", row), 1e-12);
        }
        // Of a step this short third order is a small part of the second.
        Assert.True(Math.Abs(At("remainder", 1)) < 0.05 * Math.Abs(At("quadratic", 1)) + 1e-13);
        ProbeResult histogram = run.Probes[(0, "histogram", 8)];
        int bins = (int)histogram.Arrays["counts"].Shape[1];
        double total = histogram.Arrays["counts"].Values[bins..].Sum() + histogram.Arrays["zeros"].Values[1];
        Assert.Equal(run.Rows[0]["theta"].Length, total);
        ProbeResult landscape = run.Probes[(0, "landscape", 8)];
        double s = landscape.Arrays["steps"].Values[0],
            slope = sharpness.Arrays["slope"].Values[1],
            curvature = sharpness.Arrays["sharpness"].Values[1];
        Assert.Equal(slope * s + curvature * s * s / 2, landscape.Arrays["change"].Values[4], 1e-4 * Math.Abs(slope * s));
    }

    [Fact]
    public void What_a_diverged_run_did_not_reach_is_said_so_and_is_not_missing()
    {
        RunSpec wild = Run(1) with
        {
            Optimizer = new OptimizerSpec
            {
                Name = "sgd",
                Kind = "sgd",
                LearningRate = 1e18,
            },
        };
        Recorder run = Train([wild], All with { Names = ["sharpness"] });
        Assert.Equal(RunOutcome.Diverged, run.Results[0].Outcome);
        Assert.Equal("measured", run.Probes[(0, "sharpness", 0)].Facts["status"]);
        Assert.Contains(run.Probes[(0, "sharpness", 19)].Facts["status"], (string[])["diverged", "not-reached"]);
    }

    [Fact]
    public void Verdicts_name_directions_that_climb_or_have_no_best_step()
    {
        DirectionMeasure Along(double slope, double curvature) =>
            new()
            {
                Name = "u",
                Status = DirectionStatus.Measured,
                Length = 2,
                Slope = new(slope, 0),
                Sharpness = new(curvature, 0),
            };
        Assert.Equal(StepVerdict.NonConvexDirection, Attribution.Of(Along(-1, -3), default).Verdict);
        Assert.Equal(StepVerdict.Uphill, Attribution.Of(Along(1, 3), default).Verdict);
        Attribution best = Attribution.Of(Along(-3, 4), default);
        Assert.Equal((StepVerdict.Convex, 0.75, 1.125), (best.Verdict, best.BestStep, best.BestDecrease));
        Assert.Equal(
            StepVerdict.Undefined,
            Attribution
                .Of(
                    new DirectionMeasure
                    {
                        Name = "u",
                        Status = DirectionStatus.ZeroUpdate,
                        Length = 0,
                    },
                    default
                )
                .Verdict
        );
    }

    private static RunSpec Run(long seed) =>
        new()
        {
            Task = Task,
            Model = Model,
            Optimizer = new OptimizerSpec
            {
                Name = "adamw",
                Kind = "adamw",
                LearningRate = 0.01,
                WeightDecay = 0.1,
                Decay = "lr",
                ClipNorm = 1,
            },
            Batch = 4,
            Seed = seed,
            Budget = new BudgetSpec { Unit = "steps", Amount = 20 },
            Evaluation = new EvaluationSpec
            {
                Points = 3,
                Validation = 16,
                Train = 8,
            },
        };

    private static Recorder Train(RunSpec[] runs, ProbesSpec? probes, Recorder? sink = null)
    {
        sink ??= new Recorder();
        TorchRuntime.Threads = 1;
        using LanguageTask task = LanguageTask.Load(runs[0].Task);
        using var model = (Gpt)ModelCatalogue.BuiltIn.Build(runs[0].Model, task.Vocabulary, task.Context);
        var pack = new PackSpec
        {
            Id = "0123456789abcdef",
            Runs = [.. runs.Select((r, i) => new PlannedRun { Id = $"{i:x16}", Spec = r })],
            Probes = probes,
        };
        using var stop = new CancellationTokenSource();
        sink.Stop = stop.Cancel;
        new Trainer(
            pack,
            task,
            model,
            sink,
            new TrainerOptions
            {
                CheckpointSeconds = 0,
                KeepFinal = true,
                ProgressSeconds = 0,
                Probes = probes is null ? [] : SampleKinds.Catalogues.Probes.Build(probes, task),
            }
        ).Run(stop.Token);
        return sink;
    }

    private sealed class Recorder : IPackSink
    {
        public Action Stop { get; set; } = () => { };
        public long StopAfter { get; init; } = -1;
        public List<(int, Measurement)> Measurements { get; } = [];
        public List<RunOutcomeRecord> Results { get; } = [];
        public Dictionary<(int Replica, string Probe, long Step), ProbeResult> Probes { get; } = [];
        public List<Dictionary<string, double[]>> Rows { get; private set; } = [];
        public IReadOnlyList<(long Step, Dictionary<string, double[]> Rows, IReadOnlyDictionary<string, string> Facts)>? Saved { get; set; }

        public void Write(int replica, IReadOnlyList<Measurement> measurements) =>
            Measurements.AddRange(measurements.Select(m => (replica, m)));

        public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas)
        {
            Saved = [.. replicas.Select(r => (r.Step, r.Rows.ToDictionary(x => x.Key, x => x.Value.ToDoubles()), r.Facts))];
            Rows = [.. Saved.Select(s => s.Rows)];
        }

        public IReadOnlyList<ReplicaCheckpoint>? Resume() =>
            Saved is null
                ? null
                :
                [
                    .. Saved.Select(s => new ReplicaCheckpoint(
                        s.Step,
                        s.Rows.ToDictionary(x => x.Key, x => Tensor.From<double>(x.Value, x.Value.Length)),
                        s.Facts
                    )),
                ];

        public void Finish(IReadOnlyList<RunOutcomeRecord> results) => Results.AddRange(results);

        public void WriteProbe(int replica, string probe, long step, ProbeResult result) => Probes.Add((replica, probe, step), result);

        public void Progress(long step, long steps)
        {
            if (step == StopAfter)
                Stop();
        }
    }
}
