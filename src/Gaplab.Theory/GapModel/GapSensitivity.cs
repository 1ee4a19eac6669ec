// How B* moves when an input of the model moves.
namespace Gaplab.Theory.GapModel;

/// <summary>B* with one input lowered and raised.</summary>
/// <param name="Input">In words.</param>
/// <param name="Low">B* with the input lowered; null: no single crossing.</param>
/// <param name="High">B* with it raised.</param>
/// <param name="Elasticity">Octaves of B* per octave of the input (per 0.1 of an exponent), where both crossings exist.</param>
public sealed record Sensitivity(string Input, string Change, double? Low, double? High, double? Elasticity);

/// <summary>Finite differences of log₂ B* in each input: spectrum, noise, start and budget.</summary>
public static class GapSensitivity
{
    /// <summary>Every input by itself, the others held.</summary>
    public static IReadOnlyList<Sensitivity> Of(GapSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        GapSetting quick = setting with { RateTolerance = 1e-3 };
        static double Tilt(Quadratic q, int i, double exponent) =>
            q.Curvature[i] == 0 ? 1 : Math.Pow(q.Curvature[i] / q.LargestCurvature, exponent);
        Sensitivity Measure(string input, string change, double octaves, Func<double, GapSetting> moved)
        {
            double? low = Crossing(moved(-1)),
                high = Crossing(moved(1));
            return new Sensitivity(input, change, low, high, low is { } a && high is { } b ? Math.Log2(b / a) / (2 * octaves) : null);
        }
        return
        [
            Measure("budget", "halved, doubled", 1, d => quick with { Budget = Scaled(setting, Math.Pow(2, d)) }),
            Measure(
                "noise variance",
                "halved, doubled",
                1,
                d => quick.Changed(q => q.With(noiseVariance: i => q.NoiseVariance[i] * Math.Pow(2, d)))
            ),
            Measure(
                "squared start",
                "halved, doubled",
                1,
                d => quick.Changed(q => q.With(startSquared: i => q.StartSquared[i] * Math.Pow(2, d)))
            ),
            Measure(
                "slope of the spectrum",
                "λ^0.9, λ^1.1 at the same largest",
                1,
                d => quick.Changed(q => q.With(curvature: i => q.LargestCurvature * Tilt(q, i, 1 + 0.1 * d)))
            ),
            Measure(
                "alignment of noise with curvature",
                "σ²·λ^−0.1, σ²·λ^+0.1",
                1,
                d => quick.Changed(q => q.With(noiseVariance: i => q.NoiseVariance[i] * Tilt(q, i, 0.1 * d)))
            ),
            Measure(
                "alignment of the start with curvature",
                "a²·λ^−0.1, a²·λ^+0.1",
                1,
                d => quick.Changed(q => q.With(startSquared: i => q.StartSquared[i] * Tilt(q, i, 0.1 * d)))
            ),
        ];
    }

    private static double? Crossing(GapSetting setting) => GapCurve.Of(setting).Crossings is [var only] ? only.Batch : null;

    private static Budget Scaled(GapSetting setting, double factor)
    {
        Budget budget = setting.Budget;
        return budget.Steps is { } steps
            ? new Budget(Math.Max(1, (long)Math.Round(steps * factor)), null)
            : new Budget(null, Math.Max((long)Math.Ceiling(setting.Batches[^1]), (long)Math.Round(budget.Samples!.Value * factor)));
    }
}
