// A kind of finding: its id, what it is about, and what it says.
namespace Gaplab.Results.Analysis;

/// <summary>What all findings of one id have in common.</summary>
/// <param name="Id">Kebab-case name, the same in JSON, on pages and in docs/statistics.md, e.g. "grid-edge".</param>
/// <param name="Topic">What it is about.</param>
/// <param name="Meaning">What it says, in a few words: its row in docs/statistics.md.</param>
public sealed record FindingKind(string Id, FindingTopic Topic, string Meaning);
