// A run's own page: what it is, what it was made with, how it ended, and its files.
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;

namespace Gaplab.Serving;

internal static class RunView
{
    private const int MostFiles = 500;

    /// <summary>Everything about one run; null where no run of that id was asked for.</summary>
    public static JsonObject? Of(ServedStore store, string id)
    {
        RunRow? row = store.Rows().FirstOrDefault(r => r.Id == id);
        if (row is null)
            return null;
        string? folder = FolderOf(store, id);
        return new JsonObject
        {
            ["row"] = row.Json(),
            ["spec"] = Text(folder, "spec.json"),
            ["environment"] = Text(folder, "env.json"),
            ["result"] = Text(folder, "result.json"),
            ["metrics"] = AnswerJson.Texts(store.Curves?.Of(id, store.WorkOf(id))?.Names ?? []),
            ["attempts"] = AnswerJson.Each(
                store.Store?.ReadAttempts().Values.SelectMany(a => a).Where(a => a.Runs.Contains(id)).OrderBy(a => a.Time)
                    ?? Enumerable.Empty<Attempt>(),
                a => new JsonObject
                {
                    ["time"] = a
                        .Time.ToUniversalTime()
                        .ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
                    ["outcome"] = a.Outcome.Word(),
                    ["cause"] = a.Cause,
                }
            ),
            ["files"] = AnswerJson.Each(
                Files(folder).Take(MostFiles),
                f => new JsonObject
                {
                    ["name"] = f,
                    ["bytes"] = new FileInfo(Path.Combine(folder!, f)) is { Exists: true } file ? file.Length : 0,
                }
            ),
        };
    }

    /// <summary>The path of a file of a run, one of those that its page lists; null of any other name.</summary>
    public static string? File(ServedStore store, string id, string name) =>
        FolderOf(store, id) is { } folder && Files(folder).Contains(name, StringComparer.Ordinal) ? Path.Combine(folder, name) : null;

    private static string? FolderOf(ServedStore store, string id)
    {
        if (store.Store is not { } open || store.Rows().All(r => r.Id != id))
            return null;
        string folder = open.Run(id).Folder;
        return Directory.Exists(folder) ? folder : store.WorkOf(id);
    }

    // Links may lead out of the store: they are no files of the run.
    private static IEnumerable<string> Files(string? folder)
    {
        if (folder is null || !Directory.Exists(folder))
            return [];
        try
        {
            var below = new EnumerationOptions
            {
                RecurseSubdirectories = true,
                MaxRecursionDepth = 3,
                AttributesToSkip = FileAttributes.ReparsePoint,
            };
            return
            [
                .. Directory.EnumerateFiles(folder, "*", below).Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? Text(string? folder, string name)
    {
        string path = Path.Combine(folder ?? "", name);
        try
        {
            return folder is not null && System.IO.File.Exists(path) ? RegularFile.ReadText(path, FileLimit.Document) : null;
        }
        catch (Exception error) when (error is InputException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
