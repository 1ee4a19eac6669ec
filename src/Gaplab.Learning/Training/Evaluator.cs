// The loss of every replica on a fixed set of sequences.
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Torch;

namespace Gaplab.Learning.Training;

/// <summary>Forward passes only, in micro-batches, summed in double.</summary>
/// <param name="model">What is evaluated.</param>
/// <param name="task">On what.</param>
/// <param name="microBatch">Samples of a pass.</param>
/// <param name="precision">In which numbers.</param>
internal sealed class Evaluator(IModel model, ITask task, int microBatch, ComputedPrecision precision)
{
    /// <summary>What a model with batch normalisation evaluates with, once training has begun.</summary>
    public RunningStatistics? Statistics { get; set; }

    private delegate void Fill(long wanted, long first, Span<long> tokens);

    /// <summary>Mean validation loss of each replica [R] on <paramref name="wanted"/> evenly spaced sequences (0 = all).</summary>
    public double[] Validation(Tensor theta, int wanted) => Mean(theta, task.ValidationCount(wanted), wanted, task.FillValidation);

    /// <summary>Likewise on the training part.</summary>
    public double[] Train(Tensor theta, int wanted) => Mean(theta, task.TrainEvaluationCount(wanted), wanted, task.FillTrainEvaluation);

    /// <summary>The share of validation samples whose class gets the highest logit, of each replica, over all and over each of the task's
    /// groups of classes (NaN where a group has none).</summary>
    public (double[] All, double[][] Groups) Accuracy(ILogitModel classifier, IClassificationTask classes, Tensor theta, int wanted)
    {
        int replicas = (int)theta.Size(0),
            size = classes.SampleLength,
            groups = classes.GroupNames.Count;
        long count = classes.ValidationCount(wanted);
        double[] right = new double[replicas];
        double[][] rightOf = [.. Enumerable.Range(0, groups).Select(_ => new double[replicas])];
        long[] countOf = new long[groups];
        using NoGradScope _ = Autograd.NoGrad();
        using var whole = new TensorScope();
        theta = precision.Seen(theta);
        for (long first = 0; first < count; first += microBatch)
        {
            using var scope = new TensorScope();
            int rows = (int)Math.Min(microBatch, count - first);
            long[] tokens = new long[rows * size];
            classes.FillValidation(wanted, first, tokens);
            long[] guesses = Logits(classifier, theta, Tensor.From<long>(tokens, 1, rows, size).Expand(replicas, rows, size))
                .ArgMax(2)
                .ToArray<long>(); // [R, rows]
            for (int b = 0; b < rows; b++)
            {
                int label = classes.LabelOf(tokens.AsSpan(b * size, size)),
                    group = groups > 0 ? classes.GroupOf(label) : -1;
                if (group >= 0)
                    countOf[group]++;
                for (int r = 0; r < replicas; r++)
                {
                    if (guesses[r * rows + b] != label)
                        continue;
                    right[r]++;
                    if (group >= 0)
                        rightOf[group][r]++;
                }
            }
        }
        return ([.. right.Select(n => n / count)], [.. rightOf.Select((n, g) => n.Select(k => k / countOf[g]).ToArray())]);
    }

    private Tensor Loss(Tensor theta, Tensor batch)
    {
        if (Statistics is null || model is not IRunningStatistics normalised)
            return model.Loss(theta, batch);
        (Tensor logits, Tensor targets) = normalised.Predict(theta, batch, Statistics);
        return logits.CrossEntropy(targets);
    }

    private Tensor Logits(ILogitModel classifier, Tensor theta, Tensor batch) =>
        Statistics is not null && classifier is IRunningStatistics normalised
            ? normalised.Predict(theta, batch, Statistics).Logits
            : classifier.Predict(theta, batch).Logits;

    private double[] Mean(Tensor theta, long count, int wanted, Fill fill)
    {
        int replicas = (int)theta.Size(0),
            size = task.SampleLength;
        double[] sum = new double[replicas];
        long predictions = 0;
        using NoGradScope _ = Autograd.NoGrad();
        using var whole = new TensorScope();
        theta = precision.Seen(theta);
        for (long first = 0; first < count; first += microBatch)
        {
            using var scope = new TensorScope();
            int rows = (int)Math.Min(microBatch, count - first);
            long[] tokens = new long[rows * size];
            fill(wanted, first, tokens);
            Tensor batch = Tensor.From<long>(tokens, 1, rows, size).Expand(replicas, rows, size);
            double[] losses = Loss(theta, batch).ToDoubles();
            long weight = task.Predictions(tokens);
            predictions += weight;
            for (int r = 0; r < replicas; r++)
                sum[r] += losses[r] * weight;
        }
        for (int r = 0; r < replicas; r++)
            sum[r] /= predictions;
        return sum;
    }
}
