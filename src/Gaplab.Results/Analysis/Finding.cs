// A finding: what the tool says against its own result, printed beside it.
namespace Gaplab.Results.Analysis;

/// <summary>How much a finding weighs.</summary>
public enum Severity { Hint, Warning, Error }

/// <summary>One objection to a result.</summary>
/// <param name="Id">Kebab-case name from the list in docs/statistics.md, e.g. "grid-edge".</param>
/// <param name="Severity">Hint, warning or error.</param>
/// <param name="Message">One sentence: what is the matter and what would mend it.</param>
/// <param name="Where">What it is about, e.g. "sgd, B=256"; empty for the whole group.</param>
public sealed record Finding(string Id, Severity Severity, string Message, string Where = "");
