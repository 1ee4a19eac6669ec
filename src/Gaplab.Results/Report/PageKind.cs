// One row of the catalogue of pages: what a page shows, which answer builds it, who writes it and where.
namespace Gaplab.Results.Report;

/// <summary>A kind of page. The file of its answer ends with its row.</summary>
/// <param name="Answer">The type of the answers that have it.</param>
public sealed record PageKind(Type Answer)
{
    /// <summary>As documents write it.</summary>
    public required string Name { get; init; }

    /// <summary>What it shows, for the documents.</summary>
    public required string Says { get; init; }

    /// <summary>The commands that write it, without "gaplab".</summary>
    public required IReadOnlyList<string> Commands { get; init; }

    /// <summary>The file in a store where it goes unless --html names another; "": it is written only where --html says.</summary>
    public string File { get; init; } = "";
}
