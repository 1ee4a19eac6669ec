// Escape theory and its simulation: reference rows, closed forms against averages, the fast path against the plain one, any number of
// cores.
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Reference;
using Gaplab.Theory.Escape;
using Gaplab.Theory.Levy;

namespace Gaplab.Pure.Tests.Theory;

public sealed class EscapeSpecs
{
    [Fact]
    public void Every_reference_row_of_escape_is_known_and_every_closed_form_within_its_tolerance()
    {
        JsonArray rows = new([
            .. JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference", "reference.json")))!["rows"]!
                .AsArray()
                .Where(r => ((string)r!["section"]!).StartsWith('B'))
                .Select(r => r!.DeepClone()),
        ]);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, rows.ToJsonString());
            var check = new ReferenceCheck();
            check.Add('B', EscapeReference.Evaluators);
            ReferenceReport report = check.Run(path, all: false);
            Assert.Empty(report.Outside);
            Assert.Equal((141, 72, 69, 0), (rows.Count, report.Checked, report.NotSimulated, report.Unknown));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Closed_forms_for_isotropic_noise_agree_with_averages_over_directions()
    {
        double[,] hessian =
            {
                { 3, 0.5, 0 },
                { 0.5, 1, 0.2 },
                { 0, 0.2, 0.4 },
            },
            a =
            {
                { 1, 0.3, 0 },
                { 0, 0.7, 0.1 },
                { 0.2, 0, 1.1 },
            },
            diagonal =
            {
                { 1, 0, 0 },
                { 0, 0.5, 0 },
                { 0, 0, 2 },
            };
        var ellipsoid = new EllipsoidBasin(hessian, 0.7);
        var box = new BoxBasin([1, 2, 3], [1, 2, 3]);
        foreach (double alpha in (double[])[0.7, 1.3, 1.8])
        {
            Agree(
                EscapeRate.Isotropic(alpha, 0.1, a, ellipsoid),
                EscapeRate.Isotropic(alpha, 0.1, a, new PredicateBasin(3, ellipsoid.Contains, 50))
            );
            Agree(
                EscapeRate.Isotropic(alpha, 0.1, a, new BallBasin(3, 1.5)),
                EscapeRate.Isotropic(alpha, 0.1, a, new PredicateBasin(3, new BallBasin(3, 1.5).Contains, 50))
            );
            Agree(
                EscapeRate.Isotropic(alpha, 0.1, diagonal, box),
                EscapeRate.Isotropic(alpha, 0.1, diagonal, new PredicateBasin(3, box.Contains, 50))
            );
        }

        static void Agree(RateEstimate closed, RateEstimate averaged)
        {
            Assert.Equal(0, closed.Error);
            Assert.InRange(averaged.Value, closed.Value - 4.5 * averaged.Error, closed.Value + 4.5 * averaged.Error);
            Assert.InRange(averaged.Error / closed.Value, 1e-12, 0.02);
        }
    }

    [Fact]
    public void In_one_dimension_independent_and_isotropic_noise_are_the_same()
    {
        var basin = new BoxBasin([0.5], [2]);
        foreach (double alpha in (double[])[0.6, 1, 1.7])
            Assert.Equal(
                1,
                EscapeRate
                    .Isotropic(
                        alpha,
                        0.2,
                        new[,]
                        {
                            { 0.9 },
                        },
                        basin
                    )
                    .Value
                    / EscapeRate.Independent(
                        alpha,
                        0.2,
                        new[,]
                        {
                            { 0.9 },
                        },
                        basin
                    ),
                1e-12
            );
    }

    [Fact]
    public void The_chain_s_correction_tends_to_the_continuous_one()
    {
        // The chain misses the relaxation within a step, of order dt^(2−α): a tenth of the step divides the difference by at least
        // 10^(2−α)/1.5.
        foreach (double alpha in (double[])[0.8, 1.2, 1.5])
        {
            double limit = FiniteNoise.K(alpha),
                coarse = Math.Abs(FiniteNoise.K(alpha, 0.02) - limit),
                fine = Math.Abs(FiniteNoise.K(alpha, 0.002) - limit);
            Assert.InRange(fine / coarse, 0, 1.5 * Math.Pow(10, -Math.Min(1, 2 - alpha)));
            Assert.InRange(fine / limit, 0, 0.03);
        }
        Assert.Equal(Math.Log(2), FiniteNoise.K(1), 1e-8);
    }

