// Gradient noise against per-sample gradients taken one by one, Adam's against its averages replayed, the basin against dense algebra.
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Gaplab.Training.Tests.Diagnostics;

public sealed class NoiseSpecs : IDisposable
{
    private const int Samples = 12;

    private static readonly NoiseSpec Spec = new()
    {
        Samples = Samples,
        Batches = [2, 6],
        Draws = 40,
        Coordinates = 30,
        Whole = 2,
        Window = 5,
        Beta1 = 0.6,
        Columns = 4,
    };

    private readonly LanguageTask _task = LanguageTask.Load(
        new TaskSpec
        {
            Kind = "markov",
            Vocabulary = SmallModels.Vocabulary,
            Context = SmallModels.Context,
            Tokens = 2000,
        }
    );
    private readonly Gpt _model = SmallModels.Gpt();
    private readonly double[] _theta;
    private readonly double[][] _each;
    private readonly double[] _full;

    public NoiseSpecs()
    {
        TorchRuntime.Threads = 1;
        _theta = SmallModels.Point(_model);
        _each = [.. Enumerable.Range(0, Samples).Select(i => SmallModels.Gradient(_model, _theta, Sample(i)))];
        _full = Mean(_each);
    }

    [Fact]
    public void Noise_of_SGD_is_the_mean_of_the_drawn_samples_gradients_minus_that_of_all()
    {
        ProbeResult result = Measure();
        NoiseCoordinates kept = NoiseCoordinates.Share(_model.Layout, 30);
        foreach (int batch in (int[])[2, 6])
        {
            RandomStream random = RandomStream.For(7, $"probe/noise/{batch}", 5);
            ProbeArray rows = result.Arrays[$"sgd.b{batch}"],
                norms = result.Arrays[$"sgd.b{batch}.norm"],
                whole = result.Arrays[$"sgd.b{batch}.whole"];
            Assert.Equal([40L, kept.Indices.Count], rows.Shape);
            Assert.Equal([2L, _theta.Length], whole.Shape);
            for (int k = 0; k < 40; k++)
            {
                double[] mean = Mean([.. Enumerable.Range(0, batch).Select(_ => _each[random.NextIndex(Samples)])]),
                    noise = [.. mean.Zip(_full, (a, b) => a - b)];
                Close([.. kept.Indices.Select(i => noise[i])], rows.Values.AsSpan(k * kept.Indices.Count, kept.Indices.Count), 1e-13);
                Assert.Equal(Math.Sqrt(noise.Sum(x => x * x)), norms.Values[k], 1e-12);
                if (k is 19 or 39)
                    Close(noise, whole.Values.AsSpan(k / 20 * _theta.Length, _theta.Length), 1e-13);
            }
        }
        Assert.Equal(result.Arrays["coordinates"].Values, kept.Indices.Select(i => (double)i));
        Assert.Equal(kept.Indices.Count, kept.Layers.Sum(l => l.Count));
    }

    [Fact]
    public void The_noise_of_all_samples_adds_up_to_zero()
    {
        TrainingSubset subset = TrainingSubset.Of(_task, Samples);
        double[] full = subset.Gradient(_model, _theta),
            sum = new double[full.Length];
        subset.Gradients(
            _model,
            _theta,
            [.. Enumerable.Range(0, Samples).Select(i => (int[])[i])],
            (_, g) =>
            {
                for (int i = 0; i < sum.Length; i++)
                    sum[i] += g[i] - full[i];
            }
        );
        Assert.All(sum, s => Assert.Equal(0, s, 1e-14));
        Close(_full, full, 1e-14);
    }

