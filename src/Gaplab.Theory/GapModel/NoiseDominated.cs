// The gap where noise dominates the gradient: one number n = KB tells everything.
using Gaplab.Numerics;
using MathNet.Numerics.Integration;

namespace Gaplab.Theory.GapModel;

/// <summary>A crossover in n.</summary>
internal sealed record MasterCrossing(double N, bool ToSecond);

/// <summary>
/// The limit λ²x² ≪ σ²/B: Adam is SGD with the preconditioner p = 1/σ and the tuned loss is F_p(n), n = steps × batch size (theory.md C4).
/// </summary>
/// <remarks>With σ² in units of s₀ the field's n is this n divided by s₀. Momentum does not matter here; Adam's tuned loss is F with p =
/// 1/σ, sign descent's the same at 2n/π.</remarks>
internal sealed class NoiseDominated
{
    private readonly Quadratic _quadratic;
    private readonly NoiseKernel _kernel;

    /// <exception cref="InputException">A coordinate without noise, or a schedule that has no kernel.</exception>
    public NoiseDominated(Quadratic quadratic, RateSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(quadratic);
        if (quadratic.NoiseVariance.Any(v => v == 0))
            throw new InputException("a coordinate has no noise; the noise-dominated theory needs some in each");
        (_quadratic, _kernel) = (quadratic, NoiseKernel.Of(schedule));
    }

    /// <summary>R₀ = [(Σλ²a²)²/Σλσ²] / [(Σλ²a²/σ)²/Σλ]: above 1 SGD wins as n → 0.</summary>
    public double SmallN
    {
        get
        {
            double signal = Sum((l, s, a) => l * l * a),
                scaled = Sum((l, s, a) => l * l * a / Math.Sqrt(s));
            return signal * signal / Sum((l, s, a) => l * s) / (scaled * scaled / Sum((l, s, a) => l));
        }
    }

    /// <summary>R∞: above 1 Adam wins as n → ∞; for a schedule that ends at 0 as (1−u)² the exponents are thirds, as I(z) ∝
    /// z^−5/3.</summary>
    public double LargeN
    {
        get
        {
            double slowest = 0,
                slowestScaled = 0;
            for (int i = 0; i < _quadratic.Count; i++)
            {
                if (_quadratic.Curvature[i] == 0)
                    continue;
                slowest = Math.Max(slowest, 1 / _quadratic.Curvature[i]);
                slowestScaled = Math.Max(slowestScaled, Math.Sqrt(_quadratic.NoiseVariance[i]) / _quadratic.Curvature[i]);
            }
            // I(z) ∝ z^−q: the loss at best τ is Σ λ^{1−q} σ^{2−q…}; q = 1 for constant, 5/3 for cosine.
            double q = _kernel.DecayExponent;
            return Sum((l, s, a) => l == 0 ? 0 : Math.Pow(l, 1 - q) * s)
                * Math.Pow(slowest, 2 - q)
                / (Sum((l, s, a) => l == 0 ? 0 : Math.Pow(l, 1 - q) * Math.Pow(s, q / 2)) * Math.Pow(slowestScaled, 2 - q));
        }
    }

    /// <summary>F_p(n) with p = 1 (SGD) or 1/σ (Adam).</summary>
    public double Loss(double n, bool preconditioned) => Tuned(n, preconditioned).Loss;

    /// <summary>The roots of F_1 = F_{1/σ} between two values of n.</summary>
    public IReadOnlyList<MasterCrossing> Crossings(double from, double to)
    {
        var found = new List<MasterCrossing>();
        int count = (int)Math.Ceiling(6 * Math.Log10(to / from));
        double x = Math.Log(from),
            gap = Gap(x);
        for (int i = 1; i <= count; i++)
        {
            double next = Math.Log(from) + Math.Log(to / from) * i / count,
                gapNext = Gap(next);
            if (gap > 0 != gapNext > 0 && Math.Max(Math.Abs(gap), Math.Abs(gapNext)) > 1e-9)
            {
                (double a, double b) = (x, next);
                while (b - a > 1e-9)
                {
                    double middle = 0.5 * (a + b);
                    if (Gap(middle) > 0 == gap > 0)
                        a = middle;
                    else
                        b = middle;
                }
                found.Add(new MasterCrossing(Math.Exp(0.5 * (a + b)), gapNext > 0));
            }
            (x, gap) = (next, gapNext);
        }
        return found;
    }

    private double Gap(double logN) => Math.Log(Loss(Math.Exp(logN), false) / Loss(Math.Exp(logN), true));

    private (double Rate, double Loss) Tuned(double n, bool preconditioned)
    {
        double[] p = [.. _quadratic.NoiseVariance.Select(v => preconditioned ? 1 / Math.Sqrt(v) : 1)];
        double fastest = Enumerable.Range(0, p.Length).Max(i => p[i] * _quadratic.Curvature[i]);
        // τ in units of the fastest relaxation, so that the grid of octaves fits any instance.
        (double rate, double loss, _) = RateTuning.Minimise((tau, _) => At(n, tau / fastest, p), new RateGrid(-12, 12, 8), 1e-7);
        return (rate / fastest, loss);
    }