    [Fact]
    public void The_gain_of_the_average_is_the_peak_of_its_response()
    {
        // Small steps of the discrete chain approach the continuous response; the closed form is continuous through rho = 1/4.
        foreach (double rho in (double[])[0.05, 0.25, 1, 3])
            Assert.Equal(AdamResponse.Gain(rho), AdamResponse.DiscreteGain(1 - 1e-4, rho * 1e-4), 2e-4);
        Assert.Equal(AdamResponse.Gain(0.25 - 1e-8), AdamResponse.Gain(0.25 + 1e-8), 1e-6);
        Assert.Equal(0.7686026794315269, AdamResponse.DiscreteGain(0.9, 0.02), 1e-9);
    }

    [Fact]
    public void No_impulse_moves_Adam_further_than_the_bound()
    {
        double bound = AdamResponse.LargestMove(0.9, 0.999),
            furthest = 0;
        foreach (double size in (double[])[1, 100, 1e6, 1e12])
        {
            double m = 0.1 * size,
                v = 0.001 * size * size,
                x = 0;
            for (int n = 0; n < 20_000; n++, m *= 0.9, v *= 0.999)
                x += m / Math.Sqrt(v);
            furthest = Math.Max(furthest, x);
            Assert.InRange(x, 0, bound * (1 + 1e-9));
        }
        Assert.InRange(furthest / bound, 0.999, 1.001);
    }

    [Fact]
    public void The_fast_path_makes_the_steps_of_the_plain_one()
    {
        ExitProblem fast = Interval(1.4, 0.2, 0.05),
            plain = fast with { Region = new PredicateBasin(1, x => x[0] > -1 && x[0] < 1, 10) };
        Assert.NotNull(ExitEnsemble.LinearOf(fast));
        Assert.Null(ExitEnsemble.LinearOf(plain));
        Assert.Equal(ExitEnsemble.Run(plain, 3, 300).Times, ExitEnsemble.Run(fast, 3, 300).Times);
        ExitProblem cut = fast with { MaxSteps = 40 };
        ExitSample a = ExitEnsemble.Run(cut, 3, 300),
            b = ExitEnsemble.Run(plain with { MaxSteps = 40 }, 3, 300);
        Assert.Equal(b.Times, a.Times);
        Assert.Equal(b.Exited, a.Exited);
        Assert.InRange(a.Censored, 1, 299);
    }

    [Theory]
    [
        InlineData(NoiseDriver.Independent, false),
        InlineData(NoiseDriver.Independent, true),
        InlineData(NoiseDriver.Isotropic, false),
        InlineData(NoiseDriver.Isotropic, true)
    ]
    public void Eight_paths_at_a_time_on_a_quadratic_make_the_steps_of_one_alone(NoiseDriver driver, bool dense)
    {
        const double Alpha = 1.6;
        double[,] hessian = dense
            ? new[,]
            {
                { 3, 0.5, 0 },
                { 0.5, 1, 0.2 },
                { 0, 0.2, 0.4 },
            }
            : QuadraticPotential.Diagonal(3, 1, 0.4).Hessian;
        double[,] sigma = dense
            ? new[,]
            {
                { 1, 0.3 },
                { 0, 0.7 },
                { 0.2, 0 },
            }
            : new[,]
            {
                { 1, 0, 0 },
                { 0, 0.5, 0 },
                { 0, 0, 2 },
            };
        (StepRule, int)[] rules =
        [
            (StepRule.SgdSde(Alpha, 0.05, 0.05), 0),
            (StepRule.AdamSde(Alpha, 0.05, 0.05, 1, 0.01, [1, 2, 0.5], throughAverage: true, biasCorrection: false), 0),
            (StepRule.AdamSde(Alpha, 0.05, 0.05, 1, 0.01, [2], throughAverage: false, biasCorrection: true), 0),
            (StepRule.Sgd(0.05), 0),
            (StepRule.Momentum(0.05, 0.8), 0),
            (StepRule.Adam(0.1, 0.9, 0.99), 0),
            (StepRule.Adam(0.1, 0.9, 0.99, biasCorrection: false), 30),
            (StepRule.Adam(0.05, 0, 0, []), 5),
        ];
        IBasin[] basins =
        [
            new EllipsoidBasin(hessian, 0.7),
            new BallBasin(3, 1),
            new BoxBasin([1, 0.8, double.PositiveInfinity], [0.9, 2, 1]),
        ];
        int exits = 0;
        foreach ((StepRule rule, int warmUp) in rules)
        foreach (IBasin basin in basins)
        {
            var fast = new ExitProblem
            {
                Potential = new QuadraticPotential(hessian),
                Minimum = [0, 0, 0],
                Start = [0.1, 0, -0.2],
                Region = basin,
                Noise = new LevyNoise(Alpha, driver, sigma),
                Rule = rule,
                WarmUp = warmUp,
                MaxSteps = 300,
            };
            ExitProblem plain = fast with { Region = new PredicateBasin(3, basin.Contains, 100) };
            Assert.NotNull(QuadraticLanes.Of(fast));
            Assert.Null(QuadraticLanes.Of(plain));
            ExitSample a = ExitEnsemble.Run(fast, 9, 61),
                b = ExitEnsemble.Run(plain, 9, 61);
            Assert.Equal(b.Times, a.Times);
            Assert.Equal(b.Exited, a.Exited);
            exits += a.Paths - a.Censored;
        }
        Assert.InRange(exits, 100, rules.Length * basins.Length * 60);
    }

