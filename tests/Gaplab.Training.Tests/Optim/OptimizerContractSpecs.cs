// What every optimizer must do, whatever its rule: descend, keep replicas apart, resume from its state.
using System.Globalization;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Torch;
using Gaplab.Training.Tests.Devices;
using Gaplab.Training.Tests.Samples;

namespace Gaplab.Training.Tests.Optim;

public sealed class OptimizerContractSpecs
{
    public static TheoryData<string> Rules => [.. Specs.Keys];

    private static readonly Dictionary<string, OptimizerSpec> Specs = AllSpecs().ToDictionary(s => s.Name);

    [Theory, MemberData(nameof(Rules))]
    public void Minimises_a_quadratic(string name)
    {
        OptimizerSpec spec = Specs[name] with
        {
            LearningRate = Rate(Specs[name].Kind),
            AdamLearningRate = 0.05,
            RelativeStep = false,
            DecayRate = 0.8,
        };
        const int Steps = 500;
        Chain chain = OptimizerChains.Build([spec], new Schedule("warmup-cosine", Steps), SampleKinds.Catalogues.Optimizers);
        using var scope = new TensorScope();
        ParamLayout layout = OptimizerTrial.Layout;
        using ChainState state = chain.Init(1, layout, ScalarType.Float64);
        Tensor theta = OptimizerTrial.Start(1);
        double[] curvature = [.. OptimizerTrial.Numbers("curvature", 0, layout.Count).Select(z => Math.Exp(0.3 * z))];
        double first = Loss();
        for (int step = 0; step < Steps; step++)
        {
            using var inner = new TensorScope();
            Tensor gradient = Tensor.From<double>([.. theta.Row<double>(0).ToArray().Select((x, i) => curvature[i] * x)], 1, layout.Count);
            chain.Step(theta, gradient, state, step, layout, [true]);
        }
        // A clipped coordinate moves no faster than the largest of the rest, and without noise the rest soon lies at the minimum: what was
        // clipped then lags behind.
        Assert.True(
            Loss() < (spec.ClipTop > 0 ? 0.15 : 0.005) * first,
            string.Create(CultureInfo.InvariantCulture, $"from {first:g4} to {Loss():g4}")
        );

        double Loss()
        {
            double sum = 0;
            Span<double> row = theta.Row<double>(0);
            for (int i = 0; i < row.Length; i++)
                sum += 0.5 * curvature[i] * row[i] * row[i];
            return sum;
        }
    }

    [Fact]
    public void A_kind_from_outside_is_known_where_it_is_handed_over_and_nowhere_else()
    {
        OptimizerKind mine = OptimizerCatalogue.BuiltIn.Of(Specs["lion"]) with { Name = "mine" };
        OptimizerSpec spec = Specs["lion"] with { Kind = "mine" };
        Assert.Equal(
            OptimizerChains.Build([Specs["lion"]], OptimizerTrial.Schedule, OptimizerCatalogue.BuiltIn).Links.Select(l => l.Name),
            OptimizerChains.Build([spec], OptimizerTrial.Schedule, OptimizerCatalogue.BuiltIn.With(mine)).Links.Select(l => l.Name)
        );
        string refused = Assert
            .Throws<InputException>(() => OptimizerChains.Build([spec], OptimizerTrial.Schedule, OptimizerCatalogue.BuiltIn))
            .Message;
        Assert.StartsWith(
            "optimizer 'lion' is of kind 'mine', which this program does not have; expected one of sgd, adam, ",
            refused,
            StringComparison.Ordinal
        );
    }

    [Theory, MemberData(nameof(Rules))]
    public void Replica_r_of_a_batch_equals_the_same_run_alone(string name)
    {
        OptimizerSpec spec = Specs[name];
        OptimizerSpec[] pack =
        [
            spec,
            spec with
            {
                LearningRate = 0.2,
            },
            spec with
            {
                LearningRate = 0.001,
                WeightDecay = 2 * spec.WeightDecay,
                ClipTop = spec.ClipTop / 2,
            },
        ];
        double[] together = OptimizerTrial.Train(pack);
        int length = (int)OptimizerTrial.Layout.Count;
        for (int r = 0; r < pack.Length; r++)
            Assert.Equal(OptimizerTrial.Train([pack[r]], [r]), together[(r * length)..((r + 1) * length)]);
    }

