// index.jsonl: what was read of each finished run, so that a store of many runs is not read anew by every command.
using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>A run as the index has it: the lengths and times of its files when they were held against their digests, and what they
/// gave.</summary>
internal sealed record IndexLine(string Id, FileStamps Stamps, RunResult Result);

/// <summary>A derived file, which may be deleted: a sealed line for each finished run. A line counts only while the run's files have the
/// lengths and times that it names, and a line that is not what was written is as good as none.</summary>
/// <remarks>JSON Lines and no database: the file is written whole and takes its place by a rename, which any file system does that a store
/// may lie on; a database needs locks that many of them do not have.</remarks>
internal static class StoreIndex
{
    public const string FileName = "index.jsonl";

    private const int MostPooled = 64;

    private static readonly JsonWriterOptions s_compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly byte[] s_seal = Encoding.UTF8.GetBytes($",\"{JsonSeal.Key}\":\"");

    // ,"digest":"…"} at the end of a line
    private static int SealLength => s_seal.Length + Sha256.Length + 2;

    /// <summary>Bytes that are looked at together: the file of very many runs is longer than all that is kept of it.</summary>
    private const int Block = 4 << 20;

    /// <summary>Goes through the lines that are what was written; none where there is no index, or none that can be read.</summary>
    /// <param name="kept">Told of each, on several threads.</param>
    /// <returns>How many there were.</returns>
    public static int Load(string root, Action<IndexLine> kept)
    {
        string path = Path.Combine(root, FileName);
        int count = 0;
        try
        {
            if (StoreFile.Look(path) is not (true, null))
                return 0;
            using FileStream stream = RegularFile.Open(path);
            if (stream.Length > FileLimit.Store.Most)
                return 0;
            byte[] bytes = new byte[Block];
            int held = 0,
                got;
            do
            {
                got = stream.Read(bytes, held, bytes.Length - held);
                held += got;
                int whole = got == 0 ? held : Array.LastIndexOf(bytes, (byte)'\n', held - 1, held) + 1;
                count += Parse(bytes, whole, kept);
                held -= whole;
                bytes.AsSpan(whole, held).CopyTo(bytes);
                if (held == bytes.Length)
                    Array.Resize(ref bytes, 2 * bytes.Length);
            } while (got > 0);
            return count;
        }
        catch (Exception error) when (error is InputException or IOException or UnauthorizedAccessException)
        {
            return count;
        }
    }

    private static int Parse(byte[] bytes, int length, Action<IndexLine> kept)
    {
        var starts = new List<int> { 0 };
        for (int at = 0; (at = Array.IndexOf(bytes, (byte)'\n', at, length - at)) >= 0; )
            starts.Add(++at);
        int count = 0;
        Parallel.ForEach(
            Partitioner.Create(0, starts.Count),
            range =>
            {
                int found = 0;
                var pool = new List<string>();
                for (int i = range.Item1; i < range.Item2; i++)
                {
                    int end = i + 1 < starts.Count ? starts[i + 1] - 1 : length;
                    if (Parse(bytes.AsSpan(starts[i], end - starts[i]), pool) is not { } line)
                        continue;
                    kept(line);
                    found++;
                }
                Interlocked.Add(ref count, found);
            }
        );
        return count;
    }

    /// <summary>Writes it. It is a convenience: a store on a full or read-only disk can be read without, and one that was deleted is not
    /// begun anew.</summary>
    public static void Save(string root, IEnumerable<IndexLine> lines)
    {
        try
        {
            if (!Directory.Exists(root))
                return;
            AtomicFile.Write(
                Path.Combine(root, FileName),
                stream =>
                {
                    var buffer = new ArrayBufferWriter<byte>(4096);
                    foreach (IndexLine line in lines)
                    {
                        buffer.ResetWrittenCount();
                        using (var json = new Utf8JsonWriter(buffer, s_compact))
                            Write(json, line);
                        ReadOnlySpan<byte> content = buffer.WrittenSpan;
                        byte[] digest = Encoding.UTF8.GetBytes(Sha256.Of(content));
                        stream.Write(content[..^1]);
                        stream.Write(s_seal);
                        stream.Write(digest);
                        stream.Write("\"}\n"u8);
                    }
                }
            );
        }
        catch (Exception error) when (error is InputException or IOException or UnauthorizedAccessException) { }
    }

    private static void Write(Utf8JsonWriter json, IndexLine line)
    {
        json.WriteStartObject();
        json.WriteString("id", line.Id);
        json.WriteStartArray("stamps");
        foreach (long number in line.Stamps.Numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
        json.WriteBoolean("verified", line.Result.HasDigest);
        json.WritePropertyName("result");
        line.Result.WriteTo(json);
        json.WriteEndObject();
    }

    /// <param name="line">Without its line feed; its seal is changed and put back.</param>
    /// <param name="pool">Texts that many lines have.</param>
    private static IndexLine? Parse(Span<byte> line, List<string> pool)
    {
        int content = line.Length - SealLength;
        if (content < 2 || !line[content..].StartsWith(s_seal) || !line.EndsWith("\"}"u8))
            return null;
        ReadOnlySpan<byte> digest = line.Slice(content + s_seal.Length, Sha256.Length);
        line[content] = (byte)'}';
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(line[..(content + 1)], hash);
        Span<byte> hex = stackalloc byte[Sha256.Length];
        if (!Convert.TryToHexStringLower(hash, hex, out _) || !hex.SequenceEqual(digest))
            return null;
        try
        {
            var reader = new Utf8JsonReader(line[..(content + 1)]);
            string? id = null;
            FileStamps? stamps = null;
            RunResult? result = null;
            bool verified = false;
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("id"u8))
                {
                    reader.Read();
                    id = reader.GetString();
                }
                else if (reader.ValueTextEquals("stamps"u8))
                {
                    var numbers = new List<long>(8);
                    reader.Read();
                    while (reader.Read() && reader.TokenType == JsonTokenType.Number)
                        numbers.Add(reader.GetInt64());
                    stamps = FileStamps.Of(numbers);
                }
                else if (reader.ValueTextEquals("verified"u8))
                {
                    reader.Read();
                    verified = reader.GetBoolean();
                }
                else if (reader.ValueTextEquals("result"u8))
                {
                    reader.Read();
                    result = RunResult.Read(ref reader, line, Pooled);
                }
                else
                {
                    return null; // a later program's
                }
            }
            return id is not null && RunStore.IsId(id) && stamps is { } known && result is not null
                ? new IndexLine(id, known, result.WithDigest(verified))
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or InputException)
        {
            return null;
        }

        string Pooled(ref Utf8JsonReader reader)
        {
            foreach (string known in pool)
                if (reader.ValueTextEquals(known))
                    return known;
            string text = reader.GetString() ?? "";
            if (pool.Count < MostPooled)
                pool.Add(text);
            return text;
        }
    }
}
