// The training loop: replicas together are runs alone, a diverging one harms no other, resuming changes no bit, nothing leaks.
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Torch;
using Gaplab.Training.Tests.Devices;

namespace Gaplab.Training.Tests;

public sealed class TrainerSpecs
{
    internal static readonly TaskSpec Task = new()
    {
        Kind = "markov",
        Vocabulary = 17,
        Context = 12,
        Tokens = 20_000,
    };
    private static readonly ModelSpec Model = new()
    {
        Layers = 2,
        Heads = 2,
        Width = 16,
    };

    [Theory]
    [InlineData("sgd")]
    [InlineData("adamw")]
    public void Replicas_together_are_the_runs_alone_in_float64(string kind)
    {
        RunSpec[] runs = [Run(kind, 0.3, 1), Run(kind, 0.05, 2), Run(kind, 0.1, 1), Run(kind, 0.02, 3)];
        Recorder together = Train([.. runs.Select(r => r with { Precision = "float64" })]);
        for (int r = 0; r < runs.Length; r++)
        {
            Recorder alone = Train([runs[r] with { Precision = "float64" }]);
            Closeness.Same(alone.Series(0, "train-loss"), together.Series(r, "train-loss"), 1e-10, what: "loss");
            Closeness.Same(alone.Theta[0], together.Theta[r], 1e-10, 1e-3, "theta");
            Assert.Equal(50, alone.Series(0, "train-loss").Length);
        }
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("adam")]
    public void Replicas_together_are_the_runs_alone_in_float32(string kind)
    {
        RunSpec[] runs =
        [
            .. new[] { 0.3, 0.05, 0.1 }.Select(rate =>
                Run(kind, kind == "sgd" ? rate : rate / 20, 4) with
                {
                    Budget = new BudgetSpec { Unit = "steps", Amount = 20 },
                }
            ),
        ];
        Recorder together = Train(runs);
        for (int r = 0; r < runs.Length; r++)
            Closeness.Same(Train([runs[r]]).Series(0, "train-loss"), together.Series(r, "train-loss"), 1e-4, what: "loss");
    }

    [Fact]
    public void A_diverging_replica_changes_no_other_and_is_recorded_with_its_step()
    {
        RunSpec calm = Run("sgd", 0.1, 1),
            other = Run("sgd", 0.05, 2),
            wild = Run("sgd", 1e18, 3) with { Optimizer = Run("sgd", 1e18, 3).Optimizer with { ClipNorm = 0 } };
        RunSpec[] tame =
        [
            calm with
            {
                Optimizer = calm.Optimizer with { ClipNorm = 0 },
            },
            other with
            {
                Optimizer = other.Optimizer with { ClipNorm = 0 },
            },
        ];
        Recorder together = Train([tame[0], wild, tame[1]]),
            without = Train(tame);
        Assert.Equal(RunOutcome.Diverged, together.Results[1].Outcome);
        Assert.InRange(together.Results[1].Step, 1, 49);
        Assert.NotNull(together.Results[1].Cause);
        Assert.DoesNotContain("validation-loss", together.Results[1].Metrics.Keys);
        Assert.Equal(without.Series(0, "train-loss"), together.Series(0, "train-loss"));
        Assert.Equal(without.Series(1, "train-loss"), together.Series(2, "train-loss"));
        Assert.Equal(without.Results[1].Metrics, together.Results[2].Metrics);
    }

    [Theory]
    [InlineData("sgd", "float32")]
    [InlineData("adam", "float32")]
    [InlineData("adamw", "float64")]
    public void A_run_resumed_in_the_middle_is_bit_for_bit_the_uninterrupted_one(string kind, string precision)
    {
        RunSpec[] runs = [Run(kind, 0.05, 1) with { Precision = precision }, Run(kind, 0.02, 2) with { Precision = precision }];
        Recorder whole = Train(runs),
            first = new() { StopAfter = 23 };
        Train(runs, first);
        Assert.Empty(first.Results);
        Recorder second = new() { Saved = first.Saved };
        Train(runs, second);
        for (int r = 0; r < runs.Length; r++)
        {
            Assert.Equal(whole.Theta[r], second.Theta[r]);
            Assert.Equal(whole.Results[r].Metrics, second.Results[r].Metrics);
            Assert.Equal(whole.Measurements[r], [.. first.Measurements[r], .. second.Measurements[r]]);
        }
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("adamw")]
    public void On_a_device_runs_are_those_of_the_CPU_to_rounding(string kind)
    {
        RunSpec[] runs = [Run(kind, 0.1, 1) with { Precision = "float64" }, Run(kind, 0.02, 3) with { Precision = "float64" }];
        Recorder near = Train(runs);
        using DeviceScope _ = FarDevice.Device.Use();
        Recorder far = Train(runs);
        for (int r = 0; r < runs.Length; r++)
        {
            Closeness.Same(near.Series(r, "train-loss"), far.Series(r, "train-loss"), 1e-9, what: "loss");
            Closeness.Same(near.Theta[r], far.Theta[r], 1e-9, 1e-3, "theta");
            Assert.Equal(near.Results[r].Metrics.Keys, far.Results[r].Metrics.Keys);
            Closeness.Same([.. near.Results[r].Metrics.Values], [.. far.Results[r].Metrics.Values], 1e-9, 1e-6, "metrics");
        }
    }

    [Fact]
    public void On_a_device_a_run_resumed_in_the_middle_is_bit_for_bit_the_uninterrupted_one()
    {
        using DeviceScope _ = FarDevice.Device.Use();
        A_run_resumed_in_the_middle_is_bit_for_bit_the_uninterrupted_one("adam", "float32");
    }