    /// <summary>Three replicas with other rates, and a fourth that no longer trains.</summary>
    [Theory, MemberData(nameof(Rules))]
    public void On_a_device_a_rule_is_what_it_is_on_the_CPU_and_so_are_its_metrics(string name)
    {
        OptimizerSpec spec = Specs[name];
        OptimizerSpec[] pack =
        [
            spec,
            spec with
            {
                LearningRate = 0.2,
                ClipTop = spec.ClipTop / 2,
            },
            spec with
            {
                LearningRate = 0.001,
                ClipNorm = 3,
            },
            spec,
        ];
        ((double[] Theta, double[] Metrics) fused, (double[] Theta, double[] Metrics) device) = (Steps(), On(FarDevice.Device, Steps));
        // Sums are in another order; a sign, and a coordinate at a threshold, may then fall to the other side: none does here.
        Closeness.Same(fused.Theta, device.Theta, 1e-9, 1e-3, "theta");
        Closeness.Same(fused.Metrics, device.Metrics, 1e-9, 1e-6, "metrics");
        Assert.Equal(OptimizerTrial.Start(4).Select(0, 3).ToDoubles(), device.Theta[^(int)OptimizerTrial.Layout.Count..]);

        (double[] Theta, double[] Metrics) Steps()
        {
            using var scope = new TensorScope();
            Chain chain = OptimizerChains.Build(pack, OptimizerTrial.Schedule, SampleKinds.Catalogues.Optimizers);
            using ChainState state = chain.Init(pack.Length, OptimizerTrial.Layout, ScalarType.Float64);
            Tensor theta = OptimizerTrial.Start(pack.Length);
            OptimizerTrial.Continue(chain, state, theta, 0, OptimizerTrial.Steps, active: [true, true, true, false]);
            return (
                theta.ToDoubles(),
                [
                    .. Enumerable
                        .Range(0, 3)
                        .SelectMany(r =>
                            state
                                .Metrics(r, OptimizerTrial.Steps, ofStep: true)
                                .Concat(state.Metrics(r, OptimizerTrial.Steps, ofStep: false))
                                .Select(m => m.Value)
                                .Concat(state.CounterNames.Select(c => state.Counter(c, r)))
                        ),
                ]
            );
        }
    }

    private static T On<T>(Device device, Func<T> act)
    {
        using DeviceScope _ = device.Use();
        return act();
    }

    [Fact]
    public void A_link_without_tensor_operations_goes_to_the_host_and_back_and_none_of_ours_does()
    {
        Link[] ours =
        [
            .. Specs.Values.SelectMany(s =>
                OptimizerChains
                    .Build(
                        [s with { ClipNorm = s.Kind is "sgd" ? 1 : 0, WeightDecay = 0.1 }],
                        OptimizerTrial.Schedule,
                        SampleKinds.Catalogues.Optimizers
                    )
                    .Links
            ),
        ];
        Type[] onHost =
        [
            .. ours.Select(l => l.GetType())
                .Distinct()
                .Where(t => t.GetMethod(nameof(Link.Apply), [typeof(Tensor), typeof(DeviceRows)])!.DeclaringType == typeof(Link)),
        ];
        // The samples' own rule has none, and is among those held against the CPU above.
        Assert.All(onHost, t => Assert.NotEqual(typeof(Link).Assembly, t.Assembly));
        Assert.NotEmpty(onHost);
    }

    [Theory, MemberData(nameof(Rules))]
    public void A_masked_replica_is_left_untouched_and_so_is_its_state(string name)
    {
        using var scope = new TensorScope();
        Chain chain = OptimizerChains.Build([Specs[name], Specs[name]], OptimizerTrial.Schedule, SampleKinds.Catalogues.Optimizers);
        using ChainState state = chain.Init(2, OptimizerTrial.Layout, ScalarType.Float64);
        Tensor theta = OptimizerTrial.Start(2);
        OptimizerTrial.Continue(chain, state, theta, 0, 2);
        double[] before = theta.Select(0, 0).ToDoubles();
        double[][] memory = [.. state.Buffers.Select(b => b.Buffer.Select(0, 0).ToDoubles())];
        double[] counters = [.. state.CounterNames.Select(c => state.Counter(c, 0))];
        OptimizerTrial.Continue(chain, state, theta, 2, 4, active: [false, true]);
        Assert.Equal(before, theta.Select(0, 0).ToDoubles());
        Assert.Equal(memory, state.Buffers.Select(b => b.Buffer.Select(0, 0).ToDoubles()));
        Assert.Equal(counters, state.CounterNames.Select(c => state.Counter(c, 0)));
    }

