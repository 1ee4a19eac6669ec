// Evaluators of the reference rows on escape (theory.md section B): closed forms, and simulations under fixed streams.
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Theory.Escape;
using Gaplab.Theory.Levy;

namespace Gaplab.Reference;

/// <summary>By the row's name: its value from its parameters. Whoever checks a file of reference rows adds them under the letter
/// B.</summary>
internal static class EscapeReference
{
    private const string Plane = "2-D quadratic, H=R(0.6)diag(4,0.5)R', A=[[1,.3],[-.2,.5]], h=0.5, ",
        Ten = "10-D quadratic h_i=geomspace(.5,8), A=sqrt(H), h=1, ";
    private const string Predicted = ": predicted rate",
        Simulated = ": MC mean exit time x predicted rate";

    public static IReadOnlyDictionary<string, Func<JsonElement, JsonNode?>> Evaluators { get; } = Build();

    private static Dictionary<string, Func<JsonElement, JsonNode?>> Build()
    {
        var all = new Dictionary<string, Func<JsonElement, JsonNode?>>
        {
            ["k(alpha): first-order finite-noise correction, ratio=1-k*Lambda"] = p => FiniteNoise.K(Number(p, "alpha")),
            ["k_dt(alpha,kdt): same for the Euler chain"] = p => FiniteNoise.K(Number(p, "alpha"), Number(p, "kappa_dt")),
            ["M_{alpha,d}=E|<u,omega>|^alpha"] = p =>
                Numerics.Stable.StableConstants.SphereMoment(Number(p, "alpha"), p.GetProperty("d").GetInt32()),
            ["C_iso=2C_alpha/M"] = p => Numerics.Stable.StableConstants.Isotropic(Number(p, "alpha"), p.GetProperty("d").GetInt32()),
            ["EMA peak gain G(rho)"] = p => AdamResponse.Gain(Number(p, "rho")),
            ["Adam single-impulse displacement bound Dmax/eta"] = p => AdamResponse.LargestMove(Number(p, "beta1"), Number(p, "beta2")),
            ["median of sqrt(v) for SaS(1.5) noise, beta2=.999"] = p => AdamResponse.MedianRoot(Number(p, "alpha"), Number(p, "beta2")),
            ["Gaussian mean exit time |x|<a, dX=-kX dt+s dW"] = p => GaussianExit.Mean(Number(p, "k"), Number(p, "a"), Number(p, "s")),
            ["ratio exact/asymptotic (sqrt(pi) s/(2 k^1.5 a)) e^{k a^2/s^2}"] = p =>
                GaussianExit.Mean(Number(p, "k"), Number(p, "a"), Number(p, "s"))
                / GaussianExit.Kramers(Number(p, "k"), Number(p, "a"), Number(p, "s")),
            ["per-step escape probability of SGD with SaS noise (independent coordinates)"] = p =>
            {
                double[] sigma = Doubles(p, "sigma"),
                    h = Doubles(p, "h");
                double barrier = Number(p, "barrier");
                return EscapeRate.PerStep(
                    Number(p, "alpha"),
                    Number(p, "eta"),
                    sigma,
                    [.. sigma.Select(_ => 1.0)],
                    [.. h.Select(c => Math.Sqrt(2 * barrier / c))]
                );
            },
            ["T_SGD/T_Adam (leading order, Sigma=s0 sqrt(H), Q=Sigma)"] = p => Matched(p).TimeRatio,
            ["T_SGD/T_Adam MC"] = p =>
            {
                double ratio = Matched(p).RateRatio;
                return ReferenceEscapes.Mean(ReferenceEscapes.Chain(Number(p, "alpha"), Curvatures(p), 1, adam: false))
                    / ReferenceEscapes.Mean(ReferenceEscapes.Chain(Number(p, "alpha"), Curvatures(p), ratio, adam: true));
            },
            ["MC mean exit time x predicted rate, 1-D quadratic |x|<1, kappa=1"] = p =>
                Ratio(
                    ReferenceEscapes.Interval(Number(p, "alpha"), Number(p, "eps"), 1, 1, Number(p, "kappa_dt")),
                    Number(p, "Lambda") < 0.005 ? 6000 : 20000
                ),
            ["1-D asymmetric basin (-a,b)" + Predicted] = p => ReferenceEscapes.Rate(Asymmetric(p)),
            ["1-D asymmetric basin (-a,b)" + Simulated] = p => Ratio(Asymmetric(p), 8000),
            ["Gaussian Euler mean exit time / continuous exact"] = p =>
            {
                double s = Number(p, "s");
                return ReferenceEscapes.Mean(ReferenceEscapes.Interval(2, s / Math.Sqrt(2), 1, 1, Number(p, "dt")), 6000)
                    / GaussianExit.Mean(1, 1, s);
            },
            ["Laplace transform E exp(-u lambda Gamma) (theory 1/(1+u))"] = p =>
            {
                ExitProblem problem = ReferenceEscapes.Interval(
                    Number(p, "alpha"),
                    Number(p, "eps"),
                    Number(p, "r"),
                    Number(p, "r"),
                    Number(p, "dt")
                );
                return ExponentialLaw.Laplace(
                    ExitEnsemble.Run(problem, ReferenceEscapes.Seed, 8000).Times,
                    ReferenceEscapes.Rate(problem),
                    Number(p, "u")
                );
            },
            ["real discrete Adam vs frozen-Q Levy prediction: exit-time ratio (censored MLE)"] = p =>
            {
                double predicted = Number(p, "frozen_pred_steps"),
                    mean =
                        ReferenceEscapes.Mean(
                            ReferenceEscapes.DiscreteAdam(p, (long)(60 * predicted), frozen: false),
                            Number(p, "r_over_eta") < 50 ? 400 : 100
                        ) / predicted;
                return double.IsInfinity(mean) ? "inf (no exits before 60 x predicted)" : mean;
            },
            ["frozen-Q discrete Adam: MC exit time / prediction"] = p =>
            {
                double distance = Number(p, "r_over_eta"),
                    q = ReferenceEscapes.MedianRoot,
                    gain = AdamResponse.DiscreteGain(Number(p, "beta1"), Number(p, "eta_h_over_q"));
                double predicted = 1 / EscapeRate.PerStep(Number(p, "alpha"), 1, [gain], [q], [distance]);
                return ReferenceEscapes.Mean(
                        ReferenceEscapes.DiscreteAdam(p, (long)(60 * predicted), frozen: true),
                        distance < 50 ? 1000 : 100
                    ) / predicted;
            },
        };
        foreach (NoiseDriver driver in Enum.GetValues<NoiseDriver>())
        {
            string name = driver == NoiseDriver.Independent ? "independent" : "isotropic";
            foreach (
                (string family, Func<JsonElement, ExitProblem> make, int paths) in new (string, Func<JsonElement, ExitProblem>, int)[]
                {
                    (Plane, p => ReferenceEscapes.Plane(p, driver), 3000),
                    (Ten, p => ReferenceEscapes.Ten(p, driver), 2000),
                }
            )
            {
                all[family + name + Predicted] = p => ReferenceEscapes.Rate(make(p));
                all[family + name + Simulated] = p => Ratio(make(p), paths);
            }
        }
        foreach (
            (string name, double side) in new[]
            {
                ("double well U=(x^2-1)^2/4, x0=1, exit x<0", 1.0),
                ("double well, committed exit x<-0.5", 1.5),
            }
        )
        {
            all[name + Predicted] = p => ReferenceEscapes.Rate(ReferenceEscapes.Well(p, 1));
            all[name + Simulated] = p =>
                ReferenceEscapes.Mean(ReferenceEscapes.Well(p, side), 3000) * ReferenceEscapes.Rate(ReferenceEscapes.Well(p, 1));
        }
        foreach (
            (string name, bool through) in new[]
            {
                ("Adam SDE, noise through the EMA (gain G)", true),
                ("Adam SDE as printed (noise into theta)", false),
            }
        )
        {
            all[name + Predicted] = p => ReferenceEscapes.AdamRate(p, through);
            all[name + Simulated] = p =>
                ReferenceEscapes.Mean(ReferenceEscapes.AdamSde(p, through), 3000) * ReferenceEscapes.AdamRate(p, through);
        }
        return all;
    }

