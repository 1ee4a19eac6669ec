// Reports: a pure function of their input, complete without a script, safe against what the data says, drawn by the real compiler.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;

namespace Gaplab.Pure.Tests.Report;

public sealed partial class PageSpecs : IDisposable
{
    private const string Bundle = "/* the bundle */";
    private const string Mischief = PageContract.Hostile;
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Whoever writes a page signs it; a hostile signature stays text as everything else does.
    private static string Render(CrossoverReportInput input) =>
        ReportWriter.Render(
            CrossoverReport.Build(input) with
            {
                Generator = "Gaplab test" + (input.Title.Contains(Mischief, StringComparison.Ordinal) ? Mischief : ""),
            },
            Bundle
        );

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    [Fact]
    public void A_page_is_written_over_a_page_and_over_nothing_else()
    {
        using var folder = new TestFolder();
        string page = Path.Combine(folder.Path, "report.html"),
            table = Path.Combine(folder.Path, "runs.csv");
        File.WriteAllText(table, "optimizer,lr\nsgd,0.1\n");
        var report = new Gaplab.Results.Report.Report { Title = "t", Headline = "h" };
        ReportWriter.WriteInStore(page, report, "");
        ReportWriter.WriteInStore(page, report with { Headline = "other" }, "");
        Assert.Contains("other", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Contains(
            "runs.csv",
            Assert.Throws<InputException>(() => ReportWriter.WriteInStore(table, report, "")).Message,
            StringComparison.Ordinal
        );
        Assert.Equal("optimizer,lr\nsgd,0.1\n", File.ReadAllText(table));
    }

    [Fact]
    public void The_small_report_is_the_committed_page()
    {
        string page = Render(SampleReports.Small()),
            golden = Path.Combine(Here(), "worked-example.html");
        // To accept a changed page: GAPLAB_ACCEPT=1, then read the difference before committing it.
        if (Environment.GetEnvironmentVariable("GAPLAB_ACCEPT") == "1")
            File.WriteAllText(golden, page);
        Assert.Equal(File.ReadAllText(golden), page);
    }

    [Fact]
    public void The_page_shows_the_numbers_of_the_worked_example()
    {
        // Theory.md E7: the values a reader must find.
        string page = Render(SampleReports.Small());
        foreach (
            string number in new[]
            {
                "2.8100",
                "2.6833",
                "2.6700",
                "2.8533",
                "2.6800",
                "2.5900",
                "−0.0433",
                "+0.0033",
                "+0.0800",
                "[−0.0496, −0.0133]",
                "[−0.0630, +0.0481]",
                "[+0.0589, +0.1011]",
                "≤ +0.0800",
                "(high edge)",
                // Of three seeds: the figure says that this is no verdict.
                "B* not determined (estimate 58)",
            }
        )
            Assert.Contains(number, Regex.Unescape(page), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_knows_no_clock_no_path_and_no_address()
    {
        string page = Render(SampleReports.Full());
        Assert.Equal(page, Render(SampleReports.Full()));
        Assert.DoesNotContain(Environment.CurrentDirectory, page, StringComparison.Ordinal);
        Assert.DoesNotContain(AppContext.BaseDirectory, page, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\b20\d\d-\d\d-\d\d", page);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_run_behind_a_number_is_named_on_the_page()
    {
        CrossoverReportInput input = SampleReports.Small();
        string page = Render(input);
        foreach (string run in input.Analysis.Comparisons[0].Tuned.SelectMany(t => t.Trials).SelectMany(c => c.Runs))
            Assert.Contains($"<code>{run}</code>", page, StringComparison.Ordinal);
        Assert.Contains("<code>./gaplab crossover worked.csv --html worked.html</code>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_in_the_data_stays_text()
    {
        foreach (int groups in new[] { 1, 2 })
        {
            string page = Render(SampleReports.Full(groups, mischief: Mischief));
            // Only the page's own scripts: one per chart and the bundle. No element, comment or handler of the data's.
            string[] opened = [.. ScriptTag().Matches(page).Select(m => m.Value)];
            // Several comparisons have a map of who is ahead besides.
            Assert.Equal((4 * groups) + (groups > 1 ? 1 : 0), opened.Count(t => t.Contains("application/json", StringComparison.Ordinal)));
            Assert.Equal(1, opened.Count(t => t == "<script>"));
            Assert.Equal(opened.Length, Regex.Count(page, "</script", RegexOptions.IgnoreCase));
            Assert.DoesNotContain("<!--", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
            // The charts' data says it still, as data.
            Assert.Contains(
                Specs(page),
                spec =>
                    spec.ToJsonString(
                            new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
                        )
                        .Contains("onerror", StringComparison.Ordinal)
            );
        }
        string withBundle = ReportWriter.Render(CrossoverReport.Build(SampleReports.Small()), "const a = '</script>', b = '<!--';");
        Assert.Contains("const a = '<\\/script>', b = '\\x3c!--';", withBundle, StringComparison.Ordinal);
    }

    [Fact]
    public void One_comparison_and_several_keep_the_contract_of_pages()
    {
        foreach (int groups in new[] { 1, 2 })
            PageContract.Holds(new CrossoverAnswer(SampleReports.Full(groups, mischief: Mischief)));
    }

    [Theory]
    [InlineData("**a** `b` **c", "<strong>a</strong> <code>b</code> **c")]
    [InlineData("**a `b` c**", "<strong>a <code>b</code> c</strong>")]
    [InlineData("`a **b` c**", "<code>a **b</code> c**")]
    [InlineData("`a` ** `b ** c`", "<code>a</code> ** <code>b ** c</code>")]
    public void Marks_are_elements_only_where_they_close_in_order(string text, string html) => Assert.Equal(html, Markup.Inline(text));

    [Fact]
    public void A_table_without_anything_to_compare_still_gives_a_report()
    {
        foreach (
            SweepRow[] rows in new SweepRow[][]
            {
                [SweepRow.Finished(ComparisonKey.Empty, "sgd", 0.1, 8, "1", null, 2.0)],
                [
                    SweepRow.Finished(ComparisonKey.Empty, "sgd", null, 8, null, null, 2.0),
                    SweepRow.Finished(ComparisonKey.Empty, "adam", null, 8, null, null, 2.1),
                ],
                [
                    SweepRow.Finished(ComparisonKey.Empty, "sgd", 0.1, 8, "1", null, double.NaN),
                    SweepRow.Finished(ComparisonKey.Empty, "adam", 0.1, 8, "1", null, double.NaN),
                ],
                [
                    SweepRow.Finished(ComparisonKey.Empty, "sgd", 0.1, 8, "1", null, 2.0),
                    SweepRow.Finished(ComparisonKey.Empty, "adam", 0.1, 8, "1", null, double.NaN),
                    SweepRow.Finished(ComparisonKey.Empty, "sgd", 0.1, 64, "1", null, 2.0),
                    SweepRow.Finished(ComparisonKey.Empty, "adam", 0.1, 64, "1", null, 2.0),
                ],
            }
        )
        {
            string page = Render(
                new CrossoverReportInput
                {
                    Analysis = GapAnalysis.Analyse(new SweepTable(rows, "loss")),
                    Title = "t",
                    Source = "s",
                    Command = "c",
                }
            );
            Assert.Contains("</html>", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_missing_bundle_is_one_line_that_says_how_to_build_it()
    {
        string line = Assert.Throws<InputException>(() => ReportBundle.Load(_folder.File("report.js"))).Message;
        Assert.Contains("npm ci && npm run build", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public async Task Every_chart_is_accepted_by_the_vega_lite_compiler_without_a_warning()
    {
        string web = Path.Combine(Here(), "..", "..", "..", "web");
        if (!Directory.Exists(Path.Combine(web, "node_modules", "vega-lite")))
            Assert.Skip("needs web/node_modules (npm ci in web/)");
        JsonArray specs =
        [
            .. new[] { SampleReports.Small(), SampleReports.Full(), SampleReports.Full(2, higherIsBetter: true) }.SelectMany(input =>
                Specs(Render(input))
            ),
        ];
        double[] noise = Tails.TailEstimatorSpecs.Draw("t3", 4000, "report");
        var tails = Gaplab.Numerics.Tails.TailMeasurement.Measure(
            new Gaplab.Numerics.Arrays.MemoryTailSource<double>(noise, 8),
            new Gaplab.Numerics.Tails.TailOptions
            {
                Resamples = 20,
                ControlDraws = 5,
                FitValues = 0,
            }
        );
        foreach (
            JsonNode spec in TailReport
                .Sections(tails, "tails", new Provenance("noise.npy", "gaplab tails noise.npy", []))
                .Select(s => s.Chart?.Spec)
                .OfType<JsonNode>()
        )
            specs.Add(spec.DeepClone());
        foreach (JsonNode spec in ExplainSpecs.Sections().Select(s => s.Chart?.Spec).OfType<JsonNode>())
            specs.Add(spec.DeepClone());
        string path = _folder.File("specs.json");
        await File.WriteAllTextAsync(path, specs.ToJsonString(), TestContext.Current.CancellationToken);
        Process? node;
        try
        {
            node = Process.Start(
                new ProcessStartInfo("node", [Path.Combine(web, "check-specs.mjs"), path])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            );
        }
        catch (System.ComponentModel.Win32Exception)
        {
            node = null;
        }
        if (node is null)
            Assert.Skip("needs node");
        using Process running = node;
        Task<string> errors = running.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await running.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
        await running.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(running.ExitCode == 0, output);
        Assert.Contains($"{2 + 4 + 9 + 3 + 2} charts drawn", output, StringComparison.Ordinal);
    }

    private static IEnumerable<JsonNode> Specs(string page) => SpecElement().Matches(page).Select(m => JsonNode.Parse(m.Groups[1].Value)!);

    [GeneratedRegex("<script[^>]*>")]
    private static partial Regex ScriptTag();

    [GeneratedRegex("<script type=\"application/json\"[^>]*>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex SpecElement();
}
