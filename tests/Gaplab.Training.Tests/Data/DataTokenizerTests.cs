// The tokenizers against known encodings, an independent plain encoder, and real text.
using System.Text;
using System.Text.RegularExpressions;
using Gaplab.Learning.Data.Text;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Data;

public sealed class DataTokenizerTests
{
    private const string TinyMerges = "#version: 0.2\nl o\nlo w\nĠ low\ne r\ne e\n";

    [Fact]
    public void Bytes_are_their_own_ids()
    {
        var tokenizer = new ByteTokenizer();
        byte[] text = Encoding.UTF8.GetBytes("Añ\n𝒜");
        Assert.Equal(text.Select(b => (long)b), Ids(tokenizer.Encode(text)));
        Assert.Equal(text, tokenizer.Decode(Ids(tokenizer.Encode(text))));
        Assert.Equal(256, tokenizer.Vocabulary);
    }

    [Fact]
    public void Characters_are_numbered_in_order_of_their_scalar_values()
    {
        byte[] text = Encoding.UTF8.GetBytes("b𝒜añab");
        var tokenizer = CharTokenizer.Of(text);
        Assert.Equal(4, tokenizer.Vocabulary); // a b ñ 𝒜
        Assert.Equal([1L, 3, 0, 2, 0, 1], Ids(tokenizer.Encode(text)));
        Assert.Equal(text, tokenizer.Decode([1, 3, 0, 2, 0, 1]));
    }

