// Eigenvalues, trace and density of real models' Hessians and Gauss–Newton matrices against dense matrices made another way.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Gaplab.Training.Tests.Diagnostics;

public sealed class CurvatureSpecs
{
    private static readonly Gpt Model = SmallModels.Gpt();
    private static readonly double[] Theta = SmallModels.Point(Model);
    private static readonly EvaluationSet Set = SmallModels.Set(3, 3, 2, 3);
    private static readonly Lazy<Matrix<double>> Dense = new(() => SmallModels.Hessian(Model, Theta, Set));

    [Fact]
    public void The_ends_of_the_Hessian_are_those_of_the_dense_one_made_of_finite_differences()
    {
        using var hessian = new Hessian(Model, Theta, Set);
        CurvatureEnds ends = CurvatureSpectrum.Ends(hessian, 3, RandomStream.For(1, "test/ends"), 1e-8);
        SameEnds(Dense.Value, ends);
        Assert.All(ends.Largest, e => Assert.True(e.DataError > 0));
    }

    [Fact]
    public void The_Hessian_of_a_block_is_the_dense_ones_block()
    {
        var block = ParamBlock.Of(Model.Layout, "blocks.0.mlp");
        using var hessian = new Hessian(Model, Theta, Set, block);
        ParamSlice[] slices = [.. Model.Layout.Slices.Where(s => s.Name.StartsWith("blocks.0.mlp.", StringComparison.Ordinal))];
        int[] rows = [.. slices.SelectMany(s => Enumerable.Range((int)s.Offset, (int)s.Count))];
        Matrix<double> dense = DenseMatrix.Create(rows.Length, rows.Length, (i, j) => Dense.Value[rows[i], rows[j]]);
        SameEnds(dense, CurvatureSpectrum.Ends(hessian, 2, RandomStream.For(2, "test/ends"), 1e-8));
        Assert.Equal(Model.Layout.Count, ParamBlock.Layers(Model.Layout).Sum(b => b.Count));
    }

    [Fact]
    public void The_Gauss_Newton_matrix_is_the_transposed_Jacobian_times_the_softmax_Hessian_times_the_Jacobian()
    {
        EvaluationSet set = SmallModels.Set(2);
        using var gaussNewton = new GaussNewton(Model, Theta, set);
        Matrix<double> dense = DenseGaussNewton(set);
        double[] spectrum = [.. dense.Evd(Symmetricity.Symmetric).EigenValues.Select(z => z.Real)];
        RandomStream random = RandomStream.For(3, "test/vector");
        double[] v = [.. Theta.Select(_ => random.NextGaussian())],
            product = new double[v.Length];
        gaussNewton.Apply(v, product);
        double[] expected = (dense * DenseVector.OfArray(v)).ToArray();
        Closeness.Same(expected, product, 1e-6, Closeness.LargestMagnitude(expected) * 1e-2, "Gauss-Newton product");
        CurvatureEnds ends = CurvatureSpectrum.Ends(gaussNewton, 2, RandomStream.For(3, "test/ends"), 1e-8);
        Assert.Equal(spectrum[^1], ends.Largest[0].Pair.Value, 1e-6 * spectrum[^1]);
        Assert.True(ends.Smallest[0].Pair.Value > -1e-10 * spectrum[^1]);
    }

    [Fact]
    public void The_trace_lies_within_its_standard_error_of_the_dense_one_and_its_data_error_is_that_of_the_batches_traces()
    {
        using var hessian = new Hessian(Model, Theta, Set);
        SampledNumber trace = CurvatureSpectrum.Trace(hessian, () => RandomStream.For(4, "test/trace"), 60);
        Assert.InRange((trace.Value - Dense.Value.Trace()) / trace.ProbeError, -4, 4);
        // With three times the dimension the sketch is everything: exact, for each batch too.
        SampledNumber exact = CurvatureSpectrum.Trace(hessian, () => RandomStream.For(4, "test/trace"), 3 * Theta.Length + 60);
        Assert.Equal(Dense.Value.Trace(), exact.Value, 1e-5 * Math.Abs(Dense.Value.Trace()));
        double[] product = new double[Theta.Length],
            basis = new double[Theta.Length];
        double[] traces =
        [
            .. Enumerable
                .Range(0, Set.Count)
                .Select(b =>
                {
                    double sum = 0;
                    for (int i = 0; i < basis.Length; i++)
                    {
                        Array.Clear(basis);
                        basis[i] = 1;
                        hessian.OfBatch(b)(basis, product);
                        sum += product[i];
                    }
                    return sum;
                }),
        ];
        Assert.Equal(SampleError.OfMean(traces, [.. Set.Weights]).StandardError, exact.DataError, 1e-8 * exact.DataError);
    }

