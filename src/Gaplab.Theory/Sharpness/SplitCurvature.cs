// Functions with the structure of the theorem: few coordinates of large curvature, the rest of small, certified.
namespace Gaplab.Theory.Sharpness;

/// <summary>One term of a coordinate: ψ with ψ(0) = 0 its least value and |ψ''| ≤ 1.</summary>
public enum Profile
{
    /// <summary>y²/2: ψ'' = 1.</summary>
    Quadratic,

    /// <summary>log cosh y: ψ'' = sech² y in (0, 1], convex, flat far out.</summary>
    LogCosh,

    /// <summary>0.2y² + 0.6(1 − cos 3y)/9: ψ'' = 0.4 + 0.6 cos 3y in [−0.2, 1], not convex; its only stationary point is 0.</summary>
    Wavy,
}

/// <summary>f(x) = Σ h_i ψ(y_i), y = x turned by an angle in the planes that pair each sharp coordinate with a flat one; h_i = L on the
/// first round(εd), ℓ on the rest.</summary>
/// <remarks>
/// The turn degrades the structure by degrees: removing the sharp coordinates leaves curvature ℓ' = ℓcos² + L sin². Every Hessian is, after
/// ordering, of 2×2 blocks with diagonal terms a·cos² + b·sin² and off-diagonal (a−b)·sin·cos, |a| ≤ L, |b| ≤ ℓ, so its bounds are known
/// exactly.
/// </remarks>
public sealed class SplitCurvature
{
    private readonly double _cosine,
        _sine;

    /// <param name="dimension">d, at least twice the sharp coordinates.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="sharp">L.</param>
    /// <param name="flat">ℓ ≤ L.</param>
    /// <param name="profile">ψ.</param>
    /// <param name="degrees">The turn: 0 is axis-aligned, 45 mixes each pair evenly.</param>
    public SplitCurvature(int dimension, double epsilon, double sharp, double flat, Profile profile, double degrees)
    {
        (Dimension, Sharp, Flat, Profile, Degrees) = (dimension, sharp, flat, profile, degrees);
        SharpCount = (int)Math.Round(epsilon * dimension);
        if (SharpCount < 1 || 2 * SharpCount > dimension)
            throw new ArgumentException(
                $"{SharpCount} of {dimension} coordinates are sharp; expected at least one and at most half",
                nameof(epsilon)
            );
        if (!(flat > 0 && flat <= sharp))
            throw new ArgumentException("expected 0 < flat ≤ sharp", nameof(flat));
        (_sine, _cosine) = Math.SinCos(degrees * Math.PI / 180);
    }

    public int Dimension { get; }
    public double Sharp { get; }
    public double Flat { get; }
    public Profile Profile { get; }
    public double Degrees { get; }

    /// <summary>How many coordinates belong to S: the first ones.</summary>
    public int SharpCount { get; }

    /// <summary>L': a bound of ‖H_SS‖ everywhere.</summary>
    public double SharpBound => Sharp * _cosine * _cosine + Flat * _sine * _sine;

    /// <summary>ℓ': a bound of the rest's ‖H‖ everywhere.</summary>
    public double FlatBound => Math.Max(Flat, Flat * _cosine * _cosine + Sharp * _sine * _sine);

    /// <summary>Whether uᵀHu ≤ (√L'‖u_S‖ + √ℓ'‖u_rest‖)² is certified: always for H ⪰ 0, else when the off-diagonal block is at most
    /// √(L'ℓ') (theory.md D4).</summary>
    public bool IsSplitCertified =>
        Profile != Profile.Wavy || Math.Abs(_sine * _cosine) * (Sharp + 0.2 * Flat) <= Math.Sqrt(SharpBound * FlatBound) * (1 + 1e-12);

    public double Value(ReadOnlySpan<double> x)
    {
        double[] y = Turned(x, 1);
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
            sum += Weight(i) * Psi(y[i]).Value;
        return sum;
    }

    public double[] Gradient(ReadOnlySpan<double> x)
    {
        double[] y = Turned(x, 1);
        for (int i = 0; i < y.Length; i++)
            y[i] = Weight(i) * Psi(y[i]).Slope;
        return Turned(y, -1);
    }

    /// <summary>∇²f(x)·v.</summary>
    public double[] HessianTimes(ReadOnlySpan<double> x, ReadOnlySpan<double> v)
    {
        double[] y = Turned(x, 1),
            w = Turned(v, 1);
        for (int i = 0; i < y.Length; i++)
            w[i] *= Weight(i) * Psi(y[i]).Curvature;
        return Turned(w, -1);
    }

    /// <summary>A bound of uᵀHu over every point: the lesser of L‖u‖² and, where certified, (√L'‖u_S‖ + √ℓ'‖u_rest‖)².</summary>
    public double CurvatureBound(ReadOnlySpan<double> u)
    {
        double sharp = DirectionalSharpness.Dot(u[..SharpCount], u[..SharpCount]),
            rest = DirectionalSharpness.Dot(u[SharpCount..], u[SharpCount..]);
        double whole = Sharp * (sharp + rest),
            split = Math.Sqrt(SharpBound * sharp) + Math.Sqrt(FlatBound * rest);
        return IsSplitCertified ? Math.Min(whole, split * split) : whole;
    }

    /// <summary>Steps to mean |g_i| ≤ γ from a value Δ₀ above the least: 4(εL' + ℓ')Δ₀/(dγ²) of sign steps, 2LΔ₀/(dγ²) of gradient steps
    /// (theory.md D4).</summary>
    public (double Sign, double Gradient) StepBounds(double above, double tolerance) =>
        (
            4 * (SharpCount / (double)Dimension * SharpBound + FlatBound) * above / (Dimension * tolerance * tolerance),
            2 * Sharp * above / (Dimension * tolerance * tolerance)
        );

    private double Weight(int i) => i < SharpCount ? Sharp : Flat;

    // Sharp coordinate i turns with the flat coordinate SharpCount + i.
    private double[] Turned(ReadOnlySpan<double> x, int sense)
    {
        double[] y = x.ToArray();
        if (_sine == 0)
            return y;
        for (int i = 0; i < SharpCount; i++)
        {
            double a = x[i],
                b = x[SharpCount + i];
            (y[i], y[SharpCount + i]) = (_cosine * a + sense * _sine * b, _cosine * b - sense * _sine * a);
        }
        return y;
    }

    private (double Value, double Slope, double Curvature) Psi(double y)
    {
        switch (Profile)
        {
            case Profile.Quadratic:
                return (0.5 * y * y, y, 1);
            case Profile.LogCosh:
                double tanh = Math.Tanh(y);
                return (Math.Abs(y) + Math.Log(0.5 * (1 + Math.Exp(-2 * Math.Abs(y)))), tanh, 1 - tanh * tanh);
            default:
                const double Omega = 3;
                return (
                    0.2 * y * y + 0.6 * (1 - Math.Cos(Omega * y)) / (Omega * Omega),
                    0.4 * y + 0.6 / Omega * Math.Sin(Omega * y),
                    0.4 + 0.6 * Math.Cos(Omega * y)
                );
        }
    }
}
