// What an import has to say about its table besides the runs.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Collected while a table is read.</summary>
internal sealed class ImportNotes
{
    public List<Finding> Findings { get; } = [];

    /// <summary>What was done otherwise than usual because something is missing; told with the verdict.</summary>
    public List<string> Caveats { get; } = [];

    /// <summary>What may have been runs and could not be read, and why: "line 12", "cut off in the middle".</summary>
    public List<(string Where, string Why)> SetAside { get; } = [];

    /// <summary>What lies in the folder besides and was not read, and its format.</summary>
    public List<(string Where, string Format)> Beside { get; } = [];

    /// <summary>What can be read in two ways.</summary>
    public List<OpenReading> Open { get; } = [];
}
