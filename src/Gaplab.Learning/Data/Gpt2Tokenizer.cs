// GPT-2's byte-level BPE, exactly: its byte alphabet, its merges by rank, its ids.
using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>Byte-pair encoding over GPT-2's pre-tokens, from the standard <c>vocab.bpe</c> and <c>encoder.json</c>.</summary>
/// <remarks>Radford et al. 2019, section 2.2. Within a pre-token the pair of lowest rank is merged, leftmost first, until none is left.
/// <c>&lt;|endoftext|&gt;</c> in a text is encoded as its characters, as the plain encoder does.</remarks>
public sealed class Gpt2Tokenizer : ITokenizer
{
    private const int CacheLimit = 1 << 18, CachedBytes = 64;
    private readonly byte[][] _bytes;                                                    // id -> the bytes it stands for
    private readonly int[] _byteIds = new int[256];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges = [];
    private readonly Dictionary<ulong, List<(byte[] Bytes, int[] Ids)>> _cache = [];
    private int _cached;

    private Gpt2Tokenizer(string mergesPath, byte[] merges, string encoderPath, byte[] encoder)
    {
        Hash = SHA256.HashData([.. SHA256.HashData(merges), .. SHA256.HashData(encoder)]);
        Dictionary<char, byte> alphabet = Alphabet();
        Dictionary<string, int> ids = ReadEncoder(encoderPath, encoder);
        _bytes = new byte[ids.Count][];
        foreach ((string symbol, int id) in ids)
            _bytes[id] = symbol.All(alphabet.ContainsKey) ? [.. symbol.Select(c => alphabet[c])] : Encoding.UTF8.GetBytes(symbol);
        foreach ((char c, byte b) in alphabet)
            _byteIds[b] = ids.TryGetValue(c.ToString(), out int id) ? id : throw new InputException($"{encoderPath}: has no id for byte 0x{b:X2} ('{c}'); expected GPT-2's encoder.json");
        ReadMerges(mergesPath, merges, ids);
    }

    public int Vocabulary => _bytes.Length;

    /// <summary>SHA-256 over the two files.</summary>
    public byte[] Hash { get; }

    /// <summary>Reads the two files.</summary>
    /// <exception cref="InputException">A file is missing or not of the expected form.</exception>
    public static Gpt2Tokenizer Open(string? mergesPath, string? encoderPath)
    {
        if (mergesPath is null || encoderPath is null)
            throw new InputException($"task.{(mergesPath is null ? "merges" : "encoder")} is missing; the gpt2 tokenizer needs task.merges (vocab.bpe) and task.encoder (encoder.json)");
        TextFiles.CheckExists(mergesPath, "merges file (GPT-2's vocab.bpe)");
        TextFiles.CheckExists(encoderPath, "encoder file (GPT-2's encoder.json)");
        return new Gpt2Tokenizer(mergesPath, TextFiles.ReadBytes(mergesPath), encoderPath, TextFiles.ReadBytes(encoderPath));
    }

    public TokenSequence Encode(ReadOnlySpan<byte> utf8)
    {
        var ids = new ArrayBufferWriter<int>(utf8.Length / 3 + 16);
        while (!utf8.IsEmpty)
        {
            int length = Gpt2PreTokens.NextLength(utf8);
            EncodePreToken(utf8[..length], ids);
            utf8 = utf8[length..];
        }
        return Vocabulary <= 65536
            ? TokenSequence.Of(Array.ConvertAll(ids.WrittenSpan.ToArray(), id => (ushort)id))
            : TokenSequence.Of(ids.WrittenSpan.ToArray());
    }

    public byte[] Decode(ReadOnlySpan<long> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>(tokens.Length * 4 + 1);
        foreach (long id in tokens)
            bytes.Write(id >= 0 && id < Vocabulary ? _bytes[id] : throw new ArgumentOutOfRangeException(nameof(tokens), $"id {id} of {Vocabulary}"));
        return bytes.WrittenSpan.ToArray();
    }

    private void EncodePreToken(ReadOnlySpan<byte> word, ArrayBufferWriter<int> output)
    {
        if (word.Length > CachedBytes)
        {
            output.Write(Merge(word));
            return;
        }
        ulong key = 14695981039346656037UL;                                              // FNV-1a; equality is checked on the bytes
        foreach (byte b in word) key = (key ^ b) * 1099511628211UL;
        if (!_cache.TryGetValue(key, out var entries)) _cache[key] = entries = new(1);
        foreach ((byte[] bytes, int[] known) in entries)
        {
            if (!word.SequenceEqual(bytes)) continue;
            output.Write(known);
            return;
        }
        int[] ids = Merge(word);
        output.Write(ids);
        entries.Add((word.ToArray(), ids));
        if (++_cached < CacheLimit) return;
        _cache.Clear();
        _cached = 0;
    }

