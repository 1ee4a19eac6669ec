// How an optimizer remembers past gradients when it scales coordinates: what makes the memory branch of an efficiency curve.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Theory.Efficiency;

/// <summary>What an optimizer remembers of the sizes of gradients, coordinate by coordinate.</summary>
/// <remarks>A ratio of two averages over the same gradients is biased where these are skewed: E u ∝ ḡ − κμ₃/(2σ²B). SGD's mean is
/// not.</remarks>
public abstract record GradientMemory
{
    /// <summary>How short the memory is, on the scale of 1 − β₂: the memory branch sets in at B_m = Shortness · M_c. 0: there is no such
    /// branch.</summary>
    public abstract double Shortness { get; }

    /// <summary>Whether coordinates are scaled one by one.</summary>
    public bool Adaptive => this is not Unscaled;

    /// <summary>The same with a memory of at least 1/(1 − <paramref name="beta2"/>) steps.</summary>
    public virtual GradientMemory Longer(double beta2) => this;

    /// <summary>SGD, normalised SGD: no coordinate is scaled by its own past.</summary>
    public sealed record Unscaled : GradientMemory
    {
        public override double Shortness => 0;
    }

    /// <summary>Adam and its kin: m/√v with decays β₁ and β₂ (β₁ = 0: RMSProp).</summary>
    public sealed record SecondMoment(double Beta1, double Beta2) : GradientMemory
    {
        public override double Shortness => 1 - Beta2;

        public override GradientMemory Longer(double beta2) => this with { Beta2 = Math.Max(Beta2, beta2) };
    }

    /// <summary>The sign of an average: Signum, SignSGD (β = 0), and Lion, whose average gives <paramref name="Beta1"/> to an older one of
    /// decay <paramref name="Beta2"/>.</summary>
    /// <param name="Beta1">Decay of the average; for Lion its first β.</param>
    /// <param name="Beta2">Lion's second β; null: a plain average.</param>
    public sealed record SignOfAverage(double Beta1, double? Beta2 = null) : GradientMemory
    {
        /// <summary>κ of a sign: E sign(m) ∝ ḡ − μ₃/(6σ²B)·Σw³/Σw², where Adam has κ/2 in front; κ = ⅓ Σw³/Σw² (Σw = 1).</summary>
        public double Kappa => Power(3) / Power(2) / 3;

        /// <summary>1 − β₂ of the Adam with the same β₁ and the same κ.</summary>
        public override double Shortness => Kappa * (1 - Beta1) / (1 - Beta1 - Kappa * Beta1);

        /// <summary>Σ wⁿ over the weights of past gradients in the average.</summary>
        private double Power(int n) =>
            Beta2 is not { } older
                ? Math.Pow(1 - Beta1, n) / (1 - Math.Pow(Beta1, n))
                : Math.Pow(1 - Beta1, n) + Math.Pow(Beta1 * (1 - older), n) / (1 - Math.Pow(older, n));
    }

    /// <exception cref="InputException">A decay outside [0, 1).</exception>
    internal void Check()
    {
        double?[] decays = this switch
        {
            SecondMoment m => [m.Beta1, m.Beta2],
            SignOfAverage s => [s.Beta1, s.Beta2],
            _ => [],
        };
        foreach (double? decay in decays)
            if (decay is not (null or (>= 0 and < 1)))
                throw new InputException(string.Create(CultureInfo.InvariantCulture, $"a decay of {decay}; expected 0 ≤ β < 1"));
    }
}
