// Models small enough for a dense Hessian, and that Hessian by finite differences of gradients.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Gaplab.Training.Tests.Diagnostics;

internal static class SmallModels
{
    public const int Vocabulary = 5,
        Context = 4;

    /// <summary>A smooth GPT of fewer than 300 parameters.</summary>
    public static Gpt Gpt() =>
        new(
            new ModelSpec
            {
                Layers = 1,
                Heads = 1,
                Width = 4,
                MlpRatio = 2,
                Activation = "tanh",
                HeadInit = "xavier-uniform",
                QkGain = false,
                EmbeddingStd = 0.5,
            },
            Vocabulary,
            Context
        );

    /// <summary>A point that is no special one.</summary>
    public static double[] Point(IModel model)
    {
        double[] row = new double[model.Layout.Count];
        model.Layout.Initialise(3, row);
        RandomStream random = RandomStream.For(3, "test/point");
        for (int i = 0; i < row.Length; i++)
            row[i] += 0.1 * random.NextGaussian();
        return row;
    }

    /// <summary>Batches of unequal size with random tokens.</summary>
    public static EvaluationSet Set(params int[] sizes)
    {
        RandomStream random = RandomStream.For(4, "test/tokens");
        long[][] rows = [.. sizes.Select(n => Enumerable.Range(0, n * (Context + 1)).Select(_ => random.NextIndex(Vocabulary)).ToArray())];
        return new EvaluationSet(rows, Context + 1, [.. sizes.Select(n => (long)n * Context)]);
    }

    public static double Loss(IModel model, double[] theta, EvaluationSet set)
    {
        using var scope = new TensorScope();
        double sum = 0;
        for (int b = 0; b < set.Count; b++)
            sum += set.Weights[b] * model.Loss(Tensor.From<double>(theta, 1, theta.Length), set.Batch(b)).Item();
        return sum;
    }

    public static double[] Gradient(IModel model, double[] theta, EvaluationSet set)
    {
        using var scope = new TensorScope();
        Tensor point = Tensor.From<double>(theta, 1, theta.Length);
        point.RequiresGrad = true;
        double[] sum = new double[theta.Length];
        for (int b = 0; b < set.Count; b++)
        {
            double[] g = Autograd.Gradient(model.Loss(point, set.Batch(b)).Sum(), point).ToDoubles();
            for (int i = 0; i < g.Length; i++)
                sum[i] += set.Weights[b] * g[i];
        }
        return sum;
    }

    /// <summary>The Hessian by central differences at h and h/2, extrapolated; symmetrised.</summary>
    public static Matrix<double> Hessian(IModel model, double[] theta, EvaluationSet set)
    {
        const double H = 1e-3;
        int n = theta.Length;
        var result = DenseMatrix.Create(n, n, 0);
        for (int j = 0; j < n; j++)
        {
            double[] At(double h)
            {
                double[] moved = [.. theta];
                moved[j] += h;
                return Gradient(model, moved, set);
            }
            double[] p = At(H),
                m = At(-H),
                p2 = At(H / 2),
                m2 = At(-H / 2);
            for (int i = 0; i < n; i++)
                result[i, j] = (4 * (p2[i] - m2[i]) / H - (p[i] - m[i]) / (2 * H)) / 3;
        }
        return (result + result.Transpose()) / 2;
    }
}
