// Loading sentence pairs: alignment, limits, order, hashing, and every kind of unusable input answered in one line.
using System.IO.Compression;
using System.Text;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Training.Tests.Data;

public sealed class TranslationTaskSpecs
{
    private static readonly string Source = string.Concat(Enumerable.Range(0, 40).Select(i => $"satz {i} hier\n")),
        Target = string.Concat(Enumerable.Range(0, 40).Select(i => $"sentence {i} here\n"));

    [Fact]
    public void A_row_is_the_source_its_end_and_padding_then_begin_the_target_its_end_and_padding()
    {
        using var folder = new TestFolder();
        using TranslationTask task = TranslationTask.Load(Spec(folder) with { Context = 24, SourceContext = 20 });
        Assert.Equal((45, 20, 24), (task.SampleLength, task.SourceContext, task.Context));
        long[] row = new long[45];
        task.FillValidation(0, 3, row);
        // The last tenth by position: pairs 36 … 39.
        Assert.Equal("satz 39 hier", task.TextOf(row.AsSpan(0, 20)));
        Assert.Equal(SpecialToken.Begin, row[20]);
        Assert.Equal("sentence 39 here", task.TextOf(row.AsSpan(21)));
        Assert.Equal("sentence 39 here", task.ValidationReference(0, 3));
        Assert.Equal([1, 1], (int[])[row.AsSpan(0, 20).Count(SpecialToken.End), row.AsSpan(20).Count(SpecialToken.End)]);
        Assert.Equal(row[21..].Count(t => t != SpecialToken.Padding), task.Predictions(row));
        Assert.Equal(4, task.ValidationCount(0));
        Assert.Equal(36, task.TrainEvaluationCount(0));
    }

