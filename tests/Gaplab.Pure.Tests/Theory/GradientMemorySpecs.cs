// How short a memory is: the sign's against a simulation with skewed noise.
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using Gaplab.Theory.Efficiency;

namespace Gaplab.Pure.Tests.Theory;

public sealed class GradientMemorySpecs
{
    [Theory]
    [InlineData(0.9, null)]
    [InlineData(0.5, null)]
    [InlineData(0.9, 0.99)]
    public void Skewed_noise_pulls_a_sign_as_its_kappa_says(double beta1, double? beta2)
    {
        // Noise: an exponential minus its mean, over a batch of four: variance σ²/B = ¼, third moment μ₃/B² = 2/16.
        // E sign(m) = √(2/π)·(ḡ − κμ₃/(2σ²B))/sd(m): at ḡ = 0 the pull alone.
        var stream = RandomStream.For(3, "sign-memory");
        double m = 0,
            sum = 0,
            square = 0;
        const int Steps = 6_000_000;
        for (int t = 0; t < Steps; t++)
        {
            double g = -1 - 0.25 * Math.Log(stream.NextDouble() * stream.NextDouble() * stream.NextDouble() * stream.NextDouble());
            double average = beta1 * m + (1 - beta1) * g;
            m = beta2 is { } older ? older * m + (1 - older) * g : average;
            sum += Math.Sign(average);
            square += average * average;
        }
        double kappa = new GradientMemory.SignOfAverage(beta1, beta2).Kappa,
            pull = kappa * 2 / (2 * 4);
        Assert.Equal(-Math.Sqrt(2 / Math.PI) * pull / Math.Sqrt(square / Steps), sum / Steps, 0.006);
    }

    [Fact]
    public void A_sign_is_as_short_as_the_Adam_of_the_same_kappa()
    {
        var sign = new GradientMemory.SignOfAverage(0.9);
        double beta2 = 1 - sign.Shortness;
        Assert.Equal(0.1 * (1 - beta2) / (1 - 0.9 * beta2), sign.Kappa, 1e-12);
        Assert.Equal(1.0 / 3, new GradientMemory.SignOfAverage(0).Shortness, 1e-12);
        Assert.Equal(0.05, new GradientMemory.SecondMoment(0.9, 0.95).Shortness, 1e-12);
        Assert.Equal(0, new GradientMemory.Unscaled().Shortness);
        Assert.Equal(0.999, ((GradientMemory.SecondMoment)new GradientMemory.SecondMoment(0.9, 0.95).Longer(0.999)).Beta2);
    }

    [Fact]
    public void A_decay_of_one_is_refused() =>
        Assert.Contains(
            "expected 0 ≤ β < 1",
            Assert.Throws<InputException>(() => new GradientMemory.SecondMoment(0.9, 1).Check()).Message,
            StringComparison.Ordinal
        );
}
