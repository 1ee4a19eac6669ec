// What a step of training costs on this machine, and on what it is spent.
using System.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Learning.Training;

/// <summary>A GPT trained by Adam in float32, one thread, on one batch of random tokens.</summary>
/// <param name="Parameters">Of one replica.</param>
/// <param name="Forward">Microseconds for each sample and replica: the loss.</param>
/// <param name="Backward">Microseconds: its gradient.</param>
/// <param name="Optimizer">Microseconds: Adam's update, and reading the loss.</param>
public sealed record StepCost(long Parameters, double Forward, double Backward, double Optimizer)
{
    /// <summary>Microseconds for each sample and replica.</summary>
    public double Whole => Forward + Backward + Optimizer;

    /// <summary>Measures it by the clock: the median of several blocks of steps after one that is not counted.</summary>
    /// <param name="model">The GPT's shape.</param>
    /// <param name="vocabulary">Tokens that there are.</param>
    /// <param name="context">Tokens of a sample.</param>
    /// <param name="batch">B, samples of a step.</param>
    /// <param name="replicas">R, trained in one program.</param>
    /// <param name="seconds">Of one block.</param>
    /// <param name="blocks">How many are counted.</param>
    public static StepCost Of(
        ModelSpec model,
        int vocabulary,
        int context,
        int batch,
        int replicas = 1,
        double seconds = 0.15,
        int blocks = 5
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        TorchRuntime.Threads = 1;
        using var scope = new TensorScope();
        using Gpt built = new(model, vocabulary, context);
        IModel gpt = built;
        RandomStream stream = RandomStream.For(1, "bench/tokens");
        double[] start = new double[gpt.Layout.Count];
        gpt.Layout.Initialise(1, start);
        Tensor theta = Tensor
            .From<double>([.. Enumerable.Repeat(start, replicas).SelectMany(r => r)], replicas, start.Length)
            .ToType(ScalarType.Float32);
        theta.RequiresGrad = true;
        Tensor rows = Tensor.From<long>(
            [.. Enumerable.Range(0, replicas * batch * (context + 1)).Select(_ => (long)stream.NextIndex(vocabulary))],
            replicas,
            batch,
            context + 1
        );
        var chain = new Chain(new ScaleByAdam(0.9, 0.999), new Descend(1e-3));
        using ChainState state = chain.Init(replicas, gpt.Layout, ScalarType.Float32);
        bool[] active = [.. Enumerable.Repeat(true, replicas)];
        long step = 0;
        (double Forward, double Backward, double Optimizer) Block()
        {
            long began = Stopwatch.GetTimestamp();
            double forward = 0,
                backward = 0,
                optimizer = 0;
            int steps = 0;
            do
            {
                using var inner = new TensorScope();
                long at = Stopwatch.GetTimestamp();
                Tensor loss = gpt.TrainingLoss(theta, rows);
                Tensor sum = loss.Sum();
                long after = Stopwatch.GetTimestamp();
                Tensor gradient = Autograd.Gradient(sum, theta);
                long last = Stopwatch.GetTimestamp();
                _ = loss.ToDoubles();
                chain.Step(theta, gradient, state, step++, gpt.Layout, active);
                forward += Stopwatch.GetElapsedTime(at, after).TotalSeconds;
                backward += Stopwatch.GetElapsedTime(after, last).TotalSeconds;
                optimizer += Stopwatch.GetElapsedTime(last).TotalSeconds;
                steps++;
            } while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds);
            double samples = 1e-6 * steps * batch * replicas;
            return (forward / samples, backward / samples, optimizer / samples);
        }
        Block();
        var measured = Enumerable.Range(0, blocks).Select(_ => Block()).OrderBy(b => b.Forward + b.Backward + b.Optimizer).ToArray();
        var median = measured[blocks / 2];
        return new StepCost(start.Length, median.Forward, median.Backward, median.Optimizer);
    }
}
