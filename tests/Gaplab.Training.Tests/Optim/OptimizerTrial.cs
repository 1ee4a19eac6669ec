// A short training of one layout on made-up gradients: what the tests of the rules share.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;
using Gaplab.Training.Tests.Samples;

namespace Gaplab.Training.Tests.Optim;

internal static class OptimizerTrial
{
    public const int Steps = 6;

    public static Schedule Schedule { get; } = new("warmup-cosine", Steps);

    /// <summary>Two hidden matrices, wide and tall, a table, a head, a vector, and more numbers than one chunk holds.</summary>
    public static ParamLayout Layout { get; } =
        Build(
            ("embedding", [5, 3]),
            ("blocks.0.up", [3, 12]),
            ("blocks.0.down", [12, 3]),
            ("blocks.0.gain", [3]),
            ("head", [3, 5]),
            ("blocks.1.long", [2111])
        );

    public static ParamLayout Build(params ReadOnlySpan<(string Name, long[] Shape)> tensors)
    {
        var builder = new ParamLayoutBuilder();
        foreach ((string name, long[] shape) in tensors)
            builder.Add(name, Initialisation.Zero, shape);
        return builder.Build();
    }

    public static double[] Numbers(string purpose, int replica, long count)
    {
        RandomStream stream = RandomStream.For(11, purpose, replica);
        return [.. Enumerable.Range(0, (int)count).Select(_ => stream.NextGaussian())];
    }

    /// <summary>θ after some steps; each replica's start and gradients depend on its number alone.</summary>
    public static double[] Train(OptimizerSpec[] specs, int[]? numbers = null, int steps = Steps, bool[]? active = null)
    {
        using var scope = new TensorScope();
        Chain chain = OptimizerChains.Build(specs, Schedule, SampleKinds.Catalogues.Optimizers);
        using ChainState state = chain.Init(specs.Length, Layout, ScalarType.Float64);
        Tensor theta = Start(specs.Length, numbers);
        Continue(chain, state, theta, 0, steps, numbers, active);
        return theta.ToDoubles();
    }

    public static Tensor Start(int replicas, int[]? numbers = null) =>
        Tensor.From<double>(
            [.. Enumerable.Range(0, replicas).SelectMany(r => Numbers("start", numbers?[r] ?? r, Layout.Count))],
            replicas,
            Layout.Count
        );

    public static void Continue(Chain chain, ChainState state, Tensor theta, int from, int to, int[]? numbers = null, bool[]? active = null)
    {
        int replicas = (int)theta.Size(0);
        for (int step = from; step < to; step++)
        {
            using var scope = new TensorScope();
            Tensor gradient = Tensor.From<double>(
                [.. Enumerable.Range(0, replicas).SelectMany(r => Numbers("gradient " + step, numbers?[r] ?? r, Layout.Count))],
                replicas,
                Layout.Count
            );
            chain.Step(theta, gradient, state, step, Layout, active ?? [.. Enumerable.Repeat(true, replicas)]);
        }
    }

    /// <summary>A kind at its defaults, with momentum where it has one.</summary>
    public static OptimizerSpec Spec(OptimizerKind kind)
    {
        OptimizerSpec spec = kind.Defaults(
            new OptimizerSpec
            {
                Name = kind.Name,
                Kind = kind.Name,
                LearningRate = 0.05,
            }
        );
        // A thousandth of a step is not seen in rounding.
        spec = spec with
        {
            Trust = 1,
        };
        return kind.Uses(OptimizerKey.Momentum) && spec.Momentum == 0 ? spec with { Momentum = 0.5 } : spec;
    }
}
