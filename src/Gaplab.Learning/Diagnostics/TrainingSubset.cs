// A fixed subset of the training samples, and gradients over it: of all, of each, of mini-batches drawn from it.
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Receives gradient k [P]; the span is valid during the call.</summary>
public delegate void GradientSeen(int k, ReadOnlySpan<double> gradient);

/// <summary>N evenly spaced training samples. F is the mean training loss over all their predictions; gradients are in double whatever the
/// run's precision.</summary>
public sealed class TrainingSubset
{
    private const int Block = 64,
        MostRows = 16;
    private const long Budget = 1L << 21; // numbers in the parameter rows of one pass

    private readonly long[] _rows;
    private readonly int _length;
    private readonly long[] _predictions;

    private TrainingSubset(long[] rows, int length, long[] predictions) => (_rows, _length, _predictions) = (rows, length, predictions);

    /// <summary>N.</summary>
    public int Count => _predictions.Length;

    /// <summary>The share of all predictions that sample i holds; they add up to 1.</summary>
    public double Weight(int i) => _predictions[i] / (double)_predictions.Sum();

    /// <param name="task">Where from.</param>
    /// <param name="samples">N; 0 is all training samples.</param>
    public static TrainingSubset Of(ITask task, long samples)
    {
        ArgumentNullException.ThrowIfNull(task);
        long count = task.TrainEvaluationCount(samples);
        long[] rows = new long[checked(count * task.SampleLength)];
        task.FillTrainEvaluation(samples, 0, rows);
        return new TrainingSubset(
            rows,
            task.SampleLength,
            [.. Enumerable.Range(0, (int)count).Select(i => task.Predictions(rows.AsSpan(i * task.SampleLength, task.SampleLength)))]
        );
    }

    /// <summary>The subset in batches, for curvature.</summary>
    public EvaluationSet InBatches(int size)
    {
        int[][] parts = [.. Enumerable.Range(0, Count).Chunk(size)];
        return new EvaluationSet([.. parts.Select(Gather)], _length, [.. parts.Select(p => p.Sum(i => _predictions[i]))]);
    }

    /// <summary>F(θ), summed over blocks in a fixed order.</summary>
    public double Loss(IModel model, double[] theta)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(theta);
        double sum = 0,
            total = _predictions.Sum();
        foreach (int[] part in Enumerable.Range(0, Count).Chunk(Block))
        {
            using var scope = new TensorScope();
            Tensor loss = model.TrainingLoss(
                Tensor.From<double>(theta, 1, theta.Length),
                Tensor.From<long>(Gather(part), 1, part.Length, _length)
            );
            sum += part.Sum(i => _predictions[i]) / total * loss.Item();
        }
        return sum;
    }

    /// <summary>∇F(θ) [P], summed over blocks in a fixed order.</summary>
    public double[] Gradient(IModel model, double[] theta)
    {
        ArgumentNullException.ThrowIfNull(model);
        double[] sum = new double[theta.Length];
        double total = _predictions.Sum();
        foreach (int[] part in Enumerable.Range(0, Count).Chunk(Block))
        {
            double share = part.Sum(i => _predictions[i]) / total;
            Gradients(model, theta, [part], (_, g) => TensorPrimitives.MultiplyAdd(g, share, sum, sum));
        }
        return sum;
    }

    /// <summary>The gradient of the mean loss over each mini-batch, all of one size; several share a pass on the replica axis.</summary>
    /// <param name="model">Of any number of replicas.</param>
    /// <param name="theta">θ [P].</param>
    /// <param name="batches">Samples of the subset by number; one may occur twice.</param>
    /// <param name="seen">Gets them in order.</param>
    public void Gradients(IModel model, double[] theta, IReadOnlyList<int[]> batches, GradientSeen seen)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(seen);
        int most = (int)Math.Clamp(Budget / theta.Length, 1, MostRows),
            first = 0;
        foreach (int[][] part in batches.Chunk(most))
        {
            using var scope = new TensorScope();
            Tensor rows = Tensor.From<double>(theta, 1, theta.Length).Expand(part.Length, theta.Length).Clone().Contiguous();
            rows.RequiresGrad = true;
            Tensor loss = model.TrainingLoss(rows, Tensor.From<long>([.. part.SelectMany(Gather)], part.Length, part[0].Length, _length));
            Tensor gradients = Autograd.Gradient(loss.Sum(), rows).ToDevice(Device.Cpu).Contiguous();
            for (int r = 0; r < part.Length; r++)
                seen(first + r, gradients.Row<double>(r));
            first += part.Length;
        }
    }

    /// <summary>A mini-batch of samples drawn uniformly with replacement: its gradient's mean over draws is ∇F, its covariance Σ/B, where
    /// samples hold equally many predictions.</summary>
    public int[] Draw(RandomStream random, int size)
    {
        ArgumentNullException.ThrowIfNull(random);
        int[] batch = new int[size];
        for (int i = 0; i < size; i++)
            batch[i] = (int)random.NextIndex(Count);
        return batch;
    }

    private long[] Gather(int[] samples)
    {
        long[] rows = new long[samples.Length * _length];
        for (int i = 0; i < samples.Length; i++)
            _rows.AsSpan(samples[i] * _length, _length).CopyTo(rows.AsSpan(i * _length));
        return rows;
    }
}
