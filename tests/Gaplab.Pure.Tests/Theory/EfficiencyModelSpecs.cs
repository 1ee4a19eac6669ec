// The efficiency model: its curves in their limits, its likelihood against a quadrature, its posterior on known truths.
using System.Diagnostics;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using Gaplab.Theory.Efficiency;

namespace Gaplab.Pure.Tests.Theory;

public sealed class EfficiencyModelSpecs(ITestOutputHelper output)
{
    private const double N = 36_000;

    private static readonly EfficiencyParameters Truth = new(
        Length: N,
        Floor: 0,
        Base: 0.264,
        Alpha: 0.41,
        Lead: 0.11,
        LeadExponent: 0.14,
        LeadDrift: 0,
        StepsShare: 0.6,
        FirstSteps: 300,
        SecondSteps: 500,
        StepsExponent: 2,
        StepsLengthExponent: 0.9,
        MemoryAmplitude: 0.48,
        FirstMemory: 0,
        SecondMemory: 3.5,
        MemoryExponent: 1.8,
        MemoryLengthExponent: 0.5,
        Noise: 0.01
    );

    private static readonly EfficiencyContext Context = new()
    {
        First = new GradientMemory.Unscaled(),
        Second = new GradientMemory.SecondMoment(0.9, 0.95),
        Samples = N,
        Batches = [4, 8, 16, 32, 64, 128, 256],
    };

    // Recorded: MLP 2×64 on barcodes of 256 Zipf classes, N = 36,000, β₂ = 0.95, three seeds (SGD and Adam, tuned).
    private static readonly (double Batch, double Sgd, double Adam)[] Imbalance =
    [
        (4, 0.2810, 0.5582),
        (8, 0.2846, 0.3455),
        (16, 0.2840, 0.2929),
        (32, 0.2904, 0.2763),
        (64, 0.2908, 0.2668),
        (128, 0.3158, 0.2740),
        (256, 0.4242, 0.3090),
    ];

    [Fact]
    public void With_equal_amplitudes_both_branches_stand_in_one_logarithm()
    {
        double s = 0.6 * 0.264;
        EfficiencyParameters equal = Truth with { MemoryAmplitude = s };
        foreach (double b in (double[])[1, 3, 10, 60, 400, 3000])
        {
            double expected = 0.264 + s * Math.Log(1 + Math.Pow(b / 500, 2) + Math.Pow(3.5 / b, 1.8));
            Assert.Equal(expected, equal.Excess(PairSide.Second, b, N), 1e-12);
            Assert.Equal(0.264 * Math.Exp(0.11) + s * Math.Log(1 + Math.Pow(b / 300, 2)), equal.Excess(PairSide.First, b, N), 1e-12);
        }
    }

    [Fact]
    public void Where_the_branches_lie_apart_each_has_its_own_amplitude()
    {
        EfficiencyParameters apart = Truth with { SecondSteps = 1e6 };
        foreach (double b in (double[])[1, 4, 16])
            Assert.Equal(0.264 + 0.48 * Math.Log(1 + Math.Pow(3.5 / b, 1.8)), apart.Excess(PairSide.Second, b, N), 1e-6);
        apart = Truth with { SecondMemory = 1e-6 };
        foreach (double b in (double[])[100, 500, 5000])
            Assert.Equal(0.264 + 0.6 * 0.264 * Math.Log(1 + Math.Pow(b / 500, 2)), apart.Excess(PairSide.Second, b, N), 1e-6);
    }

    [Fact]
    public void Lengths_move_base_lead_and_branches_by_their_exponents()
    {
        double n = N / 4,
            x = Math.Log(0.25);
        Assert.Equal(0.264 * Math.Pow(4, 0.41), (Truth with { SecondMemory = 0 }).Excess(PairSide.Second, 1e-3, n), 1e-9);
        Assert.Equal(0.11 * Math.Pow(4, 0.14), (Truth with { SecondMemory = 0 }).Gap(1e-3, n), 1e-9);
        // A drift turns the lead over where a power cannot.
        Assert.True((Truth with { SecondMemory = 0, LeadDrift = 0.2 }).Gap(1e-3, n) < 0);
        // The same curve, read at batch sizes moved by the exponents, but for the base and its share.
        double steps = 500 * Math.Exp(0.9 * x),
            memory = 3.5 * Math.Exp(-0.5 * x),
            common = 0.264 * Math.Pow(4, 0.41),
            s = 0.6 * common;
        foreach (double b in (double[])[2, 20, 200])
            Assert.Equal(
                common + s * Math.Log(Math.Pow(b / steps, 2) + Math.Pow(1 + Math.Pow(memory / b, 1.8), 0.48 / s)),
                Truth.Excess(PairSide.Second, b, n),
                1e-9
            );
    }

