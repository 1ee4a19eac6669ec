// Study files of any depth, size and count are answered at once and in one short line.
using System.Diagnostics;
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Escape;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class StudyBoundsSpecs
{
    // The bound is for machines under load; each takes some milliseconds.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(10);

    private const string Escape = "study: e\nminima: {sharp: {curvature: 4, barrier: 0.5}}\nalpha: 1.5\nepsilon: 0.1\n";
    private const string Quadratic = "kind: quadratic\nspectrum: {family: power-law}\nbatches: [1, 2, 4]\nbudget: {steps: 100}\n";

    public static TheoryData<string> Readers => ["study", "override", "escape", "quadratic"];

    /// <summary>Refuses a YAML value at some key of each kind of file.</summary>
    private static string Refused(string reader, string value)
    {
        using var folder = new TestFolder();
        long began = Stopwatch.GetTimestamp();
        string message = Assert
            .Throws<InputException>(() =>
            {
                switch (reader)
                {
                    case "study":
                        StudyFile.Load(folder.Write("s.yaml", StudyFileSpecs.Small + $"\nquestion: {value}"));
                        break;
                    case "override":
                        StudyFile.Parse("/s/s.yaml", StudyFileSpecs.Small, $"question={value}");
                        break;
                    case "escape":
                        EscapeFile.Load(folder.Write("e.yaml", Escape + $"question: {value}"));
                        break;
                    default:
                        QuadraticFile.Read(folder.Write("q.yaml", Quadratic + $"title: {value}"));
                        break;
                }
            })
            .Message;
        Assert.True(Stopwatch.GetElapsedTime(began) < AtOnce, message);
        AssertShort(message);
        Faults.DeepNesting.Caused(1);
        return message;
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Deep_nesting_is_refused_before_anything_recurses(string reader)
    {
        foreach (string open in (string[])["[", "{a: ", "[{a: "])
            Assert.Contains(
                "nested more than 64 deep",
                Refused(reader, string.Concat(Enumerable.Repeat(open, 100_000))),
                StringComparison.Ordinal
            );
        Assert.Contains(
            "nested more than 64 deep",
            Refused(reader, "\n" + string.Concat(Enumerable.Range(1, 80).Select(i => new string(' ', i) + "- \n"))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "nested more than 64 deep",
            Refused(reader, "\n " + string.Concat(Enumerable.Repeat("- ", 100_000)) + "1"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_document_that_is_all_nesting_is_refused_too()
    {
        const string Deep = "lists and mappings nested more than 64 deep";
        foreach (
            (string text, string expected) in ((string, string)[])
                [
                    (string.Concat(Enumerable.Repeat("- ", 100_000)) + "1", Deep),
                    (new string('[', 100_000), Deep),
                    (string.Concat(Enumerable.Repeat("? ", 100_000)), "a key is a list, a mapping or an alias"),
                ]
        )
        {
            long began = Stopwatch.GetTimestamp();
            Assert.StartsWith(
                $"/s/d.yaml:1: {expected}",
                Assert.Throws<InputException>(() => StudyFile.Parse("/s/d.yaml", text)).Message,
                StringComparison.Ordinal
            );
            Assert.True(Stopwatch.GetElapsedTime(began) < AtOnce);
            Faults.DeepNesting.Caused(1);
        }
    }

    [Fact]
    public void Sixty_four_levels_are_read_and_refused_for_what_they_hold()
    {
        string Nested(int levels) =>
            Assert
                .Throws<InputException>(() =>
                    StudyFile.Parse("/s/d.yaml", StudyFileSpecs.Small + $"\nquestion: {new string('[', levels)}{new string(']', levels)}")
                )
                .Message;
        Assert.Contains("'question' is a list", Nested(YamlText.MostLevels - 1), StringComparison.Ordinal);
        Assert.Contains("nested more than", Nested(YamlText.MostLevels), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*a, ", "&a [")]
    [InlineData("[]   ,", "[")]
    [InlineData("x\n  ", "")]
    [InlineData("\\x41", "\"")]
    [InlineData("''", "'")]
    [InlineData("a: ", "")]
    [InlineData("? ", "")]
    [InlineData("&a ", "")]
    [InlineData("!", "")]
    [InlineData("\t", "")]
    [InlineData("\n", "|\n")]
    [InlineData("#\n", "")]
    [InlineData("---\n", "\n")]
    [InlineData("k,", "{")]
    [InlineData("\u0000", "")]
    public void A_megabyte_of_anything_is_answered_at_once(string part, string before)
    {
        string text = StudyFileSpecs.Small + "\nquestion: " + before + string.Concat(Enumerable.Repeat(part, 900_000 / part.Length));
        long began = Stopwatch.GetTimestamp();
        try
        {
            StudyFile.Parse("/s/m.yaml", text);
        }
        catch (InputException e)
        {
            AssertShort(e.Message);
        }
        Assert.True(Stopwatch.GetElapsedTime(began) < AtOnce, $"{Stopwatch.GetElapsedTime(began).TotalSeconds} s");
        Faults.DeepNesting.Caused(1);
    }

    [Fact]
    public void A_file_of_more_than_a_megabyte_is_not_read()
    {
        using var folder = new TestFolder();
        string path = folder.Write("big.yaml", StudyFileSpecs.Small + "\n#" + new string('x', 10_000_000));
        foreach (
            Action read in (Action[])
                [() => StudyFile.Load(path), () => EscapeFile.Load(path), () => QuadraticFile.Read(path), () => QuadraticFile.Is(path)]
        )
            Assert.Contains(
                "has more than 1048576 bytes; a study file (.yaml) has at most that many",
                Assert.Throws<InputException>(read).Message,
                StringComparison.Ordinal
            );
    }

    /// <summary>Places where a user's word enters a message: what is replaced, and what the message says of it.</summary>
    public static TheoryData<string, string> Places =>
        new()
        {
            { "study: small", "study: {0}" },
            { "study: small", "study: small\ntask: {{kind: {0}}}" },
            { "study: small", "study: small\ntask: {{kind: text, path: {0}.txt, tokenizer: {0}}}" },
            { "study: small", "study: small\nmetric: {0}" },
            { "study: small", "study: small\n{0}: 1" },
            { "study: small", "study: small\nmodel: {{kind: {0}}}" },
            { "study: small", "study: small\nmodel: {{width: {0}}}" },
            { "study: small", "study: small\nmodel: {{layers: '{0}'}}" },
            { "study: small", "study: small\nmodel: {{bias: {0}}}" },
            { "study: small", "study: small\nmodel: {{{0}: 1}}" },
            { "study: small", "study: small\nlimits: {{memory: {0}}}" },
            { "study: small", "study: small\nprobes: {{names: [{0}]}}" },
            { "study: small", "study: small\nprobes: {{shadows: {{{0}: {{lr: 1}}}}}}" },
            { "study: small", "study: small\nsettings: {{'{0}+': {{}}}}" },
            { "study: small", "study: small\nsettings: {{{0}: {{}}}}" },
            { "study: small", "study: small\nfactors: {{{0}: [1, 2]}}" },
            { "study: small", "study: small\nfactors: {{model.width: [16, {0}]}}" },
            { "study: small", "study: small\nfactors: {{a: {{key: {0}, levels: [1, 2]}}}}" },
            { "study: small", "study: small\nfactors: {{model.width: [16, 32]}}\ndesign: {0}" },
            {
                "study: small",
                "study: small\nfactors: {{model.width: [16, 32], model.layers: [1, 2], model.heads: [1, 2]}}\ndesign: {{generators: [{0}]}}"
            },
            { "  sgd: {", "  {0}: {{lr: 1, kind: sgd}}\n  sgd: {{" },
            { "  sgd: {", "  a: {{lr: 1, kind: {0}}}\n  sgd: {{" },
            { "  sgd: {", "  a: {{lr: [1, {0}], kind: sgd}}\n  sgd: {{" },
            { "  sgd: {", "  a: {{lr: {{from: {0}, to: 1, points: 3}}, kind: sgd}}\n  sgd: {{" },
            { "  sgd: {", "  a: {{lr: 1, kind: sgd, clip: {0}}}\n  sgd: {{" },
            { "  seeds: 3", "  seeds: {0}" },
            { "  seeds: 3", "  seeds: 3\n  {0}: 1" },
            { "samples: 4096", "{0}: 4096" },
            { "samples: 4096", "samples: {0}" },
            { "study: small", "study: small\nschedule: {{kind: {0}}}" },
            { "study: small", "study: small\n&{0} question: 1" },
            { "study: small", "study: small\nquestion: *{0}" },
            { "study: small", "study: small\nquestion: !{0} [1]" },
            { "study: small", "study: small\nquestion: 1\nquestion: 2\n{0}: 2\n{0}: 3" },
        };

    [Theory]
    [MemberData(nameof(Places))]
    public void No_message_repeats_more_than_a_line_of_what_was_written(string from, string to)
    {
        foreach ((char letter, int count) in ((char, int)[])[('a', 5_000), ('9', 900_000), ('q', 900_000)])
        {
            string word = new(letter, count);
            string text = StudyFileSpecs.Small.Replace(
                from,
                to.Replace("{0}", word, StringComparison.Ordinal)
                    .Replace("{{", "{", StringComparison.Ordinal)
                    .Replace("}}", "}", StringComparison.Ordinal),
                StringComparison.Ordinal
            );
            try
            {
                Gaplab.Learning.Specs.TaskSpec task = StudyFile.Parse("/s/s.yaml", text).Task;
                if (task.Path is not null)
                    Learning.Data.TaskCatalogue.BuiltIn.Load(task);
            }
            catch (InputException e)
            {
                AssertShort(e.Message);
                int longest = e.Message.Split(c => c != letter).Max(run => run.Length);
                Assert.True(longest <= Shown.MostWord, $"{longest} letters in: {e.Message}");
                Faults.VastRequest.Caused(1);
                continue;
            }
            // What is no error must be a free text.
            Assert.Contains("question", to, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Overrides_and_names_of_files_are_shortened_too()
    {
        string word = new('w', 100_000);
        foreach (
            string text in (string[])
                [word, $"={word}", $"{word}=1", $"model.width={word}", $"task.kind={word}", $"metric=[{word}", $"model.{word}.{word}=1"]
        )
            AssertShort(Assert.Throws<InputException>(() => StudyFile.Parse("/s/s.yaml", StudyFileSpecs.Small, text)).Message);
        AssertShort(Assert.Throws<InputException>(() => StudyFile.Load("/" + word)).Message);
        AssertShort(Assert.Throws<InputException>(() => StudyFile.Load("/" + string.Join('/', Enumerable.Repeat("d", 5000)))).Message);
    }

    [Theory]
    [InlineData(
        "factors: {model.width: {0}, model.layers: {0}, model.heads: {0}, model.mlp-ratio: {0}, model.kernel: {0}, model.patch: {0}, "
            + "task.context: {0}, task.tokens: {0}}",
        "40 x 40 x 40 x 40 x 40 x 40 x 40 x 40 are 6553600000000 combinations of levels; expected at most 1024"
    )]
    [InlineData(
        "design: one-at-a-time\nfactors: {model.width: [{1}]}",
        "1 factors one at a time are 2000 combinations of levels; expected at most 1024"
    )]
    public void Designs_are_counted_before_they_are_multiplied_out(string section, string expected)
    {
        string text =
            StudyFileSpecs.Small
            + "\n"
            + section
                .Replace("{0}", $"[{string.Join(", ", Enumerable.Range(1, 40))}]", StringComparison.Ordinal)
                .Replace("{1}", string.Join(", ", Enumerable.Range(1, 2000)), StringComparison.Ordinal);
        Bounded(() =>
            Assert.Contains(
                expected,
                Assert.Throws<InputException>(() => StudyFile.Parse("/s/s.yaml", text)).Message,
                StringComparison.Ordinal
            )
        );
        Faults.VastRequest.Caused(1);
    }

    [Theory]
    [InlineData(
        "seeds: 3",
        "seeds: 10000",
        "the study plans 180000 runs (2 batch sizes, 9 settings of optimizers, 10000 seeds); expected at most 100000"
    )]
    [InlineData("points: 5", "factor: 1.01", "'optimizers.sgd.lr.factor' 1.01 makes 463 learning rates", "to: 1,", "to: 100000,")]
    [InlineData("points: 5", "factor: 1.01", "'optimizers.sgd.lr.factor' 1.01 makes 69", "from: 0.01", "from: 1e-300")]
    [InlineData("from: 0.01, to: 1", "from: 1e-300, to: 1e300", "expected rates that are nearer to each other")]
    public void Runs_and_rates_are_counted_before_they_are_made(
        string from,
        string to,
        string expected,
        string? from2 = null,
        string? to2 = null
    )
    {
        string text = StudyFileSpecs.Small.Replace(from, to, StringComparison.Ordinal);
        if (from2 is not null)
            text = text.Replace(from2, to2, StringComparison.Ordinal);
        if (to2 == "to: 100000,")
            expected = "learning rates from 0.01 to 100000; expected at most 1000";
        Bounded(() =>
            Assert.Contains(
                expected,
                Assert.Throws<InputException>(() => StudyFile.Parse("/s/s.yaml", text)).Message,
                StringComparison.Ordinal
            )
        );
        Faults.VastRequest.Caused(1);
    }

    [Fact]
    public void Batch_sizes_optimizers_and_readings_of_one_file_are_counted_too()
    {
        string numbers = string.Join(", ", Enumerable.Range(1, 1001)),
            names = string.Concat(Enumerable.Range(1, 1000).Select(i => $"  o{i}: {{kind: sgd, lr: 1}}\n"));
        foreach (
            (string from, string to, string expected) in ((string, string, string)[])
                [
                    ("[64, 16]", $"[{numbers}]", "'grid.batch' holds 1001 batch sizes; expected at most 1000"),
                    ("  sgd: {", names + "  sgd: {", "'optimizers' holds 1002 names; expected at most 1000"),
                    (
                        "study: small",
                        $"study: small\nquestion: {new string('q', 900_000)}\nfactors: {{model.width: "
                            + $"[{string.Join(", ", Enumerable.Range(1, 400).Select(i => 2 * i))}]}}",
                        "400 comparisons of a file of 9"
                    ),
                ]
        )
            Bounded(() =>
                Assert.Contains(
                    expected,
                    Assert
                        .Throws<InputException>(() =>
                            StudyFile.Parse("/s/s.yaml", StudyFileSpecs.Small.Replace(from, to, StringComparison.Ordinal))
                        )
                        .Message,
                    StringComparison.Ordinal
                )
            );
    }

    [Fact]
    public void The_count_of_runs_is_the_plans()
    {
        foreach (
            string extra in (string[])["", "\nfactors: {model.width: [16, 32, 48]}", "\nsettings: {one: {grid: {batch: [4]}}, two: {}}"]
        )
        {
            StudySpec study = StudyFile.Parse("/s/s.yaml", StudyFileSpecs.Small + extra);
            var plan = new Plan(study, 64, (_, _, _) => 1000);
            Assert.Equal(plan.Arms.Sum(g => plan.Runs(g, g.Rates).Count), PlannedRuns.Of(study));
        }
    }

    [Fact]
    public void Cases_of_an_escape_study_are_counted_before_they_are_made()
    {
        string many =
            $"[{string.Join(", ", Enumerable.Range(1, 1000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i / 1000.0}")))}]";
        Bounded(() =>
            Assert.Contains(
                "the study has more than 10000 cases",
                Assert
                    .Throws<InputException>(() =>
                        EscapeFile.Parse(
                            "/s/e.yaml",
                            $"study: e\nminima: {{sharp: {{curvature: 4, barrier: 0.5}}}}\nalpha: {many}\nepsilon: {many}\nwidth: {many}\n"
                        )
                    )
                    .Message,
                StringComparison.Ordinal
            )
        );
    }

    [Fact]
    public void Coordinates_of_a_minimum_are_counted_before_their_square_is_made() =>
        Bounded(() =>
            Assert.Contains(
                "'minima.sharp.curvature' has 50000 values; expected at most 1000 coordinates",
                Assert
                    .Throws<InputException>(() =>
                        EscapeFile.Parse(
                            "/s/e.yaml",
                            $"study: e\nminima: {{sharp: {{curvature: [{string.Join(", ", Enumerable.Repeat("1", 50_000))}], barrier: "
                                + $"0.5}}}}\nalpha: 1.5\nepsilon: 0.1\n"
                        )
                    )
                    .Message,
                StringComparison.Ordinal
            )
        );

    [Fact]
    public void A_budget_of_any_size_is_added_up_without_overflow()
    {
        StudySpec study = StudyFile.Parse(
            "/s/s.yaml",
            StudyFileSpecs
                .Small.Replace("samples: 4096", "samples: 9007199254740992", StringComparison.Ordinal)
                .Replace("seeds: 3", "seeds: 300", StringComparison.Ordinal)
        );
        PlanEstimate estimate = PlanEstimate.Of(new Plan(study, 64, (_, _, _) => 1000));
        Assert.True(estimate.Samples > 0 && estimate.Tokens == long.MaxValue);
    }

    private static void Bounded(Action run)
    {
        long began = Stopwatch.GetTimestamp(),
            before = GC.GetAllocatedBytesForCurrentThread();
        run();
        Assert.True(Stopwatch.GetElapsedTime(began) < AtOnce);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500L << 20);
    }

    private static void AssertShort(string message)
    {
        Assert.True(message.Length < 1500, $"{message.Length} characters: {message}");
        Assert.DoesNotContain('\n', message);
    }
}

file static class Runs
{
    /// <summary>The stretches between characters that part.</summary>
    public static IEnumerable<string> Split(this string text, Func<char, bool> parts)
    {
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
            if (i == text.Length || parts(text[i]))
            {
                yield return text[start..i];
                start = i + 1;
            }
    }
}
