// What a step of training costs on this machine, and on what it is spent.
using System.Diagnostics;
using Gaplab.Learning.Models;
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
        using var gpt = new Gpt(model, vocabulary, context);
        RandomStream stream = RandomStream.For(1, "bench/tokens");
        long[] rows = [.. Enumerable.Range(0, replicas * batch * (context + 1)).Select(_ => (long)stream.NextIndex(vocabulary))];
        using var loop = new StepLoop(gpt, rows, batch, replicas);
        StepCost Block()
        {
            long began = Stopwatch.GetTimestamp();
            double forward = 0,
                backward = 0,
                optimizer = 0;
            int steps = 0;
            do
            {
                var step = loop.Step();
                forward += step.Forward;
                backward += step.Backward;
                optimizer += step.Optimizer;
                steps++;
            } while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds);
            double samples = 1e-6 * steps * batch * replicas;
            return new StepCost(loop.Parameters, forward / samples, backward / samples, optimizer / samples);
        }
        Block();
        return Enumerable.Range(0, blocks).Select(_ => Block()).OrderBy(b => b.Whole).ElementAt(blocks / 2);
    }
}
