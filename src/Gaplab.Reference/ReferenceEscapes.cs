// The exit problems that the reference rows name.
using System.Text.Json;
using Gaplab.Theory.Escape;
using Gaplab.Theory.Levy;
using static Gaplab.Reference.EscapeReference;

namespace Gaplab.Reference;

internal static class ReferenceEscapes
{
    public const long Seed = 20;
    private static readonly Lazy<double> s_medianRoot = new(() => AdamResponse.MedianRoot(1.5, 0.999));

    /// <summary>Of √v under SαS(1.5) noise at β₂ = .999.</summary>
    public static double MedianRoot => s_medianRoot.Value;

    public static double Mean(ExitProblem problem, int paths = 2000) => ExitEnsemble.Run(problem, Seed, paths).Mean;

    /// <summary>The leading-order rate of plain descent in the problem's unit of time.</summary>
    public static double Rate(ExitProblem problem)
    {
        double amplitude = problem.Rule.IsSde
            ? problem.Rule.Amplitude / Math.Pow(problem.Rule.Time, 1 / problem.Noise.Alpha)
            : problem.Rule.Amplitude;
        return EscapeRate.Of(problem.Noise.Driver, problem.Noise.Alpha, amplitude, problem.Noise.Sigma, problem.Region).Value;
    }

    public static ExitProblem Interval(double alpha, double epsilon, double low, double high, double dt) =>
        new()
        {
            Potential = QuadraticPotential.Diagonal(1),
            Minimum = [0],
            Region = new BoxBasin([low], [high]),
            Noise = LevyNoise.Diagonal(alpha, NoiseDriver.Independent, 1),
            Rule = StepRule.SgdSde(alpha, epsilon, dt),
            MaxSteps = long.MaxValue / 4,
        };

    public static ExitProblem Plane(JsonElement p, NoiseDriver driver)
    {
        double c = Math.Cos(0.6),
            s = Math.Sin(0.6);
        double[,] h =
        {
            { 4 * c * c + 0.5 * s * s, 3.5 * c * s },
            { 3.5 * c * s, 4 * s * s + 0.5 * c * c },
        };
        return Sde(
            p,
            new QuadraticPotential(h),
            new EllipsoidBasin(h, 0.5),
            new LevyNoise(
                Number(p, "alpha"),
                driver,
                new[,]
                {
                    { 1, 0.3 },
                    { -0.2, 0.5 },
                }
            )
        );
    }

    public static ExitProblem Ten(JsonElement p, NoiseDriver driver)
    {
        double[] h = Geometric(0.5, 8, 10);
        QuadraticPotential potential = QuadraticPotential.Diagonal(h);
        return Sde(
            p,
            potential,
            new EllipsoidBasin(potential.Hessian, 1),
            LevyNoise.Diagonal(Number(p, "alpha"), driver, [.. h.Select(Math.Sqrt)])
        );
    }

    /// <summary>The right well, left once x is <paramref name="side"/> below its minimum.</summary>
    public static ExitProblem Well(JsonElement p, double side) =>
        Sde(
            p,
            new DoubleWell(),
            new BoxBasin([side], [double.PositiveInfinity]),
            LevyNoise.Diagonal(Number(p, "alpha"), NoiseDriver.Independent, 1)
        ) with
        {
            Minimum = [1],
        };

    public static ExitProblem AdamSde(JsonElement p, bool through) =>
        new()
        {
            Potential = QuadraticPotential.Diagonal(Number(p, "h")),
            Minimum = [0],
            Region = new BoxBasin([Number(p, "r")], [Number(p, "r")]),
            Noise = LevyNoise.Diagonal(Number(p, "alpha"), NoiseDriver.Independent, 1),
            Rule = StepRule.AdamSde(
                Number(p, "alpha"),
                Number(p, "eps"),
                Number(p, "dt"),
                Number(p, "beta1"),
                0,
                [Number(p, "q")],
                through,
                biasCorrection: false
            ),
            MaxSteps = long.MaxValue / 4,
        };

    public static double AdamRate(JsonElement p, bool through)
    {
        double alpha = Number(p, "alpha"),
            q = Number(p, "q"),
            rho = Number(p, "h") / (q * Number(p, "beta1"));
        double direct = EscapeRate.Independent(
            alpha,
            Number(p, "eps"),
            new[,]
            {
                { 1 / q },
            },
            new BoxBasin([Number(p, "r")], [Number(p, "r")])
        );
        return direct * (through ? Math.Pow(AdamResponse.Gain(rho), alpha) : 1);
    }

    public static ExitProblem DiscreteAdam(JsonElement p, long maxSteps, bool frozen)
    {
        const double Eta = 0.01;
        double q = p.TryGetProperty("q", out JsonElement given) ? given.GetDouble() : MedianRoot;
        return new()
        {
            Potential = QuadraticPotential.Diagonal(Number(p, "eta_h_over_q") * q / Eta),
            Minimum = [0],
            Region = new BoxBasin([Eta * Number(p, "r_over_eta")], [Eta * Number(p, "r_over_eta")]),
            Noise = LevyNoise.Diagonal(Number(p, "alpha"), NoiseDriver.Independent, 1),
            Rule = StepRule.Adam(Eta, Number(p, "beta1"), frozen ? 0 : Number(p, "beta2"), frozen ? [q] : null, biasCorrection: false),
            WarmUp = 3000,
            MaxSteps = maxSteps,
        };
    }

    /// <summary>The discrete chains of SGD and Adam with Σ = √H, Q = Σ, at the rate that makes 400 steps of SGD's prediction; Adam's is
    /// that times <paramref name="rateRatio"/>.</summary>
    public static ExitProblem Chain(double alpha, double[] h, double rateRatio, bool adam)
    {
        const double Barrier = 1;
        QuadraticPotential potential = QuadraticPotential.Diagonal(h);
        double[] sigma = [.. h.Select(Math.Sqrt)];
        double perUnit = EscapeRate.PerStep(alpha, 1, sigma, [.. sigma.Select(_ => 1.0)], [.. h.Select(c => Math.Sqrt(2 * Barrier / c))]);
        double eta = Math.Pow(ChainRate / perUnit, 1 / alpha) * rateRatio;
        return new()
        {
            Potential = potential,
            Minimum = new double[h.Length],
            Region = new EllipsoidBasin(potential.Hessian, Barrier),
            Noise = LevyNoise.Diagonal(alpha, NoiseDriver.Independent, sigma),
            Rule = adam ? StepRule.Adam(eta, 0, 0, sigma, biasCorrection: false) : StepRule.Sgd(eta),
            MaxSteps = long.MaxValue / 4,
        };
    }

    // Small enough that both chains are in the region of validity at every convention, large enough to end.
    private const double ChainRate = 1e-4;

    public static double[] Geometric(double low, double high, int count) =>
        [.. Enumerable.Range(0, count).Select(i => low * Math.Pow(high / low, i / (count - 1.0)))];

    private static ExitProblem Sde(JsonElement p, IPotential potential, IBasin region, LevyNoise noise) =>
        new()
        {
            Potential = potential,
            Minimum = new double[potential.Dimension],
            Region = region,
            Noise = noise,
            Rule = StepRule.SgdSde(noise.Alpha, Number(p, "eps"), Number(p, "dt")),
            MaxSteps = long.MaxValue / 4,
        };
}
