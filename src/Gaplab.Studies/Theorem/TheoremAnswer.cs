// The answer of gaplab theorem1: clipped and plain descent beside closed forms and bounds.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;
using Gaplab.Theory.Sharpness;

namespace Gaplab.Studies.Theorem;

/// <param name="Limits">Closed forms in many dimensions, beside one sample.</param>
/// <param name="Rows">Every rule on every function.</param>
public sealed record TheoremAnswer(IReadOnlyList<LimitRow> Limits, IReadOnlyList<BenchRow> Rows) : IPagedAnswer
{
    /// <summary>Measures all of it; some seconds.</summary>
    public static TheoremAnswer Measured() => new(TheoremBench.Limits(), TheoremBench.Run());

    public IEnumerable<string> Lines()
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"Closed form (d → ∞) and one Gaussian sample of d = "
                + $"{TheoremBench.LimitDimension}; a ratio above 1 speaks for the "
                + $"clipped step"
        );
        yield return "     ε    ℓ/L  direction        S_sgd/S   measured    Δ/Δ_sgd   measured";
        foreach (LimitRow r in Limits)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{r.Epsilon, 6:g3} {r.FlatOverSharp, 6:g3}  "
                    + $"{r.Direction, -15}{r.SharpnessRatio, 9:f4} "
                    + $"{r.MeasuredSharpnessRatio, 10:f4} {r.DecreaseRatio, 10:f4} {r.MeasuredDecreaseRatio, 10:f4}"
            );
        yield return "";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"The bench, d = {TheoremBench.Dimension}: steps = certified steps to a tenth of "
                + $"the mean |g|, at most the bound; by L = "
                + $"the same knowing only L (SGD: 1/L); line = best steps along the direction to 1% of the loss"
        );
        yield return "function        ε    ℓ/L  turn  rule           S_sgd/S  cos(g,u)   Δ/Δ_sgd   steps    by L     bound   line";
        foreach (BenchRow r in Rows)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{TheoremReport.NameOf(r.Profile), -11}{r.Epsilon, 6:g3} "
                    + $"{r.FlatOverSharp, 6:g3} {r.Degrees, 4:f0}°  "
                    + $"{r.Rule, -14}{Number(r.SharpnessRatio, "f3"), 8} {r.Alignment, 9:f3} {Number(r.DecreaseRatio, "f3"), 9} "
                    + $"{r.Steps?.ToString(CultureInfo.InvariantCulture) ?? "–", 7} "
                    + $"{r.SmoothSteps?.ToString(CultureInfo.InvariantCulture) ?? "–", 7} {Number(r.StepBound, "f0"), 9} "
                    + $"{r.LineSearchSteps?.ToString(CultureInfo.InvariantCulture) ?? "–", 6}"
            );
        yield return "";
        foreach (string line in TheoremReport.Findings(Rows))
            yield return Markup.Plain(line);
    }

    public JsonNode Json() => new JsonObject { ["limits"] = AnswerJson.Of(Limits), ["bench"] = AnswerJson.Of(Rows) };

    public Report Page() => TheoremReport.Build(Limits, Rows);

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(TheoremAnswer))
        {
            Name = "theorem1",
            Says = "clipped and plain descent beside closed forms and bounds",
            Commands = ["theorem1"],
        };
}