    [Fact]
    public void On_a_device_a_diverging_replica_changes_no_other()
    {
        using DeviceScope _ = FarDevice.Device.Use();
        A_diverging_replica_changes_no_other_and_is_recorded_with_its_step();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void In_bfloat16_a_run_learns_what_it_learns_in_float32_and_keeps_float32_weights(bool onDevice)
    {
        using DeviceScope _ = (onDevice ? FarDevice.Device : Device.Cpu).Use();
        Recorder half = Train([Run("adam", 0.01, 1) with { Precision = "bfloat16" }]),
            single = Train([Run("adam", 0.01, 1)]);
        double Ends(Recorder r) => r.Results[0].Metrics["validation-loss"];
        double start = single.Results[0].Metrics["initial-loss"];
        Assert.Equal(Ends(single), Ends(half), 0.15 * (start - Ends(single)));
        Assert.NotEqual(Ends(single), Ends(half));
        // Weights of eight bits could not hold them.
        Assert.Contains(half.Theta[0], v => (BitConverter.SingleToInt32Bits((float)v) & 0xFFFF) != 0);
    }

    [Fact]
    public void Micro_batches_give_the_gradient_of_the_whole_batch()
    {
        RunSpec run = Run("sgd", 0.1, 1) with { Precision = "float64", Batch = 10 };
        double[] whole = Train([run]).Series(0, "train-loss");
        double[] parts = Train([run with { Evaluation = run.Evaluation with { MicroBatch = 3 } }]).Series(0, "train-loss");
        Closeness.Same(whole, parts, 1e-11);
    }

    [Fact]
    public void The_loss_of_a_fresh_model_with_a_zero_head_is_that_of_the_uniform_guess()
    {
        Recorder run = Train([Run("adam", 1e-3, 1) with { Precision = "float64" }]);
        Assert.Equal(Math.Log(17), run.Results[0].Metrics["initial-loss"], 1e-12);
        Assert.True(run.Results[0].Metrics["validation-loss"] < Math.Log(17));
    }

    [Fact]
    public void Every_optimizer_sees_the_same_start_and_the_same_batches()
    {
        // With rates too small to move anything, losses are those of the batches alone.
        RunSpec Still(string kind) =>
            Run(kind, 1e-300, 7) with
            {
                Precision = "float64",
                Model = Model with { HeadInit = "xavier-uniform" },
            };
        double[] sgd = Train([Still("sgd")]).Series(0, "train-loss"),
            adam = Train([Still("adam")]).Series(0, "train-loss");
        Assert.Equal(sgd, adam);
        Assert.True(sgd.Distinct().Count() > 10);
    }

    internal static RunSpec Run(string kind, double rate, long seed) =>
        new()
        {
            Task = Task,
            Model = Model,
            Optimizer = new OptimizerSpec
            {
                Name = kind,
                Kind = kind,
                LearningRate = rate,
                Momentum = kind == "sgd" ? 0.9 : 0,
                WeightDecay = kind == "adamw" ? 0.1 : 0,
                ClipNorm = 1,
            },
            Batch = 4,
            Seed = seed,
            Budget = new BudgetSpec { Unit = "steps", Amount = 50 },
            Evaluation = new EvaluationSpec
            {
                Points = 3,
                Validation = 16,
                Train = 8,
            },
        };

    internal static Recorder Train(RunSpec[] runs, Recorder? sink = null)
    {
        sink ??= new Recorder();
        TorchRuntime.Threads = 1;
        using LanguageTask task = LanguageTask.Load(runs[0].Task);
        using var model = (Gpt)ModelCatalogue.BuiltIn.Build(runs[0].Model, task.Vocabulary, task.Context);
        var pack = new PackSpec
        {
            Id = "0123456789abcdef",
            Runs = [.. runs.Select((r, i) => new PlannedRun { Id = $"{i:x16}", Spec = r })],
        };
        using var stop = new CancellationTokenSource();
        sink.Stop = stop.Cancel;
        sink.Replicas = runs.Length;
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
            }
        ).Run(stop.Token);
        return sink;
    }

    /// <summary>A sink in memory.</summary>
    internal sealed class Recorder : IPackSink
    {
        public int Replicas
        {
            set => Measurements = [.. Enumerable.Range(0, value).Select(_ => new List<Measurement>())];
        }
        public Action Stop { get; set; } = () => { };
        public long StopAfter { get; init; } = -1;
        public bool Probe { get; init; }
        public List<Measurement>[] Measurements { get; private set; } = [];
        public List<RunOutcomeRecord> Results { get; } = [];
        public double[][] Theta { get; private set; } = [];
        public List<(long Step, long Bytes, long Tensors)> Resident { get; } = [];
        public IReadOnlyList<SavedReplica>? Saved { get; set; }

        public sealed record SavedReplica(long Step, Dictionary<string, double[]> Rows, IReadOnlyDictionary<string, string> Facts);

        public double[] Series(int replica, string name) => [.. Measurements[replica].Where(m => m.Name == name).Select(m => m.Value)];

        public void Write(int replica, IReadOnlyList<Measurement> measurements) => Measurements[replica].AddRange(measurements);

        public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas)
        {
            Saved = [.. replicas.Select(r => new SavedReplica(r.Step, r.Rows.ToDictionary(x => x.Key, x => x.Value.ToDoubles()), r.Facts))];
            Theta = [.. Saved.Select(s => s.Rows["theta"])];
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

        public void Progress(long step, long steps)
        {
            if (step == StopAfter)
                Stop();
            if (!Probe || step % 100 != 0)
                return;
            // What waits for the collector is no leak, and how much may wait depends on the processor's cache.
            GC.Collect();
            Resident.Add((step, Environment.WorkingSet, TorchRuntime.LiveTensors));
        }
    }
}