    [Fact]
    public void Numbers_do_not_depend_on_the_number_of_cores()
    {
        ExitProblem quick = Interval(1.5, 0.3, 0.05),
            adam = quick with { Rule = StepRule.Adam(0.05, 0.9, 0.99), Region = new BallBasin(1, 0.3), WarmUp = 10, MaxSteps = 5000 };
        foreach (ExitProblem problem in (ExitProblem[])[quick, adam])
            Assert.Equal(ExitEnsemble.Run(problem, 1, 700, cores: 1).Times, ExitEnsemble.Run(problem, 1, 700, cores: 3).Times);
    }

    [Fact]
    public void An_ensemble_stops_at_the_precision_asked()
    {
        ExitSample sample = ExitEnsemble.Run(Interval(1.2, 0.1, 0.05), new EnsembleOptions(1, 0.03, 64, 100_000));
        Assert.InRange(sample.StandardError / sample.Mean, 0.015, 0.03);
        Assert.Equal(4 * 64, ExitEnsemble.Run(Interval(1.2, 0.1, 0.05), new EnsembleOptions(1, 0.001, 64, 256)).Paths);
    }

    [Fact]
    public void The_mean_exit_and_its_exponential_law_are_those_predicted()
    {
        ExitProblem problem = Interval(1.2, 0.035, 0.05);
        EscapeForecast forecast = EscapeForecast.Of(problem, problem.Region);
        ExitSample sample = ExitEnsemble.Run(problem, 5, 2000);
        Assert.True(forecast.IsValid);
        Assert.InRange(sample.Mean * forecast.Corrected!.Value, 0.91, 1.09); // four standard errors
        Assert.True(ExponentialLaw.Kolmogorov(sample.Times).P > 0.001);
        Assert.InRange(ExponentialLaw.Laplace(sample.Times, forecast.Corrected.Value, 1), 0.47, 0.53);
    }

    [Fact]
    public void A_prediction_for_Adam_is_refused_where_one_impulse_cannot_reach_the_boundary()
    {
        ExitProblem adam = Interval(1.5, 0.1, 0.01) with { Rule = StepRule.Adam(0.01, 0.9, 0.999), MaxSteps = 1000 };
        EscapeForecast forecast = EscapeForecast.Of(adam, adam.Region);
        Assert.Equal(0.31765830136, forecast.LargestMove!.Value, 1e-9);
        Assert.Contains("at most 0.3177", forecast.Reason, StringComparison.Ordinal);
        ExitProblem near = adam with { Region = new BallBasin(1, 0.1) };
        Assert.Null(EscapeForecast.Of(near, near.Region).Reason);
    }

    [Fact]
    public void Gaussian_noise_follows_Kramers_law_with_the_chain_s_shift()
    {
        ExitProblem problem = Interval(2, 0.5 / Math.Sqrt(2), 0.01);
        EscapeForecast forecast = EscapeForecast.Of(problem, problem.Region);
        ExitSample sample = ExitEnsemble.Run(problem, 2, 1500);
        Assert.InRange(sample.Mean * forecast.Rate!.Value, 0.88, 1.12);
        Assert.Equal(27.43273915249977, GaussianExit.Mean(1, 1, 0.5), 1e-8);
    }