    [Theory, MemberData(nameof(Rules))]
    public void State_that_was_saved_and_read_again_continues_to_the_same_end(string name)
    {
        using var scope = new TensorScope();
        Chain chain = OptimizerChains.Build([Specs[name]], OptimizerTrial.Schedule, SampleKinds.Catalogues.Optimizers);
        using ChainState state = chain.Init(1, OptimizerTrial.Layout, ScalarType.Float64),
            again = chain.Init(1, OptimizerTrial.Layout, ScalarType.Float64);
        Tensor theta = OptimizerTrial.Start(1);
        OptimizerTrial.Continue(chain, state, theta, 0, 3);
        foreach (((_, Tensor from), (_, Tensor to)) in state.Buffers.Zip(again.Buffers))
            to.Select(0, 0).CopyFrom(from.Select(0, 0));
        foreach (string counter in state.CounterNames)
            again.SetCounter(counter, 0, state.Counter(counter, 0));
        OptimizerTrial.Continue(chain, again, theta, 3, OptimizerTrial.Steps);
        Assert.Equal(OptimizerTrial.Train([Specs[name]]), theta.ToDoubles());
    }

    [Theory, MemberData(nameof(Rules))]
    public void A_replica_with_a_clip_top_of_zero_equals_the_chain_without(string name)
    {
        OptimizerSpec with = Specs[name],
            without = with with { ClipTop = 0 };
        OptimizerSpec clipped = SampleKinds.Catalogues.Optimizers.Of(with).ObjectionTo(with with { ClipTop = 0.2 }) is null
            ? with with
            {
                ClipTop = 0.2,
            }
            : with;
        double[] pack = OptimizerTrial.Train([without, clipped]);
        Assert.Equal(
            OptimizerTrial.Train([without with { ClipTopAt = "gradient", ClipTopScope = "row" }]),
            pack[..(int)OptimizerTrial.Layout.Count]
        );
    }

    [Theory, MemberData(nameof(Rules))]
    public void The_estimated_memory_is_what_the_chain_keeps(string name)
    {
        using var scope = new TensorScope();
        // A matrix as models have it: against it, row and column sums are little.
        ParamLayout layout = OptimizerTrial.Build(("blocks.0.weight", [400, 300]), ("gain", [300]));
        using ChainState state = OptimizerChains
            .Build([Specs[name]], OptimizerTrial.Schedule, SampleKinds.Catalogues.Optimizers)
            .Init(1, layout, ScalarType.Float32);
        double rows = state.Buffers.Sum(b => (double)b.Buffer.Count) / layout.Count,
            estimated = SampleKinds.Catalogues.Optimizers.Of(Specs[name]).StateRows(Specs[name]);
        // Muon keeps Adam's second moment of tables and head alone: here there are none, and the estimate is on the safe side.
        Assert.InRange(rows, Specs[name].Kind == "muon" ? 1 : estimated - 0.1, estimated);
    }

    [Fact]
    public void Adafactor_keeps_row_and_column_sums_and_not_a_second_row()
    {
        using var scope = new TensorScope();
        ParamLayout layout = OptimizerTrial.Build(("a", [40, 30]), ("b", [7]));
        using ChainState state = OptimizerChains
            .Build([Specs["adafactor"]], OptimizerTrial.Schedule, SampleKinds.Catalogues.Optimizers)
            .Init(3, layout, ScalarType.Float32);
        (string buffer, Tensor kept) = Assert.Single(state.Buffers);
        Assert.Equal(("adafactor.second", 3L * (40 + 30 + 7)), (buffer, kept.Count));
    }

    [Fact]
    public void Muon_makes_hidden_matrices_orthogonal_and_leaves_tables_to_Adam()
    {
        using var scope = new TensorScope();
        ParamLayout layout = OptimizerTrial.Build(
            ("blocks.0.up", [8, 24]),
            ("blocks.0.down", [24, 8]),
            ("source-embedding", [6, 4]),
            ("encoder.relative-bias", [4, 2]),
            ("gain", [5])
        );
        Chain chain = new(new ScaleByMuon(0.0, false, 5, 0.9, 0.95, 1e-10, 1), new Descend(1));
        using ChainState state = chain.Init(1, layout, ScalarType.Float64);
        Tensor theta = Tensor.Zeros([1, layout.Count], ScalarType.Float64);
        chain.Step(theta, Tensor.From<double>(OptimizerTrial.Numbers("muon", 0, layout.Count), 1, layout.Count), state, 0, layout, [true]);
        double[] moved = theta.ToDoubles();
        foreach ((int at, long rows, long columns) in ((int, long, long)[])[(0, 8, 24), (192, 24, 8)])
        {
            double scale = Math.Sqrt(Math.Max(1, columns / (double)rows));
            Tensor x = Tensor.From<double>(moved.AsSpan(at, 192), rows, columns) * (1 / scale);
            // All 8 singular values near 1: the Gram matrix's trace is about 8, and of its square too.
            double[] gram = (rows < columns ? x.MatMul(x.Transpose(0, 1)) : x.Transpose(0, 1).MatMul(x)).ToDoubles();
            double trace = Enumerable.Range(0, 8).Sum(i => gram[i * 9]),
                square = gram.Sum(v => v * v);
            Assert.InRange(trace / 8, 0.5, 1.4);
            // The variance of the squared singular values.
            Assert.InRange(square / 8 - Math.Pow(trace / 8, 2), 0, 0.15);
        }
        // The first step of Adam is a sign.
        Assert.All(moved[384..], v => Assert.Equal(1, Math.Abs(v), 1e-6));
    }

