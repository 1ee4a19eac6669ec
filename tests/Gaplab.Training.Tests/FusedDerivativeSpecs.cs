// Second and third derivatives of every fused operation, against differences of the derivative below.
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class FusedDerivativeSpecs
{
    private delegate Tensor Operation(IReadOnlyList<Tensor> inputs);

    private sealed record Case(long[][] Shapes, Operation Apply);

    private static Case Of(string name)
    {
        Tensor Ids(params long[] ids) => Tensor.From<long>(ids, 2, ids.Length / 2);
        (Tensor cosine, Tensor sine) = (Angles(Math.Cos), Angles(Math.Sin));
        // Two replicas everywhere; attention of 70 positions needs more than one block of rows.
        return name switch
        {
            "linear" => new(
                [
                    [2, 3, 4],
                    [2, 4, 5],
                ],
                x => x[0].Linear(x[1])
            ),
            "linear of a transposed weight" => new(
                [
                    [2, 3, 4],
                    [2, 5, 4],
                ],
                x => x[0].Linear(x[1].Transpose(1, 2))
            ),
            "three linear maps" => new(
                [
                    [2, 3, 4],
                    [2, 4, 5],
                    [2, 4, 5],
                    [2, 4, 3],
                ],
                x =>
                {
                    (Tensor a, Tensor b, Tensor c) = x[0].Linear(x[1], x[2], x[3]);
                    return Tensor.Cat([a * b, c], 2);
                }
            ),
            "product of a batch" => new(
                [
                    [2, 6, 4],
                    [2, 4, 5],
                ],
                x => x[0].BatchedMatMul(x[1])
            ),
            "product of transposed views" => new(
                [
                    [4, 6],
                    [5, 4],
                ],
                x => x[0].Transpose(0, 1).MatMul(x[1].Transpose(0, 1))
            ),
            "embedding" => new(
                [
                    [2, 5, 3],
                ],
                x => Ids(0, 4, 4, 1, 2, 2, 0, 3).Embedding(x[0])
            ),
            "rms-norm" => new(
                [
                    [2, 3, 5],
                ],
                x => x[0].RmsNorm(null, 1e-2)
            ),
            "rms-norm with a gain" => new(
                [
                    [2, 3, 5],
                    [2, 5],
                ],
                x => x[0].RmsNorm(x[1], 1e-2)
            ),
            "rotation" => new(
                [
                    [2, 6, 8],
                ],
                x => x[0].Rotary(cosine, sine, 3, 2, 0)
            ),
            "rotation of a norm" => new(
                [
                    [2, 6, 8],
                ],
                x => x[0].Rotary(cosine, sine, 3, 2, 1e-2)
            ),
            "norm by head" => new(
                [
                    [2, 6, 6],
                ],
                x => x[0].Rotary(Tensor.Zeros([0, 0], ScalarType.Float64), Tensor.Zeros([0, 0], ScalarType.Float64), 3, 2, 1e-2)
            ),
            "attention" => new(
                [
                    [2, 6, 4],
                    [2, 6, 4],
                    [2, 6, 4],
                ],
                x => x[0].Attention(x[1], x[2], 3, 2, causal: false)
            ),
            "causal attention" => new(
                [
                    [2, 6, 4],
                    [2, 6, 4],
                    [2, 6, 4],
                ],
                x => x[0].Attention(x[1], x[2], 3, 2, causal: true)
            ),
            "causal attention in blocks" => new(
                [
                    [1, 70, 4],
                    [1, 70, 4],
                    [1, 70, 4],
                ],
                x => x[0].Attention(x[1], x[2], 70, 2, causal: true)
            ),
            "squared relu" => new(
                [
                    [2, 3, 4],
                ],
                x => x[0].ReluSquared()
            ),
            "cross-entropy" => new(
                [
                    [2, 4, 5],
                ],
                x => x[0].CrossEntropy(Ids(0, 4, 4, 1, 2, 2, 0, 3))
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such case"),
        };

        static Tensor Angles(Func<double, double> of) =>
            Tensor.From<double>([.. Enumerable.Range(0, 6).Select(i => of(0.3 + 0.7 * i))], 3, 2);
    }

    public static TheoryData<string> Names =>
        [
            "linear",
            "linear of a transposed weight",
            "three linear maps",
            "product of a batch",
            "product of transposed views",
            "embedding",
            "rms-norm",
            "rms-norm with a gain",
            "rotation",
            "rotation of a norm",
            "norm by head",
            "attention",
            "causal attention",
            "causal attention in blocks",
            "squared relu",
            "cross-entropy",
        ];

    [Theory, MemberData(nameof(Names))]
    public void The_second_derivative_is_the_difference_of_gradients(string name)
    {
        using var scope = new TensorScope();
        Case given = Of(name);
        double[] point = Random(given, "point"),
            v = Random(given, "direction");
        double[] expected = Slope(h => Gradient(given, Moved(point, v, h)));
        Closeness.Same(expected, Product(given, point, v), 1e-7, Closeness.LargestMagnitude(expected), name);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_third_derivative_is_the_difference_of_the_second(string name)
    {
        using var scope = new TensorScope();
        Case given = Of(name);
        double[] point = Random(given, "point"),
            v = Random(given, "direction"),
            u = Random(given, "other"),
            w = Random(given, "third");
        double[] expected = Slope(h => [Dot(u, Product(given, Moved(point, w, h), v))]);
        Tensor[] inputs = Inputs(given, point);
        Tensor[] first = Autograd.Gradients([Loss(given, inputs)], inputs, [], createGraph: true);
        Tensor[] second = Autograd.Gradients(first, inputs, Inputs(given, v, leaf: false), createGraph: true);
        Tensor[] third = Autograd.Gradients(second, inputs, Inputs(given, u, leaf: false));
        Closeness.Same(expected, [Dot(w, Joined(third))], 1e-6, Closeness.LargestMagnitude(expected), name);
    }

    [Fact]
    public void A_product_in_one_replica_leaves_the_other_alone()
    {
        using var scope = new TensorScope();
        Case given = Of("causal attention");
        double[] point = Random(given, "point"),
            v = Random(given, "direction");
        // The second replica of each of the three inputs [2, 6, 4].
        for (int i = 0; i < v.Length; i++)
            if (i % 48 >= 24)
                v[i] = 0;
        double[] product = Product(given, point, v);
        Assert.All(Enumerable.Range(0, product.Length).Where(i => i % 48 >= 24), i => Assert.Equal(0, product[i]));
        Assert.Contains(product, p => p != 0);
    }

    // Curved in the operation's result, so that its first derivative counts twice.
    private static Tensor Loss(Case given, Tensor[] inputs)
    {
        Tensor y = given.Apply(inputs);
        RandomStream random = RandomStream.For(7, "test/fused/loss");
        Tensor Weights() => Tensor.From<double>([.. Enumerable.Range(0, (int)y.Count).Select(_ => random.NextGaussian())], y.Shape);
        return (y * Weights()).Sum() + (y.Square() * Weights()).Sum();
    }

    private static double[] Gradient(Case given, double[] point)
    {
        using var scope = new TensorScope();
        Tensor[] inputs = Inputs(given, point);
        return Joined(Autograd.Gradients([Loss(given, inputs)], inputs, []));
    }

    private static double[] Product(Case given, double[] point, double[] v)
    {
        using var scope = new TensorScope();
        Tensor[] inputs = Inputs(given, point);
        Tensor[] first = Autograd.Gradients([Loss(given, inputs)], inputs, [], createGraph: true);
        return Joined(Autograd.Gradients(first, inputs, Inputs(given, v, leaf: false)));
    }

    private static Tensor[] Inputs(Case given, double[] values, bool leaf = true)
    {
        var tensors = new List<Tensor>();
        int at = 0;
        foreach (long[] shape in given.Shapes)
        {
            int count = (int)shape.Aggregate(1L, (a, b) => a * b);
            Tensor tensor = Tensor.From<double>(values.AsSpan(at, count), shape);
            tensor.RequiresGrad = leaf;
            tensors.Add(tensor);
            at += count;
        }
        return [.. tensors];
    }

    private static double[] Random(Case given, string purpose)
    {
        RandomStream random = RandomStream.For(7, "test/fused/" + purpose);
        return [.. Enumerable.Range(0, (int)given.Shapes.Sum(s => s.Aggregate(1L, (a, b) => a * b))).Select(_ => random.NextGaussian())];
    }

    private static double[] Joined(Tensor[] tensors) => [.. tensors.SelectMany(t => t.ToDoubles())];

    private static double[] Moved(double[] point, double[] v, double h) => [.. point.Zip(v, (p, d) => p + h * d)];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    // Central differences at h and h/2, extrapolated: an error of fourth order.
    private static double[] Slope(Func<double, double[]> f)
    {
        const double H = 1e-3;
        double[] Central(double h) => [.. f(h).Zip(f(-h), (a, b) => (a - b) / (2 * h))];
        return [.. Central(H / 2).Zip(Central(H), (fine, coarse) => (4 * fine - coarse) / 3)];
    }
}
