// The bench of Pan and Li's theorem: each rule on each function, measured beside closed forms and bounds.
using System.Globalization;
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Streams;

namespace Gaplab.Theory.Sharpness;

/// <summary>One direction of the d → ∞ check: closed form beside a sample of d coordinates.</summary>
public sealed record LimitRow(
    double Epsilon,
    double FlatOverSharp,
    string Direction,
    double SharpnessRatio,
    double MeasuredSharpnessRatio,
    double DecreaseRatio,
    double MeasuredDecreaseRatio
);

/// <summary>One rule on one function.</summary>
/// <param name="Sharpness">vᵀHv at the start.</param>
/// <param name="Alignment">cos(g, u) at the start.</param>
/// <param name="Decrease">Of the second-order model's best step at the start; null where there is none.</param>
/// <param name="SharpnessRatio">SGD's sharpness over this rule's.</param>
/// <param name="DecreaseRatio">This rule's decrease over SGD's.</param>
/// <param name="Steps">Certified steps to a small gradient; null above the limit.</param>
/// <param name="SmoothSteps">The same when L-smoothness is all that is known: for SGD η = 1/L.</param>
/// <param name="StepBound">The bound of those steps, for the rules that have one.</param>
/// <param name="LineSearchSteps">Best steps along each direction to 1% of the starting value.</param>
public sealed record BenchRow(
    Profile Profile,
    double Epsilon,
    double FlatOverSharp,
    double Degrees,
    string Rule,
    double Sharpness,
    double Alignment,
    double? Decrease,
    double? SharpnessRatio,
    double? DecreaseRatio,
    int? Steps,
    int? SmoothSteps,
    double? StepBound,
    int? LineSearchSteps
);

/// <summary>The measurements. L = 1 throughout; everything is a pure function of the numbers below.</summary>
public static class TheoremBench
{
    public const int Dimension = 1000,
        LimitDimension = 200_000,
        MostSteps = 5_000;

    /// <summary>γ as a fraction of the starting mean |g|.</summary>
    public const double SmallGradient = 0.1;

    public static IReadOnlyList<(double Epsilon, double FlatOverSharp)> Structures { get; } =
    [(0.01, 0.01), (0.01, 0.1), (0.1, 0.1), (0.1, 0.01)];

    public static IReadOnlyList<double> Turns { get; } = [0, 5, 15, 45];

    /// <summary>z_i = q_{(37i+11) mod d}, q_j = Φ⁻¹(½ + ½(j+½)/d): half-normal quantiles in a fixed order (theory.md C1).</summary>
    public static double[] Start(int dimension)
    {
        var z = new double[dimension];
        for (int i = 0; i < dimension; i++)
            z[i] = NormalDistribution.Quantile(0.5 + 0.5 * ((37L * i + 11) % dimension + 0.5) / dimension);
        return z;
    }

    /// <summary>Closed forms of theory.md D3 beside a Gaussian sample.</summary>
    public static IReadOnlyList<LimitRow> Limits(int dimension = LimitDimension, long seed = 1)
    {
        var rows = new List<LimitRow>();
        RandomStream stream = RandomStream.For(seed, "theorem1/limit");
        double[] theta = new double[dimension];
        for (int i = 0; i < theta.Length; i++)
            theta[i] = stream.NextGaussian();
        foreach ((double epsilon, double flat) in Structures)
        {
            var function = new SplitCurvature(theta.Length, epsilon, 1, flat, Profile.Quadratic, 0);
            var limit = new GaussianLimit(epsilon, 1, flat);
            double[] g = function.Gradient(theta);
            DirectionalSharpness gradient = DirectionalSharpness.Of(g, g, function.HessianTimes(theta, g));
            void Add(string name, double[] u, double sharpness, double decrease)
            {
                DirectionalSharpness measured = DirectionalSharpness.Of(g, u, function.HessianTimes(theta, u));
                rows.Add(
                    new(
                        epsilon,
                        flat,
                        name,
                        limit.GradientSharpness / sharpness,
                        gradient.Sharpness / measured.Sharpness,
                        decrease / limit.GradientDecrease,
                        measured.Decrease!.Value / gradient.Decrease!.Value
                    )
                );
            }
            foreach (double fraction in (double[])[epsilon / 2, epsilon, 2 * epsilon, 5 * epsilon])
            {
                (double sharpness, double decrease, _) = limit.OfClip(fraction);
                Add(
                    string.Create(CultureInfo.InvariantCulture, $"clip-top {fraction:g4}"),
                    TopClipped.Of(g, fraction).Values,
                    sharpness,
                    decrease
                );
            }
            Add("sign", [.. g.Select(x => (double)Math.Sign(x))], limit.OfSign.Sharpness, limit.OfSign.Decrease);
        }
        return rows;
    }

    /// <summary>Every rule on every function.</summary>
    public static IReadOnlyList<BenchRow> Run(int dimension = Dimension)
    {
        var rows = new List<BenchRow>();
        double[] start = Start(dimension);
        foreach (Profile profile in Enum.GetValues<Profile>())
        foreach ((double epsilon, double flat) in Structures)
        foreach (double degrees in Turns)
            rows.AddRange(Of(new SplitCurvature(dimension, epsilon, 1, flat, profile, degrees), epsilon, start));
        return rows;
    }

    /// <summary>Every rule on one function.</summary>
    public static IReadOnlyList<BenchRow> Of(SplitCurvature function, double epsilon, ReadOnlySpan<double> start)
    {
        ArgumentNullException.ThrowIfNull(function);
        double[] x = start.ToArray(),
            g = function.Gradient(x);
        double tolerance = SmallGradient * g.Average(Math.Abs);
        (double sign, double gradient) = function.StepBounds(function.Value(x), tolerance);
        var rows = new List<BenchRow>();
        DirectionalSharpness? sgd = null;
        IReadOnlyList<UpdateRule> first = UpdateRule.All(epsilon),
            second = UpdateRule.All(epsilon),
            third = UpdateRule.All(epsilon),
            fourth = UpdateRule.All(epsilon);
        for (int i = 0; i < first.Count; i++)
        {
            double[] u = first[i].Next(g);
            DirectionalSharpness at = DirectionalSharpness.Of(g, u, function.HessianTimes(x, u));
            sgd ??= at;
            rows.Add(
                new BenchRow(
                    function.Profile,
                    epsilon,
                    function.Flat / function.Sharp,
                    function.Degrees,
                    first[i].Name,
                    at.Sharpness,
                    at.Alignment,
                    at.Decrease,
                    sgd.Sharpness > 0 && at.Sharpness > 0 ? sgd.Sharpness / at.Sharpness : null,
                    at.Decrease / sgd.Decrease,
                    Descent.CertifiedSteps(function, second[i], x, tolerance, MostSteps),
                    Descent.CertifiedSteps(function, fourth[i], x, tolerance, MostSteps, smoothOnly: true),
                    first[i].Name == "sgd" ? gradient
                        : first[i].Name == "sign" && function.IsSplitCertified ? sign
                        : null,
                    Descent.LineSearchSteps(function, third[i], x, 0.01, MostSteps)
                )
            );
        }
        return rows;
    }
}
