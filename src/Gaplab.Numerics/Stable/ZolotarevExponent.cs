// The exponent of Zolotarev's integral, in two forms: one for any index, one that stays exact as α passes through 1.
namespace Gaplab.Numerics.Stable;

/// <summary>log g(φ), g(φ) = (x−ζ)^{α/(α−1)} V(θ), θ = φ − θ₀, at x ≥ ζ (Nolan 1997); monotone in φ on (0, π/2 + θ₀).</summary>
/// <remarks>
/// Near α = 1, ζ and the powers grow like 1/(α−1) and cancel. With ε = α−1, T = β tan(πα/2) = −ζ and t₁ = εT, which stays finite,
/// log g = (α/ε) log[(T+x)/(T(cos εθ − tan θ sin εθ) + tan θ cos εθ + sin εθ)] + log((cos εθ − T sin εθ)/cos θ),
/// and the first logarithm is log(1+δ) with δ = εN/(t₁(cos εθ − tan θ sin εθ) + ε(…)), N free of large terms. At ε = 0 it is Nolan's form
/// for α = 1.
/// </remarks>
internal sealed class ZolotarevExponent
{
    private const double Near = 0.05;
    private readonly double _alpha,
        _epsilon,
        _x,
        _theta0,
        _eta,
        _product,
        _power,
        _constant;
    private readonly bool _near;

    /// <param name="alpha">(0, 2); 1 only with β &lt; 0.</param>
    /// <param name="beta">Skewness.</param>
    /// <param name="x">At least ζ.</param>
    public ZolotarevExponent(double alpha, double beta, double x)
    {
        (_alpha, _epsilon, _x) = (alpha, alpha - 1, x);
        // T = −β cot(πε/2).
        double cotangent = Math.PI * _epsilon / 2;
        _product = _epsilon == 0 ? -2 * beta / Math.PI : -beta * _epsilon / Math.Tan(cotangent);
        double t = beta == 0 ? 0 : _product / _epsilon;
        if (_epsilon == 0)
            t = double.PositiveInfinity;
        // θ₀ = atan(T)/α; π/2 − θ₀ on its own, for it may be small.
        _eta =
            beta == 0 ? Math.PI / 2
            : t > 0 ? (cotangent + Math.Atan(1 / t)) / alpha
            : Math.PI / 2 - Math.Atan(t) / alpha;
        // Where the mass at ζ is one-sided rounding may leave θ₀ a hair beyond ±π/2.
        _eta = Math.Clamp(_eta, 0, Math.PI);
        _theta0 = Math.PI / 2 - _eta;
        End = Math.PI - _eta;
        // α/(π|ε|(x−ζ)) is the density's factor.
        Width = Math.Abs(_product + _epsilon * x);
        _near = Math.Abs(_epsilon) < Near && t >= 0 && (x >= 0 || -x < t / 2 || t == 0);
        if (_near)
        {
            Noise = 4e-16 * alpha * (1 + Math.Abs(x)) / Width;
            return;
        }
        double scale = Math.Cos(alpha * _theta0);
        _power = alpha / _epsilon;
        _constant = _power * Math.Log(x + t) + Math.Log(scale) / _epsilon;
        Noise = 4e-16 * (Math.Abs(_constant) + Math.Abs(_power));
    }

    /// <summary>π/2 + θ₀, the length of the interval.</summary>
    public double End { get; }

    /// <summary>|ε|(x − ζ).</summary>
    public double Width { get; }

    /// <summary>The rounding error of log g, about.</summary>
    public double Noise { get; }

    /// <summary>P(X ≤ ζ) = ½ − θ₀/π.</summary>
    public double BelowZeta => _eta / Math.PI;

    /// <summary>log g.</summary>
    /// <param name="phi">Distance from the lower end.</param>
    /// <param name="psi">Distance from the upper end, π/2 − θ; one of the two is taken to be small and exact.</param>
    public double At(double phi, double psi)
    {
        bool low = phi < psi;
        double cosine = low ? Math.Sin(phi + _eta) : Math.Sin(psi);
        if (!_near)
            return _constant + _power * Math.Log(cosine / Math.Sin(_alpha * phi)) + Math.Log(Math.Cos(_theta0 + _epsilon * phi) / cosine);
        double theta = low ? phi - _theta0 : Math.PI / 2 - psi,
            tangent = !low ? 1 / Math.Tan(psi)
            : _product == 0 ? Math.Tan(phi)
            : -1 / Math.Tan(phi + _eta);
        double y = _epsilon * theta,
            c = Math.Cos(y),
            s = Math.Sin(y),
            sinc = y == 0 ? 1 : s / y,
            half = Math.Sin(y / 2);
        double sincHalf = y == 0 ? 1 : 2 * half / y;
        double numerator = _product * theta * (0.5 * y * sincHalf * sincHalf + tangent * sinc) + _x - tangent * c - s;
        double denominator = _product * (c - tangent * s) + _epsilon * (tangent * c + s),
            delta = _epsilon * numerator / denominator;
        double first =
            Math.Abs(delta) < 0.5
                ? numerator / denominator * LogOnePlusOver(delta)
                : Math.Log(Math.Abs((_product + _epsilon * _x) / denominator)) / _epsilon;
        return _alpha * first + Math.Log((c - _product * theta * sinc) / cosine);
    }

    /// <summary>log(1+x)/x (Kahan's quotient).</summary>
    private static double LogOnePlusOver(double x)
    {
        double u = 1 + x;
        return u == 1 ? 1 : Math.Log(u) / (u - 1);
    }
}
