// The first screen: what it claims is what the analysis claims, in words that a reader without statistics knows, on a scale that shows it.
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;

namespace Gaplab.Pure.Tests.Report;

public sealed partial class OpeningSpecs
{
    private static readonly long[] s_batches = [16, 64, 256];

    /// <summary>A sweep whose tuned losses are given, with the optimum inside three learning rates and a small spread over seeds.</summary>
    private static GapAnalysis Analysis(
        double[] sgd,
        double[] adam,
        int seeds = 8,
        double spread = 0.001,
        bool edge = false,
        int comparisons = 1
    )
    {
        var rows = new List<SweepRow>();
        for (int c = 0; c < comparisons; c++)
        {
            ComparisonKey key = comparisons == 1 ? ComparisonKey.Empty : new ComparisonKey([new("data", $"set {c}")]);
            foreach ((string optimizer, double[] losses) in new[] { ("sgd", sgd), ("adam", adam) })
                for (int b = 0; b < losses.Length; b++)
                    foreach (int rate in edge ? (int[])[0, 1] : [-1, 0, 1])
                        for (int s = 0; s < seeds; s++)
                            rows.Add(
                                SweepRow.Finished(
                                    key,
                                    optimizer,
                                    0.1 * Math.Pow(2, rate),
                                    s_batches[b],
                                    $"{s + 1}",
                                    0.9,
                                    // Alternating signs: the spread is real, and the mean is exact.
                                    losses[b] + (0.05 * rate * rate) + (spread * (s % 2 == 0 ? 1 : -1) * (optimizer == "sgd" ? 1 : -1)),
                                    $"{optimizer}{rows.Count:x6}00"
                                )
                            );
        }
        return GapAnalysis.Analyse(new SweepTable(rows, "loss"));
    }

    private static Opening Opening(GapAnalysis analysis) =>
        CrossoverReport
            .Build(
                new CrossoverReportInput
                {
                    Analysis = analysis,
                    Title = "t",
                    Source = "s",
                    Command = "c",
                }
            )
            .Opening!;

    [Fact]
    public void A_crossover_is_told_with_its_place_and_who_is_ahead_on_either_side()
    {
        // On a line in log2 B from -0.1 at 16 to +0.1 at 64 the gap is zero at 32.
        GapAnalysis analysis = Analysis([2.0, 2.1, 2.4], [2.1, 2.0, 2.0]);
        Assert.Equal(Verdict.Crossover, Assert.Single(analysis.Comparisons).Verdict);
        Opening opening = Opening(analysis);
        Assert.Equal("Below a batch size of about 32 sgd does better, above it adam does.", opening.Answer);
        Assert.False(opening.IsOpen);
        Assert.Contains("B* = 32", opening.Chart!.Spec.ToJsonString(), StringComparison.Ordinal);
        // 0.4 more for sgd, 0.1 less for adam: the gap moves by 0.5.
        Assert.Equal(
            "Going from batch size 16 to 256 costs sgd 0.4 and helps adam by 0.1 of loss: the gap moves towards **adam** by 0.5.",
            opening.Causes[0]
        );
    }

    [Fact]
    public void One_that_is_ahead_throughout_is_told_so()
    {
        GapAnalysis analysis = Analysis([2.2, 2.3, 2.4], [2.1, 2.0, 2.0]);
        Assert.Equal(Verdict.SecondBetterThroughout, analysis.Comparisons[0].Verdict);
        Assert.Equal("adam does better than sgd at every batch size tried, from 16 to 256.", Opening(analysis).Answer);
    }

    [Fact]
    public void What_is_not_determined_is_open_grey_and_says_so_in_the_figure()
    {
        GapAnalysis analysis = Analysis([2.0, 2.1, 2.2], [2.01, 2.1, 2.19], seeds: 2, spread: 0.2);
        Assert.Equal(Verdict.NotDetermined, analysis.Comparisons[0].Verdict);
        Opening opening = Opening(analysis);
        Assert.True(opening.IsOpen);
        Assert.StartsWith("These runs cannot tell yet which does better.", opening.Answer, StringComparison.Ordinal);
        string spec = opening.Chart!.Spec.ToJsonString();
        Assert.Contains("not determined", spec, StringComparison.Ordinal);
        // No point is in the colour of an optimizer.
        Assert.All(Points(opening.Chart.Spec), p => Assert.Equal(2, (int)p["ahead"]!));
    }

