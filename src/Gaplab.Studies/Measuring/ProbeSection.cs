// One row of the catalogue of what probes add to a study's page and to the live page: which probes, what is shown, how it is built.
using Gaplab.Results.Report;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>What some probes that are shown together add to the page of a study that has measured them.</summary>
internal sealed record ProbeSection
{
    /// <summary>The title of its first section.</summary>
    public required string Title { get; init; }

    /// <summary>What it shows, for the documents.</summary>
    public required string Says { get; init; }

    /// <summary>Their names.</summary>
    public required IReadOnlyList<string> Probes { get; init; }

    /// <summary>The view of the live page that has it (<see cref="MeasuredView"/>).</summary>
    public required string View { get; init; }

    /// <summary>Whether it takes too long for a page that is written after every round: then the view alone has it.</summary>
    public bool TakesLong { get; init; }

    /// <summary>From what the tuned runs of a store hold; null where they hold none of it. "Source" and "command" are those of a
    /// <see cref="Provenance"/>.</summary>
    public required Func<StudyResults, string, string, ProbePart?> Read { get; init; }
}

/// <summary>A part of a page.</summary>
/// <param name="Claims">Sentences that follow the headline.</param>
/// <param name="Sections">Before the explanation of how to read the page.</param>
internal sealed record ProbePart(IReadOnlyList<string> Claims, IReadOnlyList<Section> Sections);
