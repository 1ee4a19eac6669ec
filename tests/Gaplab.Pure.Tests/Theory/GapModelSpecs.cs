// The gap model: reference rows, dense moment iteration, closed forms, binning, rotations, simulation and bad input.
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Reference;
using Gaplab.Theory.GapModel;

namespace Gaplab.Pure.Tests.Theory;

public sealed class GapModelSpecs
{
    private static readonly bool All = LongStage.Runs;

    [Fact]
    public void Every_reference_row_of_the_gap_model_is_known_and_within_its_tolerance()
    {
        JsonArray rows = new([
            .. JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference", "reference.json")))!["rows"]!
                .AsArray()
                .Where(r => ((string)r!["section"]!).StartsWith('C'))
                .Select(r => r!.DeepClone()),
        ]);
        string path = Path.GetTempFileName();
        File.WriteAllText(path, rows.ToJsonString());
        var check = new ReferenceCheck();
        check.Add('C', new GapModelReference().Evaluators);
        ReferenceReport report = check.Run(path, All);
        File.Delete(path);
        Assert.Empty(report.Outside);
        Assert.Equal((382, 0), (rows.Count, report.Unknown));
        Assert.Equal(rows.Count - (All ? 0 : rows.Count(r => (string)r!["kind"]! == "mc")), report.Checked);
    }

    [Theory, InlineData(0), InlineData(0.9)]
    public void Heavy_ball_agrees_with_matrices_multiplied_out(double momentum)
    {
        var q = new Quadratic([2, 0.3, 0.01], [1, 5, 0.2], [1, 0.5, 4], [1, 3, 2]);
        double[] factors = RateSchedule.Cosine.Factors(70);
        double expected = 0;
        for (int i = 0; i < q.Count; i++)
        {
            // Y ← M Y Mᵀ + N with plain 2 × 2 matrices of (x, v).
            double[,] y =
            {
                { q.StartSquared[i], 0 },
                { 0, 0 },
            };
            foreach (double factor in factors)
            {
                double eta = 0.05 * factor,
                    l = q.Curvature[i],
                    s = q.NoiseVariance[i] / 8;
                double[,] m =
                {
                    { 1 - eta * l, -eta * momentum },
                    { l, momentum },
                };
                double[] b = [-eta, 1];
                double[,] next = new double[2, 2];
                for (int r = 0; r < 2; r++)
                for (int c = 0; c < 2; c++)
                {
                    next[r, c] = b[r] * b[c] * s;
                    for (int u = 0; u < 2; u++)
                    for (int w = 0; w < 2; w++)
                        next[r, c] += m[r, u] * y[u, w] * m[c, w];
                }
                y = next;
            }
            expected += q.Weight[i] * 0.5 * q.Curvature[i] * y[0, 0];
        }
        var ball = new HeavyBall(momentum);
        Assert.Equal(expected, ball.Loss(q, 8, factors, 0.05), 1e-13);
        double[] curve = ball.Curve(q, 8, factors, 0.05);
        Assert.Equal(71, curve.Length);
        Assert.Equal(q.InitialLoss, curve[0], 1e-13);
        Assert.Equal(expected, curve[^1], 1e-13);
    }

    [Theory, InlineData(0.0), InlineData(0.5), InlineData(0.95)]
    public void At_a_constant_rate_repeated_squaring_is_the_recursion(double momentum)
    {
        Quadratic q = GapModelReference.Case("P1");
        var ball = new HeavyBall(momentum);
        foreach (int steps in (int[])[33, 64, 1000, 4097])
        {
            // The curve goes step by step, the loss by squaring.
            double[] factors = RateSchedule.Constant.Factors(steps);
            Assert.Equal(1, ball.Loss(q, 32, factors, 0.003) / ball.Curve(q, 32, factors, 0.003)[^1], 1e-10);
        }
        Assert.Equal(ModelledOptimizer.Diverged, ball.Loss(q, 32, RateSchedule.Constant.Factors(5000), 5));
    }

    [Fact]
    public void Plain_descent_without_noise_is_a_product()
    {
        var q = new Quadratic([0.7], [0], [2]);
        Assert.Equal(
            0.5 * 0.7 * 2 * Math.Pow(1 - 0.1 * 0.7, 40),
            new HeavyBall(0).Loss(q, 1, RateSchedule.Constant.Factors(20), 0.1),
            1e-14
        );
    }

