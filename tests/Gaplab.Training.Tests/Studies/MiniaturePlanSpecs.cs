// What a miniature trains of a study.
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class MiniaturePlanSpecs
{
    private static readonly (string, string) Pair = ("sgd", "adam");

    private static Plan Whole(string name, params string[] overrides)
    {
        StudySpec study = StudyFile.Load(Path.Combine(Path.GetDirectoryName(StudyFileSpecs.Quickstart())!, name + ".yaml"), overrides);
        return new Plan(study, [.. Enumerable.Repeat(64, Math.Max(1, study.Comparisons.Count))], (_, _, _) => 1000);
    }

    [Fact]
    public void Batches_and_steps_are_divided_and_seeds_and_rates_thinned()
    {
        Plan whole = Whole("../benchmarks/tiny-gpt");
        Miniature made = Miniature.Of(whole, Pair, null);
        // 160 runs of 8192 samples. At 1:4 it is 4 batch sizes × 2 optimizers × 3 rates × 2 seeds, 512 samples each: 1.9%.
        Assert.Equal((4, 160 * 8192L, 48 * 512L), (made.Scale, made.Sweep, made.Samples));
        StudySpec study = made.Plan.Study;
        Assert.Equal([1, 4, 16, 64], study.Grid.Batches);
        Assert.Equal(whole.Study.Grid.Seeds.Take(2), study.Grid.Seeds);
        foreach ((OptimizerChoice small, OptimizerChoice large) in study.Optimizers.Zip(whole.Study.Optimizers))
            Assert.Equal(large.Rates.Skip(1).Take(3), small.Rates);
        foreach ((int small, int large) in study.Grid.Batches.Zip(whole.Study.Grid.Batches))
            Assert.Equal(whole.Study.Budget.Steps(large, 32), 4 * study.Budget.Steps(small, 32));
        // The sentinel follows the best rate by one more factor of the grid, and where the middle is best it does not refine.
        Arm arm = made.Plan.Arms[0];
        SentinelDecision Decided(Func<int, double> loss) =>
            made.Plan.SentinelOf(arm).Decide(arm.Rates.SelectMany((r, i) => study.Grid.Seeds.Select(s => new RateResult(r, s, loss(i)))));
        Assert.Equal(arm.Rates[0] / 3.1622777, Assert.Single(Decided(i => i).Rates), 1e-6);
        Assert.Equal(arm.Rates[2] * 3.1622777, Assert.Single(Decided(i => -i).Rates), 1e-5);
        Assert.Equal(SentinelStatus.Bracketed, Decided(i => i == 1 ? 0 : 1).Status);
        Assert.Null(study.Probes);
    }

    [Fact]
    public void Every_comparison_of_a_study_is_kept_with_its_own_budget_and_only_the_pairs_optimizers()
    {
        Plan whole = Whole("suite-cpu");
        Miniature made = Miniature.Of(whole, Pair, null);
        Assert.Equal(whole.Comparisons.Select(c => c.Key), made.Plan.Comparisons.Select(c => c.Key));
        foreach ((PlannedComparison small, PlannedComparison large) in made.Plan.Comparisons.Zip(whole.Comparisons))
        {
            Assert.Equal(large.Study.Budget.Amount / 16, small.Study.Budget.Amount);
            Assert.Equal((large.Study.Model, large.Study.Task), (small.Study.Model, small.Study.Task));
        }
        Assert.InRange(made.Samples / (double)made.Sweep, 0.01, ProbePlan.Share);
        Assert.Equal(
            ["sgd", "adam"],
            Miniature
                .Of(Whole("../benchmarks/tiny-gpt", "optimizers.signum={lr: 0.001}"), Pair, null)
                .Plan.Study.Optimizers.Select(o => o.Name)
        );
    }

    [Fact]
    public void A_scale_asked_for_is_kept_and_one_that_leaves_nothing_is_refused()
    {
        Plan whole = Whole("../benchmarks/tiny-gpt");
        Assert.Equal([2, 8, 32, 128], Miniature.Of(whole, Pair, 2).Plan.Study.Grid.Batches);
        Assert.Empty(Miniature.Of(whole, Pair, 4).LeftOut(whole));
        Assert.Equal([4], Miniature.Of(whole, Pair, 8).LeftOut(whole));
        Assert.Equal([2, 8, 32], Miniature.Of(whole, Pair, 8).Plan.Study.Grid.Batches);
        // Budgets in steps: as many fewer as the batch sizes are smaller.
        Assert.Equal(64, Miniature.Of(Whole("../benchmarks/tiny-gpt", "budget={steps: 256}"), Pair, 4).Plan.Study.Budget.Amount);
        string Refused(Plan plan, int? scale) => Assert.Throws<InputException>(() => Miniature.Of(plan, Pair, scale)).Message;
        Assert.Contains("expected 2 or more", Refused(whole, 1), StringComparison.Ordinal);
        Assert.Contains("no batch size can be divided by 3 (4, 16, 64, 256)", Refused(whole, 3), StringComparison.Ordinal);
        Assert.Contains("no step left", Refused(Whole("../benchmarks/tiny-gpt", "budget={steps: 2}"), 4), StringComparison.Ordinal);
        Assert.Contains(
            "half-life",
            Refused(
                Whole("../benchmarks/tiny-gpt", "optimizers.sgd={lr: 0.1}", "optimizers.adam={lr: 0.001}", "grid.half-life=[64]"),
                null
            ),
            StringComparison.Ordinal
        );
        // Budgets in tokens: as samples of 32 each.
        Assert.Equal(
            8192 * 32 / 16,
            Miniature.Of(Whole("../benchmarks/tiny-gpt", "budget={tokens: 262144}"), Pair, 4).Plan.Study.Budget.Amount
        );
        // Without the sentinel every rate is tried; with grids of different steps it goes by the finer one.
        Assert.Equal(
            5,
            Miniature.Of(Whole("../benchmarks/tiny-gpt", "sentinel.enabled=false"), Pair, 4).Plan.Study.Optimizers[0].Rates.Count
        );
        Assert.Equal(
            2,
            Miniature
                .Of(Whole("../benchmarks/tiny-gpt", "optimizers.sgd.lr=[0.2, 0.4, 0.8]", "optimizers.adam.lr=[0.001, 0.01, 0.1]"), Pair, 4)
                .Plan.Study.Sentinel.Factor,
            1e-9
        );
        Assert.Equal([1L], Miniature.Of(Whole("../benchmarks/tiny-gpt", "grid.seeds=1"), Pair, 4).Plan.Study.Grid.Seeds);
        // What holds of one setting alone is found there, and named.
        string settings = "settings={one: {grid: {batch: [4, 16]}}, two: {grid: {batch: [1, 2]}}}";
        Assert.Contains(
            "no batch size of setting=two can be divided by 4 (1, 2)",
            Refused(Whole("../benchmarks/tiny-gpt", settings), 4),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no miniature can be made",
            Refused(Whole("../benchmarks/tiny-gpt", "grid.batch=[1]"), null),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no optimizer 'lion'",
            Assert.Throws<InputException>(() => Miniature.Of(whole, ("sgd", "lion"), null)).Message,
            StringComparison.Ordinal
        );
    }
}
