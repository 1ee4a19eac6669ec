// Where data sets lie on this machine, and the record of what was fetched: sizes, checksums and why they are trusted.
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Studies.Datasets;

/// <summary>What is recorded of a fetched file.</summary>
/// <param name="Trust">"catalogue": it has the checksum that the catalogue states; "first-fetch": none is stated, and this is what came
/// first.</param>
public sealed record FetchedFile(long Bytes, string Sha256, string Trust, string Source);

/// <summary>The state of a file on disk.</summary>
public enum FileState
{
    Absent,
    Partial,
    Good,
    Wrong,
    Unrecorded,
}

/// <summary>A folder of data sets, one folder each.</summary>
public sealed class DatasetFolder(string root)
{
    /// <summary>The record of what was fetched, in the folder of a set.</summary>
    public const string Record = "checksums.json";
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public string Root { get; } = Path.GetFullPath(root);

    public string Of(Dataset set) => Path.Combine(Root, set.Name);

    public string Of(Dataset set, DatasetFile file) => Path.Combine(Root, set.Name, file.Name);

    /// <summary>The unfinished download beside it, which no task reads.</summary>
    public string PartOf(Dataset set, DatasetFile file) => Of(set, file) + ".part";

    /// <exception cref="InputException">The record was changed by hand and cannot be read.</exception>
    public IReadOnlyDictionary<string, FetchedFile> Read(Dataset set)
    {
        string path = Path.Combine(Of(set), Record);
        if (!File.Exists(path))
            return new Dictionary<string, FetchedFile>();
        try
        {
            Dictionary<string, FetchedFile?> all =
                JsonSerializer.Deserialize<Dictionary<string, FetchedFile?>>(RegularFile.ReadText(path, FileLimit.Document), s_json)
                ?? throw new JsonException("it is null");
            return all.ToDictionary(f => f.Key, f => f.Value ?? throw new JsonException($"the entry of '{f.Key}' is null"));
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{path} cannot be read ({e.Message.ReplaceLineEndings(" ")}); remove the folder and fetch the data again",
                e
            );
        }
    }

    public void Write(Dataset set, string file, FetchedFile fetched)
    {
        var all = new SortedDictionary<string, FetchedFile>(Read(set).ToDictionary(), StringComparer.Ordinal) { [file] = fetched };
        AtomicFile.WriteText(Path.Combine(Of(set), Record), JsonSerializer.Serialize(all, s_json) + "\n");
    }

    /// <summary>Reads a file through and compares it with the catalogue and with the record.</summary>
    public FileState Verify(Dataset set, DatasetFile file)
    {
        string path = Of(set, file);
        if (!File.Exists(path))
            return File.Exists(PartOf(set, file)) ? FileState.Partial : FileState.Absent;
        return Objection(set, file, path) is not null ? FileState.Wrong
            : file.Checksum is null && !Read(set).ContainsKey(file.Name) ? FileState.Unrecorded
            : FileState.Good;
    }

    /// <summary>What speaks against some bytes being this file; null when nothing does.</summary>
    internal string? Objection(Dataset set, DatasetFile file, string path)
    {
        long bytes = new FileInfo(path).Length;
        if (file.Size is { } size && bytes != size)
            return $"has {bytes} bytes, expected {size}";
        if (file.Checksum is { } stated)
        {
            string kind = stated[..stated.IndexOf(':', StringComparison.Ordinal)],
                got = $"{kind}:{Hash(path, kind)}";
            return got == stated ? null : $"has {got}, expected {stated}";
        }
        return Read(set).TryGetValue(file.Name, out FetchedFile? before) && Hash(path, "sha256") is var now && now != before.Sha256
            ? $"has sha256:{now}, expected sha256:{before.Sha256} as at the first fetch"
            : null;
    }

    internal static string Hash(string path, string kind)
    {
        using FileStream stream = RegularFile.Open(path);
#pragma warning disable CA5351 // MD5 is what some authors publish; it tells damage, and the SHA-256 is recorded besides.
        return Convert.ToHexStringLower(kind == "md5" ? MD5.HashData(stream) : SHA256.HashData(stream));
#pragma warning restore CA5351
    }
}
