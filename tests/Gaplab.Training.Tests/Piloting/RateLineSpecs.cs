// Where a pilot looks for learning rates: the posterior mean of a line, against closed forms.
using Gaplab.Studies.Piloting;

namespace Gaplab.Training.Tests.Piloting;

public sealed class RateLineSpecs
{
    private static readonly RateLine s_line = new(Math.Log(0.1), 16, (1, 0.25));

    [Fact]
    public void Without_results_it_is_the_middle_of_the_grid_and_the_growth_of_the_kind()
    {
        Assert.Equal(0.1, s_line.At([], 16, 1), 1e-12);
        Assert.Equal(0.4, s_line.At([], 64, 1), 1e-12);
        // Half a power of the length: twice the rate at a quarter.
        Assert.Equal(0.2, s_line.At([], 16, 0.25), 1e-12);
    }

    [Fact]
    public void One_result_at_the_middle_moves_it_by_the_weights_of_prior_and_result()
    {
        // Normal prior ln 3, normal error ln 1.5: the weighted mean of two numbers.
        double prior = 1 / Math.Pow(Math.Log(3), 2),
            seen = 1 / Math.Pow(Math.Log(1.5), 2),
            mean = (prior * Math.Log(0.1) + seen * Math.Log(0.3)) / (prior + seen);
        Assert.Equal(Math.Exp(mean), s_line.At([new(16, 1, 0.3, false)], 16, 1), 1e-12);
        // At an edge it weighs a ninth.
        mean = (prior * Math.Log(0.1) + seen / 9 * Math.Log(0.3)) / (prior + seen / 9);
        Assert.Equal(Math.Exp(mean), s_line.At([new(16, 1, 0.3, true)], 16, 1), 1e-12);
    }

    [Fact]
    public void Many_results_on_a_line_of_another_slope_are_followed()
    {
        RateLine.Found[] found =
        [
            .. Enumerable
                .Range(0, 400)
                .Select(i => Math.Pow(2, 1 + i % 8))
                .Select(b => new RateLine.Found(b, 1, 0.05 * Math.Sqrt(b), false)),
        ];
        Assert.Equal(0.05 * Math.Sqrt(128), s_line.At(found, 128, 1), 0.01 * 0.05 * Math.Sqrt(128));
    }
}