    [Fact]
    public void The_density_has_the_dense_spectrums_mean_and_variance_within_its_errors()
    {
        using var hessian = new Hessian(Model, Theta, Set);
        CurvatureDensity density = CurvatureSpectrum.Density(hessian, () => RandomStream.For(5, "test/density"), 10, 30, 21, 2)!;
        double[] spectrum = [.. Dense.Value.Evd(Symmetricity.Symmetric).EigenValues.Select(z => z.Real)];
        for (int power = 1; power <= 2; power++)
        {
            Estimate moment = density.Raw.Integral(t => Math.Pow(t, power));
            Assert.InRange((moment.Value - spectrum.Average(l => Math.Pow(l, power))) / moment.StandardError, -4, 4);
        }
        Assert.All(density.Density, d => Assert.True(d.DataError >= 0));
    }

    [Fact]
    public void A_point_that_is_not_finite_gives_typed_absence_and_no_crash()
    {
        double[] nan = [.. Theta];
        nan[7] = double.NaN;
        using var hessian = new Hessian(Model, nan, Set);
        Assert.False(CurvatureSpectrum.Ends(hessian, 1, RandomStream.For(1, "test")).Finite);
        Assert.Null(CurvatureSpectrum.Density(hessian, () => RandomStream.For(1, "test")));
        Assert.True(double.IsNaN(CurvatureSpectrum.Trace(hessian, () => RandomStream.For(1, "test")).Value));
    }

    private static void SameEnds(Matrix<double> dense, CurvatureEnds ends)
    {
        double[] spectrum = [.. dense.Evd(Symmetricity.Symmetric).EigenValues.Select(z => z.Real)];
        double scale = Math.Max(Math.Abs(spectrum[0]), Math.Abs(spectrum[^1]));
        for (int i = 0; i < ends.Largest.Count; i++)
        {
            Assert.True(ends.Largest[i].Pair.Converged);
            Assert.Equal(spectrum[^(1 + i)], ends.Largest[i].Pair.Value, 1e-6 * scale);
            Assert.Equal(spectrum[i], ends.Smallest[i].Pair.Value, 1e-6 * scale);
        }
    }

    private static Matrix<double> DenseGaussNewton(EvaluationSet set)
    {
        double[] Logits(double[] theta)
        {
            using var scope = new TensorScope();
            return Model.Predict(Tensor.From<double>(theta, 1, theta.Length), set.Batch(0)).Logits.ToDoubles();
        }
        const double H = 1e-3;
        double[] at = Logits(Theta);
        int outputs = at.Length,
            v = SmallModels.Vocabulary,
            n = outputs / v;
        var jacobian = DenseMatrix.Create(outputs, Theta.Length, 0);
        for (int j = 0; j < Theta.Length; j++)
        {
            double[] At(double h)
            {
                double[] moved = [.. Theta];
                moved[j] += h;
                return Logits(moved);
            }
            double[] p = At(H),
                m = At(-H),
                p2 = At(H / 2),
                m2 = At(-H / 2);
            for (int i = 0; i < outputs; i++)
                jacobian[i, j] = (4 * (p2[i] - m2[i]) / H - (p[i] - m[i]) / (2 * H)) / 3;
        }
        var middle = DenseMatrix.Create(outputs, outputs, 0);
        for (int t = 0; t < n; t++)
        {
            double[] e = [.. Enumerable.Range(0, v).Select(c => Math.Exp(at[t * v + c]))];
            double z = e.Sum();
            for (int a = 0; a < v; a++)
            for (int b = 0; b < v; b++)
                middle[t * v + a, t * v + b] = (e[a] / z * (a == b ? 1 : 0) - e[a] / z * e[b] / z) / n;
        }
        return jacobian.Transpose() * middle * jacobian;
    }
}