    [Fact]
    public void Trust_scales_each_tensor_to_its_own_size_and_leaves_one_that_is_zero_or_still_as_it_is()
    {
        using var scope = new TensorScope();
        ParamLayout layout = OptimizerTrial.Build(("a", [2]), ("zero", [2]), ("still", [2]));
        var chain = new Chain(new ScaleByTrust(0.1), new Descend(1));
        using ChainState state = chain.Init(1, layout, ScalarType.Float64);
        Tensor theta = Tensor.From<double>([3, 4, 0, 0, 5, 6], 1, 6);
        chain.Step(theta, Tensor.From<double>([0, 2, 7, 8, 0, 0], 1, 6), state, 0, layout, [true]);
        // ‖(3, 4)‖ is 5, a tenth of it 0.5, all along the second coordinate.
        Assert.Equal([3, 3.5, -7, -8, 5, 6], theta.ToDoubles());
    }

    [Fact]
    public void A_threshold_of_zero_clips_nothing_and_is_counted()
    {
        using var scope = new TensorScope();
        ParamLayout layout = OptimizerTrial.Build(("a", [8]), ("b", [2]));
        double[] gradient = [3, -2, 1, 0, 0, 0, 0, 0, 5, -1];
        foreach (Link clip in (Link[])[new ClipTop(0.9), new ClipEachTop(0.5), new ClipTop(0.2)])
        {
            var chain = new Chain(clip, new Descend(1));
            using ChainState state = chain.Init(1, layout, ScalarType.Float64);
            Tensor theta = Tensor.Zeros([1, 10], ScalarType.Float64);
            chain.Step(theta, Tensor.From<double>(gradient, 1, 10), state, 0, layout, [true]);
            (double[] Update, double FellBack, double Threshold, double Clipped) expected = clip switch
            {
                ClipTop { Fraction.PerReplica: [0.9] } => (gradient, 1.0, 0.0, 0.0),
                // "a" has three of eight above zero, so its fourth largest is 0; "b" is clipped to its smaller one.
                ClipEachTop => ((double[])[3, -2, 1, 0, 0, 0, 0, 0, 1, -1], 1.0, 1.0, 1.0),
                _ => ((double[])[2, -2, 1, 0, 0, 0, 0, 0, 2, -1], 0.0, 2.0, 2.0),
            };
            Assert.Equal(expected.Update.Select(g => 0 - g), theta.ToDoubles());
            Assert.Equal(
                (expected.FellBack, expected.Threshold, expected.Clipped),
                (state.Counter("clip-top.fell-back", 0), state.Counter("clip-top.threshold", 0), state.Counter("clip-top.clipped", 0))
            );
        }
    }

    private static IEnumerable<OptimizerSpec> AllSpecs()
    {
        foreach (OptimizerKind kind in SampleKinds.Catalogues.Optimizers.All)
        {
            OptimizerSpec spec = OptimizerTrial.Spec(kind);
            yield return spec;
            yield return spec with
            {
                Name = kind.Name + "-clipped",
                ClipTop = 0.1,
            };
            if (!kind.GivesSigns)
                yield return spec with
                {
                    Name = kind.Name + "-clipped-update",
                    ClipTop = 0.1,
                    ClipTopAt = "update",
                    ClipTopScope = "tensor",
                };
            if (kind.Name == "adam")
                yield return spec with
                {
                    Name = "adam-rotated",
                    Rotation = 4,
                };
            if (kind.Name == "adam")
                yield return spec with
                {
                    Name = "adam-clipped-m",
                    ClipTop = 0.1,
                    ClipTopAt = "gradient-m",
                };
            if (kind.Name == "adafactor")
                yield return spec with
                {
                    Name = "adafactor-first-moment",
                    Beta1 = 0.9,
                    RelativeStep = true,
                };
            if (kind.Name == "rmsprop")
                yield return spec with
                {
                    Name = "rmsprop-centered",
                    Centered = true,
                };
        }
    }

    private static double Rate(string kind) =>
        kind switch
        {
            "sgd" => 0.3,
            "normalised-sgd" => 1,
            "adagrad" => 0.5,
            "muon" => 0.1,
            "lion" => 0.02,
            _ => 0.05,
        };
}
