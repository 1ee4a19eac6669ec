// The noisy quadratic: curvatures, noise variances and starts of its coordinates.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>
/// A quadratic in its eigenbasis: stochastic gradient λᵢxᵢ + ξᵢ with ξᵢ ~ N(0, σᵢ²/B), expected loss Σ wᵢ ½λᵢ E xᵢ² + Floor.
/// One entry may stand for many equal coordinates.
/// </summary>
/// <remarks>The noisy quadratic model of Zhang et al. 2019 with diagonal curvature and any noise; λ in loss per parameter², σ² in gradient²
/// of one sample, a in parameters.</remarks>
public sealed class Quadratic
{
    /// <param name="curvature">λ ≥ 0, at least one positive.</param>
    /// <param name="noiseVariance">σ² ≥ 0 of one sample's gradient.</param>
    /// <param name="startSquared">a² ≥ 0: squared distance from the minimum at the start.</param>
    /// <param name="weight">How many coordinates each entry stands for, positive; default one each.</param>
    /// <exception cref="InputException">Empty, of unequal lengths, negative or not finite.</exception>
    public Quadratic(double[] curvature, double[] noiseVariance, double[] startSquared, double[]? weight = null)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        ArgumentNullException.ThrowIfNull(noiseVariance);
        ArgumentNullException.ThrowIfNull(startSquared);
        weight ??= [.. Enumerable.Repeat(1.0, curvature.Length)];
        if (curvature.Length == 0)
            throw new InputException("the spectrum is empty; expected at least one curvature");
        Check(
            "curvature",
            curvature,
            curvature.Length,
            false,
            "a quadratic with a negative eigenvalue has no minimum: leave it out or take its absolute value, and say which"
        );
        Check("noise variance", noiseVariance, curvature.Length, false, "a variance is 0 or more");
        Check("squared start", startSquared, curvature.Length, false, "a square is 0 or more");
        Check("weight", weight, curvature.Length, true, "a weight is the number of coordinates an entry stands for");
        if (curvature.Max() == 0)
            throw new InputException("every curvature is 0; expected at least one above 0");
        (Curvature, NoiseVariance, StartSquared, Weight) = (curvature, noiseVariance, startSquared, weight);
    }

    /// <summary>λᵢ.</summary>
    public IReadOnlyList<double> Curvature { get; }

    /// <summary>σᵢ².</summary>
    public IReadOnlyList<double> NoiseVariance { get; }

    /// <summary>aᵢ².</summary>
    public IReadOnlyList<double> StartSquared { get; }

    /// <summary>wᵢ.</summary>
    public IReadOnlyList<double> Weight { get; }

    /// <summary>Entries, not coordinates.</summary>
    public int Count => Curvature.Count;

    /// <summary>Σ wᵢ.</summary>
    public double Coordinates => Weight.Sum();

    public double LargestCurvature => Curvature.Max();

    /// <summary>Σ wᵢ ½λᵢaᵢ².</summary>
    public double InitialLoss => Sum(i => 0.5 * Curvature[i] * StartSquared[i]);

    /// <summary>tr(HΣ)/gᵀHg at the start: the batch size at which noise and gradient cost a step equally (McCandlish et al.
    /// 2018).</summary>
    public double NoiseScale => Sum(i => Curvature[i] * NoiseVariance[i]) / Sum(i => Math.Pow(Curvature[i], 3) * StartSquared[i]);

    /// <summary>The same coordinates with their numbers replaced, index by index.</summary>
    public Quadratic With(
        Func<int, double>? curvature = null,
        Func<int, double>? noiseVariance = null,
        Func<int, double>? startSquared = null
    ) =>
        new(
            curvature is null ? [.. Curvature] : [.. Enumerable.Range(0, Count).Select(curvature)],
            noiseVariance is null ? [.. NoiseVariance] : [.. Enumerable.Range(0, Count).Select(noiseVariance)],
            startSquared is null ? [.. StartSquared] : [.. Enumerable.Range(0, Count).Select(startSquared)],
            [.. Weight]
        );

    /// <summary>Σ wᵢ f(i).</summary>
    internal double Sum(Func<int, double> f)
    {
        double sum = 0,
            lost = 0;
        for (int i = 0; i < Count; i++)
        {
            double term = Weight[i] * f(i) - lost,
                next = sum + term;
            lost = next - sum - term;
            sum = next;
        }
        return sum;
    }

    private static void Check(string what, double[] values, int count, bool positive, string why)
    {
        if (values.Length != count)
            throw new InputException($"{values.Length} numbers for '{what}' but {count} curvatures; expected one each");
        for (int i = 0; i < count; i++)
            if (!double.IsFinite(values[i]) || values[i] < 0 || positive && values[i] == 0)
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{what} {i + 1} is {values[i]}; expected a finite number {(positive ? "above 0" : "of at least 0")}: {why}"
                    )
                );
    }
}
