// A byte-pair vocabulary trained on a text: bytes, then the most frequent pair again and again.
using System.Buffers;
using System.Text;

namespace Gaplab.Learning.Data.Text;

/// <summary>Byte-level BPE over GPT-2's pre-tokens: special ids 0 … 2, the 256 bytes, then one id a merge. Every text can be encoded, and
/// decoding gives it back.</summary>
/// <remarks>
/// Sennrich, Haddow and Birch 2016, algorithm 1, on bytes (Radford et al. 2019). Each merge joins the pair of neighbours that is most
/// frequent inside the pre-tokens; of equally frequent ones the pair with the smaller left id, then the smaller right id.
/// It ends at the size asked for, or when no pair occurs twice.
/// </remarks>
internal sealed class BpeTokenizer : ITokenizer
{
    private readonly List<byte[]> _bytes; // id -> the bytes it stands for
    private readonly BytePairEncoder _encoder;

    private BpeTokenizer(List<(int Left, int Right)> merges)
    {
        int[] byteIds = [.. Enumerable.Range(FirstByte, 256)];
        _bytes = [.. Enumerable.Repeat(Array.Empty<byte>(), FirstByte), .. Enumerable.Range(0, 256).Select(b => (byte[])[(byte)b])];
        var ranked = new Dictionary<(int, int), (int Rank, int Id)>();
        foreach ((int left, int right) in merges)
        {
            ranked[(left, right)] = (ranked.Count, _bytes.Count);
            _bytes.Add([.. _bytes[left], .. _bytes[right]]);
        }
        Merges = merges;
        _encoder = new BytePairEncoder(byteIds, ranked);
    }

    /// <summary>The id of byte 0.</summary>
    public const int FirstByte = Specs.SpecialToken.Count;

    /// <summary>The smallest vocabulary: the special ids and the bytes.</summary>
    public const int Smallest = FirstByte + 256;

    public int Vocabulary => _bytes.Count;

    /// <summary>The merged pairs in their order; merge i has id <see cref="Smallest"/> + i.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges { get; }

    /// <summary>Learns a vocabulary of at most <paramref name="vocabulary"/> ids.</summary>
    /// <param name="texts">Valid UTF-8; pre-tokens do not cross from one text to the next.</param>
    /// <param name="vocabulary">At least <see cref="Smallest"/>.</param>
    public static BpeTokenizer Train(IEnumerable<ReadOnlyMemory<byte>> texts, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, Smallest);
        return new BpeTokenizer(new MergeCounter(texts).Merges(vocabulary - Smallest));
    }

    /// <summary>The ids of a sentence, without special ones.</summary>
    public int[] EncodeIds(ReadOnlySpan<byte> utf8) => _encoder.Encode(utf8).ToArray();

    public TokenSequence Encode(ReadOnlySpan<byte> utf8) => TokenSequence.Of(EncodeIds(utf8));

    /// <summary>The bytes that the ids stand for; special ids stand for none.</summary>
    public byte[] Decode(ReadOnlySpan<long> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>(tokens.Length * 4 + 1);
        foreach (long id in tokens)
            bytes.Write(
                id >= 0 && id < Vocabulary
                    ? _bytes[(int)id]
                    : throw new ArgumentOutOfRangeException(nameof(tokens), $"id {id} of {Vocabulary}")
            );
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Distinct pre-tokens with their frequencies, and which pair of neighbours is the most frequent now.</summary>
    private sealed class MergeCounter
    {
        private readonly List<(int[] Ids, long Count)> _words = [];
        private readonly Dictionary<(int Left, int Right), long> _counts = [];
        private readonly Dictionary<(int Left, int Right), HashSet<int>> _places = []; // pair -> words that hold it, or once did
        private readonly PriorityQueue<((int Left, int Right) Pair, long Count), (long Fewer, int Left, int Right)> _queue = new();

        public MergeCounter(IEnumerable<ReadOnlyMemory<byte>> texts)
        {
            var counts = new Dictionary<string, long>(StringComparer.Ordinal); // one byte per char: Latin-1 keeps bytes apart
            foreach (ReadOnlyMemory<byte> text in texts)
            {
                ReadOnlySpan<byte> left = text.Span;
                while (!left.IsEmpty)
                {
                    int length = Gpt2PreTokens.NextLength(left);
                    System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                        counts,
                        Encoding.Latin1.GetString(left[..length]),
                        out _
                    )++;
                    left = left[length..];
                }
            }
            foreach ((string word, long count) in counts)
            {
                _words.Add(([.. word.Select(c => FirstByte + c)], count));
                Add(_words.Count - 1, 1);
            }
            foreach ((var pair, long count) in _counts)
                Offer(pair, count);
        }

        public List<(int Left, int Right)> Merges(int wanted)
        {
            var merges = new List<(int, int)>();
            while (merges.Count < wanted && Best() is { } pair)
            {
                int id = Smallest + merges.Count;
                merges.Add(pair);
                var touched = new HashSet<(int, int)>();
                foreach (int word in _places[pair])
                    Replace(word, pair, id, touched);
                _places.Remove(pair);
                foreach (var changed in touched)
                    if (_counts.TryGetValue(changed, out long count))
                        Offer(changed, count);
            }
            return merges;
        }

        private void Offer((int Left, int Right) pair, long count) => _queue.Enqueue((pair, count), (-count, pair.Left, pair.Right));

        // An entry whose count has changed since is stale: the change put a new one into the queue.
        private (int Left, int Right)? Best()
        {
            while (_queue.TryDequeue(out var entry, out _))
                if (_counts.GetValueOrDefault(entry.Pair) == entry.Count)
                    return entry.Count >= 2 ? entry.Pair : null;
            return null;
        }

        private void Replace(int word, (int Left, int Right) pair, int id, HashSet<(int, int)> touched)
        {
            (int[] ids, long count) = _words[word];
            var merged = new List<int>(ids.Length);
            for (int i = 0; i < ids.Length; i++)
            {
                if (i + 1 < ids.Length && ids[i] == pair.Left && ids[i + 1] == pair.Right)
                {
                    merged.Add(id);
                    i++;
                }
                else
                {
                    merged.Add(ids[i]);
                }
            }
            if (merged.Count == ids.Length)
                return;
            Add(word, -1, touched);
            _words[word] = ([.. merged], count);
            Add(word, 1, touched);
        }

        private void Add(int word, int sign, HashSet<(int, int)>? touched = null)
        {
            (int[] ids, long count) = _words[word];
            for (int i = 0; i + 1 < ids.Length; i++)
            {
                (int, int) pair = (ids[i], ids[i + 1]);
                touched?.Add(pair);
                long now = _counts.GetValueOrDefault(pair) + sign * count;
                if (now > 0)
                    _counts[pair] = now;
                else
                    _counts.Remove(pair);
                if (sign < 0)
                    continue;
                if (!_places.TryGetValue(pair, out HashSet<int>? words))
                    _places[pair] = words = [];
                words.Add(word);
            }
        }
    }
}
