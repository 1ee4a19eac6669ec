// Evaluators of the reference rows on stable laws and the tail index (theory.md section A).
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using Gaplab.Numerics.Tails;
using Gaplab.Numerics.Tails.Estimators;
using Gaplab.Numerics.Tails.Laws;

namespace Gaplab.Reference;

/// <summary>By the row's name: its value from its parameters. Whoever checks a file of reference rows adds them under the letter
/// A.</summary>
internal static class TailReference
{
    private static readonly SymmetricStableLaw s_stable = new();

    // Rows of one law share its sample of a million values; one law at a time is kept.
    private static readonly Lock s_lock = new();
    private static (string Law, int Count, TailData Data)? s_last;

    public static IReadOnlyDictionary<string, Func<JsonElement, JsonNode?>> Evaluators { get; } =
        new Dictionary<string, Func<JsonElement, JsonNode?>>
        {
            ["C_alpha"] = p => StableConstants.Levy(Alpha(p)),
            ["P(|X|>x) exact"] = p => 2 * new StableLaw(Alpha(p)).Survival(Number(p, "x")),
            ["tail ratio exact / (2C_alpha/alpha x^-alpha)"] = p =>
                new StableLaw(Alpha(p)).Survival(Number(p, "x"))
                / (StableConstants.Levy(Alpha(p)) / Alpha(p) * Math.Pow(Number(p, "x"), -Alpha(p))),
            ["SaS cdf"] = p => new StableLaw(Alpha(p)).Cumulative(Number(p, "x")),
            ["CMS symmetric map T_alpha(u,w)"] = p => StableMap.Symmetric(Alpha(p), Number(p, "u"), Number(p, "w")),
            ["CMS skew S0 map"] = p => StableMap.Skew(Alpha(p), Number(p, "beta"), Number(p, "u"), Number(p, "w")),
            ["E|X|^p of SaS(1)"] = p => StableLaw.AbsoluteMoment(Alpha(p), Number(p, "p")),
            ["E log|X| of SaS(1)"] = p => StableLaw.MeanLog(Alpha(p)),
            ["Var log|X| of SaS(1)"] = p => StableLaw.VarianceLog(Alpha(p)),
            ["Mohammadi log-moment alpha"] = p => OfSample(p, d => new LogMomentEstimator((int)Number(p, "K1")).Estimate(d)?.Alpha),
            ["Hill alpha"] = p => OfSample(p, d => new HillEstimator((long)Number(p, "k")).Estimate(d)?.Alpha),
            ["moment (DEdH) gamma"] = p => OfSample(p, d => new MomentEstimator((long)Number(p, "k")).Estimate(d)?.Inverse),
            ["Pickands gamma"] = p => OfSample(p, d => new PickandsEstimator((long)Number(p, "k")).Estimate(d)?.Inverse),
            ["McCulloch alpha"] = p => OfSample(p, d => new McCullochEstimator().Estimate(d)?.Alpha),
            ["McCulloch nu"] = p => OfSample(p, d => McCullochEstimator.Ratio(d.Ranked)),
            ["Press two-point ECF alpha"] = p => OfSample(p, d => new PressEstimator().Estimate(d)?.Alpha),
            ["ECF regression (10 points) alpha"] = p => OfSample(p, d => new KoutrouvelisEstimator().Estimate(d)?.Alpha),
            ["KS-minimising power-law tail index (Clauset)"] = p => OfSample(p, d => ClausetEstimator.Fit(d.Ranked)?.Exponent),
            ["tail size chosen by KS minimisation"] = p => OfSample(p, d => ClausetEstimator.Fit(d.Ranked)?.Tail),
            ["Mohammadi population alpha, AR(1) Gaussian"] = p => LogMomentTheory.AutoregressiveGaussian(Number(p, "rho"), Blocks(p)),
            ["Mohammadi population alpha, alternating sd (1,kappa) Gaussian"] = p =>
                LogMomentTheory.MixedScales([1, Number(p, "kappa")], Blocks(p)),
            ["Mohammadi population alpha, uncentred Gaussian N(mu,1)"] = p => LogMomentTheory.UncentredGaussian(Number(p, "mu"), Blocks(p)),
            ["EMA scale of iid SaS(1)"] = p => LogMomentTheory.MovingAverageScale(Alpha(p), Number(p, "beta1")),
            ["Mohammadi population alpha of the EMA time series of iid SaS"] = p =>
                LogMomentTheory.MovingAverageOfStable(Alpha(p), Number(p, "beta1"), Blocks(p)),
            ["Mohammadi population alpha, EMA(beta1) of t3, pooled over independent coordinates"] = p =>
                LogMomentTheory.PooledMovingAverage(LogMomentTheory.StudentThree, Number(p, "beta1"), Blocks(p)),
            ["Mohammadi population alpha, minibatch mean of B iid t3"] = p =>
                LogMomentTheory.MinibatchMean(LogMomentTheory.StudentThree, (int)Number(p, "B"), Blocks(p)),
            ["McCulloch nu_alpha=(q95-q05)/(q75-q25) of SaS"] = p => McCullochEstimator.RatioOf(Alpha(p)),
            ["q75 of SaS(1)"] = p => new StableLaw(Alpha(p)).Quantile(0.75),
            ["local log-moment index alpha(Ka,Kb)"] = p =>
                LogMomentTheory.LocalIndex(Characteristic(p.GetProperty("law").GetString()!), (int)Number(p, "Ka"), (int)Number(p, "Kb")),
            ["coverage of 95% CI for 1/alpha (block se)"] = p => Coverage(Alpha(p), (int)Number(p, "N"), Blocks(p)),
            ["stability contrast z: rejection rate at N=1e5 (K1=10 vs 1000)"] = p =>
                ContrastRate(
                    p.GetProperty("law").GetString()! is "sas"
                        ? string.Create(CultureInfo.InvariantCulture, $"sas{Alpha(p)}")
                        : p.GetProperty("law").GetString()!
                ),
            ["95% critical value of sqrt(n)*KS for McCulloch-fitted SaS (n=1000)"] = p => CriticalValue(Alpha(p)),
            ["power of KS (McCulloch fit) at sqrt(n)D>0.94"] = p => Power(p.GetProperty("law").GetString()!, (int)Number(p, "n")),
        };

