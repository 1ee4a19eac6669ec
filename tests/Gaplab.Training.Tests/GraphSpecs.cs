// GAT and GRIT: the numbering of nodes and the company in a batch change nothing; absolute errors; several targets.
using System.Text.Json.Nodes;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;
using Gaplab.Training.Tests.Diagnostics;

namespace Gaplab.Training.Tests;

public sealed class GraphSpecs
{
    private static readonly GraphShape Shape = new()
    {
        NodeTypes = 4,
        EdgeTypes = 2,
        RowLength = 48,
        Error = "mse",
    };

    public static TheoryData<string> Kinds => ["gat", "grit"];

    [Theory, MemberData(nameof(Kinds))]
    public void The_numbering_of_nodes_and_the_company_in_a_batch_change_no_loss(string name)
    {
        using var scope = new TensorScope();
        JsonNode vector = Case(name);
        IModel model = ModelCatalogue.BuiltIn.Build(GoldenVectors.Model(vector["model"]!), Shape);
        Tensor theta = Tensor.From<double>(GoldenVectors.Row(model.Layout, vector["parameters"]!), 1, model.Layout.Count);
        double together = model.Loss(theta, Rows(vector, 0, 1, 2)).Item(),
            apart = Enumerable.Range(0, 3).Average(g => model.Loss(theta, Rows(vector, g)).Item());
        Closeness.Same([apart], [together], 1e-12);
        JsonNode graph = vector["graphs"]![0]!;
        int[] place = [3, 0, 4, 2, 1];
        long[] row = Row(graph),
            turned = Row(graph, place);
        Assert.NotEqual(row, turned);
        Closeness.Same(
            [model.Loss(theta, Tensor.From<long>(row, 1, 1, row.Length)).Item()],
            [model.Loss(theta, Tensor.From<long>(turned, 1, 1, row.Length)).Item()],
            1e-12
        );
    }

    [Theory, MemberData(nameof(Kinds))]
    public void With_absolute_errors_a_product_with_the_Hessian_is_the_derivative_of_the_gradient(string name)
    {
        using var scope = new TensorScope();
        JsonNode vector = Case(name);
        IModel model = ModelCatalogue.BuiltIn.Build(GoldenVectors.Model(vector["model"]!), Shape with { Error = "mae" });
        double[] theta = GoldenVectors.Row(model.Layout, vector["parameters"]!),
            product = new double[theta.Length];
        var set = new EvaluationSet([.. Enumerable.Range(0, 3).Select(g => Row(vector["graphs"]![g]!))], Shape.RowLength, [1, 1, 1]);
        RandomStream random = RandomStream.For(5, "test/direction");
        double[] v = [.. theta.Select(_ => random.NextGaussian())];
        using var hessian = new Hessian(model, theta, set);
        hessian.Apply(v, product);
        // Signed roots of products near 0 bend within some 1e-6.
        double[] Gradient(double h) => SmallModels.Gradient(model, [.. theta.Zip(v, (t, d) => t + h * d)], set);
        const double Step = 1e-8;
        double[] differences = [.. Gradient(Step).Zip(Gradient(-Step), (a, b) => (a - b) / (2 * Step))];
        Assert.True(product.Max(Math.Abs) > 1e-3);
        Closeness.Same(differences, product, 1e-6, product.Max(Math.Abs));
    }

    [Theory]
    [InlineData("gat", "mae"), InlineData("gat", "mse"), InlineData("grit", "mae"), InlineData("grit", "mse")]
    public void The_loss_of_several_targets_is_the_mean_over_them(string kind, string error)
    {
        using var scope = new TensorScope();
        // Two graphs of two and three nodes with an attribute each; three targets.
        var shape = new GraphShape
        {
            NodeTypes = 2,
            EdgeTypes = 1,
            Attributes = 1,
            Targets = 3,
            RowLength = 24,
            Error = error,
        };
        double[][] targets =
        [
            [0.5, -2, 3],
            [1, 4, -0.25],
        ];
        long[] rows = new long[2 * shape.RowLength];
        for (int g = 0; g < 2; g++)
        {
            int nodes = 2 + g,
                edges = 2 * (nodes - 1),
                at = g * shape.RowLength;
            (rows[at], rows[at + 1], rows[at + 2]) = (nodes, edges, BitConverter.DoubleToInt64Bits(targets[g][0]));
            int edge = at + GraphShape.Head + nodes;
            for (int i = 1; i < nodes; i++, edge += 6)
                (rows[edge], rows[edge + 1], rows[edge + 3], rows[edge + 4]) = (i - 1, i, i, i - 1);
            for (int i = 0; i < nodes; i++)
                rows[edge++] = BitConverter.DoubleToInt64Bits(i - 0.5);
            for (int t = 1; t < 3; t++)
                rows[edge++] = BitConverter.DoubleToInt64Bits(targets[g][t]);
        }
        ModelSpec spec = ModelCatalogue.BuiltIn.All.Single(k => k.Name == kind).Defaults with { Layers = 1, Heads = 2, Width = 8 };
        Tensor tokens = Tensor.From<long>(rows, 1, 2, shape.RowLength);
        double Loss(double output) =>
            targets.SelectMany(t => t).Average(t => error == "mse" ? (output - t) * (output - t) : Math.Abs(output - t));
        IModel model = ModelCatalogue.BuiltIn.Build(spec, shape);
        // The head starts at zero, and its bias of three is last in the layout: with all of it at 2 every output is 2.
        double[] theta = ModelPoint.Start(model, 1).ToArray<double>();
        Closeness.Same([Loss(0)], [model.Loss(Tensor.From<double>(theta, 1, theta.Length), tokens).Item()], 1e-12);
        theta.AsSpan(^3..).Fill(2);
        Closeness.Same([Loss(2)], [model.Loss(Tensor.From<double>(theta, 1, theta.Length), tokens).Item()], 1e-12);
    }

    private static JsonNode Case(string name) =>
        GoldenVectors.Read("graph-vectors.json")["cases"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == name)!;

    private static Tensor Rows(JsonNode vector, params int[] graphs) =>
        Tensor.From<long>(graphs.SelectMany(g => Row(vector["graphs"]![g]!)).ToArray(), 1, graphs.Length, Shape.RowLength);

    private static long[] Row(JsonNode graph, int[]? place = null)
    {
        long[] nodes = [.. graph["nodes"]!.AsArray().Select(n => n!.GetValue<long>())],
            row = new long[Shape.RowLength];
        long[][] edges = [.. graph["edges"]!.AsArray().Select(e => e!.AsArray().Select(v => v!.GetValue<long>()).ToArray())];
        (row[0], row[1], row[2]) = (nodes.Length, 2 * edges.Length, BitConverter.DoubleToInt64Bits(graph["target"]!.GetValue<double>()));
        for (int i = 0; i < nodes.Length; i++)
            row[GraphShape.Head + Place(i)] = nodes[i];
        int at = GraphShape.Head + nodes.Length;
        foreach (long[] e in edges)
        {
            (row[at], row[at + 1], row[at + 2], row[at + 3], row[at + 4], row[at + 5]) = (
                Place((int)e[0]),
                Place((int)e[1]),
                e[2],
                Place((int)e[1]),
                Place((int)e[0]),
                e[2]
            );
            at += 6;
        }
        return row;

        long Place(int node) => place?[node] ?? node;
    }
}
