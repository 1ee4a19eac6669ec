// A task whose samples each belong to one class: what accuracy, and accuracy by class frequency, need.
namespace Gaplab.Learning.Data;

/// <summary>One prediction per sample, right or wrong.</summary>
public interface IClassificationTask : ITask
{
    /// <summary>Names of the groups of classes by training frequency, the most frequent first; empty where the classes are about as
    /// frequent.</summary>
    IReadOnlyList<string> GroupNames { get; }

    /// <summary>The group of a class.</summary>
    int GroupOf(int label);

    /// <summary>The class of a row.</summary>
    int LabelOf(ReadOnlySpan<long> row);
}
