// Other people's sweep tables: names of columns, trackers, histories, and bad input answered in one line.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class SweepImportSpecs
{
    private static string Refusal(string csv, ImportOptions? options = null)
    {
        string message = Assert.Throws<InputException>(() => Sweeps.FromCsv(csv, options)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [Fact]
    public void The_worked_example_as_a_table_gives_the_numbers_of_the_theory()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(Sweeps.FromCsv(Sweeps.WorkedCsv()));
        Assert.Equal(57.9663145129, Assert.Single(analysis.Crossovers).Interpolated, 9);
        Assert.Equal(-0.0496068440, analysis.Gaps[0].Interval.Low!.Value, 6);
        Assert.Equal(["1", "2", "3"], analysis.Seeds);
    }

    [Theory]
    [InlineData("\uFEFFOptimizer;Learning Rate;Batch Size;Seed;Val Loss\r\nSGD;0.1;8;1;2.5\r\nAdam;0.001;8;1;2.25\r\n")]
    [InlineData("opt\tlearning-rate\tbsz\trandom_seed\tvl_loss\nsgd\t1e-1\t8.0\t1.0\t2.5\nADAM\t1e-3\t8\t1\t2.25\n")]
    [InlineData(
        "config.optimizer,config.lr,config.batch_size,config.seed,summary.val_loss,State\n"
            + "\"sgd\",0.1,8,1,2.5,finished\n"
            + "\"torch.optim.Adam\",0.001,8,1,2.25,finished\n"
    )]
    public void Columns_are_known_by_many_names_delimiters_and_line_ends(string csv)
    {
        Gap gap = Assert.Single(Sweeps.Analyse(Sweeps.FromCsv(csv)).Gaps);
        Assert.Equal((8, 0.25, 0.1, 0.001), (gap.Batch, gap.Value, gap.First.LearningRate!.Value, gap.Second.LearningRate!.Value));
    }

    [Fact]
    public void A_trackers_configured_rate_is_preferred_to_its_last_logged_one_and_unfinished_runs_are_missing()
    {
        SweepTable table = Sweeps.FromCsv(
            """
            Name,State,lr,config.lr,optimizer,batch_size,seed,val/loss,train/loss
            run-a,finished,0,0.1,SGD,32,1,2.5,2.4
            run-b,crashed,0.05,0.2,SGD,32,1,9,2.4
            run-c,failed,0.05,0.2,SGD,32,2,9,2.4
            run-d,killed,0.05,0.2,SGD,32,3,9,2.4
            run-e,running,0,0.001,Adam,32,1,2.4,2.2
            run-f,finished,0,0.001,Adam,32,1,NaN,2.2
            """
        );
        Assert.Equal([0.1, 0.2, 0.2, 0.2, 0.001, 0.001], table.Rows.Select(r => r.LearningRate!.Value));
        Assert.Equal("val/loss", table.Metric);
        Assert.Equal(
            [RunStatus.Usable, RunStatus.Missing, RunStatus.Missing, RunStatus.Missing, RunStatus.Missing, RunStatus.Diverged],
            table.Rows.Select(r => r.Status)
        );
        Assert.Equal("run-a, line 2", table.Rows[0].Provenance);
        Assert.Contains(table.Findings!, f => f.Id == "metric-chosen" && f.Message.Contains("train/loss", StringComparison.Ordinal));
    }

    [Fact]
    public void Nan_and_inf_are_diverged_runs_and_nothing_written_is_a_missing_one()
    {
        SweepTable table = Sweeps.FromCsv(
            "opt,lr,bs,loss\nsgd,1,8,nan\nsgd,2,8,inf\nsgd,4,8,\nsgd,8,8,-inf\nsgd,16,8,None\nadam,1,8,2.5\n"
        );
        Assert.Equal(
            [RunStatus.Diverged, RunStatus.Diverged, RunStatus.Missing, RunStatus.Diverged, RunStatus.Missing, RunStatus.Usable],
            table.Rows.Select(r => r.Status)
        );
        Assert.Contains(table.Findings!, f => f.Id == "blank-metric" && f.Message.Contains("--blank diverged", StringComparison.Ordinal));
        ComparisonAnalysis analysis = Sweeps.Analyse(table);
        Assert.Equal(Verdict.OneBatchSize, analysis.Verdict);
        Assert.Contains(analysis.Findings, f => f.Id == "diverged-everywhere");
    }

    [Fact]
    public void Histories_are_read_as_literals_by_their_last_hundredth()
    {
        string history = "[" + string.Join(", ", Enumerable.Range(0, 300).Select(i => i < 297 ? "9.0" : $"{i - 296}")) + "]";
        string csv =
            $"data,lr,bs,mom,opt,tr_loss,vl_loss,tr_loss_history\nwiki,0.1,8,0.9,sgd,1,2,\"{history}\"\nwiki,0.1,8,0.9,adam,1,2,\"[1, "
            + $"nan, inf]\"\n";
        SweepTable tail = Sweeps.FromCsv(csv, new ImportOptions { Metric = "tr_loss_history:tail" });
        Assert.Equal(2, tail.Rows[0].Metric, 12);
        Assert.Equal(RunStatus.Diverged, tail.Rows[1].Status);
        Assert.Equal(0.9, tail.Rows[0].Momentum);
        Assert.Equal("data=wiki", tail.Rows[0].Comparison.ToString());
        Assert.False(tail.BiasedByBatchSize);
        SweepTable min = Sweeps.FromCsv(csv, new ImportOptions { Metric = "tr_loss_history:min" });
        Assert.Equal(1, min.Rows[0].Metric);
        Assert.True(min.BiasedByBatchSize);
        Assert.Contains(GapAnalysis.Analyse(min).Findings, f => f.Id == "biased-metric");
        Assert.Equal("vl_loss", Sweeps.FromCsv(csv).Metric);
    }

    [Fact]
    public void A_history_is_never_evaluated() =>
        Assert.Contains(
            "column 'h'",
            Refusal("opt,lr,bs,h\nsgd,1,8,\"[1, __import__('os').system('true')]\"\n", new ImportOptions { Metric = "h:tail" })
        );

    [Theory]
    [InlineData("what=optimizer", "how=lr", "many=batch", "out=metric")]
    [InlineData("optimizer=what", "lr=how", "batch=many", "metric=out")]
    public void A_map_names_columns_in_either_direction(params string[] map)
    {
        SweepTable table = Sweeps.FromCsv("what,how,many,out\nsgd,0.1,8,1\nadam,0.1,8,2\n", new ImportOptions { Map = map });
        Assert.Equal(
            [("sgd", 0.1, 8L, 1.0), ("adam", 0.1, 8L, 2.0)],
            table.Rows.Select(r => (r.Optimizer, r.LearningRate!.Value, r.Batch, r.Metric))
        );
    }

    [Fact]
    public void Rates_that_agree_to_six_digits_are_one_trial()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(
            Sweeps.FromCsv("opt,lr,bs,seed,loss\nsgd,0.0316227766,8,1,2\nsgd,0.03162278,8,2,3\nadam,0.1,8,1,2\nadam,0.1,8,2,2\n")
        );
        Assert.Equal(2.5, Assert.Single(analysis.Gaps[0].First.Trials).Mean);
    }

    [Fact]
    public void Without_seeds_the_rows_of_a_trial_are_replicates_and_without_rates_the_table_is_tuned()
    {
        SweepTable table = Sweeps.FromCsv("optimizer,batch,loss\nsgd,8,2\nsgd,8,3\nadam,8,1\nadam,8,2\n");
        ComparisonAnalysis analysis = Sweeps.Analyse(table);
        Assert.Equal(2, analysis.Seeds.Count);
        Assert.Equal(1, analysis.Gaps[0].Value, 12);
        Assert.False(analysis.Gaps[0].First.Edge != GridEdge.None);
        Assert.Contains(table.Findings!, f => f.Id == "replicates-numbered");
        Assert.Contains(analysis.Findings, f => f.Id == "taken-as-tuned");
    }

    [Fact]
    public void Repeated_runs_of_one_seed_are_averaged_and_said_to_be()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(Sweeps.FromCsv("opt,lr,bs,seed,loss\nsgd,1,8,1,2\nsgd,1,8,1,4\nadam,1,8,1,2\n"));
        Assert.Equal(3, analysis.Gaps[0].First.Value);
        Assert.Contains(analysis.Findings, f => f.Id == "duplicate-runs");
    }

    [Fact]
    public void Repeats_that_another_column_tells_apart_are_named()
    {
        string rows = string.Concat(
            from width in new[] { 64, 128 }
            from o in new[] { "sgd", "adam" }
            from b in new[] { 8, 16, 32, 64 }
            from lr in new[] { 1, 2, 4 }
            select $"{o},{lr},{b},{width},{2.5 + 0.001 * lr * b}\n"
        );
        Finding finding = Assert.Single(Sweeps.FromCsv("opt,lr,bs,width,loss\n" + rows).Findings!, f => f.Id == "unexplained-repeats");
        Assert.Contains("--group width", finding.Message);
        Assert.Equal(
            2,
            GapAnalysis.Analyse(Sweeps.FromCsv("opt,lr,bs,width,loss\n" + rows, new ImportOptions { Groups = ["width"] })).Comparisons.Count
        );
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\n  \n", "is empty")]
    [InlineData("opt,lr,bs,loss\n", "no rows")]
    [InlineData("opt,lr,loss\nsgd,1,2\n", "no batch-size column among 'opt', 'lr', 'loss'; say which one it is with --map COLUMN=batch")]
    [InlineData("opt,lr,batch_sz,loss\nsgd,1,8,2\n", "--map batch_sz=batch")]
    [InlineData("opt,lr,bs,fitness\nsgd,1,8,2\n", "no metric column")]
    [InlineData("algorithm,lr,bs,loss\nsgd,1,8,2\nadam,1,8,2\n", "--map algorithm=optimizer")]
    [InlineData("x,y,z\n1,2,3\n", "no optimizer and no batch-size and no metric column among 'x', 'y', 'z'")]
    [InlineData("opt,lr,bs,loss\nsgd,1,8,2\nsgd,fast,8,2\n", "line 3, column 'lr': got 'fast', expected a number")]
    [InlineData("opt,lr,bs,loss\nsgd,1,8,low\n", "line 2, column 'loss': got 'low', expected a number")]
    [InlineData("opt,lr,bs,loss\nsgd,0,8,2\n", "column 'lr': got '0'")]
    [InlineData("opt,lr,bs,loss\nsgd,-1,8,2\n", "column 'lr': got '-1'")]
    [InlineData("opt,lr,bs,loss\nsgd,1,0,2\n", "column 'bs': got '0'")]
    [InlineData("opt,lr,bs,loss\nsgd,1,8.5,2\n", "column 'bs': got '8.5', expected a whole batch size")]
    [InlineData("opt,lr,bs,loss\nsgd,,8,2\nsgd,,8,2\nadam,1,,2\n", "line 2, column 'lr': got nothing")]
    [InlineData("opt,lr,bs,loss\n,1,8,2\n", "column 'opt': got nothing")]
    [InlineData(
        "opt,lr,bs,loss\nsgd,1,8,2\nsgd,1",
        "line 3: 2 fields where the header has 4; the file ends in this line, without a line end"
    )]
    [InlineData(
        "opt,lr,bs,loss\nsgd,1\nsgd,1,8,2",
        "line 2: 2 fields where the header has 4; a field that holds a delimiter must be quoted"
    )]
    [InlineData("opt,lr,bs,loss\n\nsgd,1,8\n", "line 3: 3 fields where the header has 4")]
    [InlineData("opt,lr,bs,loss\nsgd,1,8,2,3\n", "line 2: 5 fields where the header has 4")]
    [InlineData("opt,opt,bs,loss\nsgd,1,8,2\n", "two columns are called 'opt'")]
    [InlineData("1,2,3\n4,5,6\n", "the header holds numbers only")]
    [InlineData("opt,lr\0,bs\n", "is not text")]
    public void Bad_tables_are_refused_in_one_line_that_says_where(string csv, string part) => Assert.Contains(part, Refusal(csv));

    [Fact]
    public void A_file_that_is_not_there_and_names_that_are_not_columns_are_refused()
    {
        Assert.Contains("no such table of runs", Assert.Throws<InputException>(() => SweepImport.Read("/nowhere/at-all.csv")).Message);
        const string Csv = "opt,lr,bs,loss\nsgd,1,8,2\n";
        Assert.Contains("did you mean 'loss'?", Refusal(Csv, new ImportOptions { Metric = "los" }));
        Assert.Contains("has no column 'x'", Refusal(Csv, new ImportOptions { Map = ["x=lr"] }));
        Assert.Contains("is none of", Refusal(Csv, new ImportOptions { Map = ["lr=warp"] }));
        Assert.Contains("expected COLUMN=NAME", Refusal(Csv, new ImportOptions { Map = ["lr"] }));
        Assert.Contains("no such column", Refusal(Csv, new ImportOptions { Groups = ["model"] }));
    }

    [Fact]
    public void Line_numbers_count_lines_inside_quoted_fields() =>
        Assert.Contains("line 4", Refusal("opt,lr,bs,loss,note\nsgd,1,8,2,\"two\nlines\"\nsgd,1,8,bad,x\n"));
}