    [Fact]
    public void A_best_rate_at_the_edge_of_the_grid_leaves_the_answer_open()
    {
        GapAnalysis analysis = Analysis([2.2, 2.3, 2.4], [2.1, 2.0, 2.0], edge: true);
        Assert.Equal(Verdict.EdgeLimited, analysis.Comparisons[0].Verdict);
        Opening opening = Opening(analysis);
        Assert.True(opening.IsOpen);
        Assert.Contains("the best learning rate was the last one tried", opening.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_comparisons_are_counted_and_none_twice()
    {
        Opening opening = Opening(Analysis([2.0, 2.1, 2.4], [2.1, 2.0, 2.0], comparisons: 3));
        Assert.Equal("Of 3 comparisons of sgd with adam, the lead changes hands in all.", opening.Answer);
        Assert.Equal(9, opening.Chart!.Spec["data"]!["values"]!.AsArray().Count);
    }

    [Theory]
    [InlineData(new[] { 2.0, 2.1, 2.4 }, new[] { 2.1, 2.0, 2.0 })]
    [InlineData(new[] { 2.2, 2.3, 2.4 }, new[] { 2.1, 2.0, 2.0 })]
    [InlineData(new[] { 2.0, 2.0, 2.0 }, new[] { 2.0, 2.0, 2.0 })]
    [InlineData(new[] { 2.0 }, new[] { 2.1 })]
    [InlineData(new[] { 2.0, 2.3, 2.0 }, new[] { 2.1, 2.1, 2.1 })]
    public void No_first_sentence_has_jargon(double[] sgd, double[] adam)
    {
        foreach (double spread in new[] { 0.0, 0.001, 0.3 })
            Assert.DoesNotMatch(Jargon(), Opening(Analysis(sgd, adam, spread: spread)).Answer);
    }

    [Fact]
    public void Gaps_of_very_different_size_are_first_drawn_on_a_scale_that_shows_both()
    {
        Chart chart = Opening(Analysis([2.0, 2.1, 12.1], [2.01, 2.1001, 2.1], spread: 1e-5)).Chart!;
        Assert.Equal(["logarithmic", "as measured", "in seeds' spread"], Views(chart));
        Chart even = Opening(Analysis([2.0, 2.1, 2.4], [2.1, 2.0, 2.0])).Chart!;
        Assert.Equal(["as measured", "logarithmic", "in seeds' spread"], Views(even));
        // Without a spread over seeds there is no such unit.
        Assert.DoesNotContain("in seeds' spread", Views(Opening(Analysis([2.0, 2.1], [2.1, 2.0], seeds: 1)).Chart!));
    }

    [Fact]
    public void In_units_of_the_spread_a_gap_is_its_effect_size()
    {
        GapAnalysis analysis = Analysis([2.0, 2.1, 2.4], [2.1, 2.0, 2.0]);
        JsonNode view = Opening(analysis).Chart!.Spec["usermeta"]!["views"]![2]!["spec"]!;
        double[] drawn = [.. Points(view).Select(p => (double)p["gap"]!).Distinct()];
        // Each seed's difference is the mean plus or minus 0.002, so its standard deviation over 8 seeds is 0.002·√(8/7).
        double deviation = 0.002 * Math.Sqrt(8.0 / 7);
        double[] expected = [-0.1 / deviation, 0.1 / deviation, 0.4 / deviation];
        Assert.Equal(expected.Length, drawn.Length);
        // The spread is a bootstrap's, from 2000 or more resamples: 5% is three of its standard errors.
        Assert.All(expected.Zip(drawn), p => Assert.InRange(p.Second / p.First, 0.95, 1.05));
    }

    [Fact]
    public void A_point_of_the_gap_leads_to_a_row_of_the_table()
    {
        GapAnalysis analysis = Analysis([2.0, 2.1, 2.4], [2.1, 2.0, 2.0]);
        Gaplab.Results.Report.Report report = CrossoverReport.Build(
            new CrossoverReportInput
            {
                Analysis = analysis,
                Title = "t",
                Source = "s",
                Command = "c",
            }
        );
        string page = ReportWriter.Render(report, "");
        string[] at = [.. Points(report.Opening!.Chart!.Spec).Select(p => (string)p["at"]!).Distinct()];
        Assert.Equal(["gap-16", "gap-64", "gap-256"], at);
        Assert.All(at, id => Assert.Contains($"<tr id=\"{id}\">", page, StringComparison.Ordinal));
    }

    private static string[] Views(Chart chart) => [.. chart.Spec["usermeta"]!["views"]!.AsArray().Select(v => (string)v!["name"]!)];

    private static IEnumerable<JsonObject> Points(JsonNode spec) =>
        spec["layer"]!.AsArray().SelectMany(l => l!["data"]!["values"]!.AsArray()).OfType<JsonObject>().Where(d => d.ContainsKey("ahead"));

    [GeneratedRegex("resample|interval|estimate|β|percentile|isotonic|bootstrap|p-value|verdict|\\bgap\\b", RegexOptions.IgnoreCase)]
    private static partial Regex Jargon();
}