    /// <summary>Values of a named law: sas1.5, t3, gmA = .9N(0,1) + .1N(0,9), gmB = .99N(0,1) + .01N(0,100).</summary>
    public static void Draw(string law, RandomStream stream, Span<double> values)
    {
        ArgumentNullException.ThrowIfNull(law);
        ArgumentNullException.ThrowIfNull(stream);
        switch (law)
        {
            case "t3":
                foreach (ref double x in values)
                {
                    double a = stream.NextGaussian(),
                        b = stream.NextGaussian(),
                        c = stream.NextGaussian();
                    x = stream.NextGaussian() / Math.Sqrt((a * a + b * b + c * c) / 3);
                }
                return;
            case "gmA" or "gmB":
                (double weight, double deviation) = law == "gmA" ? (0.1, 3.0) : (0.01, 10.0);
                foreach (ref double x in values)
                    x = stream.NextGaussian() * (stream.NextDouble() < weight ? deviation : 1);
                return;
            default:
                if (!law.StartsWith("sas", StringComparison.Ordinal))
                    throw new ArgumentException($"unknown law '{law}'; expected sas…, t3, gmA or gmB", nameof(law));
                new SymmetricStable(double.Parse(law[3..], System.Globalization.CultureInfo.InvariantCulture)).Fill(stream, values);
                return;
        }
    }

    private static JsonNode? OfSample(JsonElement p, Func<TailData, double?> value)
    {
        string law = p.GetProperty("law").GetString()!;
        int count = (int)Number(p, "N");
        lock (s_lock)
        {
            if (s_last is not { } last || last.Law != law || last.Count != count)
            {
                double[] values = new double[count];
                Draw(law, RandomStream.For(1, "reference/tails/" + law), values);
                s_last = last = (law, count, TailData.Of([values]));
            }
            return value(last.Data);
        }
    }

    private static double Coverage(double alpha, int count, int blockLength)
    {
        const int Repeats = 10_000;
        int covered = 0;
        double[] values = new double[count];
        for (int r = 0; r < Repeats; r++)
        {
            new SymmetricStable(alpha).Fill(
                RandomStream.For(count, string.Create(CultureInfo.InvariantCulture, $"reference/tails/coverage/{alpha}/{blockLength}"), r),
                values
            );
            LogMomentPoint at = Blocks(values, blockLength);
            if (Math.Abs(at.Inverse - 1 / alpha) <= TailEstimate.Z * at.StandardError)
                covered++;
        }
        return (double)covered / Repeats;
    }

    private static LogMomentPoint Blocks(double[] values, int blockLength)
    {
        double[] logs = new double[values.Length];
        bool anyZero = TailData.Logarithms(values, logs);
        var blocks = new LogMoments(blockLength);
        blocks.Add(values, logs, anyZero);
        return blocks.Result()!;
    }

    private static double ContrastRate(string law)
    {
        const int Repeats = 300;
        int rejected = 0;
        double[] values = new double[100_000];
        for (int r = 0; r < Repeats; r++)
        {
            Draw(law, RandomStream.For(r, "reference/tails/contrast/" + law), values);
            if (Math.Abs(LogMomentTests.Contrast(Blocks(values, 10), Blocks(values, 1000)).Statistic) > TailEstimate.Z)
                rejected++;
        }
        return (double)rejected / Repeats;
    }

    private static double CriticalValue(double alpha)
    {
        double[] distances = Distances(string.Create(CultureInfo.InvariantCulture, $"sas{alpha}"), 1000, 3000);
        Array.Sort(distances);
        return Quantiles.Type7(distances, 0.95);
    }

    private static double Power(string law, int count) => Distances(law, count, 400).Count(d => d > 0.94) / 400.0;

    /// <summary>√n D of fitted stable laws over samples of a law.</summary>
    private static double[] Distances(string law, int count, int repeats)
    {
        double[] values = new double[count],
            distances = new double[repeats];
        for (int r = 0; r < repeats; r++)
        {
            Draw(law, RandomStream.For(count, "reference/tails/fit/" + law, r), values);
            Array.Sort(values);
            distances[r] = Math.Sqrt(count) * GoodnessOfFit.Distance(s_stable.Fit(values)!, values);
        }
        return distances;
    }

    private static Func<double, double> Characteristic(string law) =>
        law switch
        {
            "t3" => LogMomentTheory.StudentThree,
            "gmA" => t => LogMomentTheory.GaussianMixture(0.1, 3, t),
            "gmB" => t => LogMomentTheory.GaussianMixture(0.01, 10, t),
            _ => throw new ArgumentException($"unknown law '{law}'; expected t3, gmA or gmB"),
        };

    private static double Number(JsonElement p, string name) => p.GetProperty(name).GetDouble();

    private static double Alpha(JsonElement p) => Number(p, "alpha");

    private static int Blocks(JsonElement p) => (int)Number(p, "K1");
}
