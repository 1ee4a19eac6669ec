// The formats of sweeps by name.
using Gaplab.Numerics;
using Gaplab.Results.Folders.Wandb;
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders;

/// <summary>Every format that a sweep is read from. A new one is one file, which ends with its row, and one line here. They are listed
/// above both rooms that have readers: tables (Import), and folders of runs, which need the readers of logs as well.</summary>
public static class SweepFormats
{
    /// <summary>Of formats that are equally sure the first: what a tracker wrote comes before any folder with a config.</summary>
    public static IReadOnlyList<SweepFormat> All { get; } =
    [
        WandbRuns.Format,
        OptunaJournal.Format,
        JsonLines.Format,
        JsonTable.Format,
        ParquetTable.Format,
        MlflowSqlite.Format,
        OptunaSqlite.Format,
        MlflowFolder.Format,
        CsvTable.Format,
        RunFolders.Format,
    ];

    /// <summary>The format of what lies at a path.</summary>
    /// <exception cref="InputException">None is possible.</exception>
    internal static SweepFormat Of(SweepSource source, IReadOnlyList<SweepFormat> formats) =>
        Possible(source, formats) is [var best, ..] ? best : throw Unknown(source, formats);

    /// <summary>Every format that may be that of what lies at a path, the likeliest first: one whose content is certain before one that is
    /// possible, among equals one whose ending the name has, then the order of the rows. Each is asked once: of a folder it takes a walk
    /// through it.</summary>
    internal static IReadOnlyList<SweepFormat> Possible(SweepSource source, IReadOnlyList<SweepFormat> formats)
    {
        string ending = Path.GetExtension(source.Name);
        return
        [
            .. formats
                .Select(f => (Format: f, Sure: f.Recognise(source)))
                .Where(f => f.Sure != Recognition.No)
                .OrderByDescending(f => f.Sure)
                .ThenByDescending(f => f.Format.Endings.Contains(ending, StringComparer.OrdinalIgnoreCase))
                .Select(f => f.Format),
        ];
    }

    internal static InputException Unknown(SweepSource source, IReadOnlyList<SweepFormat> formats) =>
        new(
            $"{source.Path}: is {(source.IsFolder ? "a folder without runs" : "of an unknown format")}; expected a table of runs "
                + $"({string.Join(", ", formats.Select(f => f.Name))})"
        );
}
