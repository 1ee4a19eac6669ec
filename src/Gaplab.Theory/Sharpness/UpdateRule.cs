// The update rules of the bench: gradient, clipped gradient, sign, Adam.
namespace Gaplab.Theory.Sharpness;

/// <summary>A direction from each gradient; the step along it is chosen by the bench.</summary>
internal abstract class UpdateRule
{
    public abstract string Name { get; }

    /// <summary>u for the next gradient; memory moves on.</summary>
    public abstract double[] Next(ReadOnlySpan<double> gradient);

    /// <summary>The rules of the bench at an ε: SGD, SGD clipped at its top ε, at 10ε (at most 0.9) and at one half, sign and Adam; fresh
    /// ones at every call.</summary>
    public static IReadOnlyList<UpdateRule> All(double epsilon) =>
        [
            new GradientRule(),
            new ClippedRule("sgd, clip ε", epsilon),
            new ClippedRule("sgd, clip 10ε", Math.Min(10 * epsilon, 0.9)),
            new ClippedRule("sgd, clip ½", 0.5),
            new SignRule(),
            new AdamRule(),
        ];

    private sealed class GradientRule : UpdateRule
    {
        public override string Name => "sgd";

        public override double[] Next(ReadOnlySpan<double> gradient) => gradient.ToArray();
    }

    private sealed class ClippedRule(string name, double fraction) : UpdateRule
    {
        public override string Name => name;

        public override double[] Next(ReadOnlySpan<double> gradient) =>
            TopClipped.Of(gradient, fraction) is { Threshold: > 0 } clipped ? clipped.Values : gradient.ToArray();
    }

    private sealed class SignRule : UpdateRule
    {
        public override string Name => "sign";

        public override double[] Next(ReadOnlySpan<double> gradient)
        {
            double[] u = gradient.ToArray();
            for (int i = 0; i < u.Length; i++)
                u[i] = Math.Sign(u[i]);
            return u;
        }
    }

    /// <summary>β₁ = 0.9, β₂ = 0.999, ε = 1e-8, bias corrected. Its first direction is the sign.</summary>
    private sealed class AdamRule : UpdateRule
    {
        private double[]? _m,
            _v;
        private int _t;

        public override string Name => "adam";

        public override double[] Next(ReadOnlySpan<double> gradient)
        {
            _m ??= new double[gradient.Length];
            _v ??= new double[gradient.Length];
            _t++;
            double unbias1 = 1 / (1 - Math.Pow(0.9, _t)),
                unbias2 = 1 / (1 - Math.Pow(0.999, _t));
            var u = new double[gradient.Length];
            for (int i = 0; i < u.Length; i++)
            {
                _m[i] = 0.9 * _m[i] + 0.1 * gradient[i];
                _v[i] = 0.999 * _v[i] + 0.001 * gradient[i] * gradient[i];
                u[i] = _m[i] * unbias1 / (Math.Sqrt(_v[i] * unbias2) + 1e-8);
            }
            return u;
        }
    }
}
