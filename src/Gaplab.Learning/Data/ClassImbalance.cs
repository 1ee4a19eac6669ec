// How unevenly the classes that a task predicts occur: one number for tokens, bases and images.
using Gaplab.Learning.Data.Genomes;
using Gaplab.Learning.Data.Graphs;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Data;

/// <summary>1 − H/ln K, H the entropy of the training targets over the K classes that occur: 0 where all are as frequent, towards 1 where
/// one is nearly alone.</summary>
public static class ClassImbalance
{
    private const long MostTargets = 1L << 21;
    private const int Rows = 256;

    /// <summary>Of a task's training targets, evenly spaced ones where they are many; null where a target is a number, or only one class
    /// occurs.</summary>
    public static double? Of(ITask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task is GraphTask { Spec.Graphs.Classes: 0 })
            return null;
        long wanted = Math.Max(1, MostTargets / task.Context),
            count = task.TrainEvaluationCount(wanted);
        double[] counts = new double[task.Vocabulary];
        long[] rows = new long[Rows * task.SampleLength];
        for (long first = 0; first < count; first += Rows)
        {
            Span<long> part = rows.AsSpan(0, (int)Math.Min(Rows, count - first) * task.SampleLength);
            task.FillTrainEvaluation(wanted, first, part);
            for (int at = 0; at < part.Length; at += task.SampleLength)
                Count(task, part.Slice(at, task.SampleLength), counts);
        }
        // Images carry the noise of their labels; that of tokens is drawn anew in every epoch.
        if (task is not IClassificationTask && task.Spec.LabelNoise is > 0 and var noise)
        {
            int drawn = task is GenomeTask ? Nucleotides.Unknown : counts.Length;
            double share = noise * counts.Sum() / drawn;
            for (int c = 0; c < counts.Length; c++)
                counts[c] = (1 - noise) * counts[c] + (c < drawn ? share : 0);
        }
        return Of(counts);
    }

    /// <summary>Of counts or frequencies by class; null with fewer than two that are not 0.</summary>
    public static double? Of(IReadOnlyList<double> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        double[] present = [.. counts.Where(c => c > 0)];
        double total = present.Sum();
        return present.Length < 2 ? null : 1 - present.Sum(c => -c / total * Math.Log(c / total)) / Math.Log(present.Length);
    }

    private static void Count(ITask task, ReadOnlySpan<long> row, double[] counts)
    {
        if (task is IClassificationTask classes)
        {
            counts[classes.LabelOf(row)]++;
            return;
        }
        int time = task.Context;
        ReadOnlySpan<long> targets = task is TranslationTask pairs
            ? row.Slice(pairs.SourceContext + 1, time)
            : TokenRowForm.Of(task.Spec) switch
            {
                TokenRows.Shifted => row[1..(time + 1)],
                TokenRows.Apart => row[time..],
                _ => row[(time + TokenRowForm.MaskedCount(time))..],
            };
        foreach (long target in targets)
            if (target != SpecialToken.Padding || task is not TranslationTask)
                counts[target]++;
    }
}