    [Fact]
    public void A_measured_minimum_gives_the_rates_of_its_dense_form_and_of_its_eigenpairs()
    {
        double[] h = [0.5, 2, 4],
            sigma = [0.7, 1.4, 2],
            q = [0.7, 1.4, 2];
        double[,] hessian =
        {
            { 0.5, 0, 0 },
            { 0, 2, 0 },
            { 0, 0, 4 },
        };
        double[][] columns =
        [
            [0.7, 0, 0],
            [0, 1.4, 0],
            [0, 0, 2],
        ];
        MinimumPrediction at = MinimumEscape.FromHessian(1.5, hessian, columns, q, 0.5);
        double[] reach = [.. h.Select(c => Math.Sqrt(1 / c))];
        Assert.Equal(EscapeRate.PerStep(1.5, 1, sigma, [1, 1, 1], reach), at.SgdRate, 1e-12);
        Assert.Equal(EscapeRate.PerStep(1.5, 1, sigma, q, reach), at.AdamRate, 1e-12);
        foreach ((MatchedEscape dense, MatchedEscape diagonal) in at.Matched.Zip(AdamMatching.Of(1.5, h, sigma, q)))
        {
            Assert.Equal(diagonal.Matching, dense.Matching);
            Assert.Equal(diagonal.TimeRatio, dense.TimeRatio, 1e-10);
        }
        Assert.Equal(2, at.Directions[0].Column);
        Assert.Equal(1, at.Directions.Sum(d => d.SgdShare), 1e-12);
        Assert.Throws<InputException>(() => MinimumEscape.FromHessian(1.5, new double[3, 3], columns, q, 0.5));
    }

    [Fact]
    public void Survival_counts_censored_paths_only_while_they_are_watched()
    {
        // Worked by hand: at risk 5, 4, 2.
        IReadOnlyList<(double Time, double Survival)> curve = KaplanMeier.Curve([1, 2, 2.5, 3, 4], [true, true, false, true, false]);
        Assert.Equal([0.8, 0.6, 0.3], curve.Select(c => Math.Round(c.Survival, 12)));
        Assert.Equal(3, KaplanMeier.Median(curve));
        Assert.Null(KaplanMeier.Median(KaplanMeier.Curve([1, 2, 2], [true, false, false])));
    }

    [Theory, InlineData(0.5), InlineData(2.0)]
    public void The_double_well_flows_as_its_gradient_says(double start)
    {
        var well = new DoubleWell(3);
        double[] exact = [start, 0.4],
            euler = [start, 0.4],
            gradient = new double[2];
        Assert.True(well.Flow(exact, 0.7));
        for (int i = 0; i < 70_000; i++)
        {
            well.Gradient(euler, gradient);
            for (int k = 0; k < 2; k++)
                euler[k] -= 1e-5 * gradient[k];
        }
        Assert.Equal(euler[0], exact[0], 1e-4);
        Assert.Equal(euler[1], exact[1], 1e-4);
    }

    [Fact]
    public void Impossible_problems_are_refused_in_one_line()
    {
        ExitProblem problem = Interval(1.5, 0.1, 0.05);
        foreach (
            Func<object> attempt in (Func<object>[])
                [
                    () => StepRule.SgdSde(1.5, 0, 0.05),
                    () => StepRule.Sgd(-1),
                    () => new BallBasin(1, 0),
                    () => new BoxBasin([double.PositiveInfinity], [double.PositiveInfinity]),
                    () => ExitEnsemble.Run(problem with { Start = [2.0] }, 1, 2),
                    () => LevyNoise.Diagonal(2.5, NoiseDriver.Independent, 1),
                    () => new PredicateBasin(1, x => x[0] > 1),
                    () => EscapeForecast.Of(problem with { Potential = QuadraticPotential.Diagonal(-1) }, problem.Region),
                ]
        )
        {
            string message = Assert.Throws<InputException>(attempt).Message;
            Assert.DoesNotContain('\n', message);
        }
    }

    private static ExitProblem Interval(double alpha, double epsilon, double dt) =>
        new()
        {
            Potential = QuadraticPotential.Diagonal(1),
            Minimum = [0],
            Region = new BoxBasin([1], [1]),
            Noise = LevyNoise.Diagonal(alpha, NoiseDriver.Independent, 1),
            Rule = StepRule.SgdSde(alpha, epsilon, dt),
            MaxSteps = 10_000_000,
        };
}
