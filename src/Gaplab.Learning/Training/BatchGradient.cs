// The gradient of a step's batch: what the loop descends on.
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Training;

/// <summary>Losses and gradients of a pack's runs on the batches that their seeds name.</summary>
internal sealed class BatchGradient(PackSpec pack, ITask task, IModel model)
{
    private readonly RunSpec _spec = pack.Runs[0].Spec;
    private readonly int _replicas = pack.Runs.Count;
    private readonly ComputedPrecision _precision = ComputedPrecision.Of(pack.Runs[0].Spec.Precision);

    /// <summary>Running averages that move with the batches; null for a model without, and where none should move.</summary>
    public RunningStatistics? Statistics { get; set; }

    /// <summary>Losses [R] and the gradient [R, P] at a step: every replica's exact gradient from one backward of the sum, in micro-batches
    /// when the batch does not fit.</summary>
    public (double[] Losses, Tensor Gradient) At(Tensor theta, long step)
    {
        using var scope = new TensorScope();
        int batch = _spec.Batch,
            micro = Math.Min(batch, _spec.Evaluation.MicroBatch);
        double[] losses = new double[_replicas];
        var parts = new List<(long[] Tokens, int Rows)>();
        for (int first = 0; first < batch; first += micro)
            parts.Add((Tokens(step * batch + first, Math.Min(micro, batch - first)), Math.Min(micro, batch - first)));
        double[][] weights = Weights(parts);
        Tensor? total = null;
        for (int i = 0; i < parts.Count; i++)
        {
            using var part = new TensorScope();
            Tensor rows = Tensor.From<long>(parts[i].Tokens, _replicas, parts[i].Rows, task.SampleLength);
            Tensor seen = _precision.Seen(theta);
            Tensor loss = (
                Statistics is not null && model is IRunningStatistics normalised
                    ? normalised.TrainingLoss(seen, rows, Statistics)
                    : model.TrainingLoss(seen, rows)
            ).ToType(theta.Type); // [R]
            Tensor sum = parts.Count == 1 ? loss.Sum() : (loss * Tensor.From<double>(weights[i], _replicas).ToType(theta.Type)).Sum();
            Tensor gradient = Autograd.Gradient(sum, theta); // [R, P]
            double[] values = loss.ToDoubles();
            for (int r = 0; r < _replicas; r++)
                losses[r] += weights[i][r] * values[r];
            if (total is null)
                total = part.Keep(gradient);
            else
                total.AddInPlace(gradient);
        }
        return (losses, TensorScope.Release(total!.Contiguous()));
    }

    /// <summary>What share of each replica's predictions a part of the batch holds: its mean loss has that weight in the batch's.</summary>
    private double[][] Weights(List<(long[] Tokens, int Rows)> parts)
    {
        double[][] weights =
        [
            .. parts.Select(p =>
                Enumerable
                    .Range(0, _replicas)
                    .Select(r => (double)task.Predictions(p.Tokens.AsSpan(r * (p.Tokens.Length / _replicas), p.Tokens.Length / _replicas)))
                    .ToArray()
            ),
        ];
        for (int r = 0; r < _replicas; r++)
        {
            double all = weights.Sum(w => w[r]);
            foreach (double[] part in weights)
                part[r] /= all;
        }
        return weights;
    }

    /// <summary>Samples first … first+rows-1 of every run, [R, rows, SampleLength]; runs of one seed see the same.</summary>
    private long[] Tokens(long first, int rows)
    {
        int size = rows * task.SampleLength;
        long[] tokens = new long[_replicas * size];
        var filled = new Dictionary<long, int>();
        for (int r = 0; r < _replicas; r++)
        {
            Span<long> row = tokens.AsSpan(r * size, size);
            if (filled.TryGetValue(pack.Runs[r].Spec.Seed, out int same))
                tokens.AsSpan(same * size, size).CopyTo(row);
            else
                task.FillBatch(pack.Runs[r].Spec.Seed, first, row);
            filled.TryAdd(pack.Runs[r].Spec.Seed, r);
        }
        return tokens;
    }
}
