// A finding: what the tool says against its own result, printed beside it.
namespace Gaplab.Results.Analysis;

/// <summary>How much a finding weighs.</summary>
public enum Severity
{
    Hint,
    Warning,
    Error,
}

/// <summary>One objection to a result.</summary>
/// <param name="Kind">Its row in the catalogue.</param>
/// <param name="Severity">Hint, warning or error.</param>
/// <param name="Message">One sentence: what is the matter and what would mend it.</param>
/// <param name="Where">What it is about, e.g. "sgd, B=256"; empty for the whole comparison.</param>
public sealed record Finding(FindingKind Kind, Severity Severity, string Message, string Where = "")
{
    /// <summary>The kind's name.</summary>
    public string Id => Kind.Id;
}