    private double At(double n, double tau, double[] p)
    {
        double loss = 0;
        for (int i = 0; i < _quadratic.Count; i++)
        {
            double l = _quadratic.Curvature[i],
                z = 2 * p[i] * l * tau;
            loss +=
                _quadratic.Weight[i]
                * 0.5
                * l
                * (
                    _quadratic.StartSquared[i] * Math.Exp(-z * _kernel.Total)
                    + tau * tau / n * p[i] * p[i] * _quadratic.NoiseVariance[i] * _kernel.At(z)
                );
        }
        return loss;
    }

    private double Sum(Func<double, double, double, double> f) =>
        _quadratic.Sum(i => f(_quadratic.Curvature[i], _quadratic.NoiseVariance[i], _quadratic.StartSquared[i]));
}

/// <summary>I(z) = ∫₀¹ s(u)² e^{−z(S(1)−S(u))} du of a schedule in continuous time.</summary>
internal sealed class NoiseKernel
{
    // Tabled over ln z; between nodes a cubic in ln z is right to 1e-9.
    private const double Low = -20,
        Step = 0.02;
    private const int Nodes = 2201;
    private static readonly Lazy<NoiseKernel> CosineKernel = new(() => new NoiseKernel(true)),
        ConstantKernel = new(() => new NoiseKernel(false));
    private readonly double[] _log = new double[Nodes];

    private NoiseKernel(bool cosine)
    {
        (Total, DecayExponent) = cosine ? (0.5, 5.0 / 3) : (1, 1);
        GaussLegendreRule warm = new(0, 0.1, 96),
            decay = new(0.1, 1, 96);
        for (int i = 0; i < Nodes; i++)
        {
            double z = Math.Exp(Low + i * Step);
            // What is left before the end is all that counts at large z: there the substitution w = z(S(1) − S(u)) has no closed inverse,
            // so the tail has its own rule.
            _log[i] = Math.Log(cosine ? Integral(warm, z) + Tail(decay, z) : -Math.Exp(-z) / z + 1 / z);
            if (!cosine && z < 1e-4)
                _log[i] = Math.Log(1 - z / 2 + z * z / 6);
        }
    }

    /// <summary>S(1).</summary>
    public double Total { get; }

    /// <summary>q of I(z) ∝ z^−q at large z.</summary>
    public double DecayExponent { get; }

    public static NoiseKernel Of(RateSchedule schedule) =>
        schedule == RateSchedule.Cosine ? CosineKernel.Value
        : schedule == RateSchedule.Constant ? ConstantKernel.Value
        : throw new InputException("the noise-dominated theory is known for the constant schedule and for cosine with a warm-up of 0.1");

    public double At(double z)
    {
        if (z <= 0)
            return Math.Exp(_log[0]);
        double x = (Math.Log(z) - Low) / Step;
        if (x < 1)
            return Math.Exp(_log[0]);
        if (x >= Nodes - 3)
            return Math.Exp(_log[^1] - DecayExponent * (x - Nodes + 1) * Step);
        int i = (int)x;
        double t = x - i;
        double a = _log[i - 1],
            b = _log[i],
            c = _log[i + 1],
            d = _log[i + 2];
        return Math.Exp(b + t * ((c - a) / 2 + t * ((a - 2.5 * b + 2 * c - 0.5 * d) + t * (1.5 * (b - c) + 0.5 * (d - a)))));
    }

    private static double Integral(GaussLegendreRule rule, double z)
    {
        double sum = 0;
        for (int i = 0; i < rule.Order; i++)
            sum += rule.GetWeight(i) * Integrand(rule.GetAbscissa(i), z);
        return sum;
    }

    /// <summary>From the peak to the end; for large z only u above 1 − c z^−1/3 counts, where the rule is then put.</summary>
    private static double Tail(GaussLegendreRule whole, double z)
    {
        double start = 1 - 6 * Math.Pow(z, -1.0 / 3);
        return start <= 0.1
            ? Integral(whole, z)
            : Integral(new GaussLegendreRule(start, 1, 96), z) + Integral(new GaussLegendreRule(0.1, start, 96), z);
    }

    private static double Integrand(double u, double z)
    {
        double s = u < 0.1 ? u / 0.1 : 0.5 * (1 + Math.Cos(Math.PI * (u - 0.1) / 0.9));
        double done = u < 0.1 ? 5 * u * u : 0.05 + 0.5 * (u - 0.1 + 0.9 / Math.PI * Math.Sin(Math.PI * (u - 0.1) / 0.9));
        return s * s * Math.Exp(-z * (0.5 - done));
    }
}
