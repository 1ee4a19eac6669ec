// Plans: groups, runs, the membership of packs, estimates, and the checks before a start.
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Results.Analysis;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class StudyPlanSpecs
{
    private static readonly Func<ModelSpec, int, TaskSpec, long> Count = (model, vocabulary, _) =>
        2L * vocabulary * model.Width + 12L * model.Layers * model.Width * model.Width;

    [Fact]
    public void Arms_are_the_product_of_batches_optimizers_and_momenta()
    {
        Plan plan = PlanOf();
        Assert.Equal(
            ["sgd/B=16", "adam/B=16/beta2=0.95", "adam/B=16/beta2=0.999", "sgd/B=64", "adam/B=64/beta2=0.95", "adam/B=64/beta2=0.999"],
            plan.Arms.Select(g => g.Key)
        );
        Assert.Equal(0.9, plan.Arms[0].Template.Momentum);
        Assert.Equal(0.95, plan.Arms[1].Template.Beta2);
        Assert.Equal(2 * (5 + 2 * 2) * 3, plan.FirstRound().Sum(p => p.Runs.Count));
    }

    [Fact]
    public void A_shared_beta_sets_momentum_and_both_betas()
    {
        Plan plan = PlanOf("optimizers.sgd={lr: 0.1}", "optimizers.adam={lr: 0.001}", "grid.beta=[0.5, 0.9]");
        Assert.Equal(
            ["sgd/B=16/beta=0.5", "sgd/B=16/beta=0.9", "adam/B=16/beta=0.5", "adam/B=16/beta=0.9"],
            plan.Arms.Take(4).Select(g => g.Key)
        );
        Assert.Equal((0.9, 0.9), (plan.Arms[1].Template.Momentum, plan.Arms[1].Momentum));
        Assert.Equal((0.5, 0.5), (plan.Arms[2].Template.Beta1, plan.Arms[2].Template.Beta2));
        plan = PlanOf("optimizers.sgd={lr: 0.1}", "optimizers.adam={lr: 0.001}", "grid.half-life=[64]");
        Assert.Equal((Math.Round(Math.Pow(2, -0.25), 12), 0.5), (plan.Arms[0].Template.Momentum, plan.Arms[2].Template.Momentum));
    }

    [Fact]
    public void Every_run_is_in_one_pack_and_packs_agree_but_for_their_columns()
    {
        foreach (int most in (int[])[1, 3, 8, 100])
        {
            Plan plan = PlanOf($"limits.max-replicas={most}");
            IReadOnlyList<PackSpec> packs = plan.FirstRound();
            string[] expected =
            [
                .. plan.Arms.SelectMany(g => g.Rates.SelectMany(r => plan.Study.Grid.Seeds.Select(s => RunId.Of(plan.Run(g, r, s))))),
            ];
            Assert.Equal(expected.Order(), packs.SelectMany(p => p.Runs.Select(r => r.Id)).Order());
            foreach (PackSpec pack in packs)
            {
                Assert.InRange(pack.Runs.Count, 1, most);
                RunSpec first = pack.Runs[0].Spec;
                Assert.All(
                    pack.Runs,
                    r =>
                        Assert.Equal(
                            first,
                            r.Spec with
                            {
                                Seed = first.Seed,
                                Optimizer = r.Spec.Optimizer with
                                {
                                    LearningRate = first.Optimizer.LearningRate,
                                    Beta1 = first.Optimizer.Beta1,
                                    Beta2 = first.Optimizer.Beta2,
                                },
                            }
                        )
                );
            }
            Assert.Equal(packs.Count, packs.Select(p => p.Id).Distinct().Count());
        }
    }

    [Fact]
    public void Chunks_of_a_pack_differ_by_one_run_at_most_and_momenta_share_packs()
    {
        int[] sizes = [.. PlanOf("limits.max-replicas=8").FirstRound().Select(p => p.Runs.Count)];
        Assert.Equal([7, 8, 6, 6, 7, 8, 6, 6], sizes); // 15 of SGD, 12 of Adam with two betas, at each batch size
    }

    [Fact]
    public void Optimizers_whose_chains_differ_share_no_pack()
    {
        Plan plan = PlanOf(
            "optimizers.adam={lr: 0.001}",
            "optimizers.adam-clip={kind: adam, lr: 0.001, clip: 1}",
            "optimizers.sgd={lr: 0.1}",
            "limits.max-replicas=100"
        );
        Assert.All(plan.FirstRound(), p => Assert.Single(p.Runs.Select(r => r.Spec.Optimizer.Name).Distinct()));
        Assert.Equal(6, plan.FirstRound().Count);
    }

    [Fact]
    public void Every_average_that_is_varied_tells_the_arms_of_an_optimizer_apart()
    {
        Results.Analysis.Moments[] MomentsOf(string optimizer) =>
            [.. PlanOf($"optimizers={{a: {optimizer}}}", "grid.batch=16").Arms.Select(a => a.Moments)];
        Assert.Equal([new(0.9, 0.95), new(0.9, 0.999)], MomentsOf("{kind: adam, beta2: [0.95, 0.999], lr: 0.1}"));
        Assert.Equal([new(0.5), new(0.9)], MomentsOf("{kind: sgd, momentum: [0.5, 0.9], lr: 0.1}"));
        // Lion's second average is one of gradients; Muon's second first average is that of its Adam.
        Assert.Equal([new(0.9, null, "beta2=0.9"), new(0.9, null, "beta2=0.99")], MomentsOf("{kind: lion, beta2: [0.9, 0.99], lr: 0.1}"));
        Assert.Equal(
            [new(0.95, 0.95, "beta1=0.8"), new(0.95, 0.95, "beta1=0.9")],
            MomentsOf("{kind: muon, beta1: [0.8, 0.9], lr: 0.1, adam-lr: 0.01}")
        );
        Assert.Equal([new(0, 0.99)], MomentsOf("{kind: rmsprop, lr: 0.1}"));
    }

    [Fact]
    public void The_same_run_named_twice_is_planned_once()
    {
        Plan plan = PlanOf("optimizers.adam={lr: 0.001}", "optimizers.twin={kind: adam, lr: 0.001}", "optimizers.sgd={lr: 0.1}");
        Assert.Equal(2 * 2 * 3, plan.FirstRound().Sum(p => p.Runs.Count));
    }

    [Fact]
    public void Runs_share_a_pack_when_their_optimizers_differ_in_columns_alone()
    {
        const string muon = "optimizers.sgd={kind: muon, adam-lr: 0.001, newton-schulz: 5, lr: [0.1, 0.2]}";
        Assert.Single(PacksOf(muon, "optimizers.adam={kind: muon, adam-lr: 0.002, momentum: 0.8, lr: 0.1}"));
        Assert.Equal(2, PacksOf(muon, "optimizers.adam={kind: muon, newton-schulz: 4, lr: 0.1}").Count);
        const string clipped = "optimizers.sgd={kind: adam, clip-top: 0.1, lr: 0.1}";
        Assert.Single(PacksOf(clipped, "optimizers.adam={kind: adam, clip-top: 0.2, lr: 0.1}"));
        Assert.Equal(2, PacksOf(clipped, "optimizers.adam={kind: adam, lr: 0.1}").Count);
        Assert.Equal(2, PacksOf(clipped, "optimizers.adam={kind: adam, clip-top: 0.1, clip-top-at: update, lr: 0.1}").Count);
        Assert.Equal(2, PacksOf(clipped, "optimizers.adam={kind: adam, clip-top: 0.1, clip-top-scope: tensor, lr: 0.1}").Count);
        // With a first moment Adafactor keeps another row, so the two are not one chain.
        Assert.Equal(
            2,
            PacksOf("optimizers.sgd={kind: adafactor, lr: 0.1}", "optimizers.adam={kind: adafactor, beta1: 0.9, lr: 0.1}").Count
        );

        static IReadOnlyList<PackSpec> PacksOf(params string[] overrides) =>
            PlanOf([.. overrides, "grid.batch=16", "limits.max-replicas=100"]).FirstRound();
    }

    [Fact]
    public void A_shared_beta_sets_what_each_kind_averages_and_refuses_a_kind_that_averages_nothing()
    {
        Plan plan = PlanOf("optimizers.sgd={kind: rmsprop, lr: 0.1}", "optimizers.adam={kind: muon, lr: 0.1}", "grid.beta=[0.5]");
        Assert.Equal((0.0, 0.5), (plan.Arms[0].Template.Momentum, plan.Arms[0].Template.Beta2));
        Assert.Equal((0.5, 0.5, 0.5), (plan.Arms[1].Template.Momentum, plan.Arms[1].Template.Beta1, plan.Arms[1].Template.Beta2));
        Assert.Contains(
            "averages nothing",
            Assert
                .Throws<Numerics.InputException>(() =>
                    PlanOf("optimizers.sgd={kind: adagrad, lr: 0.1}", "optimizers.adam={lr: 0.1}", "grid.beta=[0.5]")
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Equal(
            [
                "sgd/B=16/momentum=0.8,beta1=0.7",
                "sgd/B=16/momentum=0.8,beta1=0.9",
                "sgd/B=16/momentum=0.9,beta1=0.7",
                "sgd/B=16/momentum=0.9,beta1=0.9",
            ],
            PlanOf("optimizers.sgd={kind: muon, momentum: [0.8, 0.9], beta1: [0.7, 0.9], lr: 0.1}")
                .Arms.Where(g => g.Optimizer == "sgd" && g.Batch == 16)
                .Select(g => g.Key)
        );
    }

    [Fact]
    public void A_later_round_of_an_arm_does_not_depend_on_the_others()
    {
        Plan plan = PlanOf();
        IReadOnlyList<PackSpec> packs = plan.Round(plan.Arms[3], [3.16228, 0.00316228]);
        Assert.Equal(6, packs.Sum(p => p.Runs.Count));
        Assert.All(packs.SelectMany(p => p.Runs), r => Assert.Equal((64, "sgd"), (r.Spec.Batch, r.Spec.Optimizer.Name)));
        Assert.Equal(packs.Select(p => p.Id), plan.Round(plan.Arms[3], [0.00316228, 3.16228]).Select(p => p.Id));
    }

    [Fact]
    public void A_memory_limit_makes_packs_smaller()
    {
        Plan free = PlanOf(),
            tight = PlanOf(400L << 20);
        Assert.True(tight.FirstRound().Count > free.FirstRound().Count);
        Assert.True(tight.FirstRound().Where(p => p.Runs.Count > 1).All(p => p.EstimatedMemory <= 400L << 20));
        Assert.Equal(
            free.FirstRound().SelectMany(p => p.Runs.Select(r => r.Id)).Order(),
            tight.FirstRound().SelectMany(p => p.Runs.Select(r => r.Id)).Order()
        );
    }

    [Fact]
    public void The_estimate_counts_steps_samples_and_tokens()
    {
        PlanEstimate cost = PlanEstimate.Of(PlanOf());
        Assert.Equal(54, cost.Runs);
        Assert.Equal(27L * (4096 / 16 + 4096 / 64), cost.Steps);
        Assert.Equal((54L * 4096, 54L * 4096 * 64), (cost.Samples, cost.Tokens));
        Assert.Equal(2 * (5 + 2 * 2 + 3 * 12) * 3, cost.MostRuns);
        Assert.True(cost.Disk > 0 && cost.MemoryPerPack > 300 << 20);
    }

    [Theory]
    [InlineData("budget={steps: 7}", 7, 7)]
    [InlineData("budget={samples: 100}", 6, 1)]
    [InlineData("budget={tokens: 10000}", 9, 2)]
    public void Budgets_become_steps(string budget, long small, long large)
    {
        Plan plan = PlanOf(budget);
        Assert.Equal((small, large), (plan.Study.Budget.Steps(16, 64), plan.Study.Budget.Steps(64, 64)));
    }

    [Theory]
    [InlineData("grid.seeds=1", "few-seeds", Severity.Warning)]
    [InlineData("grid.seeds=3", "few-seeds", Severity.Hint)]
    [InlineData("grid.batch=16", "one-batch-size", Severity.Hint)]
    [InlineData("grid.batch=[16, 20000]", "batch-above-data", Severity.Error)]
    [InlineData("budget={samples: 32}", "budget-below-step", Severity.Warning)]
    [InlineData("budget={samples: 256}", "void-warmup", Severity.Warning)]
    [InlineData("budget={samples: 1024}", "few-steps", Severity.Hint)]
    [InlineData("budget={samples: 1e6}", "many-epochs", Severity.Hint)]
    [InlineData("metric=last-min", "biased-metric", Severity.Warning)]
    [InlineData("optimizers.adam.beta1=[0.8, 0.85, 0.9, 0.95]", "unequal-tuning", Severity.Warning)]
    [InlineData("optimizers.sgd.momentum=0", "no-momentum", Severity.Hint)]
    [InlineData("evaluation.validation=1000000", "short-validation", Severity.Hint)]
    public void What_speaks_against_a_study_is_said_before_it_starts(string change, string id, Severity severity)
    {
        Plan plan = PlanOf(change);
        using LanguageTask task = LanguageTask.Load(plan.Study.Task);
        Assert.Contains(StudyChecks.Check(plan, task), f => f.Id == id && f.Severity == severity);
        using LanguageTask clean = LanguageTask.Load(PlanOf().Study.Task);
        IReadOnlyList<Finding> before = StudyChecks.Check(PlanOf("grid.seeds=4"), clean);
        Assert.DoesNotContain(before, f => f.Id == id);
    }

    [Fact]
    public void Too_little_memory_or_disk_is_an_error()
    {
        Plan plan = PlanOf();
        using LanguageTask task = LanguageTask.Load(plan.Study.Task);
        Assert.Contains(StudyChecks.Check(plan, task, 1, allowedMemory: 1 << 20), f => f is { Id: "memory", Severity: Severity.Error });
        Assert.Contains(
            StudyChecks.Check(plan, task, 1000, allowedMemory: 8L << 30),
            f => f is { Id: "memory", Severity: Severity.Warning }
        );
        Assert.Contains(StudyChecks.Check(plan, task, 1, freeDisk: 1 << 10), f => f is { Id: "disk", Severity: Severity.Error });
        Assert.DoesNotContain(StudyChecks.Check(plan, task, 1, 64L << 30, 64L << 30), f => f.Severity == Severity.Error);
    }

    [Fact]
    public void What_probes_need_is_counted_before_a_start_and_shapes_no_pack()
    {
        const string Shadows =
            "probes={names: [sharpness], samples: 8, batch: 2, shadows: {a: {kind: adam, lr: 0.1}, s: {kind: sgd, lr: 0.1}}}";
        Plan plain = PlanOf(),
            probed = PlanOf(Shadows);
        Assert.Equal(plain.FirstRound().Select(p => p.Id), probed.FirstRound().Select(p => p.Id));
        RunSpec run = plain.FirstRound()[0].Runs[0].Spec;
        long parameters = plain.Parameters;
        long Extra(ProbesSpec probes, int replicas) => probed.Memory(run, replicas, probes) - probed.Memory(run, replicas, null);
        ProbesSpec spec = probed.Study.Probes!;
        // Another replica brings its shadows' float32 rows alone: Adam's m and v, both updates, and θ before the step.
        Assert.Equal(1.3 * 4 * (2 + 2 + 1) * parameters, Extra(spec, 5) - Extra(spec, 4), 2.0);
        // Another shadow without memory: its update, one row per replica, and in float64 its direction three times over.
        Assert.Equal(
            1.3 * (4 * 3 + 8 * 3) * parameters,
            Extra(spec with { Shadows = [.. spec.Shadows, spec.Shadows[1]] }, 3) - Extra(spec, 3),
            2.0
        );
        // The graph: with the batch, three times a backward's; of a spectrum, for every batch at once.
        Assert.Equal(Extra(spec with { Batch = 4 }, 1) - Extra(spec, 1), (Extra(spec with { Batch = 6 }, 1) - Extra(spec, 1)) / 2.0, 2.0);
        Assert.True(Extra(spec with { Names = ["spectrum"] }, 1) > Extra(spec, 1));

        using LanguageTask task = LanguageTask.Load(plain.Study.Task);
        long between = (PlanEstimate.Of(plain).MemoryPerPack + PlanEstimate.Of(probed).MemoryPerPack) / 2;
        Assert.DoesNotContain(StudyChecks.Check(plain, task, 1, between), f => f.Severity == Severity.Error);
        Finding refused = Assert.Single(StudyChecks.Check(probed, task, 1, between), f => f is { Id: "memory", Severity: Severity.Error });
        Assert.Contains("for the probes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("a study may use", refused.Message, StringComparison.Ordinal);
        Plan limited = PlanOf(Shadows, "limits.memory=310MiB");
        Assert.Contains(
            StudyChecks.Check(limited, task, 1, limited.Study.Limits.Memory),
            f => f.Id == "memory" && f.Message.Contains("limits.memory allows 310 MiB", StringComparison.Ordinal)
        );
    }

    private static Plan PlanOf(params string[] overrides) => new(StudyFile.Parse("small.yaml", StudyFileSpecs.Small, overrides), 64, Count);

    private static Plan PlanOf(long memory) => new(StudyFile.Parse("small.yaml", StudyFileSpecs.Small), 64, Count, memory);
}
