// The tokenizers against known encodings, an independent plain encoder, and real text.
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Microsoft.ML.Tokenizers;

namespace Gaplab.Training.Tests.Data;

public sealed class TokenizerSpecs
{
    private static readonly Lazy<Gpt2Tokenizer> s_standard = new(Gpt2Tokenizer.Standard);
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
        Gpt2Tokenizer tokenizer = s_standard.Value;
        Assert.Equal(50257, tokenizer.Vocabulary);
        Assert.Equal(expected, Ids(tokenizer.Encode(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(text, Encoding.UTF8.GetString(tokenizer.Decode(expected)));
    }

    [Fact]
    public void GPT2_tokens_of_tinyshakespeare_are_as_many_as_nanoGPT_prints_and_decode_to_the_text()
    {
        byte[] text = File.ReadAllBytes(TestFolder.RealData("text/tinyshakespeare.txt"));
        Gpt2Tokenizer tokenizer = s_standard.Value;
        int cut = text.Length * 9 / 10; // ASCII: bytes are characters
        Assert.Equal(301_966, tokenizer.Encode(text.AsSpan(0, cut)).Length);
        Assert.Equal(36_059, tokenizer.Encode(text.AsSpan(cut)).Length);
        Assert.Equal(text, tokenizer.Decode(Ids(tokenizer.Encode(text))));
        Assert.Equal(65, CharTokenizer.Of(text).Vocabulary);
    }

    // What the pattern of pre-tokens and the merges care about, and any character at all.
    private static readonly Gen<string> s_texts = Gen.OneOf(
            FixedSeeds.OneOf(
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
                "𝒜b",
                "𝟙2",
                "👋"
            ),
            Gen.Int[0, 0x10FFFF].Where(Rune.IsValid).Select(c => new Rune(c).ToString()),
            Gen.Int[0, 0x2FF].Select(c => ((char)c).ToString())
        )
        .Array[1, 12]
        .Select(string.Concat);

    [Fact]
    public void The_fast_encoder_equals_the_plain_one_on_random_text()
    {
        (byte[] merges, byte[] encoder) = Gpt2Vocabulary.Files();
        var plain = new PlainGpt2(merges, encoder);
        FixedSeeds.Check(
            s_texts,
            1500,
            text => Assert.Equal(plain.Encode(text), Ids(s_standard.Value.Encode(Encoding.UTF8.GetBytes(text))))
        );
    }

    // As OpenAI published them: SHA-256 of gpt-2/models/117M/vocab.bpe and encoder.json, under which copies of them are pinned elsewhere
    // (openai/tiktoken's openai_public.py has both).
    [Fact]
    public void Without_files_the_vocabulary_is_byte_for_byte_the_published_one()
    {
        (byte[] merges, byte[] encoder) = Gpt2Vocabulary.Files();
        byte[] mergesHash = SHA256.HashData(merges),
            encoderHash = SHA256.HashData(encoder);
        Assert.Equal("1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5", Convert.ToHexStringLower(mergesHash));
        Assert.Equal("196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783", Convert.ToHexStringLower(encoderHash));
        Assert.Equal(SHA256.HashData([.. mergesHash, .. encoderHash]), s_standard.Value.Hash);
    }

    [Fact]
    public void A_text_has_the_same_content_and_ids_with_the_published_files_and_without()
    {
        string merges = TestFolder.RealData("gpt2/vocab.bpe"),
            encoder = TestFolder.RealData("gpt2/encoder.json");
        var spec = new TaskSpec
        {
            Kind = "text",
            Path = TestFolder.RealData("text/tinyshakespeare.txt"),
            Tokenizer = "gpt2",
        };
        using LanguageTask without = LanguageTask.Load(spec),
            with = LanguageTask.Load(spec with { Merges = merges, Encoder = encoder });
        Assert.Equal(with.Spec.Content, without.Spec.Content);
        // What was planned with the files is loaded without them.
        using LanguageTask planned = LanguageTask.Load(with.Spec with { Merges = null, Encoder = null });
        long[] one = new long[100 * with.SampleLength],
            other = new long[one.Length];
        with.FillTrainEvaluation(0, 0, one);
        planned.FillTrainEvaluation(0, 0, other);
        Assert.Equal(one, other);
    }

    // Microsoft's pattern is one of UTF-16: letters beyond U+FFFF are none to it (the test below), so this stays within.
    [Fact]
    public void Encodings_are_those_of_Microsofts_tokenizer_on_random_text_up_to_16_bits()
    {
        TiktokenTokenizer theirs = TiktokenTokenizer.CreateForModel("gpt2");
        FixedSeeds.Check(
            s_texts.Where(t => !t.Any(char.IsSurrogate)),
            1500,
            text => Assert.Equal(theirs.EncodeToIds(text), Ids(s_standard.Value.Encode(Encoding.UTF8.GetBytes(text))).Select(id => (int)id))
        );
    }

    [Fact]
    public void Encodings_are_those_of_Microsofts_tokenizer_on_the_whole_of_tinyshakespeare()
    {
        byte[] text = File.ReadAllBytes(TestFolder.RealData("text/tinyshakespeare.txt"));
        Assert.Equal(
            TiktokenTokenizer.CreateForModel("gpt2").EncodeToIds(Encoding.UTF8.GetString(text)),
            Ids(s_standard.Value.Encode(text)).Select(id => (int)id)
        );
    }

    [Fact]
    public void Letters_beyond_16_bits_join_their_word()
    {
        // U+1D49C is a letter: " 𝒜b" is one pre-token, so no token may span the space before it and the digit after.
        Gpt2Tokenizer tokenizer = s_standard.Value;
        byte[] together = Encoding.UTF8.GetBytes(" 𝒜b1");
        long[] apart = [.. Ids(tokenizer.Encode(together.AsSpan(0, together.Length - 1))), .. Ids(tokenizer.Encode("1"u8))];
        Assert.Equal(apart, Ids(tokenizer.Encode(together)));
    }

    [Fact]
    public void A_megabyte_without_a_space_is_encoded_in_seconds()
    {
        Gpt2Tokenizer tokenizer = s_standard.Value;
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
        // .NET's classes see the halves of a character beyond U+FFFF, so one of the same class stands in for it.
        private static char StandIn(Rune c) =>
            c.IsBmp ? (char)c.Value
            : Rune.IsLetter(c) ? 'x'
            : Rune.IsNumber(c) ? '1'
            : '§';

        private static readonly Regex Pattern = new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");
        private readonly Dictionary<string, int> _encoder;
        private readonly Dictionary<(string, string), int> _ranks = [];

        public PlainGpt2(byte[] merges, byte[] encoder)
        {
            _encoder = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, int>>(encoder)!;
            foreach (
                string[] pair in Encoding.UTF8.GetString(merges).Split('\n').Skip(1).Where(l => l.Length > 0).Select(l => l.Split(' '))
            )
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
            Rune[] runes = [.. text.EnumerateRunes()];
            foreach (Match word in Pattern.Matches(string.Concat(runes.Select(StandIn))))
            {
                string own = string.Concat(runes[word.Index..(word.Index + word.Length)]);
                List<string> parts = [.. Encoding.UTF8.GetBytes(own).Select(b => alphabet[b])];
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
