// Applies byte-pair merges to a pre-token: the pair of lowest rank first, the leftmost first, until none is left.
using System.Buffers;

namespace Gaplab.Learning.Data.Text;

/// <summary>From bytes to token ids by ranked merges (Sennrich, Haddow and Birch 2016), over GPT-2's pre-tokens.</summary>
/// <param name="byteIds">The id of each byte.</param>
/// <param name="merges">The rank of a pair of ids and the id it becomes; what a merge makes comes before the merges that use it.</param>
internal sealed class BytePairEncoder(int[] byteIds, Dictionary<(int Left, int Right), (int Rank, int Id)> merges)
{
    private const int CacheLimit = 1 << 18,
        CachedBytes = 64;
    private readonly Dictionary<ulong, List<(byte[] Bytes, int[] Ids)>> _cache = [];
    private int _cached;

    /// <summary>The ids of a valid UTF-8 text.</summary>
    public ReadOnlyMemory<int> Encode(ReadOnlySpan<byte> utf8)
    {
        var ids = new ArrayBufferWriter<int>(utf8.Length / 3 + 16);
        while (!utf8.IsEmpty)
        {
            int length = Gpt2PreTokens.NextLength(utf8);
            EncodePreToken(utf8[..length], ids);
            utf8 = utf8[length..];
        }
        return ids.WrittenMemory;
    }

    private void EncodePreToken(ReadOnlySpan<byte> word, ArrayBufferWriter<int> output)
    {
        if (word.Length > CachedBytes)
        {
            output.Write(Merge(word));
            return;
        }
        ulong key = 14695981039346656037UL; // FNV-1a; equality is checked on the bytes
        foreach (byte b in word)
            key = (key ^ b) * 1099511628211UL;
        if (!_cache.TryGetValue(key, out var entries))
            _cache[key] = entries = new(1);
        foreach ((byte[] bytes, int[] known) in entries)
        {
            if (!word.SequenceEqual(bytes))
                continue;
            output.Write(known);
            return;
        }
        int[] ids = Merge(word);
        output.Write(ids);
        entries.Add((word.ToArray(), ids));
        if (++_cached < CacheLimit)
            return;
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
        for (int i = 0; i < n; i++)
            (id[i], next[i], previous[i]) = (byteIds[word[i]], i + 1, i - 1);
        var candidates = new PriorityQueue<(int At, int Left, int Right, int Id), (int Rank, int At)>();
        void Offer(int at)
        {
            if (at >= 0 && next[at] < n && merges.TryGetValue((id[at], id[next[at]]), out var merge))
                candidates.Enqueue((at, id[at], id[next[at]], merge.Id), (merge.Rank, at));
        }
        for (int i = 0; i + 1 < n; i++)
            Offer(i);
        while (candidates.TryDequeue(out var c, out _))
        {
            if (id[c.At] != c.Left || next[c.At] >= n || id[next[c.At]] != c.Right)
                continue; // stale: a neighbour was merged since
            int gone = next[c.At];
            id[c.At] = c.Id;
            id[gone] = -1;
            next[c.At] = next[gone];
            if (next[gone] < n)
                previous[next[gone]] = c.At;
            Offer(previous[c.At]);
            Offer(c.At);
        }
        return [.. id.Where(i => i >= 0)];
    }
}
