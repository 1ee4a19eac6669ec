// Descent on a bench function with a step that is certified, or the best along the line.
namespace Gaplab.Theory.Sharpness;

/// <summary>Runs one rule on one function.</summary>
internal static class Descent
{
    /// <summary>Steps until mean |g_i| ≤ γ with η = gᵀu / M(u), M the function's bound of uᵀHu: the largest step of which a decrease,
    /// (gᵀu)²/(2M), is certain. A direction that does not descend is not taken, and counts. Null above <paramref name="most"/>.</summary>
    /// <param name="function">What is minimised.</param>
    /// <param name="rule">A fresh rule.</param>
    /// <param name="start">x₀.</param>
    /// <param name="tolerance">γ.</param>
    /// <param name="most">Steps at most.</param>
    /// <param name="smoothOnly">M(u) = L‖u‖²: what L-smoothness alone certifies, which gives SGD its 1/L.</param>
    public static int? CertifiedSteps(
        SplitCurvature function,
        UpdateRule rule,
        ReadOnlySpan<double> start,
        double tolerance,
        int most,
        bool smoothOnly = false
    )
    {
        double[] x = start.ToArray();
        for (int step = 0; step <= most; step++)
        {
            double[] g = function.Gradient(x);
            if (g.Average(Math.Abs) <= tolerance)
                return step;
            double[] u = rule.Next(g);
            double slope = DirectionalSharpness.Dot(g, u);
            if (slope > 0)
                Move(x, u, slope / (smoothOnly ? function.Sharp * DirectionalSharpness.Dot(u, u) : function.CurvatureBound(u)));
        }
        return null;
    }

    /// <summary>Steps until f ≤ fraction·f(start) with the best step along each direction. Null above <paramref name="most"/>.</summary>
    public static int? LineSearchSteps(SplitCurvature function, UpdateRule rule, ReadOnlySpan<double> start, double fraction, int most)
    {
        double[] x = start.ToArray();
        double target = fraction * function.Value(x);
        for (int step = 0; step <= most; step++)
        {
            if (function.Value(x) <= target)
                return step;
            double[] g = function.Gradient(x),
                u = rule.Next(g);
            if (DirectionalSharpness.Dot(g, u) > 0)
                Move(x, u, BestStep(function, x, g, u));
        }
        return null;
    }

    /// <summary>Where the slope along −u first vanishes: found exactly on a quadratic, by doubling and bisection elsewhere.</summary>
    private static double BestStep(SplitCurvature function, double[] x, double[] g, double[] u)
    {
        double slope = DirectionalSharpness.Dot(g, u);
        if (function.Profile == Profile.Quadratic)
            return slope / DirectionalSharpness.Dot(u, function.HessianTimes(x, u));
        double SlopeAt(double step)
        {
            double[] y = [.. x];
            Move(y, u, step);
            return DirectionalSharpness.Dot(function.Gradient(y), u);
        }
        double low = 0,
            high = slope / function.CurvatureBound(u);
        while (SlopeAt(high) > 0)
            (low, high) = (high, 2 * high);
        for (int i = 0; i < 40; i++)
        {
            double middle = 0.5 * (low + high);
            if (SlopeAt(middle) > 0)
                low = middle;
            else
                high = middle;
        }
        return 0.5 * (low + high);
    }

    private static void Move(double[] x, double[] u, double step)
    {
        for (int i = 0; i < x.Length; i++)
            x[i] -= step * u[i];
    }
}
