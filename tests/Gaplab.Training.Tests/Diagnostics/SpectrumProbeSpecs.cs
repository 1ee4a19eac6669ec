// The spectrum probe: Hessian and Gauss-Newton, whole and by layer, against the tools and a dense eigen-decomposition.
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Gaplab.Training.Tests.Diagnostics;

public sealed class SpectrumProbeSpecs
{
    private static readonly ProbesSpec Spec = new()
    {
        Names = ["spectrum"],
        Samples = 4,
        Batch = 2,
        Eigenvalues = 2,
        Matrices = ["hessian", "gauss-newton"],
        Blocks = ["all", "layers"],
        SpectrumProducts = 400,
        Tolerance = 1e-7,
        TraceProducts = 60,
        DensityProbes = 6,
        DensitySteps = 15,
        DensityPoints = 201,
    };

    [Fact]
    public void Every_matrix_and_block_has_the_dense_ones_ends_trace_and_density()
    {
        using LanguageTask task = LanguageTask.Load(
            new TaskSpec
            {
                Kind = "markov",
                Vocabulary = 5,
                Context = 4,
                Tokens = 5000,
            }
        );
        using Gpt model = SmallModels.Gpt();
        double[] theta = SmallModels.Point(model);
        var point = new ProbePoint(model, theta, new double[theta.Length], [], null, Step: 3, Seed: 1, Batch: 4);

        ProbeResult result = ((IPointProbe)Assert.Single(ProbeCatalogue.BuiltIn.Build(Spec, task))).Measure(point);

        EvaluationSet set = EvaluationSet.Validation(task, Spec.Samples, Spec.Batch);
        ParamBlock[] blocks = [ParamBlock.All(model.Layout), .. ParamBlock.Layers(model.Layout)];
        string[] expected = [.. Spec.Matrices.SelectMany(m => blocks.Select(b => $"{m}/{b.Name}/"))];
        Assert.Equal(expected, result.Facts["spectra"].Split('\n'));
        Assert.Equal("", result.Facts["not-finite"]);
        foreach (string matrix in Spec.Matrices)
        {
            // Dense by unit vectors for the Gauss-Newton matrix, whose products other tests check; by differences of gradients for the
            // Hessian.
            Matrix<double> whole = matrix == "hessian" ? SmallModels.Hessian(model, theta, set) : ByProducts(model, theta, set);
            foreach (ParamBlock block in blocks)
            {
                string prefix = $"{matrix}/{block.Name}/";
                double[] places = new double[block.Count];
                block.Gather([.. Enumerable.Range(0, theta.Length).Select(i => (double)i)], places);
                double[] spectrum =
                [
                    .. DenseMatrix
                        .Create(block.Count, block.Count, (i, j) => whole[(int)places[i], (int)places[j]])
                        .Evd(Symmetricity.Symmetric)
                        .EigenValues.Select(z => z.Real),
                ];
                double scale = Math.Max(Math.Abs(spectrum[0]), Math.Abs(spectrum[^1]));
                for (int i = 0; i < 2; i++)
                {
                    Assert.Equal(1, result.Arrays[prefix + "largest-converged"].Values[i]);
                    Assert.Equal(spectrum[^(1 + i)], result.Arrays[prefix + "largest"].Values[i], 1e-6 * scale);
                    // The null space of the Gauss-Newton matrix is a multiple eigenvalue, seen once.
                    if (matrix == "hessian" || i == 0)
                        Assert.Equal(spectrum[i], result.Arrays[prefix + "smallest"].Values[i], 1e-6 * scale);
                    Assert.True(result.Arrays[prefix + "largest-data-error"].Values[i] > 0);
                }
                Assert.InRange(
                    result.Numbers[prefix + "trace"] - spectrum.Sum(),
                    -5 * result.Numbers[prefix + "trace-probe-error"] - 1e-6 * scale,
                    5 * result.Numbers[prefix + "trace-probe-error"] + 1e-6 * scale
                );
                Assert.True(result.Numbers[prefix + "trace-data-error"] > 0);
                Density(result, prefix, spectrum);
            }
        }
    }

    [Fact]
    public void Parts_that_are_off_are_not_there_and_an_unknown_block_is_refused_with_the_names_there_are()
    {
        using LanguageTask task = LanguageTask.Load(
            new TaskSpec
            {
                Kind = "markov",
                Vocabulary = 5,
                Context = 4,
                Tokens = 5000,
            }
        );
        using Gpt model = SmallModels.Gpt();
        double[] theta = SmallModels.Point(model);
        ProbesSpec little = Spec with { Matrices = ["hessian"], Blocks = ["blocks.0.mlp"], TraceProducts = 0, DensityProbes = 0 };
        ProbeResult result = ((IPointProbe)ProbeCatalogue.BuiltIn.Build(little, task)[0]).Measure(
            new ProbePoint(model, theta, theta, [], null, 0, 1, 4)
        );
        Assert.Empty(result.Numbers);
        Assert.Equal(8, result.Arrays.Count);
        ProbeCatalogue.BuiltIn.Check(little, model.Layout);
        Assert.Contains(
            "'blocks.1'",
            Assert.Throws<InputException>(() => ProbeCatalogue.BuiltIn.Check(Spec with { Blocks = ["blocks.1"] }, model.Layout)).Message,
            StringComparison.Ordinal
        );
    }

    // Of integral 1; its mean and second moment are the spectrum's within five standard errors of six Gaussian probes.
    private static void Density(ProbeResult result, string prefix, double[] spectrum)
    {
        double width = result.Numbers[prefix + "density-width"];
        double[] at = result.Arrays[prefix + "density-at"].Values,
            density = result.Arrays[prefix + "density"].Values,
            error = result.Arrays[prefix + "density-probe-error"].Values;
        Assert.Equal(1, Enumerable.Range(1, at.Length - 1).Sum(i => (at[i] - at[i - 1]) * (density[i] + density[i - 1]) / 2), 0.01);
        Assert.All(result.Arrays[prefix + "density-data-error"].Values, e => Assert.True(e >= 0));
        double Moment(Func<double, double> f) =>
            Enumerable.Range(1, at.Length - 1).Sum(i => (at[i] - at[i - 1]) * (f(at[i]) * density[i] + f(at[i - 1]) * density[i - 1]) / 2);
        double mean = spectrum.Average(),
            second = spectrum.Average(l => l * l) + width * width,
            spread = Math.Sqrt(spectrum.Average(l => l * l * l * l) * 2 / spectrum.Length / 6 * 3);
        Assert.InRange(Moment(t => t * t) - second, -5 * spread, 5 * spread);
        Assert.InRange(
            Moment(t => t) - mean,
            -5 * Math.Sqrt(second * 2 / spectrum.Length / 6),
            5 * Math.Sqrt(second * 2 / spectrum.Length / 6)
        );
        Assert.Contains(error, e => e > 0);
    }

    private static Matrix<double> ByProducts(Gpt model, double[] theta, EvaluationSet set)
    {
        using var curvature = new GaussNewton(model, theta, set);
        var dense = DenseMatrix.Create(theta.Length, theta.Length, 0);
        double[] unit = new double[theta.Length],
            column = new double[theta.Length];
        for (int j = 0; j < theta.Length; j++)
        {
            Array.Clear(unit);
            unit[j] = 1;
            curvature.Apply(unit, column);
            dense.SetColumn(j, column);
        }
        return (dense + dense.Transpose()) / 2;
    }
}
