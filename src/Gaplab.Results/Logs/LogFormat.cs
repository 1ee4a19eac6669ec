// One row of the catalogue of log formats: what it is, which files of a run's folder it is in, and how they become series.
using System.IO.Enumeration;

namespace Gaplab.Results.Logs;

/// <summary>A kind of file in which training scripts leave their metrics. Its reader's file ends with its row.</summary>
public sealed record LogFormat
{
    internal LogFormat(Func<LogFile, bool> recognise, Action<LogFile, MetricLogBuilder> read) => (Recognise, Read) = (recognise, read);

    /// <summary>As documents and messages write it.</summary>
    public required string Name { get; init; }

    /// <summary>What it holds, for the documents.</summary>
    public required string Says { get; init; }

    /// <summary>By what of its content it is known, for the documents.</summary>
    public required string KnownBy { get; init; }

    /// <summary>Names of the files in which it is looked for, with * and ?; none where it is never looked for in a folder.</summary>
    public required IReadOnlyList<string> Patterns { get; init; }

    /// <summary>Whether the beginning of a file says that it is in this format.</summary>
    internal Func<LogFile, bool> Recognise { get; }

    /// <summary>Reads one file. What cannot be read of it is a problem of the builder.</summary>
    /// <exception cref="Gaplab.Numerics.InputException">Nothing of it can be read, or it is beyond all measure: one line.</exception>
    internal Action<LogFile, MetricLogBuilder> Read { get; }

    /// <summary>Of the files of one folder, in the order of their names, those to read, in the order the run wrote them.</summary>
    internal Func<IReadOnlyList<LogFile>, IEnumerable<LogFile>> Choose { get; init; } = files => files;

    /// <summary>Whether <see cref="Choose"/> is of all files below the run's folder together.</summary>
    internal bool ChoosesOfAll { get; init; }

    /// <summary>Whether the files of one folder continue each other, as those of a writer that was started again do.</summary>
    internal bool Continues { get; init; }

    internal bool Has(string name) => Patterns.Any(p => FileSystemName.MatchesSimpleExpression(p, name));
}
