// One row of the catalogue of sweep formats: what it is, how it is recognised, and how it becomes a table.
namespace Gaplab.Results.Import;

/// <summary>How sure a format is of what lies at a path.</summary>
internal enum Recognition
{
    No,

    /// <summary>Nothing speaks against it; a format that is certain comes before it, and a name's ending decides among equals.</summary>
    Possible,

    /// <summary>The content says so.</summary>
    Certain,
}

/// <summary>A kind of file or folder that holds a sweep. Its reader's file ends with its row.</summary>
public sealed record SweepFormat
{
    internal SweepFormat(Func<SweepSource, Recognition> recognise, Func<SweepSource, ImportNotes, SourceTable> read) =>
        (Recognise, Read) = (recognise, read);

    /// <summary>As documents and messages write it.</summary>
    public required string Name { get; init; }

    /// <summary>What it holds, for the documents.</summary>
    public required string Says { get; init; }

    /// <summary>By what of its content it is known, for the documents.</summary>
    public required string KnownBy { get; init; }

    /// <summary>Endings of names, with their dots; they decide only where the content leaves a choice.</summary>
    public IReadOnlyList<string> Endings { get; init; } = [];

    /// <summary>Whether it is a folder with many files, rather than a file.</summary>
    public bool IsOfFolders { get; init; }

    /// <summary>Whether it is a file that a tracker keeps for many runs, which may lie anywhere in a folder.</summary>
    public bool IsStore { get; init; }

    internal Func<SweepSource, Recognition> Recognise { get; }

    /// <summary>The whole of it as columns of text. What cannot be read alone, such as one run of a folder, goes to
    /// <see cref="ImportNotes.SetAside"/>.</summary>
    /// <exception cref="Gaplab.Numerics.InputException">It cannot be read: one line with file and place.</exception>
    internal Func<SweepSource, ImportNotes, SourceTable> Read { get; }
}
