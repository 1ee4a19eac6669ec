// A page of very many runs: every mean is there, single runs are not, and the page says so.
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;

namespace Gaplab.Pure.Tests.Report;

public sealed class ThinnedSpecs
{
    [Theory]
    [InlineData(416, false)] // 9,984 runs
    [InlineData(417, true)] // 10,008
    public void Beyond_ten_thousand_runs_a_page_has_their_means_and_not_their_points_and_ids(int seeds, bool thinned)
    {
        var rows = new List<SweepRow>();
        foreach (string optimizer in (string[])["sgd", "adam"])
        foreach (long batch in (long[])[16, 64, 256])
        foreach (double rate in (double[])[0.001, 0.002, 0.004, 0.008])
            for (int s = 1; s <= seeds; s++)
                rows.Add(
                    SweepRow.Finished(
                        ComparisonKey.Empty,
                        optimizer,
                        rate,
                        batch,
                        $"{s}",
                        null,
                        2 + Math.Abs(Math.Log2(rate / 0.004)) + 0.01 * Math.Sin(s * batch),
                        $"run-{rows.Count:x4}"
                    )
                );
        GapAnalysis analysis = GapAnalysis.Analyse(new SweepTable(rows, "val_loss"));
        Gaplab.Results.Report.Report report = CrossoverReport.Build(
            new CrossoverReportInput
            {
                Analysis = analysis,
                Title = "many",
                Source = "many.csv",
                Command = "./gaplab crossover many.csv",
            }
        );
        string page = ReportWriter.Render(report, "");
        Table trials = report.Sections.Select(s => s.Table).OfType<Table>().MaxBy(t => t.Rows.Count)!;
        Assert.True(trials.Rows.Count >= 24, $"{trials.Rows.Count} rows");
        Assert.Equal(thinned, report.Facts.Any(f => f.Label == "left out"));
        Assert.Equal(thinned, trials.Rows.All(r => r.Runs.Count == 0));
        Assert.Equal(!thinned, page.Contains("run-0abc", StringComparison.Ordinal));
        // As many as there are, however many are listed.
        Provenance all = report.Sections.Select(s => s.Provenance).OfType<Provenance>().MaxBy(p => p.Runs.Count + p.More)!;
        Assert.Equal(rows.Count, all.Runs.Count + all.More);
        Assert.Equal(thinned ? 20 : rows.Count, all.Runs.Count);
        Assert.Equal(thinned, page.Contains($"and {rows.Count - 20} more", StringComparison.Ordinal));
        if (thinned)
            Assert.InRange(page.Length, 1, 300_000);
    }
}
