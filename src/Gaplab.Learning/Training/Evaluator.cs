// The loss of every replica on a fixed set of sequences.
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Torch;


namespace Gaplab.Learning.Training;

/// <summary>Forward passes only, in micro-batches, summed in double.</summary>
internal sealed class Evaluator(IModel model, ITask task, int microBatch)
{
    private delegate void Fill(long wanted, long first, Span<long> tokens);

    /// <summary>Mean validation loss of each replica [R] on <paramref name="wanted"/> evenly spaced sequences (0 = all).</summary>
    public double[] Validation(Tensor theta, int wanted) => Mean(theta, task.ValidationCount(wanted), wanted, task.FillValidation);

    /// <summary>Likewise on the training part.</summary>
    public double[] Train(Tensor theta, int wanted) => Mean(theta, task.TrainEvaluationCount(wanted), wanted, task.FillTrainEvaluation);

    private double[] Mean(Tensor theta, long count, int wanted, Fill fill)
    {
        int replicas = (int)theta.Size(0), size = task.SampleLength;
        double[] sum = new double[replicas];
        long predictions = 0;
        using NoGradScope _ = Autograd.NoGrad();
        for (long first = 0; first < count; first += microBatch)
        {
            using var scope = new TensorScope();
            int rows = (int)Math.Min(microBatch, count - first);
            long[] tokens = new long[rows * size];
            fill(wanted, first, tokens);
            Tensor batch = Tensor.From<long>(tokens, 1, rows, size).Expand(replicas, rows, size);
            double[] losses = model.Loss(theta, batch).ToDoubles();
            long weight = task.Predictions(tokens);
            predictions += weight;
            for (int r = 0; r < replicas; r++) sum[r] += losses[r] * weight;
        }
        for (int r = 0; r < replicas; r++) sum[r] /= predictions;
        return sum;
    }
}
