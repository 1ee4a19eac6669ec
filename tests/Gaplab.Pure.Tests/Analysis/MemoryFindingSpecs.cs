// What is said of β₂ beside a gap: on tables of others, on studies whose classes are known, and how the columns of tables are read.
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class MemoryFindingSpecs
{
    private static SweepTable FineWeb(params string[] where) =>
        SweepImport.Read(Repository.At("tests/tables/fineweb-gpt.csv"), new ImportOptions { Where = where });

    private static readonly string[] s_memory = ["tied-beta", "beta2-untuned", "short-memory"];

    private static string[] MemoryOf(ComparisonAnalysis analysis) => [.. analysis.Findings.Select(f => f.Id).Where(s_memory.Contains)];

    [Fact]
    public void A_published_crossover_under_one_tied_beta_is_told_as_one_of_the_memory()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(FineWeb("beta=0.9"));
        Assert.Equal([-0.229, 0.108, 0.513], analysis.Gaps.Select(g => Math.Round(g.Value, 3)));
        Crossover crossover = Assert.Single(analysis.Crossovers);
        // The line in log₂ B through −0.229 at 64 and 0.108 at 256.
        Assert.Equal(64 * Math.Pow(4, 0.229 / 0.337), crossover.Interpolated, 6);
        Assert.Equal(s_memory.Order(StringComparer.Ordinal), MemoryOf(analysis).Order(StringComparer.Ordinal));
        Assert.Equal(Severity.Warning, analysis.Findings.Single(f => f.Id == "beta2-untuned").Severity);
        Assert.EndsWith("adam overtakes sgd at batch size 164, under β₂ = 0.9 alone.", analysis.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void With_beta_tuned_for_each_optimizer_the_same_table_has_neither_crossover_nor_finding()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(FineWeb());
        Assert.Equal([0.033, 0.074, 0.311], analysis.Gaps.Select(g => Math.Round(g.Value, 3)));
        Assert.Empty(analysis.Crossovers);
        Assert.Empty(MemoryOf(analysis));
        Assert.DoesNotContain("alone", analysis.Headline, StringComparison.Ordinal);
        // Long memory where steps are many, fast momentum where they are few.
        Assert.Equal([0.99, 0.95, 0.9], analysis.Gaps.Select(g => g.Second.Moments.Second!.Value));
    }

    [Fact]
    public void Each_momentum_by_itself_is_a_comparison_under_one_beta2()
    {
        GapAnalysis analysis = GapAnalysis.Analyse(FineWeb(), new AnalysisOptions { GroupByMomentum = true });
        Assert.Equal(3, analysis.Comparisons.Count);
        Assert.Equal([1, 0, 2], analysis.Comparisons.Select(c => c.Crossovers.Count));
        Assert.All(analysis.Comparisons, c => Assert.Contains("tied-beta", MemoryOf(c)));
    }

    [Theory]
    [InlineData("betas", "\"(0.9, 0.95)\"")]
    [InlineData("config.optimizer.betas", "\"[0.9, 0.95]\"")]
    [InlineData("optim/adam_betas", "\"0.9, 0.95\"")]
    [InlineData("beta1,beta2", "0.9,0.95")]
    [InlineData("b1,b2", "0.9,0.95")]
    [InlineData("optimizer.betas.0,optimizer.betas.1", "0.9,0.95")]
    [InlineData("betas_1,betas_2", "0.9,0.95")]
    [InlineData("args/adam_beta1,args/adam_beta2", "0.9,0.95")]
    public void The_two_decays_are_read_by_any_of_their_names(string header, string values)
    {
        SweepTable table = Sweeps.FromCsv($"optimizer,lr,batch_size,{header},loss\nadamw,0.001,8,{values},2\nadamw,0.002,8,{values},1.9\n");
        Assert.All(table.Rows, r => Assert.Equal((0.9, 0.95), (r.Momentum, r.Beta2)));
    }

    [Fact]
    public void A_beta2_that_a_script_logs_beside_sgd_is_none_of_it_and_lions_is_no_memory_of_squares()
    {
        SweepTable table = Sweeps.FromCsv(
            """
            optimizer,lr,batch_size,momentum,adam_beta1,beta2,loss
            sgd,0.1,8,,0.8,0.95,2
            adam,0.001,8,,0.8,0.95,2
            lion,0.001,8,,0.8,0.95,2
            """
        );
        Assert.Equal([default, new(0.8, 0.95), new(null, null, "beta2=0.95")], table.Rows.Select(r => r.Moments));
    }

    [Fact]
    public void Runs_under_two_beta2_are_two_trials_and_not_one_averaged()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(
            Sweeps.FromCsv(
                """
                optimizer,lr,batch_size,seed,beta2,loss
                sgd,0.1,8,1,,2
                adam,0.001,8,1,0.9,3
                adam,0.001,8,1,0.999,1
                """
            )
        );
        Gap gap = Assert.Single(analysis.Gaps);
        Assert.Equal((1.0, 0.999, 2), (gap.Value, gap.Second.Moments.Second, gap.Second.Trials.Count));
        Assert.DoesNotContain(analysis.Findings, f => f.Id == "duplicate-runs");
    }

    private static ClassFrequencies Zipf(int classes, double exponent = 1, double perSample = 1) =>
        ClassFrequencies.Of([.. Enumerable.Range(1, classes).Select(k => Math.Pow(k, -exponent))], perSample)!;

    [Theory]
    [InlineData(16, 3.4e-5, 3.1e-5)]
    [InlineData(32, 8.5e-6, 7.9e-6)]
    [InlineData(64, 2.1e-6, 2.2e-6)]
    public void The_pull_of_the_output_layer_is_what_simulated_logits_show(int batch, double exact, double simulated)
    {
        // 16 Zipf classes as logits alone under Adam(0.9, 0.95): the KL divergence of their stationary mean, simulated apart, and the
        // closed form computed apart, with the factor 1/(1 − κ) of the covariance that is left out here.
        double kappa = new Moments(0.9, 0.95).Kappa!.Value,
            penalty = OutputLayerPull.Penalty(Zipf(16), kappa, batch);
        Assert.Equal(exact, penalty / Math.Pow(1 - kappa, 2), 0.03 * exact);
        Assert.Equal(simulated, penalty, 0.15 * simulated);
    }

    [Fact]
    public void Equally_frequent_classes_are_not_pulled_apart()
    {
        ClassFrequencies uniform = ClassFrequencies.Of([.. Enumerable.Repeat(3.0, 256)], 1)!;
        Assert.Equal(0, OutputLayerPull.Penalty(uniform, 0.05, 1), 12);
        Assert.Equal(0, OutputLayerPull.MassBeyond(uniform, 0.05, 1, 0.01));
        Assert.Equal((256, 1 / 256.0), (uniform.Count, uniform.Rarest));
    }

    [Fact]
    public void Kappa_of_a_tied_pair_is_the_fraction_of_its_own()
    {
        foreach (double beta in new[] { 0.9, 0.95, 0.99 })
            Assert.Equal((1 - beta) / (1 + beta), new Moments(beta, beta).Kappa!.Value, 12);
    }

    [Theory]
    [InlineData(0.95, 1, "4, 8, 16 and 32")]
    [InlineData(0.99, 1, "4 and 8")]
    [InlineData(0.999, 1, "")]
    [InlineData(0.95, 0, "")]
    public void The_memory_is_short_where_it_was_measured_to_cost(double beta2, double exponent, string batches)
    {
        // 256 classes, an MLP: β₂ = 0.95 lost 0.30, 0.09, 0.033 and 0.015 at these four batch sizes against β₂ = 0.999, and 0.004 at 64.
        Finding? finding = MemoryFindings.Short(
            "adam",
            new[] { 4L, 8, 16, 32, 64, 128, 256 }.Select(b => (b, new Moments(0.9, beta2))),
            Zipf(256, exponent)
        );
        Assert.Equal(batches, finding?.Where.Split("B=")[1] ?? "");
        if (beta2 == 0.95 && exponent == 1)
            Assert.Contains("0.999 would be long enough", finding!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_frequencies_ten_steps_are_short_and_twenty_are_not()
    {
        Assert.NotNull(MemoryFindings.Short("adam", [(64, new Moments(0.9, 0.9))], null));
        Assert.Null(MemoryFindings.Short("adam", [(64, new Moments(0.9, 0.95))], null));
        Assert.Null(MemoryFindings.Short("sgd", [(64, new Moments(0.9))], null));
    }

    [Fact]
    public void One_beta2_is_objected_to_over_a_wide_range_unless_both_have_it_or_it_follows_the_batch_size()
    {
        double?[] one = [0.95],
            none = [null];
        Finding Hint(bool crosses) => MemoryFindings.Untuned("adam", one, [4, 16, 32], "sgd", none, crosses)!;
        Assert.Equal((Severity.Hint, Severity.Warning), (Hint(false).Severity, Hint(true).Severity));
        Assert.Contains("80 samples at B=4 and 640 at B=32", Hint(false).Message, StringComparison.Ordinal);
        Assert.Null(MemoryFindings.Untuned("adam", one, [4, 8, 16], "sgd", none, true));
        Assert.Null(MemoryFindings.Untuned("adamw", one, [4, 16, 32], "adam", one, true));
        Assert.Null(MemoryFindings.Untuned("adam", [0.9, 0.95], [4, 16, 32], "sgd", none, true));
        Assert.Null(MemoryFindings.Untuned("sgd", none, [4, 16, 32], "adam", one, true));
    }
}
