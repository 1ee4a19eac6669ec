// Every optimizer against the trajectories PyTorch takes on the same 200 recorded gradients.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class OptimizerSpecs
{
    private static readonly JsonNode Vectors = GoldenVectors.Read("optimizer-vectors.json");

    public static TheoryData<int, string, string> Cases
    {
        get
        {
            var data = new TheoryData<int, string, string>();
            JsonArray cases = Vectors["cases"]!.AsArray();
            for (int i = 0; i < cases.Count; i++)
                data.Add(i, cases[i]!["name"]!.GetValue<string>(), cases[i]!["precision"]!.GetValue<string>());
            return data;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Two_hundred_steps_follow_PyTorch(int index, string name, string precision)
    {
        JsonNode vector = Vectors["cases"]!.AsArray()[index]!;
        Assert.Equal(name, vector["name"]!.GetValue<string>());
        double[][] gradients = [.. Vectors["gradients"]!.AsArray().Select(g => GoldenVectors.Doubles(g!))];
        // Three replicas carry the same numbers: a row must not depend on its place.
        const int Replicas = 3;
        ScheduleSpec s = GoldenVectors.Schedule(vector["schedule"]!);
        var schedule = new Schedule(s.Kind, gradients.Length, s.Warmup, s.Decay, s.Final);
        Chain chain = OptimizerChains.Build(
            [.. Enumerable.Repeat(GoldenVectors.Optimizer(vector), Replicas)],
            schedule,
            OptimizerCatalogue.BuiltIn
        );
        double[] start = GoldenVectors.Doubles(Vectors["start"]!);
        ParamLayout layout = RowLayout(start.Length);
        ScalarType type = precision == "float64" ? ScalarType.Float64 : ScalarType.Float32;

        using var scope = new TensorScope();
        using ChainState state = chain.Init(Replicas, layout, type);
        Tensor theta = Repeated(start, Replicas, type);
        for (int step = 0; step < gradients.Length; step++)
        {
            chain.Step(theta, Repeated(gradients[step], Replicas, type), state, step, layout, [true, true, true]);
            if (vector["thetas"]![(step + 1).ToString(CultureInfo.InvariantCulture)] is not { } expected)
                continue;
            for (int r = 0; r < Replicas; r++)
            {
                double[] actual = theta.Select(0, r).ToDoubles();
                if (type == ScalarType.Float64)
                    Closeness.Same(GoldenVectors.Doubles(expected), actual, 1e-6, 1e-12, $"{name} theta at step {step + 1}");
                else
                    AsCloseToExactAsPyTorch(index, step + 1, actual);
            }
        }
    }

    /// <summary>The recorded gradients flip sign at size 1e4, so an average in float32 cancels and two right programs differ in its last
    /// digits:
    /// the float64 trajectory of the same case is the truth, and this one may be no further from it than 3 times PyTorch's float32, or
    /// 1e-6.</summary>
    private static void AsCloseToExactAsPyTorch(int index, int step, double[] actual)
    {
        string key = step.ToString(CultureInfo.InvariantCulture);
        JsonArray cases = Vectors["cases"]!.AsArray();
        double[] rounded = GoldenVectors.Doubles(cases[index]!["thetas"]![key]!),
            exact = GoldenVectors.Doubles(cases[index - 1]!["thetas"]![key]!);
        Assert.Equal(
            ("float64", cases[index]!["name"]!.GetValue<string>()),
            (cases[index - 1]!["precision"]!.GetValue<string>(), cases[index - 1]!["name"]!.GetValue<string>())
        );
        double Error(double[] values) => values.Zip(exact, (v, e) => Math.Abs(v - e) / Math.Max(1, Math.Abs(e))).Max();
        Assert.True(
            Error(actual) <= Math.Max(3 * Error(rounded), 1e-6),
            string.Create(CultureInfo.InvariantCulture, $"step {step}: error {Error(actual):g3}, PyTorch's {Error(rounded):g3}")
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2047)]
    [InlineData(2049)]
    [InlineData(10_000)]
    public void A_fused_chain_gives_what_its_links_give_one_after_the_other(int parameters)
    {
        using var scope = new TensorScope();
        ParamLayout layout = RowLayout(parameters);
        double[] g = Pseudo(parameters, "gradient"),
            start = Pseudo(parameters, "start");
        var chain = new Chain(
            new ClipByNorm(0.5),
            new AddDecay(0.1),
            new Momentum(0.9, Nesterov: true),
            new ClipByNorm(0.25),
            new Descend(0.01),
            new ScheduledDecay(0.03)
        );
        using ChainState state = chain.Init(1, layout, ScalarType.Float64);
        Tensor theta = Repeated(start, 1, ScalarType.Float64);
        double[] expected = [.. start],
            velocity = new double[parameters];
        for (int step = 0; step < 3; step++)
        {
            chain.Step(theta, Repeated(g, 1, ScalarType.Float64), state, step, layout, [true]);
            double[] u = Clipped(g, 0.5);
            for (int i = 0; i < u.Length; i++)
            {
                u[i] += 0.1 * expected[i];
                velocity[i] = 0.9 * velocity[i] + u[i];
                u[i] += 0.9 * velocity[i];
            }
            u = Clipped(u, 0.25);
            for (int i = 0; i < u.Length; i++)
                expected[i] = (expected[i] - 0.01 * u[i]) * (1 - 0.03);
        }
        Closeness.Same(expected, theta.ToDoubles(), 1e-12, 1e-3);

        static double[] Clipped(double[] u, double limit)
        {
            double norm = Math.Sqrt(u.Sum(x => x * x));
            return [.. u.Select(x => x * Math.Min(1, limit / (norm + 1e-6)))];
        }
    }

    [Fact]
    public void A_link_that_needs_the_layout_sees_each_tensor_by_itself()
    {
        using var scope = new TensorScope();
        var builder = new ParamLayoutBuilder();
        builder.Add("a", Initialisation.Zero, 3000);
        builder.Add("b", Initialisation.Zero, 2);
        ParamLayout layout = builder.Build();
        // Trust scales the update of each tensor to the size of the tensor: 1 to 2 in the first, (0.3, 0.4) to (3, 4) in the second.
        double[] start = [.. Enumerable.Repeat(2.0, 3000), 3, 4],
            g = [.. Enumerable.Repeat(-1.0, 3000), 0.3, 0.4];
        var chain = new Chain(new ScaleByTrust(1), new Descend(1));
        using ChainState state = chain.Init(1, layout, ScalarType.Float64);
        Tensor theta = Repeated(start, 1, ScalarType.Float64);
        chain.Step(theta, Repeated(g, 1, ScalarType.Float64), state, 0, layout, [true]);
        Closeness.Same([.. Enumerable.Repeat(4.0, 3000), 0, 0], theta.ToDoubles(), 1e-12, 1);
    }

    [Fact]
    public void A_tap_tells_the_norm_where_it_stands_and_changes_no_bit()
    {
        using var scope = new TensorScope();
        const int Length = 5000;
        ParamLayout layout = RowLayout(Length);
        double[] g = [.. Enumerable.Range(0, Length).Select(i => Math.Sin(i + 1))],
            start = [.. Enumerable.Range(0, Length).Select(i => Math.Cos(i + 1))];
        Link[] plain = [new ClipByNorm(2), new Momentum(0.9), new ClipByNorm(3), new Descend(0.1)];
        double[] Train(Link[] links, out ChainState state)
        {
            var chain = new Chain([.. links]);
            state = chain.Init(1, layout, ScalarType.Float64);
            Tensor theta = Repeated(start, 1, ScalarType.Float64);
            for (int step = 0; step < 3; step++)
                chain.Step(theta, Repeated(g, 1, ScalarType.Float64), state, step, layout, [true]);
            return theta.ToDoubles();
        }
        double[] expected = Train(plain, out ChainState without),
            tapped = Train(
                [new Tap("first"), plain[0], new Tap("second"), plain[1], plain[2], plain[3], new Tap("last")],
                out ChainState with
            );
        Assert.Equal(expected, tapped);
        var told = with.Metrics(0, 3, ofStep: true).ToDictionary(m => m.Name, m => m.Value);
        double norm = Math.Sqrt(g.Sum(x => x * x));
        Assert.Equal(norm, told["first"], 1e-9);
        Assert.Equal(2 * norm / (norm + 1e-6), told["second"], 1e-9);
        // Momentum makes 1 + 0.9 + 0.81 of it, which the second limit brings down to 3; the rate is 0.1.
        Assert.Equal(0.3, told["last"], 1e-6);
        // What a step tells is in no checkpoint, and what the run tells is a share of its steps.
        Assert.Equal(without.CounterNames.Select(c => c.Split('.')[^1]), with.CounterNames.Select(c => c.Split('.')[^1]));
        Assert.Equal([("clip-fraction", 1.0), ("clip-fraction", 2.0 / 3)], with.Metrics(0, 3, ofStep: false));
        without.Dispose();
        with.Dispose();
    }

    [Fact]
    public void A_masked_replica_is_left_alone()
    {
        using var scope = new TensorScope();
        ParamLayout layout = RowLayout(5);
        Chain chain = new(new ClipByNorm(1), new ScaleByAdam(0.9, 0.999), new Descend(0.1));
        using ChainState state = chain.Init(2, layout, ScalarType.Float32);
        Tensor theta = Repeated([1, 2, 3, 4, 5], 2, ScalarType.Float32);
        chain.Step(theta, Repeated([double.NaN, 1, 1, 1, 1], 2, ScalarType.Float32), state, 0, layout, [false, true]);
        Assert.Equal([1, 2, 3, 4, 5], theta.Select(0, 0).ToDoubles());
        Assert.All(theta.Select(0, 1).ToDoubles(), v => Assert.True(double.IsNaN(v)));
    }

    [Fact]
    public void Every_hyper_parameter_changes_the_update()
    {
        var sgd = new OptimizerSpec
        {
            Name = "sgd",
            Kind = "sgd",
            LearningRate = 0.1,
            Momentum = 0.5,
        };
        var adam = new OptimizerSpec
        {
            Name = "adam",
            Kind = "adam",
            LearningRate = 0.1,
        };
        (OptimizerSpec From, OptimizerSpec To)[] turns =
        [
            (sgd, sgd with { LearningRate = 0.2 }),
            (sgd, sgd with { Momentum = 0.6 }),
            (sgd, sgd with { Nesterov = true }),
            (sgd, sgd with { ClipNorm = 0.1 }),
            (sgd, sgd with { WeightDecay = 0.1, Decay = "coupled" }),
            (sgd, sgd with { WeightDecay = 0.1, Decay = "lr" }),
            (sgd, sgd with { WeightDecay = 0.1, Decay = "schedule" }),
            (adam, adam with { LearningRate = 0.2 }),
            (adam, adam with { Beta1 = 0.8 }),
            (adam, adam with { Beta2 = 0.9 }),
            (adam, adam with { Epsilon = 1e-2 }),
            (adam, adam with { ClipNorm = 1e-3, Epsilon = 1e-2 }),
            (adam, adam with { WeightDecay = 0.1, Decay = "coupled" }),
            (adam, adam with { WeightDecay = 0.1, Decay = "lr" }),
            (adam, adam with { WeightDecay = 0.1, Decay = "schedule" }),
            (adam with { WeightDecay = 0.1, Decay = "coupled" }, adam with { WeightDecay = 0.1, Decay = "lr" }),
        ];
        foreach ((OptimizerSpec from, OptimizerSpec to) in turns)
            Assert.NotEqual(After(from), After(to));

        static double[] After(OptimizerSpec spec)
        {
            using var scope = new TensorScope();
            ParamLayout layout = RowLayout(9);
            Chain chain = OptimizerChains.Build([spec], new Schedule("warmup-cosine", 5), OptimizerCatalogue.BuiltIn);
            using ChainState state = chain.Init(1, layout, ScalarType.Float64);
            Tensor theta = Repeated(Pseudo(9, "start"), 1, ScalarType.Float64);
            for (int step = 0; step < 4; step++)
                chain.Step(theta, Repeated(Pseudo(9, "g" + step), 1, ScalarType.Float64), state, step, layout, [true]);
            return theta.ToDoubles();
        }
    }

    private static double[] Pseudo(int count, string purpose)
    {
        Numerics.Streams.RandomStream stream = Numerics.Streams.RandomStream.For(5, purpose);
        return [.. Enumerable.Range(0, count).Select(_ => stream.NextGaussian())];
    }

    private static ParamLayout RowLayout(long parameters)
    {
        var builder = new ParamLayoutBuilder();
        builder.Add("row", Initialisation.Zero, parameters);
        return builder.Build();
    }

    private static Tensor Repeated(double[] row, int replicas, ScalarType type) =>
        Tensor.From<double>([.. Enumerable.Repeat(row, replicas).SelectMany(x => x)], replicas, row.Length).ToType(type);
}
