// Reads anyone's runs: a table or a folder of any known format with an optimizer, a batch size, a metric and perhaps more.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders;

/// <summary>The importer of tables and folders of runs; docs/crossover.md lists the names it knows.</summary>
public static class SweepImport
{
    /// <summary>Reads a file or folder of any of <see cref="SweepFormats.All"/> as a sweep.</summary>
    /// <exception cref="InputException">It cannot be read as a sweep: one line with file, line and column.</exception>
    public static SweepTable Read(string path, ImportOptions? options = null) => Runs([path], options).Table;

    /// <summary>Reads files and folders together, and says of every run in them what became of it.</summary>
    /// <exception cref="InputException">They cannot be read as a sweep: one line with file, line and column.</exception>
    public static ImportedRuns Runs(IReadOnlyList<string> paths, ImportOptions? options = null) => Runs(paths, options, SweepFormats.All);

    /// <summary>Whether the content of a file or folder says by itself that it is a sweep; text may be one even if it does not.</summary>
    public static bool Recognises(string path) =>
        Path.Exists(path) && SweepSource.At(path) is var source && SweepFormats.All.Any(f => f.Recognise(source) == Recognition.Certain);

    internal static SweepTable Read(string path, ImportOptions? options, IReadOnlyList<SweepFormat> formats) =>
        Runs([path], options, formats).Table;

    private static ImportedRuns Runs(IReadOnlyList<string> paths, ImportOptions? given, IReadOnlyList<SweepFormat> formats)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ImportOptions options = given ?? new ImportOptions();
        var notes = new ImportNotes();
        var tables = new List<(SourceTable Table, string Format)>();
        foreach (string path in paths)
        {
            SweepSource source = SweepSource.At(path) with { Options = options };
            IReadOnlyList<FolderPart> parts = FolderParts.Of(source, formats, notes);
            foreach ((SweepSource of, SweepFormat format) in parts)
            {
                int before = notes.SetAside.Count;
                tables.Add((format.Read(of, notes), format.Name));
                if (paths.Count > 1 || parts.Count > 1)
                    for (int i = before; i < notes.SetAside.Count; i++)
                        notes.SetAside[i] = ($"{of.Name}, {notes.SetAside[i].Where}", notes.SetAside[i].Why);
            }
        }
        TellBeside(notes);
        SourceTable table = tables.Count == 1 ? tables[0].Table : SourceTable.Together([.. tables.Select(t => t.Table)]);
        string[] formatOf = [.. tables.Select(t => t.Format)];
        ReadSweep read = TableImport.Read(table, options, notes);
        return ImportedRuns.Of(
            read,
            notes,
            row => formatOf[tables.Count == 1 ? 0 : row.Part],
            formatOf.Distinct(StringComparer.Ordinal).Count() == 1 ? formatOf[0] : null
        );
    }

    /// <summary>Of a folder one format is read. What is not read must be seen.</summary>
    private static void TellBeside(ImportNotes notes)
    {
        if (notes.Beside.Count == 0)
            return;
        string there =
            string.Join(", ", notes.Beside.Take(4).Select(b => $"{b.Format} ({Shown.Of(b.Where)})"))
            + (notes.Beside.Count > 4 ? $" and {notes.Beside.Count - 4} more" : "");
        notes.Caveats.Add($"not read: {there}");
        notes.Findings.Add(
            new(
                FindingKinds.FolderReading,
                Severity.Warning,
                $"Runs of other formats lie in the folder too and are not read, since they may be the same runs: {there}. If they "
                    + "are not, name their files or folders."
            )
        );
    }
}
