// What an import has to say about its table besides the runs.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Collected while a table is read.</summary>
internal sealed class ImportNotes
{
    public List<Finding> Findings { get; } = [];

    /// <summary>What was done otherwise than usual because something is missing; told with the verdict.</summary>
    public List<string> Caveats { get; } = [];

    /// <summary>What can be read in two ways.</summary>
    public List<OpenReading> Open { get; } = [];
}
