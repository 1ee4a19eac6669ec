// What a report is made of: a headline, facts, and sections, each with prose, a chart, a table and where its numbers came from.
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report;

/// <summary>A whole report. Rendering it uses nothing else: no clock, no culture, no path.</summary>
public sealed record Report
{
    /// <summary>The page's title.</summary>
    public required string Title { get; init; }

    /// <summary>The answer, as one sentence: what a reader takes away who reads nothing else.</summary>
    public required string Headline { get; init; }

    /// <summary>What the page opens with, above the headline; null for a page whose headline is plain enough.</summary>
    public Opening? Opening { get; init; }

    /// <summary>What follows the headline, a few sentences; <c>`code`</c> and <c>**bold**</c> are the only mark-up.</summary>
    public IReadOnlyList<string> Summary { get; init; } = [];

    /// <summary>Short facts under the headline: what was compared on what.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];

    /// <summary>Findings about the report as a whole; those about one section stand in that section.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The sections, in the order they are read.</summary>
    public IReadOnlyList<Section> Sections { get; init; } = [];

    /// <summary>Its charts by the anchors under which the page holds them, in the order of the page.</summary>
    public IEnumerable<(string Name, Chart Chart)> Figures
    {
        get
        {
            if (Opening?.Chart is { } first)
                yield return (Opening.Anchor, first);
            foreach (Section section in Sections)
                if (section.Chart is { } chart)
                    yield return (Markup.Anchor(section.Id), chart);
        }
    }

    /// <summary>The command that made the results, as the user can type it again.</summary>
    public string Command { get; init; } = "";

    /// <summary>Name and version of the program that wrote the report.</summary>
    public string Generator { get; init; } = "Gaplab";
}

/// <summary>The first screen: the answer in plain words, the picture of it, and what made it.</summary>
public sealed record Opening
{
    /// <summary>Of its picture, in the page.</summary>
    internal const string Anchor = "opening";

    /// <summary>One sentence without jargon.</summary>
    public required string Answer { get; init; }

    /// <summary>Whether the runs leave the question open: what is not settled is grey.</summary>
    public bool IsOpen { get; init; }

    /// <summary>The picture of the answer, or null without one.</summary>
    public Chart? Chart { get; init; }

    /// <summary>What made it, the weightiest first; <c>`code`</c> and <c>**bold**</c> are the only mark-up.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];
}

/// <summary>A label and its value, such as "metric" and "val_loss".</summary>
public sealed record Fact(string Label, string Value);

/// <summary>One section of a report.</summary>
public sealed record Section
{
    /// <summary>Anchor of the section: letters, digits and '-'; unique in the report.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>2 for a main section, 3 for a part of the one before it.</summary>
    public int Level { get; init; } = 2;

    /// <summary>Whether all but its title is folded up at first: one of many alike.</summary>
    public bool IsFolded { get; init; }

    /// <summary>Paragraphs before the chart; <c>`code`</c> and <c>**bold**</c> are the only mark-up.</summary>
    public IReadOnlyList<string> Prose { get; init; } = [];

    /// <summary>Findings about what this section shows.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The chart, or null.</summary>
    public Chart? Chart { get; init; }

    /// <summary>The numbers, or null. Behind a chart it is folded up unless <see cref="TableOpen"/>.</summary>
    public Table? Table { get; init; }

    /// <summary>Whether the table is shown at once.</summary>
    public bool TableOpen { get; init; }

    /// <summary>Where the numbers came from, or null for a section without numbers.</summary>
    public Provenance? Provenance { get; init; }
}

/// <summary>A Vega-Lite specification with the words that stand for it where it cannot be seen.</summary>
/// <param name="Spec">A Vega-Lite 6 specification with its data inside.</param>
/// <param name="Alt">What the chart shows, in a sentence or two, for who cannot see it.</param>
/// <param name="Caption">How to read its marks.</param>
public sealed record Chart(JsonNode Spec, string Alt, string Caption);

/// <summary>A table of a report.</summary>
/// <param name="Caption">What the rows are.</param>
public sealed record Table(string Caption, IReadOnlyList<Column> Columns, IReadOnlyList<Row> Rows);

/// <summary>A column: its title, and whether it holds numbers (set right-aligned, sorted by value).</summary>
/// <param name="Help">A longer explanation of the title, or null.</param>
public sealed record Column(string Title, bool Numeric = false, string? Help = null);

/// <summary>A row and the runs that its numbers came from.</summary>
/// <param name="Runs">Run ids, or places in a file such as "sweep.csv:12".</param>
public sealed record Row(IReadOnlyList<Cell> Cells, IReadOnlyList<string> Runs)
{
    /// <summary>Anchor by which a point of a chart leads to this row and its runs (<c>"at"</c> of the point); null for none. As a section's
    /// <see cref="Section.Id"/>.</summary>
    public string? Anchor { get; init; }

    public Row(params Cell[] cells)
        : this(cells, []) { }
}

/// <summary>A cell: the text shown and, for a number, its exact value (used for sorting and for copying).</summary>
/// <param name="Note">Marks the cell: "winner", "edge", "muted" or null.</param>
public readonly record struct Cell(string Text, double? Value = null, string? Note = null)
{
    public static implicit operator Cell(string text) => new(text);

    /// <summary>A number by its text; a muted dash where there is none.</summary>
    public static Cell Of(double? value, Func<double, string> text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return value is { } number ? new Cell(text(number), number) : new Cell(NumberText.None, null, "muted");
    }
}

/// <summary>Where the numbers of a section came from.</summary>
/// <param name="Source">The store or file, as the user named it.</param>
/// <param name="Command">The command that made the runs or read the file.</param>
/// <param name="Runs">All runs used, in order; or places in a file.</param>
public sealed record Provenance(string Source, string Command, IReadOnlyList<string> Runs)
{
    /// <summary>How many runs were used beside those that are listed.</summary>
    public int More { get; init; }
}
