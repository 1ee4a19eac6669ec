// What of a path is a sweep: a file, a folder of runs, or the files of sweeps that lie in a folder; and what lies beside it.
using Gaplab.Numerics;
using Gaplab.Results.Import;
using Gaplab.Results.Logs;

namespace Gaplab.Results.Folders;

/// <summary>A file or folder whose format is known.</summary>
internal readonly record struct FolderPart(SweepSource Source, SweepFormat Format);

/// <summary>One format is read of a folder, since a script may have logged the same run with several tools. What else lies there is
/// said.</summary>
internal static class FolderParts
{
    private static readonly string[] s_never = [".yaml", ".yml", ".pt", ".pth", ".ckpt", ".safetensors", ".png", ".py"],
        s_tables = [".csv", ".tsv", ".parquet", ".jsonl", ".ndjson", ".json"];

    /// <exception cref="InputException">Nothing there is of a known format.</exception>
    public static IReadOnlyList<FolderPart> Of(SweepSource source, IReadOnlyList<SweepFormat> formats, ImportNotes notes)
    {
        if (!source.IsFolder)
            return [new(source, SweepFormats.Of(source, formats))];
        IReadOnlyList<SweepFormat> known = SweepFormats.Possible(source, formats);
        FolderNode tree = FolderTree.Of(source.Path, FolderTree.MostFiles);
        FolderPart[] stores = [.. Parts(source, Paths(tree), [.. formats.Where(f => f.IsStore)])];
        if (known is [var read, ..])
        {
            notes.Beside.AddRange(known.Skip(1).Select(f => (source.Name, f.Name)));
            notes.Beside.AddRange(stores.Select(s => (Below(source, s), s.Format.Name)));
            return [new(source, read)];
        }
        if (stores.Length > 0)
            return stores;
        IEnumerable<string> tables = tree
            .Folders.Prepend(tree)
            .SelectMany(f => f.Files.Where(IsTable).Select(file => Path.Combine(f.Path, file)));
        FolderPart[] parts = [.. Parts(source, tables, [.. formats.Where(f => !f.IsStore && !f.IsOfFolders)])];
        return parts.Length > 0 ? parts : throw SweepFormats.Unknown(source, formats);
    }

    /// <summary>Of all files but those that a run is known to write many of.</summary>
    private static IEnumerable<string> Paths(FolderNode tree) =>
        tree.All.SelectMany(folder =>
            folder
                .Files.Where(f => !s_never.Contains(Path.GetExtension(f)) && !LogFormats.All.Any(l => l.Has(f)))
                .Select(f => Path.Combine(folder.Path, f))
        );

    private static IEnumerable<FolderPart> Parts(SweepSource root, IEnumerable<string> paths, SweepFormat[] formats)
    {
        foreach (string path in paths)
            if (Known(path, formats) is { } part)
                yield return part with
                {
                    Source = part.Source with { Options = root.Options },
                };
    }

    /// <summary>A store by its content, a table by its ending as well: any text may be one.</summary>
    private static FolderPart? Known(string path, SweepFormat[] formats)
    {
        try
        {
            SweepSource source = SweepSource.At(path);
            foreach (SweepFormat format in formats)
                if (
                    format.Recognise(source) is var sure
                    && (sure == Recognition.Certain || (sure == Recognition.Possible && format.Endings.Contains(Path.GetExtension(path))))
                )
                    return new(source, format);
        }
        catch (InputException)
        {
            // What cannot be opened cannot be named as a part either.
        }
        return null;
    }

    private static bool IsTable(string file) => s_tables.Contains(Path.GetExtension(file).ToLowerInvariant());

    private static string Below(SweepSource root, FolderPart part) =>
        Path.GetRelativePath(root.Path, part.Source.Path).Replace(Path.DirectorySeparatorChar, '/');
}
