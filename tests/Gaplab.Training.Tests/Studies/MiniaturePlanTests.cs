// What a miniature trains of a study.
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Prediction;

namespace Gaplab.Training.Tests.Studies;

public sealed class MiniaturePlanTests
{
    private static readonly (string, string) Pair = ("sgd", "adam");

    private static Plan Whole(string name, params string[] overrides)
    {
        StudySpec study = StudyFile.Load(Path.Combine(Path.GetDirectoryName(StudyFileTests.Quickstart())!, name + ".yaml"), overrides);
        return new Plan(study, [.. Enumerable.Repeat(64, Math.Max(1, study.Cells.Count))], (_, _, _) => 1000);
    }

    [Fact]
    public void Batches_and_steps_are_divided_and_seeds_and_rates_thinned()
    {
        Plan whole = Whole("quickstart");
        Miniature made = Miniature.Of(whole, Pair, null);
        // Quickstart: 160 runs of 8192 samples. At 1:4 it is 4 batch sizes × 2 optimizers × 3 rates × 2 seeds, 512 samples each: 1.9%.
        Assert.Equal((4, 160 * 8192L, 48 * 512L), (made.Scale, made.Sweep, made.Samples));
        StudySpec study = made.Plan.Study;
        Assert.Equal([1, 4, 16, 64], study.Grid.Batches);
        Assert.Equal(whole.Study.Grid.Seeds.Take(2), study.Grid.Seeds);
        foreach ((OptimizerChoice small, OptimizerChoice large) in study.Optimizers.Zip(whole.Study.Optimizers)) Assert.Equal(large.Rates.Skip(1).Take(3), small.Rates);
        foreach ((int small, int large) in study.Grid.Batches.Zip(whole.Study.Grid.Batches)) Assert.Equal(whole.Study.Budget.Steps(large, 32), 4 * study.Budget.Steps(small, 32));
        // The sentinel follows the best rate without refining: what it adds is one more factor of the grid.
        StudyGroup group = made.Plan.Groups[0];
        var decision = made.Plan.SentinelOf(group).Decide(group.Rates.SelectMany((r, i) => study.Grid.Seeds.Select(s => new RateResult(r, s, i))));
        Assert.Equal([LearningRates.Round(group.Rates[0] / (group.Rates[1] / group.Rates[0]))], decision.Rates);
        Assert.Null(study.Probes);
    }

    [Fact]
    public void Every_comparison_of_a_study_is_kept_with_its_own_budget_and_only_the_pairs_optimizers()
    {
        Plan whole = Whole("suite-cpu");
        Miniature made = Miniature.Of(whole, Pair, null);
        Assert.Equal(whole.Cells.Select(c => c.Key), made.Plan.Cells.Select(c => c.Key));
        foreach ((PlanCell small, PlanCell large) in made.Plan.Cells.Zip(whole.Cells))
        {
            Assert.Equal(large.Study.Budget.Amount / 16, small.Study.Budget.Amount);
            Assert.Equal((large.Study.Model, large.Study.Task), (small.Study.Model, small.Study.Task));
        }
        Assert.InRange(made.Samples / (double)made.Sweep, 0.01, Miniature.Share);
        Assert.Equal(["sgd", "adam"], Miniature.Of(Whole("quickstart", "optimizers.signum={lr: 0.001}"), Pair, null).Plan.Study.Optimizers.Select(o => o.Name));
    }

    [Fact]
    public void A_scale_asked_for_is_kept_and_one_that_leaves_nothing_is_refused()
    {
        Plan whole = Whole("quickstart");
        Assert.Equal([2, 8, 32, 128], Miniature.Of(whole, Pair, 2).Plan.Study.Grid.Batches);
        Assert.Equal([1, 5, 21, 85], Miniature.Of(whole, Pair, 3).Plan.Study.Grid.Batches);
        // Budgets in steps: as many fewer as the batch sizes are smaller.
        Assert.Equal(64, Miniature.Of(Whole("quickstart", "budget={steps: 256}"), Pair, 4).Plan.Study.Budget.Amount);
        string Refused(Plan plan, int? scale) => Assert.Throws<InputException>(() => Miniature.Of(plan, Pair, scale)).Message;
        Assert.Contains("expected 2 or more", Refused(whole, 1), StringComparison.Ordinal);
        Assert.Contains("no batch size is left of 4, 16, 64, 256", Refused(whole, 512), StringComparison.Ordinal);
        Assert.Contains("no step left", Refused(Whole("quickstart", "budget={steps: 2}"), 4), StringComparison.Ordinal);
        Assert.Contains("half-life", Refused(Whole("quickstart", "optimizers.sgd={lr: 0.1}", "optimizers.adam={lr: 0.001}", "grid.half-life=[64]"), null), StringComparison.Ordinal);
        Assert.Contains("no miniature can be made", Refused(Whole("quickstart", "grid.batch=[1]"), null), StringComparison.Ordinal);
        Assert.Contains("no optimizer 'lion'", Assert.Throws<InputException>(() => Miniature.Of(whole, ("sgd", "lion"), null)).Message, StringComparison.Ordinal);
    }
}