    [Fact]
    public void Sample_k_is_the_same_for_every_batch_size_and_an_epoch_holds_every_pair_once()
    {
        using var folder = new TestFolder();
        using TranslationTask task = TranslationTask.Load(Spec(folder));
        int size = task.SampleLength;
        string[] Samples(long seed, int batch)
        {
            var all = new List<string>();
            for (int first = 0; first < 72; first += batch)
            {
                long[] rows = new long[batch * size];
                task.FillBatch(seed, first, rows);
                for (int b = 0; b < batch; b++)
                    all.Add(task.TextOf(rows.AsSpan(b * size, size)));
            }
            return [.. all];
        }
        string[] one = Samples(5, 1);
        Assert.Equal(one, Samples(5, 8));
        Assert.Equal(one, Samples(5, 36));
        Assert.NotEqual(one, Samples(6, 8));
        Assert.Equal(36, one[..36].Distinct().Count());
        Assert.Equal(36, one[36..].Distinct().Count());
        Assert.NotEqual(one[..36], one[36..]);
        Assert.Contains("36 sentence pairs", Assert.Throws<InputException>(() => task.CheckBatch(37)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Packed_files_and_other_line_ends_are_the_same_data_and_other_options_are_not()
    {
        using var folder = new TestFolder();
        TaskSpec spec = Spec(folder);
        using TranslationTask plain = TranslationTask.Load(spec),
            packed = TranslationTask.Load(
                spec with
                {
                    Source = folder.Write("s.gz", Packed(Source)),
                    Target = folder.Write("t.gz", Packed(Target)),
                }
            );
        Assert.Equal(plain.Spec.Content, packed.Spec.Content);
        using TranslationTask joined = TranslationTask.Load(
            spec with
            {
                Source = folder.Write("j.gz", [.. Packed(Source[..60]), .. Packed(Source[60..])]),
            }
        );
        Assert.Equal(plain.Spec.Content, joined.Spec.Content);
        using TranslationTask marked = TranslationTask.Load(
            spec with
            {
                Source = folder.Write(
                    "crlf",
                    [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Source.Replace("\n", "\r\n", StringComparison.Ordinal))]
                ),
            }
        );
        long[] a = new long[plain.SampleLength],
            b = new long[plain.SampleLength];
        plain.FillBatch(1, 7, a);
        marked.FillBatch(1, 7, b);
        Assert.Equal(a, b);
        using TranslationTask other = TranslationTask.Load(spec with { Vocabulary = 270 }),
            swapped = TranslationTask.Load(spec with { Source = spec.Target, Target = spec.Source });
        Assert.Equal(3, new[] { plain.Spec.Content, other.Spec.Content, swapped.Spec.Content }.Distinct().Count());
        TranslationTask.Load(plain.Spec).Dispose();
        Assert.Contains(
            "not what the study was planned with",
            Assert
                .Throws<InputException>(() =>
                    TranslationTask.Load(
                        plain.Spec with
                        {
                            Target = folder.Write("u", Target.Replace("39", "93", StringComparison.Ordinal)),
                        }
                    )
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Own_validation_files_leave_all_pairs_to_training_and_teach_the_vocabulary_nothing()
    {
        using var folder = new TestFolder();
        TaskSpec spec = Spec(folder);
        TaskSpec own = spec with
        {
            ValidationSource = folder.Write("vs", "qqqq qqqq\nzwei\n"),
            ValidationTarget = folder.Write("vt", "wwww wwww\ntwo\n"),
            Context = 30,
        };
        using TranslationTask task = TranslationTask.Load(own);
        Assert.Equal((40, 2), (task.TrainEvaluationCount(0), task.ValidationCount(0)));
        Assert.Equal("40 training and 2 validation pairs, vocabulary 300 (bpe)", task.Description);
        Assert.Equal(4, task.Tokenizer.EncodeIds("qqqq"u8).Length);
        Assert.Contains(
            "task.validation-target is missing",
            Refused(spec with { ValidationSource = own.ValidationSource }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Pairs_with_a_blank_side_and_pairs_too_long_are_counted()
    {
        using var folder = new TestFolder();
        string source = "a\n \nc\nd\n" + new string('x', 3) + " y z w q r\nf\ng\nh\n",
            target = "A\nB\n\t\nD\nE\nF\n1 2 3 4 5 6 7 8 9 0\nH\n";
        TaskSpec spec = new()
        {
            Kind = "translation",
            Source = folder.Write("s", source),
            Target = folder.Write("t", target),
            Context = 8,
            SourceContext = 6,
            Vocabulary = 259,
            ValidationFraction = 0.2,
        };
        using TranslationTask drop = TranslationTask.Load(spec),
            cut = TranslationTask.Load(spec with { LongSentences = "truncate" });
        Assert.EndsWith(
            "; 2 pairs longer than 6 source or 8 target tokens left out; 2 pairs with a blank side left out",
            drop.Description,
            StringComparison.Ordinal
        );
        Assert.Contains("2 pairs longer than 6 source or 8 target tokens cut", cut.Description, StringComparison.Ordinal);
        long[] row = new long[cut.SampleLength];
        cut.FillTrainEvaluation(0, 4, row);
        Assert.Equal("1 2 3 4", cut.TextOf(row.AsSpan(7))); // seven bytes and the end token
        Assert.Equal("H", cut.ValidationReference(0, 0));
    }

    [Fact]
    public void Unusable_files_are_answered_in_one_line()
    {
        using var folder = new TestFolder();
        TaskSpec spec = Spec(folder);
        string s = spec.Source!,
            t = spec.Target!;
        string message = Refused(
            spec with
            {
                Target = folder.Write("short", Target[..Target.LastIndexOf("sentence", StringComparison.Ordinal)]),
            }
        );
        Assert.Equal(
            $"{s} has 40 lines and {folder.File("short")} has 39; expected as many, line n of one being the translation of line n of "
                + $"the other",
            message
        );
        Assert.Contains("is empty", Refused(spec with { Source = folder.Write("empty", "") }), StringComparison.Ordinal);
        Assert.Contains(
            "none of the 2 line pairs has text on both sides",
            Refused(spec with { Source = folder.Write("b1", "\n\n"), Target = folder.Write("b2", "a\nb\n") }),
            StringComparison.Ordinal
        );
        Assert.Contains("no such file of source sentences", Refused(spec with { Source = folder.File("none") }), StringComparison.Ordinal);
        Assert.Contains("task.target is missing", Refused(spec with { Target = null }), StringComparison.Ordinal);
        Assert.Contains(
            "byte 3 (0xE9) is not valid UTF-8",
            Refused(spec with { Target = folder.Write("latin", [.. "abc"u8, 0xE9, (byte)'\n']) }),
            StringComparison.Ordinal
        );
        byte[] whole = Packed(Source);
        for (int left = 3; left < whole.Length; left++)
            Assert.Contains(
                "the .gz is broken or cut off",
                Refused(spec with { Source = folder.Write("cut.gz", whole[..left]) }),
                StringComparison.Ordinal
            );
        Assert.Contains(
            "the .gz is broken or cut off",
            Refused(spec with { Source = folder.Write("junk.gz", [0x1F, 0x8B, 1, 2, 3, 4]) }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "all 36 training pairs are longer than 2 source",
            Refused(spec with { SourceContext = 2 }),
            StringComparison.Ordinal
        );
        Assert.Contains("expected at least 259", Refused(spec with { Vocabulary = 100 }), StringComparison.Ordinal);
        Assert.Contains("expected drop or truncate", Refused(spec with { LongSentences = "keep" }), StringComparison.Ordinal);
        Assert.Contains(
            "leaves 1 to train and 0 to validate on",
            Refused(spec with { Source = folder.Write("o1", "a"), Target = folder.Write("o2", "b") }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Multi30k_loads_within_a_minute_and_comes_back_from_its_tokens()
    {
        var spec = new TaskSpec
        {
            Kind = "translation",
            Source = TestFolder.RealData("translation/multi30k.train.de.gz"),
            Target = TestFolder.RealData("translation/multi30k.train.en.gz"),
            Context = 64,
            Vocabulary = 4000,
        };
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using TranslationTask task = TranslationTask.Load(spec);
        Assert.True(watch.Elapsed.TotalSeconds < 60, $"loading took {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(4000, task.Vocabulary);
        AlignedText text = AlignedText.Read(spec.Source, spec.Target!);
        Assert.Equal(29_000, text.Pairs.Count + text.Empty);
        foreach ((ReadOnlyMemory<byte> source, ReadOnlyMemory<byte> target) in text.Pairs.Where((_, i) => i % 50 == 0))
        foreach (ReadOnlyMemory<byte> sentence in new[] { source, target })
            Assert.Equal(sentence.ToArray(), task.Tokenizer.Decode([.. task.Tokenizer.EncodeIds(sentence.Span).Select(i => (long)i)]));
    }

    private static TaskSpec Spec(TestFolder folder) =>
        new()
        {
            Kind = "translation",
            Source = folder.Write("source", Source),
            Target = folder.Write("target", Target),
            Context = 24,
            Vocabulary = 300,
        };

    private static byte[] Packed(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static string Refused(TaskSpec spec)
    {
        var e = Assert.Throws<InputException>(() => TranslationTask.Load(spec));
        Assert.DoesNotContain('\n', e.Message);
        return e.Message;
    }
}
