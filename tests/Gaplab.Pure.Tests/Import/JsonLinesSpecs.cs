// Sweeps as JSON Lines: nested objects, bare NaN, keys that differ, torn ends, and what is refused with its line.
using System.Text;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Import;

public sealed class JsonLinesSpecs : IDisposable
{
    private const string Run = """{"optimizer": "sgd", "lr": 0.1, "batch": 16, "seed": 1, "loss": 2.5}""";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Line_ends_blank_lines_and_a_byte_order_mark_do_not_matter(string end)
    {
        string text = "\uFEFF" + end + string.Concat(SweepText.Runs.Select(r => Line(r) + end + "  " + end));
        SweepText.IsThisSweep(Read(text));
        foreach (Encoding encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32])
            SweepText.IsThisSweep(Read(SweepText.Bytes(text, encoding, mark: true)));
    }

    [Fact]
    public void Nested_objects_are_dotted_names_and_keys_may_differ_from_line_to_line()
    {
        (SourceTable table, _) = Table(
            """{"config": {"lr": 0.1, "optim": {"name": " sgd "}}, "note": null}""",
            """{"summary": {"val_loss": 1e-3}, "config": {"lr": 2}, "fine": true, "empty": {}}""",
            """{"tags": ["a", null], "loss": [2.5, NaN, null, -Infinity]}"""
        );
        Assert.Equal(["config.lr", "config.optim.name", "note", "summary.val_loss", "fine", "tags", "loss"], table.Header);
        Assert.Equal(["0.1", "sgd", "", "", "", "", ""], table.Rows[0].Fields);
        Assert.Equal(["2", "", "", "1e-3", "true", "", ""], table.Rows[1].Fields);
        Assert.Equal(["", "", "", "", "", "[a, null]", "[2.5, NaN, null, -Infinity]"], table.Rows[2].Fields);
        Assert.Equal([1, 2, 3], table.Rows.Select(r => r.Line));
        Assert.Equal([2.5, double.NaN, double.NegativeInfinity], HistoryLiteral.Parse(table.Rows[2].Fields[^1])!);
    }

    [Fact]
    public void Bare_NaN_and_infinities_are_diverged_runs_and_those_in_texts_are_texts()
    {
        SweepTable table = Read(
            string.Join(
                '\n',
                ((string[])["NaN", "Infinity", "-Infinity", "\"nan\"", "1e999", "2.5"]).Select(
                    (loss, i) =>
                        $$"""{"model": "a \"NaN, Infinity", "optimizer":"sgd","lr":0.1,"batch":16,"seed":{{i}}, "loss" : {{loss}} }"""
                )
            )
        );
        Assert.Equal([.. Enumerable.Repeat(RunStatus.Diverged, 5), RunStatus.Usable], table.Rows.Select(r => r.Status));
        Assert.Equal("a \"NaN, Infinity", table.Rows[0].Comparison.Pairs.Single().Value);
    }

    [Theory]
    [InlineData("""{"loss": NaNNaN}""")]
    [InlineData("""{NaN: 1}""")]
    [InlineData("""{"loss": +Infinity}""")]
    [InlineData("""{"loss": nan}""")]
    [InlineData("""{"loss": 1NaN}""")]
    public void Only_a_bare_value_is_taken_for_NaN(string line) =>
        Assert.StartsWith("runs.jsonl, line 2: not one whole JSON object; expected ", Refused(Run, line, Run), StringComparison.Ordinal);

    [Fact]
    public void A_line_that_the_file_ends_in_is_set_aside_and_named()
    {
        string whole = string.Concat(SweepText.Runs.Select(r => Line(r) + "\n"));
        for (int cut = 1; cut < Run.Length; cut++)
        {
            SweepTable table = Read(whole + Run[..cut]);
            SweepText.IsThisSweep(table);
            Finding finding = Assert.Single(table.Findings!, f => f.Id == "set-aside");
            string line = $"line {SweepText.Runs.Count + 1}";
            Assert.Equal(
                $"Entries that cannot be read are set aside: 1 ({line}: cut off in the middle, at the end of the file).",
                finding.Message
            );
            Assert.Contains("1 unreadable entry set aside", table.Caveats);
        }
        // Whole without a line end, it counts; with one, it is no torn end.
        Assert.Equal(
            SweepText.Runs.Count + 1,
            Read(whole + Run.Replace("\"seed\": 1", "\"seed\": 9", StringComparison.Ordinal)).Rows.Count
        );
        Assert.StartsWith(
            $"runs.jsonl, line {SweepText.Runs.Count + 1}: not one whole JSON object",
            Assert.Throws<InputException>(() => Read(whole + Run[..20] + "\n")).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("[1, 2]", "got a list; expected one object a line")]
    [InlineData("\"sgd\"", "got a text; expected")]
    [InlineData("12", "got a number; expected")]
    [InlineData("null", "got 'null'; expected")]
    [InlineData("true", "got 'true'; expected")]
    [InlineData("{\"a\": 1} {\"a\": 2}", "not one whole JSON object; expected")]
    [InlineData("{\"a\": 1,}", "not one whole JSON object; expected")]
    [InlineData("{'a': 1}", "keys in single quotes are Python's print of a dict: write it with json.dumps")]
    [InlineData("{\"lr\": 1, \"lr\": 2}", "the key 'lr' stands twice")]
    [InlineData("{\"a\": {\"b\": 1}, \"a.b\": 2}", "the key 'a.b' stands twice")]
    [InlineData("{\"a\": \"\\ud800\"}", "half of a surrogate pair")]
    [InlineData("{\"\\udc00\": 1}", "half of a surrogate pair")]
    public void What_is_no_object_is_refused_with_its_line(string line, string expected)
    {
        string message = Refused(Run, "", line, Run);
        Assert.StartsWith("runs.jsonl, line 3: ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1,\n 2]")]
    [InlineData("[1]")]
    [InlineData("{\n  \"runs\": [\n  ]\n}\n")]
    public void A_document_over_several_lines_or_a_list_says_so(string text) =>
        Assert.EndsWith(
            "; of a document over several lines, or a list, write each object on a line of its own",
            Assert.Throws<InputException>(() => Read(text)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Too_long_too_deep_and_too_wide_is_refused_with_its_line()
    {
        Assert.StartsWith(
            "runs.jsonl, line 2: more than 16777216 characters; expected",
            Refused(Run, $"{{\"a\": \"{new string('a', JsonLines.LongestLine)}\"}}"),
            StringComparison.Ordinal
        );
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 65)) + "1" + new string('}', 65);
        Assert.StartsWith(
            "runs.jsonl, line 2: more than 64 levels of objects and lists",
            Refused(Run, deep, Run),
            StringComparison.Ordinal
        );
        static string Wide(int keys) => $"{{{string.Join(',', Enumerable.Range(0, keys).Select(k => $"\"k{k}\":1"))}}}";
        Assert.Equal("runs.jsonl, line 2: 10006 columns; expected at most 10000", Refused(Run, Wide(10_001)));
        // Short lines below a wide one: together they would fill far more memory than the file.
        Assert.StartsWith(
            "runs.jsonl, line 16778: 8000 different keys in 16778 objects; expected the same few keys on every line",
            Refused([Wide(8000), .. Enumerable.Repeat("{\"k0\":1}", 20_000)]),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "runs.jsonl: the name of column 'aaaaaaaa",
            Refused($"{{\"{new string('a', 1001)}\": 1}}"),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("{}", "runs.jsonl holds objects without values; expected one object a line")]
    [InlineData("{\"optimizer\": null}", "runs.jsonl holds objects without values; expected")]
    [InlineData("{\"lr\": 1}", "runs.jsonl: no batch-size and no metric column among 'lr'")]
    public void Objects_without_what_a_run_has_are_refused(string line, string expected) =>
        Assert.StartsWith(expected, Refused(line, line), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Histories_and_evaluations_are_read_as_in_any_other_table()
    {
        string histories = string.Concat(
            SweepText.Runs.Select(r => Line(r)[..^1] + $$""", "history": [9.5, null, NaN, {{r.Value}}]}""" + "\n")
        );
        SweepText.IsThisSweep(Read(histories, new ImportOptions { Metric = "history:last" }));
        string evaluations = string.Concat(
            from r in SweepText.Runs
            from step in new[] { 10, 20 }
            select $$"""{"step": {{step}}, """ + Line(r with { Loss = r.Loss + 20 - step })[1..] + "\n"
        );
        SweepTable table = Read(evaluations);
        SweepText.IsThisSweep(table);
        Assert.Contains(table.Findings!, f => f.Id == "history-reduced");
    }

    [Fact]
    public void Any_lines_of_its_letters_are_a_table_or_refused_in_one_line() =>
        FixedSeeds.Check(
            FixedSeeds
                .OneOf(
                    "{",
                    "}",
                    "[",
                    "]",
                    ":",
                    ",",
                    "\"",
                    "\\",
                    "\n",
                    "\"lr\"",
                    "\"loss\"",
                    "NaN",
                    "-Infinity",
                    "1",
                    "2.5e3",
                    "null",
                    "\\ud800",
                    " ",
                    Run
                )
                .Array[0, 60],
            1500,
            words =>
            {
                try
                {
                    GapAnalysis.Analyse(Read("{\"" + string.Concat(words)));
                }
                catch (InputException e)
                {
                    Assert.DoesNotContain('\n', e.Message);
                    Assert.InRange(e.Message.Length, 10, 600);
                }
            }
        );

    private static string Line(TextRun r) =>
        $$"""{"optimizer": "{{r.Optimizer}}", "lr": {{r.Rate}}, "batch": {{r.Batch}}, "seed": {{r.Seed}}, "loss": {{r.Value}}}""";

    private SweepTable Read(string text, ImportOptions? options = null) => Read(Encoding.UTF8.GetBytes(text), options);

    private SweepTable Read(byte[] bytes, ImportOptions? options = null) => SweepImport.Read(_folder.Write("runs.jsonl", bytes), options);

    private static (SourceTable Table, ImportNotes Notes) Table(params string[] lines)
    {
        var notes = new ImportNotes();
        return (JsonLines.Parse(string.Join('\n', lines), "runs.jsonl", notes), notes);
    }

    // With a line end behind the last line: none of them is torn.
    private string Refused(params string[] lines) =>
        Assert.Throws<InputException>(() => Read(string.Concat(lines.Select(l => l + "\n")))).Message;
}
