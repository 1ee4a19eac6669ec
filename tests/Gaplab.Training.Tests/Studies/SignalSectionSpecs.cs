// The signal of the gradient on a study's page: the committed section, and the numbers of the files that a study left.
using System.Globalization;
using System.Text.RegularExpressions;
using Gaplab.Learning.Diagnostics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Measuring;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Studies;

[Collection(nameof(StartedProgram))]
public sealed class SignalSectionSpecs
{
    private const string Yaml = """
        study: signal
        task: {kind: markov, vocabulary: 16, tokens: 20000, context: 8}
        model: {kind: gpt, layers: 1, heads: 1, width: 8}
        optimizers:
          sgd: {lr: [0.1, 0.3]}
          adam: {beta2: 0.95, lr: [0.003, 0.01]}
        grid: {batch: [4, 16], seeds: 2}
        budget: {samples: 256}
        evaluation: {points: 2, validation: 16, train: none}
        sentinel: {enabled: false}
        probes: {names: [signal], at: [0, 1], samples: 16, batch: 4, noise: {samples: 32, batches: [2, 16]}}
        """;

    /// <summary>Numbers that can be checked by eye: the noise scale is 8 beside a batch of 4, and 8 beside one of 16.</summary>
    private static readonly SignalRow[] s_rows =
    [
        Row("sgd", 4, 0, "all", 2, 16, error: 1),
        Row("sgd", 4, 0, "blocks.0", 0.5, 1, error: double.NaN),
        Row("sgd", 4, 1, "all", 0.5, 64, error: 8),
        Row("sgd", 4, 1, "blocks.0", 0, 0, error: double.NaN),
        Row("adam", 16, 0, "all", 2, 16, error: 1),
        Row("adam", 16, 0, "blocks.0", 0.5, 1, error: 0.5),
    ];

    [Fact]
    public void The_section_is_the_committed_one()
    {
        ProbePart part = SignalSection.Build(s_rows, "store", "gaplab study run signal.yaml");
        var page = new Report
        {
            Title = "signal",
            Headline = "h",
            Sections = part.Sections,
        };
        string html = ReportWriter.Render(page, "");
        int begin = html.IndexOf("<main", StringComparison.Ordinal),
            end = html.IndexOf("</main>", StringComparison.Ordinal);
        string shown = string.Concat(part.Claims.Select(c => c + "\n")) + html[begin..end] + "</main>\n",
            golden = Repository.At("tests/Gaplab.Training.Tests/Studies/signal-section.html");
        // To accept a changed section: GAPLAB_ACCEPT=1, then read the difference before committing it.
        if (Environment.GetEnvironmentVariable("GAPLAB_ACCEPT") == "1")
            File.WriteAllText(golden, shown);
        Assert.Equal(File.ReadAllText(golden), shown);
    }

    [Fact]
    public void Claims_count_the_arms_at_their_last_points_and_say_nothing_without_a_finite_number()
    {
        static string[] Claims(params SignalRow[] rows) => [.. SignalSection.Build(rows, "store", "command").Claims];
        Assert.Equal(
            "**Signal**: at the last point that was measured, a mini-batch's gradient is more noise than signal along 1 of 2 tuned arms "
                + "(0.5 to 32 times as much), and has 60 to 75 % of the signs right.",
            Assert.Single(Claims(s_rows))
        );
        Assert.Contains("along 0 of 1 tuned arms (0.5 times as much), and has 60 % of", Assert.Single(Claims(s_rows[4..])));
        Assert.Empty(Claims(Row("sgd", 4, 0, "all", 0, 0, double.NaN)));
    }

