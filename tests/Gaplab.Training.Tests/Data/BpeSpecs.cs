// The trained byte-pair vocabulary: the published example, ties, exact round trips, and a straightforward trainer beside the fast one.
using System.Text;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Data;

public sealed class BpeSpecs
{
    [Fact]
    public void The_most_frequent_pair_is_merged_first_and_ties_go_to_the_smaller_ids()
    {
        // Five "low", two "lower", six "newest", three "widest", one word per text (Sennrich et al. 2016, figure 1, without its end-of-word
        // mark).
        string[] words =
        [
            .. Enumerable.Repeat("low", 5),
            .. Enumerable.Repeat("lower", 2),
            .. Enumerable.Repeat("newest", 6),
            .. Enumerable.Repeat("widest", 3),
        ];
        var tokenizer = Train(words, BpeTokenizer.Smallest + 5);
        // es and st 9 times: e is smaller than s. Then es+t, 9; lo and ow, 7: l is smaller than o; lo+w, 7; then of ew, ne and w+est, 6
        // each, ew.
        Assert.Equal(["es", "est", "lo", "low", "ew"], tokenizer.Merges.Select((_, i) => Text(tokenizer, BpeTokenizer.Smallest + i)));
    }

    [Fact]
    public void The_merges_are_those_of_counting_everything_anew_each_time()
    {
        RandomStream draw = RandomStream.For(5, "test/bpe");
        string[] texts =
        [
            .. Enumerable
                .Range(0, 60)
                .Select(_ =>
                    string.Join(
                        ' ',
                        Enumerable
                            .Range(0, 9)
                            .Select(_ =>
                                string.Concat(Enumerable.Range(0, 1 + (int)draw.NextIndex(7)).Select(_ => "aabcdé"[(int)draw.NextIndex(6)]))
                            )
                    )
                ),
        ];
        var tokenizer = Train(texts, BpeTokenizer.Smallest + 150);
        Assert.Equal(Slow(texts, 150), tokenizer.Merges);
        // Encoding by rank cuts the training text as training did.
        foreach (string text in texts)
            Assert.Equal(Replay(tokenizer, text), tokenizer.EncodeIds(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Ein Mädchen läuft über die Straße.")]
    [InlineData("  two  spaces,\ttab and a trailing one ")]
    [InlineData("unseen: Ω 漢字 😀 \u0301 1,000.5")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Any_text_comes_back_exactly(string text)
    {
        var tokenizer = Train(["Ein Mädchen läuft.", "Ein Mann läuft über die Straße.", "aaaa aaaa aaaaaa"], 300);
        int[] ids = tokenizer.EncodeIds(Encoding.UTF8.GetBytes(text));
        Assert.DoesNotContain(ids, id => id < SpecialToken.Count);
        Assert.Equal(text, Encoding.UTF8.GetString(tokenizer.Decode([.. ids.Select(i => (long)i)])));
    }

    [Fact]
    public void Special_ids_stand_for_no_text_and_ids_beyond_the_vocabulary_are_refused()
    {
        var tokenizer = Train(["low low"], 260);
        Assert.Equal("a"u8, tokenizer.Decode([SpecialToken.Begin, BpeTokenizer.FirstByte + 'a', SpecialToken.End, SpecialToken.Padding]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([tokenizer.Vocabulary]));
    }

    [Fact]
    public void The_vocabulary_ends_where_no_pair_occurs_twice()
    {
        Assert.Equal(BpeTokenizer.Smallest, Train(["abc def"], 5000).Vocabulary);
        Assert.Equal(BpeTokenizer.Smallest + 2, Train(["abc", "abc"], 5000).Vocabulary);
    }

    [Fact]
    public void The_order_of_the_texts_changes_no_merge()
    {
        string[] texts = ["ein hund", "zwei hunde und ein haus", "und und und", "haus maus laus"];
        Assert.Equal(Train(texts, 290).Merges, Train([.. texts.Reverse()], 290).Merges);
    }

    private static BpeTokenizer Train(string[] texts, int vocabulary) =>
        BpeTokenizer.Train(texts.Select(t => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(t)), vocabulary);

    private static string Text(BpeTokenizer tokenizer, int id) => Encoding.UTF8.GetString(tokenizer.Decode([id]));

    private static List<List<int>> Words(string[] texts)
    {
        var words = new List<List<int>>();
        foreach (string text in texts)
        {
            // A space joins the word after it; the texts here hold letters and single spaces only.
            string[] parts = text.Split(' ');
            for (int i = 0; i < parts.Length; i++)
                words.Add([.. Encoding.UTF8.GetBytes(i == 0 ? parts[i] : " " + parts[i]).Select(b => BpeTokenizer.FirstByte + b)]);
        }
        return words;
    }

    private static List<(int, int)> Slow(string[] texts, int merges)
    {
        List<List<int>> words = Words(texts);
        var found = new List<(int, int)>();
        for (int m = 0; m < merges; m++)
        {
            var best = words
                .SelectMany(w => w.Zip(w.Skip(1)))
                .GroupBy(p => p)
                .OrderByDescending(g => g.Count())
                .ThenBy(g => g.Key)
                .FirstOrDefault();
            if (best is null || best.Count() < 2)
                break;
            found.Add(best.Key);
            foreach (List<int> word in words)
                Merge(word, best.Key, BpeTokenizer.Smallest + m);
        }
        return found;
    }

    private static int[] Replay(BpeTokenizer tokenizer, string text)
    {
        List<List<int>> words = Words([text]);
        for (int m = 0; m < tokenizer.Merges.Count; m++)
            foreach (List<int> word in words)
                Merge(word, tokenizer.Merges[m], BpeTokenizer.Smallest + m);
        return [.. words.SelectMany(w => w)];
    }

    private static void Merge(List<int> word, (int Left, int Right) pair, int id)
    {
        for (int i = 0; i + 1 < word.Count; i++)
        {
            if (word[i] != pair.Left || word[i + 1] != pair.Right)
                continue;
            word[i] = id;
            word.RemoveAt(i + 1);
        }
    }
}
