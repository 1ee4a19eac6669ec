// The output layer's penalty where a class is hardly ever seen: counts of real data have such classes.
using Gaplab.Theory.Efficiency;

namespace Gaplab.Pure.Tests.Theory;

public sealed class RareClassSpecs
{
    [Theory]
    [InlineData(1.67e-4)]
    [InlineData(1e-5)]
    public void One_class_that_is_hardly_ever_seen_moves_the_penalty_by_little(double rare)
    {
        double[] zipf = [.. Enumerable.Range(1, 255).Select(k => 1.0 / k)];
        double[] plain = [.. zipf.Select(p => p / zipf.Sum())],
            with = [.. plain.Select(p => p * (1 - rare)), rare];
        var memory = new GradientMemory.SecondMoment(0.9, 0.95);
        OutputLayer one = OutputLayer.Of(plain, memory),
            two = OutputLayer.Of(with, memory);
        foreach (double batch in (double[])[1, 2, 4, 8, 16])
            Assert.InRange(two.Penalty(batch) / one.Penalty(batch), 0.9, 1.25);
    }
}