    [Fact]
    public void The_noise_scale_is_the_trace_of_the_sample_covariance_over_the_squared_gradient_and_two_batch_sizes_estimate_it()
    {
        double square = _full.Sum(g => g * g),
            trace = _each.Average(g => g.Zip(_full, (a, b) => (a - b) * (a - b)).Sum());
        ProbeResult result = Measure(Spec with { Draws = 4000, Whole = 1, Coordinates = 5 });
        Assert.Equal(trace, result.Numbers["trace"], 1e-12 * trace);
        Assert.Equal(square, result.Numbers["gradient-square"], 1e-12 * square);
        Assert.Equal(trace / square, result.Numbers["noise-scale"], 1e-11 * trace / square);
        double estimate = result.Numbers["two-batch-noise-scale"],
            error = result.Numbers["two-batch-noise-scale-error"];
        Assert.InRange(estimate, trace / square - 4 * error, trace / square + 4 * error);
        Assert.InRange(error, 1e-6 * estimate, 0.2 * estimate);
        // A jackknife that leaves out one sample at a time, where groups are samples.
        TrainingSubset ten = TrainingSubset.Of(_task, 10);
        double[][] g10 = new double[10][];
        ten.Gradients(_model, _theta, [.. Enumerable.Range(0, 10).Select(i => (int[])[i])], (i, g) => g10[i] = g.ToArray());
        double Ratio(double[][] g) => Mean(g) is var m && m.Sum(x => x * x) is var s ? g.Average(x => x.Sum(y => y * y)) / s - 1 : 0;
        double[] left = [.. Enumerable.Range(0, 10).Select(i => Ratio([.. g10.Where((_, j) => j != i)]))];
        double jackknife = Math.Sqrt(0.9 * left.Sum(x => Math.Pow(x - left.Average(), 2)));
        Assert.Equal(jackknife, NoiseScale.Exact(ten, _model, _theta).Scale.StandardError, 1e-9 * jackknife);
    }

    [Fact]
    public void The_error_of_the_two_batch_estimate_is_its_spread_over_repetitions()
    {
        RandomStream random = RandomStream.For(1, "test/two-batch");
        // |g|² of d = 40 coordinates around G with variance 1/B each.
        double[] Squares(double batch) =>
            [
                .. Enumerable
                    .Range(0, 200)
                    .Select(_ => Enumerable.Range(0, 40).Sum(_ => Math.Pow(0.3 + random.NextGaussian() / Math.Sqrt(batch), 2))),
            ];
        NoiseScale[] all = [.. Enumerable.Range(0, 400).Select(_ => NoiseScale.TwoBatches((2, Squares(2)), (16, Squares(16))))];
        double mean = all.Average(n => n.Scale.Value),
            spread = Math.Sqrt(all.Sum(n => Math.Pow(n.Scale.Value - mean, 2)) / 399);
        Assert.Equal(1, all.Average(n => n.Scale.StandardError) / spread, 0.12); // three standard errors of a spread from 400
        Assert.Equal(40, all.Average(n => n.Trace), 4 * Math.Sqrt(all.Sum(n => Math.Pow(n.Trace - 40, 2)) / 399 / 400));
        Assert.Equal(3.6, all.Average(n => n.GradientSquare), 4 * Math.Sqrt(all.Sum(n => Math.Pow(n.GradientSquare - 3.6, 2)) / 399 / 400));
    }