    [Fact]
    public void The_likelihood_is_that_of_seeds_whose_variance_is_integrated_out()
    {
        // Three seeds 0.30, 0.28, 0.35: ∫ Π N(y; L, v) p(v) dv by the trapezoid rule in ln v.
        double[] seeds = [0.30, 0.28, 0.35];
        double mean = seeds.Average(),
            error = Math.Sqrt(seeds.Sum(y => (y - mean) * (y - mean)) / 2 / 3);
        PilotCell cell = new(PairSide.Second, 16, N, mean, error, 3);
        double Numeric(EfficiencyParameters p)
        {
            double l = p.Loss(PairSide.Second, 16, N),
                t2 = Math.Pow(p.Noise * l, 2),
                sum = 0;
            const double Degrees = 6,
                Step = 0.01;
            for (double w = -25; w < 10; w += Step)
            {
                // v = t²·e^w, ν₀t²/v is χ²(ν₀).
                double chi = Degrees * Math.Exp(-w),
                    v = t2 * Math.Exp(w),
                    log = 0.5 * Degrees * Math.Log(chi) - 0.5 * chi;
                foreach (double y in seeds)
                    log += -0.5 * Math.Log(v) - (y - l) * (y - l) / (2 * v);
                sum += Step * Math.Exp(log);
            }
            return Math.Log(sum);
        }
        var model = new EfficiencyModel([cell], Context with { Scale = 1 });
        EfficiencyParameters other = Truth with { Noise = 0.2, Base = 0.31 };
        Assert.Equal(
            Numeric(Truth with { Noise = 0.05 }) - Numeric(other),
            model.LogLikelihood(Truth with { Noise = 0.05 }) - model.LogLikelihood(other),
            1e-5
        );
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void Many_points_at_once_have_the_likelihood_of_each_with_the_noise_integrated_out(bool first, bool second, bool classes)
    {
        GradientMemory adam = new GradientMemory.SecondMoment(0.9, 0.95),
            sgd = new GradientMemory.Unscaled();
        EfficiencyContext context = Context with
        {
            First = first ? adam : sgd,
            Second = second ? adam : sgd,
            ClassFrequencies = classes ? Zipf(64) : null,
        };
        PilotCell[] cells =
        [
            new(PairSide.First, 4, N, 0.28),
            new(PairSide.Second, 16, N / 4, 0.5, 0.01, 2),
            new(PairSide.Second, 4, N, 0.56),
            new(PairSide.First, 64, N / 4, 0.7, 0.02, 3),
            new(PairSide.Second, 128, N, 0.27),
            new(PairSide.Second, 4, N, 0.31) { LogShortness = -2, Weight = 0.5 },
            new(PairSide.Second, 16, N / 4, 0.4, 0.01, 2) { LogShortness = 0.7, Weight = 0.25 },
        ];
        var model = new EfficiencyModel(cells, context);
        var stream = RandomStream.For(5, "lanes");
        const int Points = 41; // no multiple of the lanes: the last step has some to spare
        double[][] coordinates =
        [
            .. Enumerable
                .Range(0, EfficiencyModel.Dimension)
                .Select(_ => (double[])[.. Enumerable.Range(0, Points).Select(_ => 1.5 * stream.NextGaussian())]),
        ];
        double[] logs = new double[Points];
        new LaneLikelihood(model).Logs(coordinates, logs);
        for (int k = 0; k < Points; k++)
        {
            EfficiencyParameters at = model.At([.. coordinates.Select(c => c[k])]);
            double sum = model.Noises.Sum(n => Math.Exp(model.LogLikelihood(at with { Noise = n.Tau }) - 0.5 * n.Z * n.Z - logs[k]));
            Assert.Equal(1, sum, 1e-9);
        }
    }

    /// <summary>The table of docs/results.md, "The memory of Adam makes the crossover of imbalance": what β₂ = 0.95 is at batch sizes where
    /// 0.999 alone was run.</summary>
    [Fact]
    public void Runs_under_another_beta2_tell_of_the_steps_branch_and_of_the_memory()
    {
        double[] batches = [4, 8, 16, 32, 64, 128, 256],
            sgd = [0.2796, 0.2819, 0.2850, 0.2836, 0.2910, 0.3187, 0.4200],
            adam = [0.5551, 0.3461, 0.2927, 0.2768, 0.2691, 0.2750, 0.3120],
            longer = [0.2581, 0.2589, 0.2597, 0.2617, 0.2649, 0.2735, 0.3037];
        EfficiencyContext context = Context with { Batches = batches, Samples = 36_000, ClassFrequencies = Zipf(256) };
        double shortness = Math.Log(0.001 / 0.05);
        PilotCell[] own =
            [.. batches.Zip(sgd, (b, l) => new PilotCell(PairSide.First, b, 36_000, l)), new(PairSide.Second, 16, 36_000, 0.2927)],
            both =

            [
                .. own,
                .. batches.Zip(longer, (b, l) => new PilotCell(PairSide.Second, b, 36_000, l) { LogShortness = shortness, Weight = 0.5 }),
            ];
        double[][] alone = Gaps(own),
            informed = Gaps(both);
        for (int i = 0; i < batches.Length; i++)
        {
            double measured = Math.Log(sgd[i] / adam[i]);
            output.WriteLine($"B {batches[i]}: {Said(alone[i])} alone, {Said(informed[i])} with 0.999; measured {measured:0.000}");
            Assert.InRange(measured, informed[i][51], informed[i][^52]);
        }
        Assert.All([4, 5, 6], i => Assert.True(Width(informed[i]) < 0.7 * Width(alone[i]), $"B {batches[i]}"));

        double[][] Gaps(PilotCell[] cells)
        {
            IReadOnlyList<double[]> draws = EfficiencyModel.Fit(cells, context).Gaps(batches);
            return [.. batches.Select((_, i) => (double[])[.. draws.Select(d => d[i]).Order()])];
        }
        static double Width(double[] sorted) => sorted[^205] - sorted[204];
        static string Said(double[] sorted) => $"{sorted[204]:0.000} … {sorted[^205]:0.000}";
    }

    [Fact]
    public void Three_batch_sizes_at_full_length_find_the_measured_crossover_of_the_imbalanced_classes()
    {
        PilotCell[] cells = [.. Cells(Imbalance.Where(r => r.Batch is 4 or 16 or 128))];
        var watch = Stopwatch.StartNew();
        EfficiencyPosterior posterior = EfficiencyModel.Fit(cells, Context with { ClassFrequencies = Zipf(256) });
        output.WriteLine($"{watch.ElapsedMilliseconds} ms, {posterior.Quality}, memory {posterior.MemoryProbability:0.000}");
        IReadOnlyList<double[]> gaps = posterior.Gaps([8, 16, 24, 32, 64, 256]);
        double[] Sorted(int i) => [.. gaps.Select(g => g[i]).Order()];
        foreach ((int i, double batch) in new[] { (0, 8.0), (3, 32.0), (4, 64.0), (5, 256.0) })
        {
            (double _, double sgd, double adam) = Imbalance.Single(r => r.Batch == batch);
            double[] drawn = Sorted(i);
            output.WriteLine(
                $"B {batch}: {drawn[205]:0.000} {drawn[1024]:0.000} {drawn[1843]:0.000}, measured {Math.Log(sgd / adam):0.000}"
            );
            Assert.InRange(Math.Log(sgd / adam), drawn[51], drawn[^52]);
        }
        Assert.True(posterior.Quality.Mixed, posterior.Quality.ToString());
        Assert.Equal(1, posterior.MemoryProbability);
        // Measured: 20.9 (6.7 … 239).
        Assert.True(Sorted(0)[1024] < 0 && Sorted(3)[1024] > 0);
    }

    [Fact]
    public void All_fourteen_losses_are_fitted_within_seven_per_cent()
    {
        EfficiencyPosterior posterior = EfficiencyModel.Fit([.. Cells(Imbalance)], Context);
        foreach ((double batch, double sgd, double adam) in Imbalance)
        {
            double first = posterior.Draws.Average(d => d.Loss(PairSide.First, batch, N)),
                second = posterior.Draws.Average(d => d.Loss(PairSide.Second, batch, N));
            output.WriteLine($"B {batch}: {first:0.0000} for {sgd}, {second:0.0000} for {adam}");
            Assert.Equal(1, first / sgd, 0.07);
            Assert.Equal(1, second / adam, 0.07);
        }
        output.WriteLine($"{posterior.Quality}");
        Assert.True(posterior.MemoryProbability > 0.99);
    }

    [Fact]
    public void A_flat_Adam_takes_the_memory_branch_down_and_a_U_shaped_one_up_from_one_half()
    {
        (double, double, double)[] flat = [(4, 0.30, 0.280), (16, 0.30, 0.281), (64, 0.302, 0.280), (256, 0.33, 0.29)];
        EfficiencyPosterior without = EfficiencyModel.Fit([.. Cells(flat)], Context),
            with = EfficiencyModel.Fit([.. Cells(Imbalance)], Context);
        output.WriteLine($"{without.PriorMemoryProbability} → {without.MemoryProbability:0.00}, {with.MemoryProbability:0.00}");
        Assert.Equal(0.5, without.PriorMemoryProbability);
        Assert.InRange(without.MemoryProbability, 0.05, 0.5);
        Assert.InRange(with.MemoryProbability, 0.99, 1);
        // Neither SGD nor its normalised kin has such a branch, whatever the losses.
        EfficiencyPosterior none = EfficiencyModel.Fit([.. Cells(Imbalance)], Context with { Second = new GradientMemory.Unscaled() });
        Assert.Equal(0, none.MemoryProbability);
        Assert.Null(none.LongMemoryGaps([4]));
    }

    [Fact]
    public void A_long_memory_takes_the_lead_of_the_first_away()
    {
        EfficiencyPosterior posterior = EfficiencyModel.Fit([.. Cells(Imbalance)], Context);
        double[] own = [.. posterior.Gaps([4]).Select(g => g[0]).Order()],
            lengthened = [.. posterior.LongMemoryGaps([4])!.Select(g => g[0]).Order()];
        output.WriteLine(
            $"gap at 4: {own[1024]:0.000}, with β₂ = 0.999 {lengthened[205]:0.000} {lengthened[1024]:0.000} {lengthened[1843]:0.000}"
        );
        Assert.True(own[1843] < -0.3);
        // Measured: SGD 0.2943, Adam at β₂ = 0.999 0.273: +0.075.
        Assert.InRange(Math.Log(0.2943 / 0.273), lengthened[51], lengthened[^52]);
        Assert.Equal("β₂ = 0.999", posterior.Remedy);
    }

    [Fact]
    public void The_order_of_the_pair_turns_the_sign_and_nothing_else()
    {
        PilotCell[] cells = [.. Cells(Imbalance)];
        EfficiencyPosterior one = EfficiencyModel.Fit(cells, Context),
            other = EfficiencyModel.Fit(
                [.. cells.Select(c => c with { Side = 1 - c.Side })],
                Context with
                {
                    First = Context.Second,
                    Second = Context.First,
                }
            );
        // Losses are in units of the second's, so the two priors are not quite the same.
        foreach (double b in (double[])[4, 32, 256])
            Assert.Equal(one.Gaps([b]).Average(g => g[0]), -other.Gaps([b]).Average(g => g[0]), 0.03);
    }

    [Fact]
    public void The_same_seed_gives_the_same_draws_and_another_seed_the_same_answer()
    {
        PilotCell[] cells = [.. Cells(Imbalance.Where(r => r.Batch is 4 or 64))];
        double[] Mean(long seed) => [.. EfficiencyModel.Fit(cells, Context, seed).Gaps([4, 16, 64]).Select(g => g[1])];
        double[] first = Mean(1);
        Assert.Equal(first, Mean(1));
        double[] second = Mean(2);
        double sd = Math.Sqrt(first.Select(g => Math.Pow(g - first.Average(), 2)).Average());
        output.WriteLine($"{first.Average():0.0000} and {second.Average():0.0000}, sd {sd:0.0000}");
        Assert.Equal(0, (first.Average() - second.Average()) / sd, 0.3);
    }

    [Fact]
    public void What_is_no_pilot_is_refused_in_one_line()
    {
        PilotCell good = new(PairSide.First, 4, N, 0.3);
        void Refused(string expected, EfficiencyContext context, params PilotCell[] cells)
        {
            string message = Assert.Throws<InputException>(() => EfficiencyModel.Fit(cells, context)).Message;
            Assert.Contains(expected, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
        Refused("no cell of the second", Context, good);
        Refused("expected a finite loss", Context, good, good with { Side = PairSide.Second, Loss = double.PositiveInfinity });
        Refused("an error only from two seeds on", Context, good, good with { Side = PairSide.Second, StandardError = 0.1 });
        Refused("rising", Context with { Batches = [4, 4] }, good, good with { Side = PairSide.Second });
        Refused("with sum 1", Context with { ClassFrequencies = [0.5, 0.6] }, good, good with { Side = PairSide.Second });
        Refused("at least 1", Context with { Samples = 0 }, good, good with { Side = PairSide.Second });
    }

    private static IEnumerable<PilotCell> Cells(IEnumerable<(double Batch, double First, double Second)> rows) =>
        rows.SelectMany(r =>
            new[] { new PilotCell(PairSide.First, r.Batch, N, r.First), new PilotCell(PairSide.Second, r.Batch, N, r.Second) }
        );

    private static double[] Zipf(int classes)
    {
        double[] p = [.. Enumerable.Range(1, classes).Select(k => 1.0 / k)];
        double sum = p.Sum();
        return [.. p.Select(x => x / sum)];
    }
}
