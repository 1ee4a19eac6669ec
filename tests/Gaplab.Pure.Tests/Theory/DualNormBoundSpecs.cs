// B* of the dual-norm bounds against numeric inversion.
using Gaplab.Theory.Efficiency;

namespace Gaplab.Pure.Tests.Theory;

public sealed class DualNormBoundSpecs
{
    [Theory]
    [InlineData(4, 40)]
    [InlineData(20, 25)]
    [InlineData(1.5, 60)]
    public void The_closed_form_is_where_the_bounds_cross(double r, double c)
    {
        var bound = new DualNormBound(3, r, c, 5, 2, 1e6 / 4, 1e7);
        Assert.Equal(r * 2.5e5 > Math.Pow(c, 4), bound.Verdict == DualNormBound.Side.Crossover);
        if (bound.Crossing is not { } crossing)
            return;
        Assert.True(bound.Gap(crossing / 10) < 0 && bound.Gap(crossing * 10) > 0);
        double low = Math.Log(crossing / 1e3),
            high = Math.Log(crossing * 1e3);
        for (int i = 0; i < 200; i++)
            (low, high) = bound.Gap(Math.Exp(0.5 * (low + high))) < 0 ? (0.5 * (low + high), high) : (low, 0.5 * (low + high));
        Assert.Equal(1, Math.Exp(low) / crossing, 1e-9);
    }

    [Fact]
    public void The_bound_inverts_the_complexity_of_its_source_up_to_the_number_of_terms()
    {
        // Steps to reach ε: max{ρσ_B/ε, (ρσ_B)³/ε³, LΔ/ε², LΔρ²σ_B²/ε⁴}, σ_B² = σ²/B (Kovalev 2025). ψ sums what the maximum separates.
        var bound = new DualNormBound(3, 10, 30, 5, 2, 1e5, 1e7);
        foreach (bool sign in (bool[])[false, true])
        foreach (double batch in (double[])[1, 64, 4096])
        {
            double l = 3 * (sign ? 10 : 1),
                rho = (sign ? Math.Sqrt(1e5) : 1) * 5 / Math.Sqrt(batch);
            double Steps(double e) =>
                Math.Max(Math.Max(rho / e, Math.Pow(rho / e, 3)), Math.Max(l * 2 / (e * e), l * 2 * rho * rho / Math.Pow(e, 4)));
            double low = -40,
                high = 40;
            for (int i = 0; i < 200; i++)
                (low, high) = Steps(Math.Exp(0.5 * (low + high))) > 1e7 / batch ? (0.5 * (low + high), high) : (low, 0.5 * (low + high));
            Assert.InRange(bound.Bound(sign, batch) / Math.Exp(low), 1, 3);
        }
    }

    [Fact]
    public void Outside_its_conditions_one_optimizer_is_ahead_at_every_batch_size()
    {
        DualNormBound first = new(3, 900, 20, 5, 2, 1e6, 1e7),
            second = new(3, 2, 300, 5, 2, 1e6, 1e7);
        Assert.Equal(DualNormBound.Side.FirstThroughout, first.Verdict);
        Assert.Equal(DualNormBound.Side.SecondThroughout, second.Verdict);
        Assert.Null(first.Crossing);
        foreach (double batch in (double[])[1, 1e3, 1e6])
        {
            Assert.True(first.Gap(batch) < 0);
            Assert.True(second.Gap(batch) > 0);
        }
    }
}
