// What a pilot is planned to run, and what that costs: exact, before anything has run.
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Piloting;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;
using Gaplab.Training.Tests.Studies;

namespace Gaplab.Training.Tests.Piloting;

public sealed class PilotDesignSpecs
{
    private static readonly string[] s_both = ["sgd", "adam"];

    internal static Plan Whole(string name, params string[] overrides)
    {
        StudySpec study = StudyFile.Load(Path.Combine(Path.GetDirectoryName(StudyFileSpecs.Quickstart())!, name + ".yaml"), overrides);
        return new Plan(study, [.. Enumerable.Repeat(64, study.Comparisons.Count)], (_, _, _) => 1000);
    }

    internal static PilotDesign Of(string cost, params string[] overrides)
    {
        Plan whole = Whole("../benchmarks/tiny-gpt", overrides);
        return PilotDesign.Of(whole, whole.Comparisons[0], s_both, PilotTier.Of(cost));
    }

    // Quickstart: 2 optimizers, batch sizes 4, 16, 64, 256, 5 rates, 4 seeds, 8192 samples a run; a cell of both optimizers is 6 runs.
    [Theory]
    [InlineData("2%", "4;64", null, 2 * 6 * 2048, 0)]
    [InlineData("5%", "16;4,64", 16, 3 * 6 * 2048 + 2 * 6 * 512, 0)]
    [InlineData("10%", "4;64", 16, 2 * 6 * 2048 + 2 * 6 * 512, 2)]
    [InlineData("20%", "16;4,64", 16, 3 * 6 * 2048 + 2 * 6 * 512, 4)]
    public void A_price_buys_batch_sizes_lengths_and_anchors(string cost, string rounds, int? shortest, long certain, int anchors)
    {
        PilotDesign design = Of(cost);
        Assert.Equal(rounds, string.Join(';', design.Short.Select(r => string.Join(',', r))));
        Assert.Equal((shortest, certain, anchors), (design.Shortest, design.Certain, design.AnchorsAtMost));
        Assert.Equal(160 * 8192, design.Sweep);
        Assert.True(design.Certain <= design.Allowance);
        Assert.Equal([101L, 102L], design.Seeds);
        // A quarter of the length at 256 has 8 steps.
        Assert.Equal([256], design.LeftOut);
    }

    [Fact]
    public void Seeds_of_the_sweep_are_passed_over()
    {
        Assert.Equal([102L, 104L], Of("5%", "grid.seeds=[1,101,103]", "grid.batch=[4,16,64]").Seeds);
    }

    [Fact]
    public void Every_choice_of_momenta_is_run_and_shares_the_first_optimizers_cells()
    {
        Plan whole = Whole("../benchmarks/tiny-gpt", "optimizers.adam.beta2=[0.9,0.95,0.99]");
        PilotDesign design = PilotDesign.Of(whole, whole.Comparisons[0], s_both, PilotTier.Of("2%"));
        Assert.Equal(["sgd", "adam (beta2=0.9)", "adam (beta2=0.95)", "adam (beta2=0.99)"], design.Sides.Select(s => s.Name));
        // 320 runs; the four sides at three rates.
        Assert.Equal((320 * 8192L, 2 * 4 * 3 * 2048L), (design.Sweep, design.Certain));
        IReadOnlyList<(PilotSide First, PilotSide Second)> pairs = PilotSide.Pairs(design.Sides, [new("sgd", "adam")], tied: false);
        Assert.Equal(3, pairs.Count);
        Assert.Single(pairs.Select(p => p.First).Distinct());
        // One β for both alike: only equal ones meet.
        Plan tied = Whole(
            "../benchmarks/tiny-gpt",
            "optimizers.sgd={lr: 0.1}",
            "optimizers.adam={lr: 0.001}",
            "grid.beta=[0.9,0.99]",
            "grid.seeds=40"
        );
        PilotDesign of = PilotDesign.Of(tied, tied.Comparisons[0], s_both, PilotTier.Of("20%"));
        Assert.Equal(
            ["sgd (beta=0.9) adam (beta=0.9)", "sgd (beta=0.99) adam (beta=0.99)"],
            PilotSide.Pairs(of.Sides, [new("sgd", "adam")], tied: true).Select(p => $"{p.First.Name} {p.Second.Name}")
        );
    }

    [Theory]
    [InlineData("one batch size, 4", "grid.batch=[4]")]
    [InlineData("in steps", "budget={steps: 256}")]
    [InlineData("grid.half-life", "optimizers.sgd={lr: 0.1}", "optimizers.adam={lr: 0.001}", "grid.half-life=[64]")]
    [InlineData("128 and 8 steps at the two lowest batch sizes, 16 and 256", "grid.batch=[16,256]")]
    [InlineData("expected --cost 5%", "grid.batch=[4,16,64]", "grid.seeds=3")]
    [InlineData("expected a longer sweep", "grid.batch=[4,16]", "grid.seeds=1", "optimizers.sgd.lr=[1]", "optimizers.adam.lr=[0.01]")]
    public void What_cannot_be_piloted_is_said_in_a_line(string says, params string[] overrides)
    {
        InputException refused = Assert.Throws<InputException>(() => Of("2%", overrides));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Budgets_in_tokens_are_shortened_as_those_in_samples()
    {
        PilotDesign samples = Of("5%"),
            tokens = Of("5%", "budget={tokens: 262144}");
        Assert.Equal(samples.Certain, tokens.Certain);
        Assert.Equal(samples.Short, tokens.Short);
    }

    [Fact]
    public void A_price_that_is_none_names_those_there_are()
    {
        Assert.Same(PilotTier.All[0], PilotTier.Of(null));
        Assert.Same(PilotTier.All[1], PilotTier.Of("5"));
        Assert.Contains("2%, 5%, 10%, 20%", Assert.Throws<InputException>(() => PilotTier.Of("3%")).Message, StringComparison.Ordinal);
    }
}