    // A linked list of symbols and a heap of candidate pairs: n log n, so that a long run of letters costs no n².
    private int[] Merge(ReadOnlySpan<byte> word)
    {
        int n = word.Length;
        var id = new int[n];
        var next = new int[n];
        var previous = new int[n];
        for (int i = 0; i < n; i++) (id[i], next[i], previous[i]) = (_byteIds[word[i]], i + 1, i - 1);
        var candidates = new PriorityQueue<(int At, int Left, int Right, int Id), (int Rank, int At)>();
        void Offer(int at)
        {
            if (at >= 0 && next[at] < n && _merges.TryGetValue((id[at], id[next[at]]), out var merge))
                candidates.Enqueue((at, id[at], id[next[at]], merge.Id), (merge.Rank, at));
        }
        for (int i = 0; i + 1 < n; i++) Offer(i);
        while (candidates.TryDequeue(out var c, out _))
        {
            if (id[c.At] != c.Left || next[c.At] >= n || id[next[c.At]] != c.Right) continue;      // stale: a neighbour was merged since
            int gone = next[c.At];
            id[c.At] = c.Id;
            id[gone] = -1;
            next[c.At] = next[gone];
            if (next[gone] < n) previous[next[gone]] = c.At;
            Offer(previous[c.At]);
            Offer(c.At);
        }
        return [.. id.Where(i => i >= 0)];
    }

    // GPT-2 shows each byte as a printable character: itself where it is one, else 256, 257, … in order.
    private static Dictionary<char, byte> Alphabet()
    {
        var alphabet = new Dictionary<char, byte>();
        int next = 256;
        for (int b = 0; b < 256; b++)
            alphabet[b is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? (char)b : (char)next++] = (byte)b;
        return alphabet;
    }

    private static Dictionary<string, int> ReadEncoder(string path, byte[] json)
    {
        Dictionary<string, int>? ids;
        try { ids = JsonSerializer.Deserialize<Dictionary<string, int>>(json); }
        catch (JsonException e) { throw new InputException($"{path}: is not a JSON object of token to id (GPT-2's encoder.json): {e.Message}", e); }
        if (ids is null || ids.Count == 0) throw new InputException($"{path}: holds no tokens; expected GPT-2's encoder.json");
        var seen = new bool[ids.Count];
        foreach ((string symbol, int id) in ids)
        {
            if (id < 0 || id >= ids.Count || seen[id] || symbol.Length == 0)
                throw new InputException($"{path}: token '{symbol}' has id {id}; expected {ids.Count} tokens with the ids 0 to {ids.Count - 1}, each once");
            seen[id] = true;
        }
        return ids;
    }

    private void ReadMerges(string path, byte[] text, Dictionary<string, int> ids)
    {
        string[] lines = Encoding.UTF8.GetString(text).Split('\n');
        var made = new HashSet<int>(_byteIds);
        int rank = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            if (line.Length == 0 || (i == 0 && line.StartsWith("#version", StringComparison.Ordinal))) continue;
            string[] pair = line.Split(' ');
            if (pair.Length != 2 || !ids.TryGetValue(pair[0], out int left) || !ids.TryGetValue(pair[1], out int right) || !ids.TryGetValue(pair[0] + pair[1], out int merged))
                throw new InputException($"{path}:{i + 1}: '{(line.Length > 40 ? line[..40] + "…" : line)}' is not a merge of two tokens of the encoder; expected GPT-2's vocab.bpe and the encoder.json that belongs to it");
            // Ranks must build upwards; then the leftmost pair of lowest rank is what merging all of a rank at once would take.
            if (!made.Contains(left) || !made.Contains(right))
                throw new InputException($"{path}:{i + 1}: merges '{pair[0]}' and '{pair[1]}', one of which no earlier line makes; expected GPT-2's vocab.bpe in its own order");
            made.Add(merged);
            _merges.TryAdd((left, right), (rank++, merged));
        }
        if (rank == 0) throw new InputException($"{path}: holds no merges; expected GPT-2's vocab.bpe");
    }
}
