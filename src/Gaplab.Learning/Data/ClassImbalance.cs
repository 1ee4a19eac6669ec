// How unevenly the classes that a task predicts occur: one number for tokens, bases and images.
namespace Gaplab.Learning.Data;

/// <summary>1 − H/ln K, H the entropy of the training targets over the K classes that occur: 0 where all are as frequent, towards 1 where
/// one is nearly alone.</summary>
public static class ClassImbalance
{
    /// <summary>Of a task's training targets; null where a target is a number, or only one class occurs.</summary>
    public static double? Of(ITask task) => TargetCounts.Of(task) is { } counts ? Of(counts) : null;

    /// <summary>Of counts or frequencies by class; null with fewer than two that are not 0.</summary>
    public static double? Of(IReadOnlyList<double> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        double[] present = [.. counts.Where(c => c > 0)];
        double total = present.Sum();
        return present.Length < 2 ? null : 1 - present.Sum(c => -c / total * Math.Log(c / total)) / Math.Log(present.Length);
    }
}
