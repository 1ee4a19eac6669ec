// How often each class is a training target: what class imbalance and the pilot's priors are computed from.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Learning.Data;

/// <summary>Counts of a task's training targets, of evenly spaced ones where they are many.</summary>
public static class TargetCounts
{
    private const long MostTargets = 1L << 21;
    private const int Rows = 256;

    /// <summary>By class, of <see cref="ITask.Vocabulary"/> classes, as training draws them: label noise is spread over the classes from
    /// which it is drawn. Null where a target is a number, and of a task that holds no samples.</summary>
    public static double[]? Of(ITask task) => Counted(task)?.Counts;

    /// <summary>The frequencies of the same classes; null where a target is a number, or only one class occurs.</summary>
    public static ClassFrequencies? Frequencies(ITask task) =>
        Counted(task) is var (counts, samples) ? ClassFrequencies.Of(counts, counts.Sum() / samples) : null;

    private static (double[] Counts, long Samples)? Counted(ITask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        long wanted = Math.Max(1, MostTargets / task.Context),
            count = task.TrainEvaluationCount(wanted);
        double[] counts = new double[task.Vocabulary];
        long[] rows = new long[Rows * task.SampleLength];
        for (long first = 0; first < count; first += Rows)
        {
            Span<long> part = rows.AsSpan(0, (int)Math.Min(Rows, count - first) * task.SampleLength);
            task.FillTrainEvaluation(wanted, first, part);
            for (int at = 0; at < part.Length; at += task.SampleLength)
            {
                ReadOnlySpan<long> targets = task.Targets(part.Slice(at, task.SampleLength));
                if (targets.IsEmpty && task.Context == 1)
                    return null; // a number
                foreach (long target in targets)
                    counts[target]++;
            }
        }
        if (task.NoisyClasses is > 0 and var drawn && task.Spec.LabelNoise is > 0 and var noise)
        {
            double share = noise * counts.Sum() / drawn;
            for (int c = 0; c < counts.Length; c++)
                counts[c] = (1 - noise) * counts[c] + (c < drawn ? share : 0);
        }
        return counts.Sum() > 0 ? (counts, count) : null;
    }
}