    [Fact]
    public void Noise_of_Adam_is_the_difference_of_the_two_averages_replayed_along_the_trajectory()
    {
        NoiseSpec spec = Spec with { Batches = [4] }; // settles in 13 steps
        var probe = (IWindowProbe)Build("adam-noise", spec);
        Assert.Equal(13 + 5, probe.Steps);
        IProbeWindow window = probe.Open(_model, 7, 4);
        var moves = RandomStream.For(3, "test/path");
        double[] theta = [.. _theta],
            m = new double[theta.Length],
            full = new double[theta.Length];
        var expected = new List<double[]>();
        const long First = 21;
        for (long step = First; step < First + 18; step++)
        {
            window.See(theta, step);
            RandomStream random = RandomStream.For(7, "probe/adam-noise/4", step);
            double[][] each = [.. Enumerable.Range(0, Samples).Select(i => SmallModels.Gradient(_model, theta, Sample(i)))];
            double[] batch = Mean([.. Enumerable.Range(0, 4).Select(_ => each[random.NextIndex(Samples)])]),
                all = Mean(each);
            long n = step - First + 1;
            for (int i = 0; i < m.Length; i++)
            {
                m[i] = 0.6 * m[i] + 0.4 * batch[i];
                full[i] = 0.6 * full[i] + 0.4 * all[i];
            }
            if (n > 13)
                expected.Add([.. m.Zip(full, (a, b) => (a - b) / (1 - Math.Pow(0.6, n)))]);
            for (int i = 0; i < theta.Length; i++)
                theta[i] += 0.05 * moves.NextGaussian();
        }
        ProbeResult result = window.Close();
        NoiseCoordinates kept = NoiseCoordinates.Share(_model.Layout, 30);
        for (int k = 0; k < 5; k++)
        {
            Close(
                [.. kept.Indices.Select(i => expected[k][i])],
                result.Arrays["adam.b4"].Values.AsSpan(k * kept.Indices.Count, kept.Indices.Count),
                1e-13
            );
            Assert.Equal(Math.Sqrt(expected[k].Sum(x => x * x)), result.Arrays["adam.b4.norm"].Values[k], 1e-13);
        }
        Assert.Equal(("34", "38", "0.6"), (result.Facts["first-step"], result.Facts["last-step"], result.Facts["beta1"]));
    }

    [Fact]
    public void The_basins_curvatures_and_noise_columns_are_those_of_the_dense_matrices()
    {
        TrainingSubset subset = TrainingSubset.Of(_task, Samples);
        double[] metric = [.. Enumerable.Range(0, _theta.Length).Select(i => 0.01 + 0.001 * (i % 7))];
        ProbeResult result = ((IPointProbe)Build("basin", Spec)).Measure(Point(metric));
        Matrix<double> h = SmallModels.Hessian(_model, _theta, subset.InBatches(5));
        double[] values = [.. h.Evd(Symmetricity.Symmetric).EigenValues.Select(z => z.Real)];
        Assert.Equal(values[^1], result.Arrays["largest"].Values[0], 1e-3 * values[^1]);
        Assert.Equal(values[0], result.Arrays["smallest"].Values[0], 1e-3 * values[^1]);
        var root = DenseMatrix.OfDiagonalArray([.. metric.Select(q => 1 / Math.Sqrt(q))]);
        double adam = (root * h * root).Evd(Symmetricity.Symmetric).EigenValues[^1].Real;
        Assert.Equal(adam, result.Arrays["adam-largest"].Values[0], 1e-3 * adam);

        Matrix<double> noise = DenseMatrix.OfRowArrays(_each.Select(g => g.Zip(_full, (a, b) => (a - b) / Math.Sqrt(Samples)).ToArray()));
        var covariance = (noise.Transpose() * noise).Evd(Symmetricity.Symmetric);
        Assert.Equal(noise.FrobeniusNorm() * noise.FrobeniusNorm(), result.Numbers["noise-trace"], 1e-10);
        for (int c = 0; c < 4; c++)
        {
            int at = _theta.Length - 1 - c;
            double variance = covariance.EigenValues[at].Real;
            Vector<double> s = covariance.EigenVectors.Column(at),
                a = Vector<double>.Build.Dense(_theta.Length, i => s[i] / metric[i]);
            Assert.Equal(variance, result.Arrays["column-variance"].Values[c], 1e-9 * variance);
            Assert.Equal(s.DotProduct(h * s), result.Arrays["column-curvature"].Values[c], 1e-5 * values[^1]);
            Assert.Equal(a.DotProduct(h * a), result.Arrays["adam-column-curvature"].Values[c], 1e-5 * values[^1] / 1e-4);
            Assert.Equal(a.L2Norm(), result.Arrays["adam-column-length"].Values[c], 1e-6 * a.L2Norm());
            Assert.Equal(a.AbsoluteMaximum(), result.Arrays["adam-column-peak"].Values[c], 1e-6 * a.L2Norm());
        }
    }

