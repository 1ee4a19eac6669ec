// Loading tasks: what is split how, what is hashed, and every kind of unusable input answered in one line.
using System.Security.Cryptography;
using System.Text;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Training.Tests.Data;

public sealed class TaskLoadingSpecs
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 200).Select(i => $"line {i}\n"));

    [Fact]
    public void A_text_is_split_by_position_and_hashed_by_content()
    {
        using var folder = new TestFolder();
        var spec = new TaskSpec
        {
            Kind = "text",
            Path = folder.Write("a.txt", Text),
            Context = 16,
            ValidationFraction = 0.25,
        };
        using LanguageTask task = LanguageTask.Load(spec),
            copy = LanguageTask.Load(spec with { Path = folder.Write("sub/b.txt", Text) });
        int validation = (int)Math.Round(Text.Length * 0.25);
        Assert.Equal(validation, task.Validation.Length);
        Assert.Equal(Text[..^validation], Decode(task, task.Train));
        Assert.Equal(Text[^validation..], Decode(task, task.Validation));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text))), task.Spec.Content);
        Assert.Equal(task.Spec.Content, copy.Spec.Content);
        Assert.Null(task.EntropyRate);
        LanguageTask.Load(task.Spec).Dispose();
        var e = Assert.Throws<InputException>(() => LanguageTask.Load(task.Spec with { Path = folder.Write("c.txt", Text + "!") }));
        Assert.Contains("not what the study was planned with", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_read_in_ordinal_order_without_hidden_files()
    {
        using var folder = new TestFolder();
        folder.Write("t/b/1.txt", "second ");
        folder.Write("t/a.txt", "first ");
        folder.Write("t/B.txt", [0xEF, 0xBB, 0xBF, .. "zeroth "u8]);
        folder.Write("t/.git/x", [0, 1, 2]);
        folder.Write("t/.hidden", [0, 1, 2]);
        folder.Write("t/b-.txt", "between "); // '-' sorts before '/'
        Assert.Equal("zeroth first between second ", Encoding.UTF8.GetString(TextFiles.Read(folder.File("t"))));
    }

    [Fact]
    public void A_byte_order_mark_is_dropped()
    {
        using var folder = new TestFolder();
        Assert.Equal("ab"u8, TextFiles.Read(folder.Write("bom.txt", [0xEF, 0xBB, 0xBF, (byte)'a', (byte)'b'])));
    }

    public static TheoryData<string, byte[], string> BadTexts =>
        new()
        {
            { "empty", [], "is empty" },
            { "only a mark", [0xEF, 0xBB, 0xBF], "is empty" },
            { "NUL", [.. "abc"u8, 0, .. "def"u8], "looks binary: NUL byte at byte 3" },
            { "not UTF-8", [.. "abc"u8, 0xE9, .. "def"u8], "looks binary: byte 3 (0xE9) is not valid UTF-8" },
            { "cut off", [.. "abc"u8, 0xE2, 0x82], "looks binary: byte 3 (0xE2)" },
            { "surrogate", [.. "a"u8, 0xED, 0xA0, 0x80], "looks binary: byte 1 (0xED)" },
            { "after a mark", [0xEF, 0xBB, 0xBF, .. "abc"u8, 0xFF], "byte 6 (0xFF)" },
            { "UTF-16", [0xFF, 0xFE, (byte)'a', 0], "UTF-16" },
            { "one token", "a"u8.ToArray(), "has 1 token;" },
            { "one distinct", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"u8.ToArray(), "all of them the same" },
            { "short train", "abcdefghij"u8.ToArray(), "the training part has 9 tokens, but one sequence of context 16 needs 17" },
            { "short validation", Encoding.UTF8.GetBytes(new string('a', 50) + new string('b', 50)), "the validation part has 10 tokens" },
        };

    [Theory, MemberData(nameof(BadTexts))]
    public void Unusable_text_is_answered_in_one_line(string name, byte[] content, string part)
    {
        using var folder = new TestFolder();
        string path = folder.Write(name, content);
        Refused(
            new TaskSpec
            {
                Kind = "text",
                Path = path,
                Context = 16,
            },
            part,
            path
        );
    }

    [Fact]
    public void Missing_files_and_empty_folders_are_answered_in_one_line()
    {
        using var folder = new TestFolder();
        Refused(new TaskSpec { Kind = "text", Path = folder.File("none.txt") }, "no such text");
        Refused(new TaskSpec { Kind = "text" }, "task.path is missing");
        Refused(new TaskSpec { Kind = "text", Path = folder.Path }, "holds no files");
        Refused(new TaskSpec { Kind = "tokens", Path = folder.Path }, "no such token file");
        Refused(new TaskSpec { Kind = "image" }, "expected text, tokens or markov");
        folder.Write("x/empty.txt", "");
        Refused(new TaskSpec { Kind = "text", Path = folder.File("x") }, "are empty");
        string text = folder.Write("text.txt", Text);
        Refused(
            new TaskSpec
            {
                Kind = "text",
                Path = text,
                Tokenizer = "gpt2",
                Encoder = text,
            },
            "task.merges is missing"
        );
        Refused(
            new TaskSpec
            {
                Kind = "text",
                Path = text,
                Tokenizer = "gpt2",
                Merges = text,
            },
            "task.encoder is missing"
        );
        Refused(
            new TaskSpec
            {
                Kind = "text",
                Path = text,
                Tokenizer = "gpt2",
                Merges = text,
                Encoder = text,
            },
            "is not a JSON object"
        );
        Refused(
            new TaskSpec
            {
                Kind = "text",
                Path = text,
                Tokenizer = "words",
            },
            "expected bytes, chars or gpt2"
        );
    }

    [Fact]
    public void Token_files_are_mapped_and_checked()
    {
        using var folder = new TestFolder();
        ushort[] ids = [.. Enumerable.Range(0, 500).Select(i => (ushort)(i * 131 % 50257))];
        byte[] bytes = [.. ids.SelectMany(id => new[] { (byte)id, (byte)(id >> 8) })];
        string path = folder.Write("train.bin", bytes);
        using (
            LanguageTask task = LanguageTask.Load(
                new TaskSpec
                {
                    Kind = "tokens",
                    Path = path,
                    Context = 16,
                    ValidationFraction = 0.2,
                }
            )
        )
        {
            Assert.Equal(ids.Max() + 1, task.Vocabulary);
            Assert.Equal(ids.Select(i => (long)i), [.. TokenizerSpecs.Ids(task.Train), .. TokenizerSpecs.Ids(task.Validation)]);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), task.Spec.Content);
        }
        folder.Write("val.bin", bytes[..200]);
        using (
            LanguageTask task = LanguageTask.Load(
                new TaskSpec
                {
                    Kind = "tokens",
                    Path = folder.Path,
                    Context = 16,
                    Vocabulary = 50304,
                }
            )
        )
        {
            Assert.Equal((50304, 500L, 100L), (task.Vocabulary, task.Train.Length, task.Validation.Length));
        }
        Refused(
            new TaskSpec
            {
                Kind = "tokens",
                Path = path,
                Vocabulary = 100,
                Context = 16,
            },
            "but task.vocabulary is 100"
        );
        Refused(new TaskSpec { Kind = "tokens", Path = folder.Write("odd.bin", bytes[..99]) }, "99 bytes is odd");
        Refused(new TaskSpec { Kind = "tokens", Path = folder.Write("empty.bin", []) }, "is empty");
        Refused(new TaskSpec { Kind = "tokens", Path = folder.Write("same.bin", new byte[400]) }, "all of them the same");
        Refused(
            new TaskSpec
            {
                Kind = "tokens",
                Path = path,
                ValidationPath = folder.Write("short.bin", bytes[..20]),
                Context = 16,
            },
            "the validation part has 10 tokens"
        );
    }

    [Fact]
    public void The_synthetic_task_needs_no_file_and_knows_its_entropy()
    {
        using LanguageTask task = LanguageTask.Load(new TaskSpec { Tokens = 10_000 });
        Assert.Equal((64, 9000L, 1000L), (task.Vocabulary, task.Train.Length, task.Validation.Length));
        Assert.Null(task.Spec.Content);
        Assert.Equal(task.Source!.EntropyRate, task.EntropyRate);
        Refused(new TaskSpec { Tokens = 0 }, "task.tokens is 0");
    }

    [Fact]
    public void Tinyshakespeare_by_characters_is_split_as_nanoGPT_splits_it()
    {
        using LanguageTask task = LanguageTask.Load(
            new TaskSpec
            {
                Kind = "text",
                Path = TestFolder.RealData("text/tinyshakespeare.txt"),
                Tokenizer = "chars",
            }
        );
        // nanoGPT rounds the cut down: 1,003,854
        Assert.Equal((65, 1_003_855L, 111_539L), (task.Vocabulary, task.Train.Length, task.Validation.Length));
        Assert.Equal("86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed", task.Spec.Content);
    }

    private static string Decode(LanguageTask task, TokenSequence tokens) =>
        Encoding.UTF8.GetString(task.Tokenizer!.Decode(TokenizerSpecs.Ids(tokens)));

    private static void Refused(TaskSpec spec, params string[] parts)
    {
        var e = Assert.Throws<InputException>(() => LanguageTask.Load(spec));
        Assert.All(parts, part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', e.Message);
    }
}
