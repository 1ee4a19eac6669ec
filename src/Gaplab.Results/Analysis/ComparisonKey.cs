// The key of one comparison of a sweep: ordered (name, value) pairs such as data=cifar10, model=cnn.
namespace Gaplab.Results.Analysis;

/// <summary>Ordered (name, value) pairs that separate one comparison from another; two keys are equal when all pairs are. Empty: a
/// table of one comparison only.</summary>
public sealed class ComparisonKey : IEquatable<ComparisonKey>
{
    /// <summary>The name of the pair that says which of a study's settings it is.</summary>
    public const string Setting = "setting";

    /// <summary>The key of a table that is one comparison.</summary>
    public static readonly ComparisonKey Empty = new([]);

    public ComparisonKey(IReadOnlyList<KeyValuePair<string, string>> pairs) => Pairs = pairs;

    public IReadOnlyList<KeyValuePair<string, string>> Pairs { get; }

    public bool Equals(ComparisonKey? other) => other is not null && Pairs.SequenceEqual(other.Pairs);

    public override bool Equals(object? obj) => Equals(obj as ComparisonKey);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var pair in Pairs)
            hash.Add(pair);
        return hash.ToHashCode();
    }

    /// <summary>What each pair is called in a name: a setting by its own name, all else as "factor=level".</summary>
    public IEnumerable<string> Names => Pairs.Select(p => p.Key == Setting ? p.Value : $"{p.Key}={p.Value}");

    /// <summary>"data=cifar10, model=cnn"; "" for the only comparison.</summary>
    public string Heading => Pairs.Count == 0 ? "" : ToString();

    /// <summary>"data=cifar10, model=cnn, ", to stand before what it holds of; "" for the only comparison.</summary>
    public string Prefix => Pairs.Count == 0 ? "" : ToString() + ", ";

    /// <summary>"data=cifar10, model=cnn"; "all runs" when empty.</summary>
    public override string ToString() => Pairs.Count == 0 ? "all runs" : string.Join(", ", Pairs.Select(p => $"{p.Key}={p.Value}"));
}
