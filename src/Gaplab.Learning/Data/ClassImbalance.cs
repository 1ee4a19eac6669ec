// How unevenly the classes that a task predicts occur: one number for tokens, bases and images.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Learning.Data;

/// <summary>1 − H/ln K, H the entropy of the training targets over the K classes that occur: 0 where all are as frequent, towards 1 where
/// one is nearly alone.</summary>
public static class ClassImbalance
{
    private const long MostTargets = 1L << 21;
    private const int Rows = 256;

    /// <summary>Of a task's training targets, evenly spaced ones where they are many; null where a target is a number, or only one class
    /// occurs.</summary>
    public static double? Of(ITask task) => Counts(task) is var (counts, _) ? Of(counts) : null;

    /// <summary>How often each class is a target, of the same targets; null where a target is a number, or only one class occurs.</summary>
    public static ClassFrequencies? Frequencies(ITask task) =>
        Counts(task) is var (counts, samples) ? ClassFrequencies.Of(counts, counts.Sum() / samples) : null;

    private static (double[] Counts, long Samples)? Counts(ITask task)
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
        return (counts, count);
    }

    /// <summary>Of counts or frequencies by class; null with fewer than two that are not 0.</summary>
    public static double? Of(IReadOnlyList<double> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        double[] present = [.. counts.Where(c => c > 0)];
        double total = present.Sum();
        return present.Length < 2 ? null : 1 - present.Sum(c => -c / total * Math.Log(c / total)) / Math.Log(present.Length);
    }
}
