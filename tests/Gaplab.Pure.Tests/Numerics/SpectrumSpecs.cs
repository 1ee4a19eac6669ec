// Lanczos, Hutch++ and stochastic Lanczos quadrature against spectra that are known and against dense eigen-decompositions.
using Gaplab.Numerics.Linear;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Gaplab.Pure.Tests.Numerics;

public sealed class SpectrumSpecs
{
    [Fact]
    public void The_ends_of_a_dense_random_matrix_are_those_of_its_eigendecomposition()
    {
        Matrix<double> a = RandomSymmetric(120, 1);
        double[] dense = [.. a.Evd(Symmetricity.Symmetric).EigenValues.Select(z => z.Real)];
        SpectrumEnds ends = Lanczos.Ends(Operator(a), 120, 4, RandomStream.For(1, "test/lanczos"), 1e-9);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(dense[119 - i], ends.Largest[i].Value, 1e-9 * dense[119]);
            Assert.Equal(dense[i], ends.Smallest[i].Value, 1e-9 * dense[119]);
        }
        Assert.All(
            ends.Largest.Concat(ends.Smallest),
            pair =>
            {
                Assert.True(pair.Converged);
                double residual = (a * DenseVector.OfArray(pair.Vector) - pair.Value * DenseVector.OfArray(pair.Vector)).L2Norm();
                Assert.Equal(residual, pair.Residual, 1e-12 * dense[119]);
            }
        );
    }

    [Fact]
    public void The_second_difference_matrix_has_its_closed_form_eigenvalues()
    {
        const int n = 60;
        // Tridiagonal (−1, 2, −1): λ_j = 2 − 2cos(jπ/(n+1)).
        SymmetricOperator a = (x, y) =>
        {
            for (int i = 0; i < n; i++)
                y[i] = 2 * x[i] - (i > 0 ? x[i - 1] : 0) - (i + 1 < n ? x[i + 1] : 0);
        };
        SpectrumEnds ends = Lanczos.Ends(a, n, 3, RandomStream.For(2, "test/lanczos"), 1e-10, n);
        for (int j = 1; j <= 3; j++)
        {
            Assert.Equal(2 - 2 * Math.Cos(j * Math.PI / (n + 1)), ends.Smallest[j - 1].Value, 1e-10);
            Assert.Equal(2 - 2 * Math.Cos((n + 1 - j) * Math.PI / (n + 1)), ends.Largest[j - 1].Value, 1e-10);
        }
    }

    [Fact]
    public void Without_enough_products_a_pair_says_that_it_has_not_converged_and_its_residual_still_bounds_the_error()
    {
        Matrix<double> a = RandomSymmetric(150, 3);
        double[] dense = [.. a.Evd(Symmetricity.Symmetric).EigenValues.Select(z => z.Real)];
        SpectrumEnds ends = Lanczos.Ends(Operator(a), 150, 3, RandomStream.For(3, "test/lanczos"), 1e-10, 12);
        Assert.All(
            ends.Largest.Concat(ends.Smallest),
            pair =>
            {
                Assert.False(pair.Converged);
                Assert.True(dense.Min(l => Math.Abs(l - pair.Value)) <= pair.Residual * (1 + 1e-12));
            }
        );
    }

    [Fact]
    public void Multiple_eigenvalues_and_a_null_space_are_found_when_run_to_the_dimension()
    {
        double[] spectrum = [5, 5, 3, 3, 3, 0, 0, 0, 0, -2];
        SpectrumEnds ends = Lanczos.Ends(Diagonal(spectrum), 10, 5, RandomStream.For(4, "test/lanczos"), 1e-9, 10);
        Assert.Equal([5, 5, 3, 3, 3], ends.Largest.Select(p => Math.Round(p.Value, 8)));
        Assert.Equal([-2, 0, 0, 0, 0], ends.Smallest.Select(p => Math.Round(p.Value, 8) + 0.0));
    }

    [Fact]
    public void An_operator_that_is_not_finite_is_reported_and_gives_no_numbers()
    {
        SymmetricOperator a = (x, y) => y.Fill(double.NaN);
        Assert.False(Lanczos.Ends(a, 5, 1, RandomStream.For(1, "test")).Finite);
        Assert.Null(SpectralDensity.Estimate(a, 5, RandomStream.For(1, "test")));
        Assert.True(double.IsNaN(HutchPlusPlus.Trace(a, 500, RandomStream.For(1, "test")).Value));
    }

    [Fact]
    public void The_trace_of_a_matrix_of_low_rank_is_exact_and_otherwise_within_its_standard_error_as_often_as_it_says()
    {
        double[] low = new double[400];
        for (int i = 0; i < 8; i++)
            low[i] = 10.0 + i;
        Estimate exact = HutchPlusPlus.Trace(Diagonal(low), 400, RandomStream.For(5, "test/trace"), 60);
        Assert.Equal(low.Sum(), exact.Value, 1e-9);
        Assert.True(exact.StandardError < 1e-9);

        Matrix<double> a = RandomSymmetric(200, 6);
        double trace = a.Trace(),
            sum = 0;
        const int Repeats = 400;
        for (int i = 0; i < Repeats; i++)
        {
            Estimate e = HutchPlusPlus.Trace(Operator(a), 200, RandomStream.For(i, "test/trace"), 90);
            sum += Math.Pow((e.Value - trace) / e.StandardError, 2);
        }
        // z² of a t with 29 degrees of freedom: mean 29/27, variance 2·29²·28/(27²·25); four standard errors of the mean.
        double mean = 29.0 / 27,
            error = Math.Sqrt(2 * 29.0 * 29 * 28 / (27.0 * 27 * 25) / Repeats);
        Assert.InRange(sum / Repeats, mean - 4 * error, mean + 4 * error);
    }

    [Fact]
    public void The_density_has_the_moments_of_the_spectrum_within_its_errors_and_integrates_to_one()
    {
        double[] spectrum = [.. Enumerable.Range(0, 300).Select(i => i < 10 ? 5 + i : 0.01 * (i - 150))];
        SpectralDensity density = SpectralDensity.Estimate(Diagonal(spectrum), 300, RandomStream.For(7, "test/density"), 40, 40)!;
        for (int power = 1; power <= 4; power++)
        {
            Estimate moment = density.Integral(t => Math.Pow(t, power));
            Assert.InRange((moment.Value - spectrum.Average(l => Math.Pow(l, power))) / moment.StandardError, -4, 4);
        }
        Assert.Equal(1, density.Integral(_ => 1).Value, 1e-12);
        double integral = 0;
        for (double t = -10; t < 30; t += 0.05)
            integral += 0.05 * density.At(t, 0.2).Value;
        Assert.Equal(1, integral, 1e-6);
        // A gap of the spectrum: the fraction below it is a count.
        Estimate below = density.Below(3);
        Assert.InRange((below.Value - 290.0 / 300) / below.StandardError, -4, 4);
    }

    [Fact]
    public void One_quadrature_of_full_length_integrates_its_own_start_vector_exactly()
    {
        // With n steps the quadrature of v is Σ⟨v, e_i⟩²f(λ_i): its second moment about 0 is ‖Av‖² for every f = t².
        double[] spectrum = [-1, 0.5, 2, 4];
        SpectralDensity density = SpectralDensity.Estimate(Diagonal(spectrum), 4, RandomStream.For(8, "test/density"), 1, 4)!;
        Assert.Equal(spectrum, density.Probes[0].Nodes.Select(n => Math.Round(n, 10)));
        RandomStream same = RandomStream.For(8, "test/density");
        double[] v = [.. Enumerable.Range(0, 4).Select(_ => same.NextGaussian())];
        double norm = v.Sum(x => x * x);
        for (int i = 0; i < 4; i++)
            Assert.Equal(v[i] * v[i] / norm, density.Probes[0].Weights[i], 1e-10);
    }

    [Fact]
    public void The_weighted_standard_error_is_the_plain_one_for_equal_weights_and_NaN_for_one_sample()
    {
        double[] samples = [1, 4, 2, 9];
        Assert.Equal(Math.Sqrt(38.0 / 3 / 4), SampleError.OfMean(samples), 1e-12);
        Assert.Equal(SampleError.OfMean(samples), SampleError.OfMean(samples, [2, 2, 2, 2]).StandardError, 1e-12);
        Assert.Equal(16.0 / 4, SampleError.OfMean(samples, [1, 1, 1, 1]).Value, 1e-12);
        Assert.True(double.IsNaN(SampleError.OfMean([3.0])));
    }

    private static Matrix<double> RandomSymmetric(int n, long seed)
    {
        RandomStream random = RandomStream.For(seed, "test/matrix");
        Matrix<double> g = DenseMatrix.Create(n, n, (_, _) => random.NextGaussian());
        return g + g.Transpose();
    }

    private static SymmetricOperator Operator(Matrix<double> a) => (x, y) => (a * DenseVector.OfArray(x.ToArray())).AsArray().CopyTo(y);

    private static SymmetricOperator Diagonal(double[] d) =>
        (x, y) =>
        {
            for (int i = 0; i < d.Length; i++)
                y[i] = d[i] * x[i];
        };
}