    private static double Ratio(ExitProblem problem, int paths) => ReferenceEscapes.Mean(problem, paths) * ReferenceEscapes.Rate(problem);

    private static ExitProblem Asymmetric(JsonElement p) =>
        ReferenceEscapes.Interval(Number(p, "alpha"), Number(p, "eps"), Number(p, "a"), Number(p, "b"), Number(p, "dt"));

    private static MatchedEscape Matched(JsonElement p)
    {
        double[] h = Curvatures(p),
            root = [.. h.Select(Math.Sqrt)];
        Matching matching = p.GetProperty("matching").GetString() switch
        {
            "update" => Matching.Update,
            "slowest" => Matching.Slowest,
            "fastest" => Matching.Fastest,
            _ => Matching.Loss,
        };
        return AdamMatching.Of(Number(p, "alpha"), h, root, root).Single(m => m.Matching == matching);
    }

    // "geomspace(low,high,count)"
    private static double[] Curvatures(JsonElement p)
    {
        double[] n =
        [
            .. p.GetProperty("h")
                .GetString()!["geomspace(".Length..^1]
                .Split(',')
                .Select(t => double.Parse(t, System.Globalization.CultureInfo.InvariantCulture)),
        ];
        return ReferenceEscapes.Geometric(n[0], n[1], (int)n[2]);
    }

    internal static double Number(JsonElement p, string name) => p.GetProperty(name).GetDouble();

    private static double[] Doubles(JsonElement p, string name) => [.. p.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
}
