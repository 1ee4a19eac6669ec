// Evaluators of the reference rows on directional sharpness and clipping (theory.md section D).
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Theory.Sharpness;

namespace Gaplab.Reference;

/// <summary>By the row's name: its value from its parameters. Whoever checks a file of reference rows adds them under the letter
/// D.</summary>
internal static class SharpnessReference
{
    public static IReadOnlyDictionary<string, Func<JsonElement, JsonNode?>> Evaluators { get; } =
        new Dictionary<string, Func<JsonElement, JsonNode?>>
        {
            ["directional sharpness, optimal decrease, optimal step"] = p =>
            {
                double[] g = Doubles(p, "g"),
                    u = Doubles(p, "u");
                double[] hu =
                [
                    .. p.GetProperty("H").EnumerateArray().Select(row => row.EnumerateArray().Select((h, j) => h.GetDouble() * u[j]).Sum()),
                ];
                DirectionalSharpness at = DirectionalSharpness.Of(g, u, hu);
                return new JsonArray(at.Sharpness, at.Decrease, at.Step);
            },
            ["coordinate clipping [tau, #strictly clipped, k, sum c]"] = p =>
            {
                TopClipped clipped = TopClipped.Of(Doubles(p, "u"), Number(p, "x"));
                return new JsonArray(clipped.Threshold, clipped.Clipped, clipped.Rank, clipped.Values.Sum());
            },
            ["large-d Gaussian limit: [S_grad,S_clip,S_grad/S_clip,dec_clip/dec_grad,tau]"] = p =>
            {
                GaussianLimit limit = Limit(p);
                (double sharpness, double decrease, double threshold) = limit.OfClip(Number(p, "x"));
                return new JsonArray(
                    limit.GradientSharpness,
                    sharpness,
                    limit.GradientSharpness / sharpness,
                    decrease / limit.GradientDecrease,
                    threshold
                );
            },
            ["large-d Gaussian limit, sign direction: [S_sign,S_grad/S_sign,dec_sign/dec_grad]"] = p =>
            {
                GaussianLimit limit = Limit(p);
                return new JsonArray(
                    limit.OfSign.Sharpness,
                    limit.GradientSharpness / limit.OfSign.Sharpness,
                    limit.OfSign.Decrease / limit.GradientDecrease
                );
            },
            ["exact-line-search steps to 1% loss [GD, clip x=eps, clip x=10eps, sign]"] = p =>
            {
                int dimension = p.GetProperty("d").GetInt32();
                double epsilon = Number(p, "eps");
                var function = new SplitCurvature(dimension, epsilon, Number(p, "L"), Number(p, "l"), Profile.Quadratic, 0);
                IReadOnlyList<UpdateRule> rules = UpdateRule.All(epsilon);
                return new JsonArray([
                    .. new[] { rules[0], rules[1], rules[2], rules.Single(r => r.Name == "sign") }.Select(rule =>
                        (JsonNode?)Descent.LineSearchSteps(function, rule, TheoremBench.Start(dimension), 0.01, TheoremBench.MostSteps)
                    ),
                ]);
            },
        };

    private static GaussianLimit Limit(JsonElement p) => new(Number(p, "eps"), Number(p, "L"), Number(p, "l"));

    private static double Number(JsonElement p, string name) => p.GetProperty(name).GetDouble();

    private static double[] Doubles(JsonElement p, string name) => [.. p.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
}