    [Fact]
    public void A_rotation_by_zero_or_of_equal_coordinates_changes_nothing_and_an_entry_in_no_block_goes_alone()
    {
        Quadratic p1 = GapModelReference.Case("P1"),
            u = GapModelReference.Case("U");
        var adam = new AdamClosure(0.9, 0.999);
        double[] factors = RateSchedule.Cosine.Factors(64);
        double plain = adam.Loss(p1, 64, factors, 0.03);
        Assert.Equal(1, RotatedAdam.Loss(adam, p1, Rotation.Pairs(p1, 0), 64, factors, 0.03) / plain, 1e-10);
        Assert.Equal(
            1,
            RotatedAdam.Loss(
                adam,
                p1,
                Rotation.Of(
                    p1,
                    [3, 9],
                    new double[,]
                    {
                        { 1, 0 },
                        { 0, 1 },
                    }
                ),
                64,
                factors,
                0.03
            ) / plain,
            1e-10
        );
        Assert.True(Math.Abs(RotatedAdam.Loss(adam, p1, Rotation.Pairs(p1, 45), 64, factors, 0.03) / plain - 1) > 0.01);
        Assert.Throws<InputException>(() =>
            Rotation.Of(
                u,
                [0, 1],
                new double[,]
                {
                    { 1, 1 },
                    { 0, 1 },
                }
            )
        );
    }

    [Fact]
    public void A_random_rotation_of_many_coordinates_agrees_with_simulation()
    {
        Quadratic q = new QuadraticFamily
        {
            Spectrum = "power-law",
            Dimension = 12,
            StartExponent = 0.5,
        }.Build();
        var setting = new GapSetting
        {
            Quadratic = q,
            Rotation = Rotation.Random(q, 3),
            Budget = new Budget(256, null),
            Batches = [64],
        };
        var adam = new AdamClosure(0.9, 0.999);
        double rate = setting.Tune([adam], 64).Rate;
        double model = setting.Loss(adam, 64, setting.Schedule.Factors(256), rate);
        SimulatedLoss simulated = BruteForce.Run(setting, [new Contender(adam, rate)], 64, 1600, 5)[0];
        Assert.True(
            Math.Abs(simulated.Mean / model - 1) < 0.03 + 3 * simulated.StandardError / model,
            $"{simulated.Mean} ± {simulated.StandardError}, model {model}"
        );
        Assert.Equal(model, setting.Curve(adam, 64, rate)[^1], 1e-12);
    }

    [Fact]
    public void Simulated_SGD_has_the_exact_moments_and_the_numbers_do_not_depend_on_the_cores()
    {
        var setting = new GapSetting
        {
            Quadratic = GapModelReference.Case("P1"),
            Budget = new Budget(100, null),
            Batches = [16],
        };
        var ball = new HeavyBall(0.9);
        SimulatedLoss many = BruteForce.Run(setting, [new(ball, 0.004)], 16, 800, 1)[0];
        double[] exact = setting.Curve(ball, 16, 0.004);
        Assert.True(Math.Abs(many.Mean - exact[^1]) < 4 * many.StandardError, $"{many.Mean} ± {many.StandardError}, exact {exact[^1]}");
        Assert.Equal(exact[0], many.Curve[0], 1e-12);
        // The first groups of a longer run are those of a shorter one: nothing is shared between them.
        Assert.Equal(many.Losses.Take(32), BruteForce.Run(setting, [new(ball, 0.004)], 16, 32, 1)[0].Losses);
    }

    [Theory, InlineData("power-law", 1.0, 1.0), InlineData("power-law", 2.0, 0.5), InlineData("two-scale", 1.0, 1.0)]
    public void Binned_coordinates_give_tuned_losses_within_one_per_cent(string spectrum, double exponent, double noise)
    {
        Quadratic q = new QuadraticFamily
        {
            Spectrum = spectrum,
            Dimension = 700,
            Exponent = exponent,
            NoiseExponent = noise,
            StartExponent = 0.5,
            Sharp = 40,
        }.Build();
        var setting = new GapSetting
        {
            Quadratic = q,
            Budget = new Budget(300, null),
            Batches = [4, 256, 8192],
        };
        GapCurve binned = GapCurve.Of(setting),
            exact = GapCurve.Of(setting with { Bins = 0, RateTolerance = 1e-2 });
        Assert.True(setting.Computed.Count <= 128);
        Assert.Equal(q.Coordinates, setting.Computed.Coordinates, 1e-6);
        Assert.Equal(q.InitialLoss, setting.Computed.InitialLoss, 1e-9);
        foreach ((GapPoint a, GapPoint b) in binned.Points.Zip(exact.Points))
        {
            Assert.InRange(a.First.Loss / b.First.Loss, 0.99, 1.01);
            Assert.InRange(a.Second.Loss / b.Second.Loss, 0.99, 1.01);
        }
    }