    [Fact]
    public void More_than_256_characters_fit()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0x4E00, 1000).Select(c => (char)c)));
        var tokenizer = CharTokenizer.Of(text);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), Ids(tokenizer.Encode(text)));
        Assert.Throws<InputException>(() => tokenizer.Encode("a"u8));
    }

    [Theory]
    [InlineData("low lower", "low| low|er")]
    [InlineData("lolow", "lo|low")]
    [InlineData("slow low", "s|low| low")]
    [InlineData("eee", "ee|e")] // leftmost first
    [InlineData("eeee", "ee|ee")]
    [InlineData("\nlow", "\n|low")]
    public void A_small_merge_table_is_applied_by_rank(string text, string expected)
    {
        using var folder = new TestFolder();
        Gpt2Tokenizer tokenizer = Tiny(folder, TinyMerges);
        Assert.Equal(
            expected,
            string.Join(
                '|',
                Ids(tokenizer.Encode(Encoding.UTF8.GetBytes(text))).Select(id => Encoding.UTF8.GetString(tokenizer.Decode([id])))
            )
        );
    }

    [Fact]
    public void Every_byte_survives_the_tiny_tokenizer()
    {
        using var folder = new TestFolder();
        Gpt2Tokenizer tokenizer = Tiny(folder, TinyMerges);
        byte[] text = Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Range(0, 0x3000).Where(c => c is < 0xD800 or > 0xDFFF).Select(c => (char)c)) + "👋𝒜"
        );
        Assert.Equal(text, tokenizer.Decode(Ids(tokenizer.Encode(text))));
    }

    [Theory]
    [InlineData("#version: 0.2\nl o\nzz q\n", ":3: ")]
    [InlineData("#version: 0.2\nlo w\nl o\n", "no earlier line makes")]
    [InlineData("#version: 0.2\n", "holds no merges")]
    public void A_broken_merge_table_is_refused(string merges, string part)
    {
        using var folder = new TestFolder();
        var e = Assert.Throws<InputException>(() => Tiny(folder, merges));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("Hello world", new long[] { 15496, 995 })]
    [InlineData("hello world", new long[] { 31373, 995 })]
    [InlineData("Hello, world!", new long[] { 15496, 11, 995, 0 })]
    [InlineData(" the", new long[] { 262 })]
    [InlineData("\n", new long[] { 198 })]
    [InlineData("\n\n", new long[] { 628 })]
    [InlineData("The quick brown fox jumps over the lazy dog", new long[] { 464, 2068, 7586, 21831, 18045, 625, 262, 16931, 3290 })]
    [InlineData(
        "This is an example sentence to try encoding out on!",
        new long[] { 1212, 318, 281, 1672, 6827, 284, 1949, 21004, 503, 319, 0 }
    )]
    [InlineData("indivisible", new long[] { 521, 452, 12843 })]
    [InlineData("hello 👋 world 🌍", new long[] { 31373, 50169, 233, 995, 12520, 234, 235 })]
    [InlineData("", new long[0])]
    public void GPT2_encodings_are_the_published_ones(string text, long[] expected)
    {
        Gpt2Tokenizer tokenizer = Real();
        Assert.Equal(50257, tokenizer.Vocabulary);
        Assert.Equal(expected, Ids(tokenizer.Encode(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(text, Encoding.UTF8.GetString(tokenizer.Decode(expected)));
    }

    [Fact]
    public void GPT2_tokens_of_tinyshakespeare_are_as_many_as_nanoGPT_prints_and_decode_to_the_text()
    {
        byte[] text = File.ReadAllBytes(TestFolder.RealData("text/tinyshakespeare.txt"));
        Gpt2Tokenizer tokenizer = Real();
        int cut = text.Length * 9 / 10; // ASCII: bytes are characters
        Assert.Equal(301_966, tokenizer.Encode(text.AsSpan(0, cut)).Length);
        Assert.Equal(36_059, tokenizer.Encode(text.AsSpan(cut)).Length);
        Assert.Equal(text, tokenizer.Decode(Ids(tokenizer.Encode(text))));
        Assert.Equal(65, CharTokenizer.Of(text).Vocabulary);
    }

    [Fact]
    public void The_fast_encoder_equals_the_plain_one_on_random_text()
    {
        string merges = TestFolder.RealData("gpt2/vocab.bpe"),
            encoder = TestFolder.RealData("gpt2/encoder.json");
        var plain = new PlainGpt2(merges, encoder);
        Gpt2Tokenizer fast = Gpt2Tokenizer.Open(merges, encoder);
        string[] pieces =
        [
            "the",
            "it's",
            "'re",
            "'LL",
            " ",
            "  ",
            "\n",
            "\t",
            "\u00A0",
            "\u2003",
            "naïve",
            "Straße",
            "12",
            "Ⅷ",
            "½",
            "日本語",
            "...",
            "!?",
            "é",
            "e\u0301",
            "—",
            "'",
            "don't",
            "aaaaaaaaaaaaaaaaaaaaaa",
            "\u001c",
            "xyz",
            "İ",
            "ǅ",
        ];
        RandomStream stream = RandomStream.For(7, "test/text");
        for (int trial = 0; trial < 300; trial++)
        {
            string text = string.Concat(
                Enumerable.Range(0, 1 + (int)stream.NextIndex(12)).Select(_ => pieces[stream.NextIndex(pieces.Length)])
            );
            Assert.Equal(plain.Encode(text), Ids(fast.Encode(Encoding.UTF8.GetBytes(text))));
        }
    }

    [Fact]
    public void Letters_beyond_16_bits_join_their_word()
    {
        // U+1D49C is a letter: " 𝒜b" is one pre-token, so no token may span the space before it and the digit after.
        Gpt2Tokenizer tokenizer = Real();
        byte[] together = Encoding.UTF8.GetBytes(" 𝒜b1");
        long[] apart = [.. Ids(tokenizer.Encode(together.AsSpan(0, together.Length - 1))), .. Ids(tokenizer.Encode("1"u8))];
        Assert.Equal(apart, Ids(tokenizer.Encode(together)));
    }

    [Fact]
    public void A_megabyte_without_a_space_is_encoded_in_seconds()
    {
        Gpt2Tokenizer tokenizer = Real();
        byte[] text = new byte[1 << 20];
        Array.Fill(text, (byte)'a');
        Assert.Equal(text, tokenizer.Decode(Ids(tokenizer.Encode(text))));
    }

    internal static long[] Ids(TokenSequence tokens)
    {
        var ids = new long[tokens.Length];
        tokens.Read(0, ids);
        return ids;
    }

    private static Gpt2Tokenizer Real() =>
        Gpt2Tokenizer.Open(TestFolder.RealData("gpt2/vocab.bpe"), TestFolder.RealData("gpt2/encoder.json"));

    // An encoder with GPT-2's 256 byte symbols (shown as GPT-2 shows them) and the merged tokens.
    private static Gpt2Tokenizer Tiny(TestFolder folder, string merges)
    {
        List<string> symbols = [.. PlainGpt2.ByteSymbols(), "lo", "low", "Ġlow", "er", "ee"];
        string encoder = System.Text.Json.JsonSerializer.Serialize(symbols.Select((s, id) => (s, id)).ToDictionary(p => p.s, p => p.id));
        return Gpt2Tokenizer.Open(folder.Write("vocab.bpe", merges), folder.Write("encoder.json", encoder));
    }

    /// <summary>The published algorithm word for word: a regular expression, strings, and all occurrences of the best pair at
    /// once.</summary>
    private sealed class PlainGpt2
    {
        private static readonly Regex Pattern = new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");
        private readonly Dictionary<string, int> _encoder;
        private readonly Dictionary<(string, string), int> _ranks = [];

        public PlainGpt2(string merges, string encoder)
        {
            _encoder = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(encoder))!;
            foreach (string[] pair in File.ReadLines(merges).Skip(1).Where(l => l.Length > 0).Select(l => l.Split(' ')))
                _ranks[(pair[0], pair[1])] = _ranks.Count;
        }

        public static string[] ByteSymbols()
        {
            var symbols = new string[256];
            int next = 256;
            for (int b = 0; b < 256; b++)
                symbols[b] = (b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF ? (char)b : (char)next++).ToString();
            return symbols;
        }

        public long[] Encode(string text)
        {
            string[] alphabet = ByteSymbols();
            var ids = new List<long>();
            foreach (Match word in Pattern.Matches(text))
            {
                List<string> parts = [.. Encoding.UTF8.GetBytes(word.Value).Select(b => alphabet[b])];
                while (parts.Count > 1)
                {
                    (string, string) best = Enumerable
                        .Range(0, parts.Count - 1)
                        .Select(i => (parts[i], parts[i + 1]))
                        .MinBy(p => _ranks.GetValueOrDefault(p, int.MaxValue));
                    if (!_ranks.ContainsKey(best))
                        break;
                    var merged = new List<string>();
                    for (int i = 0; i < parts.Count; i++)
                    {
                        if (i + 1 < parts.Count && (parts[i], parts[i + 1]) == best)
                            merged.Add(parts[i] + parts[++i]);
                        else
                            merged.Add(parts[i]);
                    }
                    parts = merged;
                }
                ids.AddRange(parts.Select(p => (long)_encoder[p]));
            }
            return [.. ids];
        }
    }
}