    [Fact]
    public void The_signal_of_every_layer_is_that_of_the_dense_covariance_and_its_signs_are_those_that_mini_batches_have()
    {
        ProbeResult result = ((IPointProbe)Build("signal", Spec with { Batches = [1, 64] })).Measure(Point(null));
        string[] layers = result.Facts["layers"].Split('\n');
        Assert.Equal(["all", .. ParamBlock.Layers(_model.Layout).Select(l => l.Name)], layers);
        Assert.Equal("1\n64", result.Facts["batches"]);
        Assert.Equal([2L, layers.Length], result.Arrays["signs"].Shape);
        RandomStream random = RandomStream.For(3, "test/signs");
        for (int l = 0; l < layers.Length; l++)
        {
            ParamBlock block = l == 0 ? ParamBlock.All(_model.Layout) : ParamBlock.Of(_model.Layout, layers[l]);
            double[][] part =
            [
                .. _each.Select(g =>
                {
                    double[] own = new double[block.Count];
                    block.Gather(g, own);
                    return own;
                }),
            ];
            Matrix<double> each = DenseMatrix.OfRowArrays(part);
            Vector<double> mean = each.ColumnSums() / Samples;
            Matrix<double> centred = DenseMatrix.OfRowArrays(part.Select(g => (Vector<double>.Build.Dense(g) - mean).ToArray()));
            Matrix<double> covariance = centred.TransposeThisAndMultiply(centred) / Samples;
            double square = mean.DotProduct(mean),
                trace = covariance.Trace();
            Assert.Equal(square, result.Arrays["gradient-square"].Values[l], 1e-12 * square);
            Assert.Equal(trace, result.Arrays["noise-trace"].Values[l], 1e-12 * trace);
            Assert.Equal(trace / square, result.Arrays["noise-scale"].Values[l], 1e-10 * trace / square);
            // Of 64 samples the mean is all but normal: drawn batches have as many signs right.
            int draws = 2000,
                right = 0,
                live = mean.Count(m => m != 0);
            for (int d = 0; d < draws; d++)
            {
                double[] sum = new double[block.Count];
                for (int b = 0; b < 64; b++)
                {
                    double[] drawn = part[random.NextIndex(Samples)];
                    for (int i = 0; i < sum.Length; i++)
                        sum[i] += drawn[i];
                }
                for (int i = 0; i < sum.Length; i++)
                    right += sum[i] * mean[i] > 0 ? 1 : 0;
            }
            Assert.Equal(right / ((double)draws * live), result.Arrays["signs"].Values[layers.Length + l], 0.01);
            Assert.InRange(result.Arrays["signs"].Values[l], 0.5, result.Arrays["signs"].Values[layers.Length + l]);
        }
    }

    public void Dispose()
    {
        _model.Dispose();
        _task.Dispose();
    }

    private ProbeResult Measure(NoiseSpec? spec = null) => ((IPointProbe)Build("noise", spec ?? Spec)).Measure(Point(null));

    private IProbe Build(string name, NoiseSpec spec) =>
        ProbeCatalogue.BuiltIn.Build(
            new ProbesSpec
            {
                Names = [name],
                Samples = 4,
                Batch = 2,
                Noise = spec,
            },
            _task
        )[0];

    private ProbePoint Point(double[]? metric) => new(_model, _theta, _full, [], metric, 5, 7, 4);

    private EvaluationSet Sample(int i)
    {
        long[] row = new long[SmallModels.Context + 1];
        _task.FillTrainEvaluation(Samples, i, row);
        return new EvaluationSet([row], SmallModels.Context + 1, [SmallModels.Context]);
    }

    private static double[] Mean(double[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Average(r => r[i]))];

    private static void Close(double[] expected, ReadOnlySpan<double> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance);
    }
}