    [Fact]
    public void Equal_coordinates_fall_into_one_bin_and_zeros_stay_apart()
    {
        double[] l = [.. Enumerable.Range(0, 300).Select(i => i % 3 == 0 ? 0 : i % 3)];
        Quadratic binned = CoordinateBins.Of(new Quadratic(l, [.. l.Select(_ => 1.0)], [.. l.Select(x => x == 2 ? 0 : 1.0)]), 10);
        Assert.Equal([2, 1, 0], binned.Curvature.Select(c => Math.Round(c, 12)));
        Assert.Equal([100, 100, 100], binned.Weight);
        Assert.Equal([0, 1, 0], binned.StartSquared.Select(a => Math.Round(a, 12)));
    }

    [Fact]
    public void A_crossing_counts_only_when_the_gap_leaves_the_tie_band_on_both_sides()
    {
        static GapPoint At(double batch, double gap) =>
            new(batch, 1, new(new HeavyBall(0), 1, 1, RateEdge.None), new(new HeavyBall(0), 1, 1, RateEdge.None), gap);
        GapCurve curve = GapCurve.Of([At(1, -0.1), At(2, -0.01), At(4, 0.01), At(8, 0.1)], 0.02);
        Assert.Equal(Math.Pow(2, 1.5), Assert.Single(curve.Crossings).Batch, 1e-12);
        Assert.True(curve.Crossings[0].ToSecond);
        curve = GapCurve.Of([At(1, -0.1), At(2, 0.01), At(4, -0.01)], 0.02);
        Assert.Equal((0, 2, "first-better-throughout"), (curve.Crossings.Count, curve.WeakCrossings, curve.Verdict));
        Assert.Equal("tie", GapCurve.Of([At(1, -0.01), At(2, 0.01)], 0.02).Verdict);
    }

    [Fact]
    public void Isotropic_noise_is_a_tie_in_the_noise_dominated_limit()
    {
        Quadratic q = GapModelReference.Case("I", 1);
        var master = new NoiseDominated(q, RateSchedule.Constant);
        Assert.Equal(master.Loss(100, false), master.Loss(100, true), 1e-9);
        Assert.Empty(master.Crossings(0.1, 1e5));
        // At a constant rate I(z) = (1 − e^−z)/z: one coordinate's loss against a fine search.
        var one = new NoiseDominated(new Quadratic([1], [1], [1]), RateSchedule.Constant);
        double best = Enumerable
            .Range(1, 400_000)
            .Min(i => 2e-5 * i is var tau ? 0.5 * (Math.Exp(-2 * tau) + tau * tau / 50 * (1 - Math.Exp(-2 * tau)) / (2 * tau)) : 0);
        Assert.Equal(1, one.Loss(50, false) / best, 1e-6);
    }

    [Fact]
    public void Bad_input_is_one_clear_line()
    {
        Assert.Contains("empty", Assert.Throws<InputException>(() => new Quadratic([], [], [])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "curvature 2 is -1",
            Assert.Throws<InputException>(() => new Quadratic([1, -1], [1, 1], [1, 1])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "NaN",
            Assert.Throws<InputException>(() => new Quadratic([1], [double.NaN], [1])).Message,
            StringComparison.Ordinal
        );
        var setting = new GapSetting
        {
            Quadratic = GapModelReference.Case("P1"),
            Budget = new Budget(null, 100),
            Batches = [1, 200],
        };
        Assert.Contains("under one step", Assert.Throws<InputException>(setting.Check).Message, StringComparison.Ordinal);
        Assert.Contains(
            "at least 1",
            Assert.Throws<InputException>((setting with { Batches = [0.5] }).Check).Message,
            StringComparison.Ordinal
        );
    }
}
