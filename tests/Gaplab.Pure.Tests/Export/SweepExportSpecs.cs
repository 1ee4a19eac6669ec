// Exports: what is written reads back through the importer of sweep tables, number for number.
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;
using Gaplab.Results.Export;
using Gaplab.Results.Folders;

namespace Gaplab.Pure.Tests.Export;

public sealed class SweepExportSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static SweepTable Sweep()
    {
        RandomStream random = RandomStream.For(3, "test/export");
        var rows = new List<SweepRow>();
        foreach (string data in new[] { "a,b", "say \"c\"" })
        foreach (string optimizer in new[] { "sgd", "adam" })
        foreach (long batch in new long[] { 8, 64 })
        foreach (double rate in new[] { 0.1, 0.2, 0.4 })
        foreach (string seed in new[] { "1", "2" })
            rows.Add(
                SweepRow.Finished(
                    new ComparisonKey([new("data", data)]),
                    optimizer,
                    rate,
                    batch,
                    seed,
                    0.9,
                    rate > 0.3 && batch == 8 ? double.NaN : 2 + random.NextDouble(),
                    $"run{rows.Count}",
                    random.NextDouble()
                )
            );
        rows.Add(rows[0] with { Seed = "3", Status = RunStatus.Missing, Metric = double.NaN });
        return new SweepTable(rows, "val_loss");
    }

    [Theory]
    [InlineData(".csv")]
    [InlineData(".parquet")]
    [InlineData(".json")]
    [InlineData(".jsonl")]
    public void Every_form_reads_back_as_the_same_sweep(string ending)
    {
        SweepTable table = Sweep();
        string path = _folder.File("sweep" + ending);
        SweepExport.Write(new OutputFile(path), SweepExport.Rows(table));
        SweepTable read = SweepImport.Read(path);
        Assert.Equal(ending.StartsWith(".json", StringComparison.Ordinal) ? "metrics.val_loss" : "val_loss", read.Metric);
        Assert.Equal(table.Rows.Select(Plain), read.Rows.Select(Plain));
        static SweepRow Plain(SweepRow row) => row with { Provenance = null };
    }

    [Fact]
    public void A_name_that_says_no_form_is_refused_with_those_that_do()
    {
        Assert.Equal(
            "--to got 'runs.xlsx'; expected a name ending in .csv, .json, .jsonl or .parquet",
            Assert.Throws<InputException>(() => SweepExport.CheckName("--to", "runs.xlsx")).Message
        );
        Assert.Equal(
            "--to got 'runs.json'; expected a name ending in .csv or .parquet",
            Assert.Throws<InputException>(() => SweepExport.CheckName("--to", "runs.json", tidy: true)).Message
        );
    }

    [Fact]
    public void Lines_of_json_are_the_objects_of_the_json()
    {
        IReadOnlyList<ExportRow> rows = SweepExport.Rows(Sweep());
        using var lines = new StringWriter();
        SweepExport.WriteJsonLines(lines, rows);
        JsonArray whole = JsonNode.Parse(SweepExport.ToJson(rows))!.AsArray();
        string[] each = lines.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(whole.Count, each.Length);
        Assert.All(each.Zip(whole), pair => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(pair.First), pair.Second)));
    }

    [Fact]
    public void A_json_export_holds_the_same_numbers_and_strings_for_what_is_not_finite()
    {
        SweepTable table = Sweep();
        using JsonDocument json = JsonDocument.Parse(SweepExport.ToJson(SweepExport.Rows(table)));
        JsonElement[] rows = [.. json.RootElement.EnumerateArray()];
        Assert.Equal(table.Rows.Count, rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            SweepRow row = table.Rows[i];
            Assert.Equal(row.LearningRate, rows[i].GetProperty("lr").GetDouble());
            Assert.Equal(row.Comparison.Pairs[0].Value, rows[i].GetProperty("comparison").GetProperty("data").GetString());
            if (row.Status == RunStatus.Missing)
                Assert.Empty(rows[i].GetProperty("metrics").EnumerateObject());
            else if (row.Status == RunStatus.Diverged)
                Assert.Equal("NaN", rows[i].GetProperty("metrics").GetProperty("val_loss").GetString());
            else
                Assert.Equal(row.Metric, rows[i].GetProperty("metrics").GetProperty("val_loss").GetDouble());
        }
    }

    /// <summary>What a spreadsheet would run, and what it would not.</summary>
    private static readonly string[] Names =
    [
        "=1+1",
        "+cmd|'/c calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "'=x",
        "''-x",
        "'quoted'",
        "-3",
        "+0.5",
        "-1e-5",
        "-inf",
        "plain",
        "a,b",
        "say \"=x\"",
        "=\"a\"&\"b\"",
    ];

    [Fact]
    public void Formulas_are_disarmed_and_read_back_by_their_names()
    {
        var rows = Names
            .SelectMany(name =>
                ((string[])["sgd", "adam"]).SelectMany(o =>
                    ((long[])[8, 64]).Select(b => SweepRow.Finished(new ComparisonKey([new("data", name)]), o, 0.1, b, "1", 0.9, 2.5))
                )
            )
            .ToList();
        string csv = SweepExport.ToCsv(SweepExport.Rows(new SweepTable(rows, "val_loss"))),
            path = _folder.File("formulas.csv");
        foreach (string field in csv.Split('\n').Skip(1).Where(l => l.Length > 0).Select(l => l.Split(',')[1].TrimStart('"')))
            Assert.True(
                "=@\t\r".IndexOf(field[0], StringComparison.Ordinal) < 0
                    && (
                        "+-".IndexOf(field[0], StringComparison.Ordinal) < 0
                        || double.TryParse(field, System.Globalization.CultureInfo.InvariantCulture, out _)
                        || field == "-inf"
                    ),
                field
            );
        File.WriteAllText(path, csv);
        Assert.Equal(rows.Select(r => r.Comparison), SweepImport.Read(path).Rows.Select(r => r.Comparison));
    }

    [Fact]
    public void Any_text_is_restored_from_its_disarmed_form() =>
        Gen.String[Gen.Char["=+-@\t\r'1a. "], 0, 6]
            .Sample(
                text =>
                {
                    string field = SpreadsheetField.Disarm(text);
                    return SpreadsheetField.Restore(field) == text
                        && (field.Length == 0 || !"=@\t\r".Contains(field[0], StringComparison.Ordinal));
                },
                seed: "0000KqXJ3Hd1",
                iter: 20_000
            );

    [Fact]
    public void A_page_copies_the_same_fields()
    {
        string web = Repository.At("web");
        Assert.SkipUnless(Directory.Exists(Path.Combine(web, "node_modules")), "web/node_modules is not there (npm --prefix web ci)");
        string lines = _folder.File("lines.json");
        File.WriteAllText(lines, JsonSerializer.Serialize(Names.Select(n => new[] { n, "1" })));
        using Process node = Process.Start(
            new ProcessStartInfo("node", [Path.Combine(web, "check-csv.mjs"), lines]) { RedirectStandardOutput = true }
        )!;
        string copied = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.Equal(0, node.ExitCode);
        string[] ours =
        [
            .. SweepExport
                .ToCsv([
                    .. Names.Select(n => new ExportRow(
                        SweepRow.Finished(new ComparisonKey([]), n, 1, 1, "1", null, 1),
                        new Dictionary<string, double>()
                    )),
                ])
                .Split('\n')
                .Skip(1)
                .Where(l => l.Length > 0)
                .Select(l => l[1..l.LastIndexOf(",1,1,1,,,finished", StringComparison.Ordinal)]),
        ];
        Assert.Equal(ours, copied.Split('\n').Where(l => l.Length > 0).Select(l => l[..^2]));
    }
}
