// Published sweeps, found through GAPLAB_TEST_DATA.
using System.Globalization;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class RealSweepSpecs
{
    private static string Data(string name)
    {
        string? folder = Environment.GetEnvironmentVariable("GAPLAB_TEST_DATA");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "GAPLAB_TEST_DATA is not set: no real sweeps to read");
        string path = Path.Combine(folder!, "sweeps", name);
        Assert.SkipUnless(File.Exists(path), $"{name} is not among the test data");
        return path;
    }

    [Fact]
    public void Deepobs_gives_one_gap_per_problem_that_agrees_with_a_direct_reading()
    {
        string path = Data("deepobs_runs.csv");
        GapAnalysis analysis = GapAnalysis.Analyse(SweepImport.Read(path));
        Assert.Equal("test_loss_final", analysis.Metric);
        Assert.Equal(8, analysis.Comparisons.Count);
        string[] header = File.ReadLines(path).First().Split(',');
        var rows = File.ReadLines(path).Skip(1).Select(l => l.Split(',')).ToList();
        int Column(string name) => Array.IndexOf(header, name);
        foreach (ComparisonAnalysis comparison in analysis.Comparisons)
        {
            Assert.Equal(Verdict.OneBatchSize, comparison.Verdict);
            Assert.Equal(["42"], comparison.Seeds);
            Gap gap = Assert.Single(comparison.Gaps);
            Assert.Equal(Interval.None, gap.Interval);
            // Seed 42 is the only one that every learning rate has; the others repeat the best rate only.
            double Best(string optimizer) =>
                rows.Where(r =>
                        r[Column("testproblem")] == comparison.Key.Pairs[0].Value
                        && r[Column("optimizer")] == optimizer
                        && r[Column("seed")] == "42"
                    )
                    .Select(r => double.Parse(r[Column("test_loss_final")], CultureInfo.InvariantCulture))
                    .Where(double.IsFinite)
                    .Min();
            Assert.Equal(Best("sgd") - Best("adam"), gap.Value, 9);
            Assert.Equal(3, comparison.Tuned.Select(t => t.Optimizer).Distinct().Count());
        }
    }

    /// <summary>A number is written as the table has it, what is none as Python writes it, the hyper-parameters in an object of their
    /// own.</summary>
    [Fact]
    public void The_same_runs_as_JSON_lines_say_the_same()
    {
        string path = Data("deepobs_runs.csv");
        string[][] table = [.. File.ReadLines(path).Select(l => l.Split(','))];
        string[] inner = ["optimizer", "lr", "batch_size"];
        static string Value(string field) =>
            field.Length == 0 ? "null"
            : !double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? $"\"{field}\""
            : double.IsNaN(number) ? "NaN"
            : field;
        string Object(string[] row, bool isInner) =>
            string.Join(
                ", ",
                Enumerable
                    .Range(0, row.Length)
                    .Where(c => inner.Contains(table[0][c]) == isInner)
                    .Select(c => $"\"{table[0][c]}\": {Value(row[c])}")
            );
        using var folder = new TestFolder();
        string lines = folder.File("runs.jsonl");
        File.WriteAllLines(lines, table.Skip(1).Select(row => $"{{\"config\": {{{Object(row, true)}}}, {Object(row, false)}}}"));
        Assert.Equal(
            GapAnalysis.Analyse(SweepImport.Read(path)).ToLines().Select(l => l.Replace("'config.", "'", StringComparison.Ordinal)),
            GapAnalysis.Analyse(SweepImport.Read(lines)).ToLines().Select(l => l.Replace("'config.", "'", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void A_sweep_of_one_optimizer_gives_its_tuned_table()
    {
        string path = Data("steplaw_dense_lr_bs_loss.csv");
        SweepTable table = SweepImport.Read(path, new ImportOptions { Groups = ["h", "ffnh", "numh", "numl", "D", "N"] });
        GapAnalysis analysis = GapAnalysis.Analyse(table);
        Assert.Equal("loss", table.Metric);
        Assert.Contains(table.Findings!, f => f.Id == "no-optimizer-column");
        Assert.Equal(17, analysis.Comparisons.Count);
        Assert.All(analysis.Comparisons, g => Assert.Equal(Verdict.NothingToCompare, g.Verdict));
        ComparisonAnalysis comparison = analysis.Comparisons.Single(g =>
            g.Key.Pairs.Contains(new("h", "960")) && g.Key.Pairs.Contains(new("D", "4000000000"))
        );
        string[] header = File.ReadLines(path).First().Split(',');
        int Column(string name) => Array.IndexOf(header, name);
        foreach (TunedMetric tuned in comparison.Tuned)
        {
            var best = File.ReadLines(path)
                .Skip(1)
                .Select(l => l.Split(','))
                .Where(r =>
                    r[Column("h")] == "960"
                    && r[Column("D")] == "4000000000"
                    && r[Column("bs")] == tuned.Batch.ToString(CultureInfo.InvariantCulture)
                )
                .MinBy(r => double.Parse(r[Column("loss")], CultureInfo.InvariantCulture))!;
            Assert.Equal(double.Parse(best[Column("loss")], CultureInfo.InvariantCulture), tuned.Value);
            Assert.Equal(double.Parse(best[Column("lr")], CultureInfo.InvariantCulture), tuned.LearningRate!.Value, 9);
        }
        Assert.Equal(Verdict.NothingToCompare, Assert.Single(GapAnalysis.Analyse(SweepImport.Read(path)).Comparisons).Verdict);
        Assert.Contains(SweepImport.Read(path).Findings!, f => f.Id == "unexplained-repeats");
    }
}