    [Fact]
    public void A_names_marks_are_shown_and_not_obeyed()
    {
        string hostile = PageContract.Hostile;
        ProbePart part = SignalSection.Build(
            [Row("sgd" + hostile, 4, 0, "all", 2, 16, 1), Row("sgd" + hostile, 4, 0, "layer" + hostile, 2, 16, 1)],
            "store" + hostile,
            "command" + hostile
        );
        string html = ReportWriter.Render(
            new Report
            {
                Title = "signal",
                Headline = "h",
                Sections = part.Sections,
            },
            ""
        );
        Assert.Equal(part.Sections.Count(s => s.Chart is not null) + 1, Regex.Count(html, "</script", RegexOptions.IgnoreCase));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_a_study_shows_the_mean_over_the_seeds_of_what_its_tuned_runs_left()
    {
        using var folder = new TestFolder();
        string file = folder.Write("signal.yaml", Yaml),
            store = folder.File("store");
        StartedProgram.Run(folder.Path, "study", "run", file, "--store", store, "--workers", "1").AssertSucceeded();

        string page = File.ReadAllText(Path.Combine(store, "report.html"));
        foreach (string id in (string[])["signal", "signal-signs", "signal-layers-1", "signal-layers-2"])
            Assert.Contains($"id=\"{id}\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"signal-layers-3\"", page, StringComparison.Ordinal);
        Assert.Contains("<strong>Signal</strong>", page, StringComparison.Ordinal);

        // Every row names the runs it is of; whatever the study tuned, its numbers are the means of their
        // files. Cells after the first: at, step,
        // layer, square, trace, scale, error, ratio, signs of two sizes, runs.
        RunStore opened = RunStore.Open(store);
        string body = Regex.Match(page, "<section[^>]*id=\"signal\".*?</section>", RegexOptions.Singleline).Value;
        string[][] rows =
        [
            .. Regex
                .Matches(body, "<tr>.*?</tr>", RegexOptions.Singleline)
                .Select(m => m.Value)
                .Where(r => r.Contains("<td", StringComparison.Ordinal))
                .Select(r =>
                    Regex.Matches(r, "<td[^>]*>").Select(m => Regex.Match(m.Value, "data-value=\"([^\"]*)\"").Groups[1].Value).ToArray()
                ),
        ];
        // Two optimizers, two batch sizes, two points, of two seeds each.
        Assert.Equal(8, rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            long step = long.Parse(rows[i][1], CultureInfo.InvariantCulture);
            double[][] read = [.. rows[i][^1].Split(' ').Select(id => Scale(opened.Run(id).ProbePath("signal", step)))];
            Assert.Equal(2, read.Length);
            Assert.Equal((read[0][0] + read[1][0]) / 2, double.Parse(rows[i][5], CultureInfo.InvariantCulture), 1e-9 * read[0][0]);
            Assert.Equal((read[0][1] + read[1][1]) / 2, double.Parse(rows[i][8], CultureInfo.InvariantCulture), 1e-9);
        }

        // Nothing measured, nothing shown.
        string plain = folder.Write(
            "plain.yaml",
            Yaml[..Yaml.IndexOf("probes:", StringComparison.Ordinal)].Replace("study: signal", "study: plain", StringComparison.Ordinal)
        );
        StartedProgram.Run(folder.Path, "study", "run", plain, "--store", folder.File("plain"), "--workers", "1").AssertSucceeded();
        Assert.DoesNotContain("id=\"signal", File.ReadAllText(folder.File("plain/report.html")), StringComparison.Ordinal);
    }

    /// <summary>The noise scale of all parameters, and the share of right signs of the smaller mini-batches.</summary>
    private static double[] Scale(string path)
    {
        using SafetensorsReader file = Safetensors.Open(path);
        return [file.Read<double>("noise-scale")[0], file.Read<double>("signs")[0]];
    }

    private static SignalRow Row(string optimizer, int batch, double fraction, string layer, double square, double trace, double error) =>
        new(
            "",
            optimizer,
            batch,
            fraction,
            (long)(100 * fraction),
            new SignalReading(layer, square, trace, trace / square, [(1, 0.55), (batch, batch == 4 ? 0.75 : 0.6)]),
            error,
            [$"{optimizer}{batch}"]
        );
}
