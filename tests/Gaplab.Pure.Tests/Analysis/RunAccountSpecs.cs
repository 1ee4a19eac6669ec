// How many runs a verdict rests on: every run of the pair is counted once, and the headline says so on all three faces.
using System.Text.Json.Nodes;
using Gaplab.Pure.Tests.Import;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;
using Gaplab.Results.Report;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class RunAccountSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Rests(IEnumerable<SweepRow> rows, int setAside = 0)
    {
        GapAnalysis analysis = GapAnalysis.Analyse(new SweepTable([.. rows], "loss") { SetAside = setAside });
        ComparisonAnalysis comparison = analysis.Comparisons[0];
        string told = analysis.Told(comparison);
        Assert.StartsWith(comparison.Headline + " It rests on ", told, StringComparison.Ordinal);
        // The parts are all there is.
        Assert.Equal(rows.Count(r => r.Optimizer is "sgd" or "adam" && r.Comparison.Equals(comparison.Key)), comparison.Runs.Runs);
        return told[(comparison.Headline.Length + 1)..];
    }

    [Fact]
    public void Of_a_whole_table_it_is_all_runs()
    {
        // The theory's worked example: 72 runs, one of which diverged.
        Assert.Equal("It rests on all 72 runs (1 diverged); none is set aside.", Rests(Sweeps.WorkedRows()));
    }

    [Fact]
    public void A_run_that_failed_costs_its_seed_and_both_are_said()
    {
        List<SweepRow> rows = Sweeps.WorkedRows();
        rows[^1] = rows[^1] with { Status = RunStatus.Missing, Metric = double.NaN };
        // 24 trials of three seeds: one run is missing, and 23 of its seed are not used.
        Assert.Equal("It rests on 48 of 72 runs (1 diverged): 1 is missing, 23 are of a seed that not every trial has.", Rests(rows));
    }

    [Fact]
    public void A_run_that_was_begun_again_is_missing_once_and_its_repetition_counts()
    {
        List<SweepRow> rows = Sweeps.WorkedRows();
        rows.Insert(0, rows[0] with { Status = RunStatus.Missing, Metric = double.NaN });
        Assert.Equal("It rests on 72 of 73 runs (1 diverged): 1 is missing.", Rests(rows));
    }

    [Fact]
    public void A_batch_size_of_one_optimizer_alone_is_in_no_gap_and_a_third_optimizer_is_no_part()
    {
        IEnumerable<SweepRow> rows = Sweeps.WorkedRows().Where(r => r is not { Optimizer: "adam", Batch: 256 });
        Assert.Equal(
            "It rests on 48 of 60 runs (1 diverged): 12 are at a batch size that only one optimizer has.",
            Rests([.. rows, .. rows.Where(r => r.Optimizer == "adam").Select(r => r with { Optimizer = "lion" })])
        );
    }

    [Fact]
    public void What_is_set_aside_belongs_to_the_table()
    {
        Assert.Equal("It rests on 72 of 74 runs (1 diverged): 2 are set aside.", Rests(Sweeps.WorkedRows(), 2));
        IEnumerable<SweepRow> two = ((string[])["a", "b"]).SelectMany(d =>
            Sweeps.WorkedRows().Select(r => r with { Comparison = new([new("data", d)]) })
        );
        Assert.Equal("It rests on all 72 runs (1 diverged); none is set aside; of the whole table 1 run more is set aside.", Rests(two, 1));
    }

    [Fact]
    public void Without_a_pair_it_rests_on_nothing()
    {
        Assert.Equal(
            "It rests on 0 of 36 runs: 36 are at a batch size that only one optimizer has.",
            Rests(Sweeps.WorkedRows().Where(r => r.Optimizer == "sgd"))
        );
        Assert.Equal("It rests on no run; none is set aside.", Rests(Sweeps.WorkedRows().Select(r => r with { Optimizer = "lion" })));
    }

    /// <summary>A last line that was cut off.</summary>
    [Fact]
    public void A_table_says_it_in_its_text_its_json_and_its_page()
    {
        string path = _folder.Write(
            "runs.jsonl",
            string.Concat(
                SweepText.Runs.Select(r =>
                    $$"""{"opt": "{{r.Optimizer}}", "lr": {{r.Rate}}, "batch": {{r.Batch}}, "seed": {{r.Seed}}, "loss": {{r.Value}}}"""
                    + "\n"
                )
            ) + "{\"optimizer\": \"sgd\", "
        );
        GapAnalysis analysis = GapAnalysis.Analyse(SweepImport.Read(path, new ImportOptions()));
        const string Rests = "It rests on 36 of 37 runs: 1 is set aside.";
        Assert.Contains(analysis.ToLines(), l => l.EndsWith(" " + Rests, StringComparison.Ordinal));
        JsonObject json = analysis.ToJson();
        Assert.EndsWith(Rests, json["comparisons"]![0]!["headline"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(
            """{"counted":36,"diverged":0,"missing":0,"otherSeeds":0,"otherBatches":0}""",
            json["comparisons"]![0]!["runs"]!.ToJsonString()
        );
        Assert.Equal(1, json["setAside"]!.GetValue<int>());
        Gaplab.Results.Report.Report page = CrossoverReport.Build(
            new()
            {
                Analysis = analysis,
                Title = "runs",
                Source = "runs.jsonl",
                Command = "gaplab crossover runs.jsonl",
            }
        );
        Assert.EndsWith(Rests, page.Headline, StringComparison.Ordinal);
    }
}
