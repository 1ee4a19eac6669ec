// The stable law against SciPy, closed forms and its own characteristic function.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Streams;

namespace Gaplab.Pure.Tests.Tails;

public sealed class StableLawSpecs
{
    [Fact]
    public void Distribution_and_density_agree_with_SciPy_in_both_forms()
    {
        JsonArray rows = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "tail-vectors.json")))![
            "stable"
        ]!.AsArray();
        Assert.Equal(80, rows.Count);
        foreach (JsonNode? row in rows)
        {
            double At(int i) => row![i]!.GetValue<double>();
            var law = new StableLaw(At(1), At(2), form: Enum.Parse<StableForm>(row![0]!.GetValue<string>()));
            Assert.True(Math.Abs(law.Cumulative(At(3)) - At(4)) < 2e-7, $"{row.ToJsonString()}: {law.Cumulative(At(3))}");
            Assert.True(Math.Abs(law.Density(At(3)) - At(5)) < 2e-6, $"{row.ToJsonString()}: {law.Density(At(3))}");
        }
    }

    [Fact]
    public void The_one_sided_law_of_index_one_half_is_Levys()
    {
        // α = ½, β = 1, S1: P(X ≤ x) = erfc(√(1/2x)) for scale 1.
        var law = new StableLaw(0.5, 1, form: StableForm.S1);
        foreach (double x in (double[])[0.05, 0.3, 1, 4, 100, 1e6])
        {
            double z = 1 / Math.Sqrt(x);
            Assert.Equal(2 * NormalDistribution.Cumulative(-z), law.Cumulative(x), 1e-12);
            Assert.Equal(Math.Exp(-0.5 / x) / Math.Sqrt(2 * Math.PI * x * x * x), law.Density(x), 1e-11);
        }
        Assert.Equal(0, law.Cumulative(-1), 1e-15);
        Assert.Equal(0, law.Quantile(0), 1e-12);
    }

    [Theory]
    [InlineData(0.6, 0.4), InlineData(0.95, 0.5), InlineData(1, 0.5), InlineData(1.02, -0.8), InlineData(1.6, 0.9), InlineData(1.99, 0)]
    public void The_density_is_the_transform_of_the_characteristic_function(double alpha, double beta)
    {
        var law = new StableLaw(alpha, beta, 1.3, 0.2);
        foreach (double x in (double[])[-3, -0.4, 0.2, 1.7, 5])
        {
            double inverse =
                AdaptiveQuadrature.Integrate(
                    t => (law.CharacteristicFunction(t) * System.Numerics.Complex.Exp(new(0, -t * x))).Real,
                    0,
                    40 / Math.Min(1, alpha * alpha),
                    1e-12,
                    1e-12
                ) / Math.PI;
            Assert.Equal(inverse, law.Density(x), 1e-6);
        }
    }

    [Theory]
    [InlineData(0.5, 0), InlineData(0.8, 0.5), InlineData(1, 0.3), InlineData(1.5, -0.9), InlineData(2, 0)]
    public void Quantiles_invert_the_distribution_and_tables_agree_with_it(double alpha, double beta)
    {
        var law = new StableLaw(alpha, beta, 2, -1);
        foreach (double p in (double[])[1e-6, 0.02, 0.3, 0.5, 0.9, 1 - 1e-5])
            Assert.Equal(p, law.Cumulative(law.Quantile(p)), 1e-11);
        RandomStream stream = RandomStream.For(3, "test/stable/table");
        double[] x = [.. Enumerable.Range(0, 200).Select(_ => -1 + 2 * Math.Tan(Math.PI * (stream.NextDouble() - 0.5)))],
            cumulative = new double[200],
            density = new double[200];
        law.Cumulative(x, cumulative);
        law.Density(x, density);
        for (int i = 0; i < x.Length; i++)
        {
            Assert.Equal(law.Cumulative(x[i]), cumulative[i], 2e-8);
            Assert.True(
                Math.Abs(law.Density(x[i]) - density[i]) <= 1e-4 * law.Density(x[i]) + 1e-7,
                string.Create(CultureInfo.InvariantCulture, $"f({x[i]}) = {law.Density(x[i])}, table {density[i]}")
            );
        }
    }

    [Theory]
    [InlineData(0.3), InlineData(-1), InlineData(1e-3), InlineData(0)]
    public void The_law_is_smooth_where_the_index_passes_through_one(double beta)
    {
        foreach (double x in (double[])[-40, -3, -0.7, 0, 0.2, 2.5, 60])
        {
            StableLaw at = new(1, beta);
            foreach (double h in (double[])[1e-2, 1e-3, 1e-5, 1e-7, 1e-10, 1e-13])
            {
                StableLaw below = new(1 - h, beta),
                    above = new(1 + h, beta);
                // F(1+h) + F(1−h) − 2F(1) = O(h²), and F(1+h) − F(1−h) = O(h).
                Assert.Equal(at.Cumulative(x), 0.5 * (below.Cumulative(x) + above.Cumulative(x)), 2 * h * h + 2e-11);
                Assert.Equal(at.Density(x), 0.5 * (below.Density(x) + above.Density(x)), 4 * h * h + 2e-11);
                Assert.Equal(below.Cumulative(x), above.Cumulative(x), h + 2e-11);
            }
        }
    }

    [Fact]
    public void Both_forms_of_the_exponent_agree_where_one_takes_over()
    {
        foreach (double beta in (double[])[-1, -0.4, 0, 0.9])
        foreach (double edge in (double[])[0.95, 1.05])
        foreach (double x in (double[])[-15, -2, 0.4, 3, 25])
        {
            // A jump between the forms would stand out of the slope over 2e-9.
            Assert.Equal(new StableLaw(edge - 1e-9, beta).Cumulative(x), new StableLaw(edge + 1e-9, beta).Cumulative(x), 3e-9);
            double density = new StableLaw(edge + 1e-9, beta).Density(x);
            Assert.Equal(density, new StableLaw(edge - 1e-9, beta).Density(x), 1e-6 * density + 1e-14);
        }
    }

    [Fact]
    public void The_tail_keeps_its_relative_accuracy_far_out()
    {
        foreach (double alpha in (double[])[0.5, 0.8, 1.2, 1.5, 1.9])
        {
            var law = new StableLaw(alpha);
            foreach (double x in (double[])[1e4, 1e8, 1e12])
            {
                // The series of the tail to its second term; the rest is below 15 x^{−2α}, or the rounding of the ratio.
                double next = Math.Pow(x, -alpha),
                    expected = StableConstants.Levy(alpha) / alpha * next;
                double second =
                    -Math.Cos(Math.PI * alpha / 2)
                    * MathNet.Numerics.SpecialFunctions.Gamma(2 * alpha)
                    / MathNet.Numerics.SpecialFunctions.Gamma(alpha)
                    * next;
                Assert.Equal(1 + second, law.Survival(x) / expected, 15 * next * next + 1e-13);
            }
        }
    }

    [Theory]
    [InlineData(0, 0), InlineData(2.1, 0), InlineData(double.NaN, 0), InlineData(1.5, 1.2)]
    public void Parameters_outside_their_range_are_refused(double alpha, double beta) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new StableLaw(alpha, beta));
}
