// The rows of a catalogue of findings, in the order in which they are declared.
namespace Gaplab.Results.Analysis;

/// <summary>A catalogue under construction: each row is listed where it is made.</summary>
public sealed class FindingRows
{
    private readonly List<FindingKind> _all = [];

    public IReadOnlyList<FindingKind> All => _all;

    /// <summary>One row more.</summary>
    public FindingKind Add(string id, FindingTopic topic, string meaning)
    {
        var kind = new FindingKind(id, topic, meaning);
        _all.Add(kind);
        return kind;
    }
}
