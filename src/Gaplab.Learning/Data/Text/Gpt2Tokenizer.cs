// GPT-2's byte-level BPE, exactly: its byte alphabet, its merges by rank, its ids.
using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Learning.Data.Text;

/// <summary>Byte-pair encoding over GPT-2's pre-tokens, from the standard <c>vocab.bpe</c> and <c>encoder.json</c>.</summary>
/// <remarks>Radford et al. 2019, section 2.2. Within a pre-token the pair of lowest rank is merged, leftmost first, until none is left.
/// <c>&lt;|endoftext|&gt;</c> in a text is encoded as its characters, as the plain encoder does.</remarks>
internal sealed class Gpt2Tokenizer : ITokenizer
{
    private readonly byte[][] _bytes; // id -> the bytes it stands for
    private readonly int[] _byteIds = new int[256];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges = [];
    private readonly BytePairEncoder _encoder;

    private Gpt2Tokenizer(string mergesPath, byte[] merges, string encoderPath, byte[] encoder)
    {
        Hash = SHA256.HashData([.. SHA256.HashData(merges), .. SHA256.HashData(encoder)]);
        Dictionary<char, byte> alphabet = Alphabet().Select((c, b) => (c, (byte)b)).ToDictionary();
        Dictionary<string, int> ids = ReadEncoder(encoderPath, encoder);
        _bytes = new byte[ids.Count][];
        foreach ((string symbol, int id) in ids)
            _bytes[id] = symbol.All(alphabet.ContainsKey) ? [.. symbol.Select(c => alphabet[c])] : Encoding.UTF8.GetBytes(symbol);
        foreach ((char c, byte b) in alphabet)
            _byteIds[b] = ids.TryGetValue(c.ToString(), out int id)
                ? id
                : throw new InputException($"{encoderPath}: has no id for byte 0x{b:X2} ('{c}'); expected GPT-2's encoder.json");
        ReadMerges(mergesPath, merges, ids);
        _encoder = new BytePairEncoder(_byteIds, _merges);
    }

    public int Vocabulary => _bytes.Length;

    /// <summary>SHA-256 over the two files.</summary>
    public byte[] Hash { get; }

    /// <summary>GPT-2's own vocabulary, as the published files define it.</summary>
    public static Gpt2Tokenizer Standard()
    {
        (byte[] merges, byte[] encoder) = Gpt2Vocabulary.Files();
        return new Gpt2Tokenizer("vocab.bpe", merges, "encoder.json", encoder);
    }

    /// <summary>Reads the two files; without both it is <see cref="Standard"/>.</summary>
    /// <exception cref="InputException">A file is missing or not of the expected form.</exception>
    public static Gpt2Tokenizer Open(string? mergesPath, string? encoderPath)
    {
        if (mergesPath is null && encoderPath is null)
            return Standard();
        if (mergesPath is null || encoderPath is null)
            throw new InputException(
                $"task.{(mergesPath is null ? "merges" : "encoder")} is missing; expected both task.merges (vocab.bpe) and task.encoder "
                    + $"(encoder.json), or neither for GPT-2's own"
            );
        TextFiles.CheckExists(mergesPath, "merges file (GPT-2's vocab.bpe)");
        TextFiles.CheckExists(encoderPath, "encoder file (GPT-2's encoder.json)");
        return new Gpt2Tokenizer(
            mergesPath,
            RegularFile.ReadBytes(mergesPath, FileLimit.Document),
            encoderPath,
            RegularFile.ReadBytes(encoderPath, FileLimit.Document)
        );
    }

    public TokenSequence Encode(ReadOnlySpan<byte> utf8)
    {
        int[] ids = _encoder.Encode(utf8).ToArray();
        return Vocabulary <= 65536 ? TokenSequence.Of(Array.ConvertAll(ids, id => (ushort)id)) : TokenSequence.Of(ids);
    }

    public byte[] Decode(ReadOnlySpan<long> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>(tokens.Length * 4 + 1);
        foreach (long id in tokens)
            bytes.Write(
                id >= 0 && id < Vocabulary ? _bytes[id] : throw new ArgumentOutOfRangeException(nameof(tokens), $"id {id} of {Vocabulary}")
            );
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The character in which GPT-2's files show each byte: itself where it is printable, else 256, 257, … in order.</summary>
    internal static char[] Alphabet()
    {
        var alphabet = new char[256];
        int next = 256;
        for (int b = 0; b < 256; b++)
            alphabet[b] = b is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? (char)b : (char)next++;
        return alphabet;
    }

    private static Dictionary<string, int> ReadEncoder(string path, byte[] json)
    {
        Dictionary<string, int>? ids;
        try
        {
            ids = JsonSerializer.Deserialize<Dictionary<string, int>>(json);
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: is not a JSON object of token to id (GPT-2's encoder.json): {e.Message}", e);
        }
        if (ids is null || ids.Count == 0)
            throw new InputException($"{path}: holds no tokens; expected GPT-2's encoder.json");
        var seen = new bool[ids.Count];
        foreach ((string symbol, int id) in ids)
        {
            if (id < 0 || id >= ids.Count || seen[id] || symbol.Length == 0)
                throw new InputException(
                    $"{path}: token '{symbol}' has id {id}; expected {ids.Count} tokens with the ids 0 to {ids.Count - 1}, each once"
                );
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
            if (line.Length == 0 || (i == 0 && line.StartsWith("#version", StringComparison.Ordinal)))
                continue;
            string[] pair = line.Split(' ');
            if (
                pair.Length != 2
                || !ids.TryGetValue(pair[0], out int left)
                || !ids.TryGetValue(pair[1], out int right)
                || !ids.TryGetValue(pair[0] + pair[1], out int merged)
            )
                throw new InputException(
                    $"{path}:{i + 1}: '{(line.Length > 40 ? line[..40] + "…" : line)}' is not a merge of two tokens of the encoder; "
                        + $"expected GPT-2's vocab.bpe and the encoder.json that belongs to it"
                );
            // Ranks must build upwards; then the leftmost pair of lowest rank is what merging all of a rank at once would take.
            if (!made.Contains(left) || !made.Contains(right))
                throw new InputException(
                    $"{path}:{i + 1}: merges '{pair[0]}' and '{pair[1]}', one of which no earlier line makes; expected GPT-2's vocab.bpe "
                        + $"in its own order"
                );
            made.Add(merged);
            _merges.TryAdd((left, right), (rank++, merged));
        }
        if (rank == 0)
            throw new InputException($"{path}: holds no merges; expected GPT-2's vocab.bpe");
    }
}
