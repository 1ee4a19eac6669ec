// The key of one group of a sweep: ordered (name, value) pairs such as data=cifar10, model=cnn.
namespace Gaplab.Results.Analysis;

/// <summary>Ordered (name, value) pairs that separate one comparison from another; two keys are equal when all pairs are. Empty: one group
/// only.</summary>
public sealed class GroupKey : IEquatable<GroupKey>
{
    /// <summary>The key of a table that is one group.</summary>
    public static readonly GroupKey Empty = new([]);

    public GroupKey(IReadOnlyList<KeyValuePair<string, string>> pairs) => Pairs = pairs;

    public IReadOnlyList<KeyValuePair<string, string>> Pairs { get; }

    public bool Equals(GroupKey? other) => other is not null && Pairs.SequenceEqual(other.Pairs);

    public override bool Equals(object? obj) => Equals(obj as GroupKey);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var pair in Pairs)
            hash.Add(pair);
        return hash.ToHashCode();
    }

    /// <summary>"data=cifar10, model=cnn"; "all runs" when empty.</summary>
    public override string ToString() => Pairs.Count == 0 ? "all runs" : string.Join(", ", Pairs.Select(p => $"{p.Key}={p.Value}"));
}
