// Directional sharpness against quadratics, the dense Hessian, and its own cross-checks.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Gaplab.Training.Tests.Diagnostics;

public sealed class SharpnessSpecs
{
    private static readonly Gpt Model = SmallModels.Gpt();
    private static readonly double[] Theta = SmallModels.Point(Model);
    private static readonly EvaluationSet Set = SmallModels.Set(3, 3, 2, 3);
    private static readonly double[,] H =
    {
        { 4, 1, 0 },
        { 1, 2, 0.5 },
        { 0, 0.5, 1 },
    };

    /// <summary>The worked example of the definitions: g = (3, −1, ½); along g itself and along g clipped at its largest third.</summary>
    [Theory]
    [InlineData(3, -1, 0.5, 3.0975609756, 1.6545275591, 0.3228346457)]
    [InlineData(1, -1, 0.5, 1.6666666667, 2.4083333333, 1.1333333333)]
    public void A_quadratic_has_the_worked_examples_sharpness_decrease_and_step(
        double a,
        double b,
        double c,
        double sharpness,
        double decrease,
        double step
    )
    {
        var model = new Quadratic(H);
        double[] theta = DenseMatrix.OfArray(H).Solve(DenseVector.OfArray([3, -1, 0.5])).ToArray();
        DirectionMeasure measure = Assert.Single(
            DirectionalSharpness.Measure(
                model,
                theta,
                new EvaluationSet(
                    [
                        [1],
                    ],
                    1,
                    [1]
                ),
                [new NamedUpdate("u", [-a, -b, -c])]
            )
        );
        double length = Math.Sqrt(a * a + b * b + c * c);
        Assert.Equal(sharpness, measure.Sharpness.Value, 1e-9);
        Assert.Equal(decrease, measure.Slope.Value * measure.Slope.Value / (2 * measure.Sharpness.Value), 1e-9);
        Assert.Equal(step, -measure.Slope.Value / measure.Sharpness.Value / length, 1e-9);
        Assert.Equal(length, measure.Length, 1e-12);
    }

    [Fact]
    public void The_error_over_batches_is_that_of_the_batches_curvatures_and_NaN_from_one()
    {
        var model = new Quadratic(H);
        // Three batches whose losses are 1, 2 and 6 times the same quadratic.
        var set = new EvaluationSet(
            [
                [1],
                [2],
                [6],
            ],
            1,
            [1, 1, 1]
        );
        DirectionMeasure measure = DirectionalSharpness.Measure(model, [1, 1, 1], set, [new NamedUpdate("u", [2, 0, 0])])[0];
        Assert.Equal(12, measure.Sharpness.Value, 1e-12);
        Assert.Equal(SampleError.OfMean([4, 8, 24]), measure.Sharpness.StandardError, 1e-12);
        Assert.True(
            double.IsNaN(
                DirectionalSharpness
                    .Measure(
                        model,
                        [1, 1, 1],
                        new EvaluationSet(
                            [
                                [1],
                            ],
                            1,
                            [1]
                        ),
                        [new NamedUpdate("u", [2, 0, 0])]
                    )[0]
                    .Sharpness.StandardError
            )
        );
    }

    [Fact]
    public void On_a_transformer_exact_products_differences_of_gradients_differences_of_losses_and_the_dense_Hessian_agree()
    {
        NamedUpdate[] updates = [Random(1), Random(2)];
        var options = new SharpnessOptions { CrossCheck = true };
        Matrix<double> dense = SmallModels.Hessian(Model, Theta, Set);
        double[] gradient = SmallModels.Gradient(Model, Theta, Set);
        var measures = DirectionalSharpness.Measure(Model, Theta, Set, updates, options);
        for (int k = 0; k < updates.Length; k++)
        {
            Vector<double> v = DenseVector.OfArray(updates[k].Delta).Normalize(2),
                g = DenseVector.OfArray(gradient);
            double expected = v * (dense * v);
            Assert.Equal(expected, measures[k].Sharpness.Value, 1e-6 * Math.Abs(expected));
            Assert.Equal(g * v, measures[k].Slope.Value, 1e-10);
            Assert.Equal(g * v / g.L2Norm(), measures[k].Cosine, 1e-10);
            Assert.Equal(expected, measures[k].FiniteDifference!.Value, 1e-4 * Math.Abs(expected));
            Assert.Equal(expected, measures[k].ForwardOnly!.Value, 1e-3 * Math.Abs(expected));
        }
    }

    [Fact]
    public void Layers_add_up_to_the_total_and_their_diagonals_are_the_dense_blocks()
    {
        var layers = ParamBlock.Layers(Model.Layout);
        NamedUpdate update = Random(3);
        DirectionMeasure measure = DirectionalSharpness.Measure(Model, Theta, Set, [update], new SharpnessOptions { Layers = layers })[0];
        Assert.Equal(
            measure.Sharpness.Value,
            measure.Layers.Sum(l => l.Diagonal.Value + l.Cross.Value),
            1e-10 * Math.Abs(measure.Sharpness.Value)
        );
        Assert.Equal(1, measure.Layers.Sum(l => l.Norm), 1e-12);
        Matrix<double> dense = SmallModels.Hessian(Model, Theta, Set);
        Vector<double> v = DenseVector.OfArray(update.Delta).Normalize(2);
        foreach ((ParamBlock block, LayerShare share) in layers.Zip(measure.Layers))
        {
            double[] part = new double[block.Count],
                masked = new double[v.Count];
            block.Gather(v.AsArray(), part);
            block.Scatter(part, masked);
            double own = DenseVector.OfArray(masked) * (dense * DenseVector.OfArray(masked));
            Assert.Equal(own, share.Diagonal.Value, 1e-6 * Math.Abs(measure.Sharpness.Value));
        }
    }

    [Fact]
    public void Token_classes_add_up_to_the_total_and_one_class_alone_is_the_total()
    {
        var classes = TokenClasses.ByFrequency([100, 50, 20, 10, 5], 4);
        NamedUpdate update = Random(4);
        DirectionMeasure measure = DirectionalSharpness.Measure(Model, Theta, Set, [update], new SharpnessOptions { Classes = classes })[0];
        Assert.Equal(measure.Sharpness.Value, measure.Classes.Sum(c => c.Sharpness.Value), 1e-9 * Math.Abs(measure.Sharpness.Value));
        Assert.True(measure.Classes.Count(c => c.Sharpness.Value != 0) > 1);
        DirectionMeasure whole = DirectionalSharpness.Measure(
            Model,
            Theta,
            Set,
            [update],
            new SharpnessOptions { Classes = TokenClasses.ByFrequency([1, 1, 1, 1, 1], 1) }
        )[0];
        Assert.Equal(measure.Sharpness.Value, whole.Classes[0].Sharpness.Value, 1e-9 * Math.Abs(measure.Sharpness.Value));
    }

    [Fact]
    public void Frequency_classes_hold_equal_shares_of_what_occurs()
    {
        TokenClasses classes = TokenClasses.ByFrequency([10, 40, 0, 25, 25], 2);
        // By descending count: id 1 (share 0–0.4), 3 (0.4–0.65), 4 (0.65–0.9), 0 (0.9–1), 2 (nothing).
        Assert.Equal([1, 0, 1, 0, 1], classes.Of);
        Assert.Equal([0.65, 0.35], classes.Share.Select(s => Math.Round(s, 12)));
    }

    [Fact]
    public void In_the_preconditioned_metric_a_diagonal_quadratic_reads_the_ratio_of_its_curvatures()
    {
        var model = new Quadratic(
            new double[,]
            {
                { 8, 0 },
                { 0, 2 },
            }
        );
        var set = new EvaluationSet(
            [
                [1],
            ],
            1,
            [1]
        );
        DirectionMeasure measure = DirectionalSharpness.Measure(
            model,
            [1, 1],
            set,
            [new NamedUpdate("u", [3, 4])],
            new SharpnessOptions { Metric = [4, 1] }
        )[0];
        Assert.Equal((9 * 8 + 16 * 2.0) / (9 * 4 + 16 * 1), measure.Preconditioned!.Value.Value, 1e-12);
    }

    [Fact]
    public void A_zero_update_has_no_direction_and_a_NaN_costs_only_itself()
    {
        double[] zero = new double[Theta.Length],
            nan = [.. Theta];
        nan[3] = double.NaN;
        var measures = DirectionalSharpness.Measure(
            Model,
            Theta,
            Set,
            [new NamedUpdate("zero", zero), new NamedUpdate("nan", nan), Random(5)]
        );
        Assert.Equal([DirectionStatus.ZeroUpdate, DirectionStatus.NonFinite, DirectionStatus.Measured], measures.Select(m => m.Status));
        Assert.Equal(DirectionalSharpness.Measure(Model, Theta, Set, [Random(5)])[0].Sharpness, measures[2].Sharpness);
        Assert.Equal(DirectionStatus.NonFinite, DirectionalSharpness.Measure(Model, nan, Set, [Random(5)])[0].Status);
    }

    private static NamedUpdate Random(long seed)
    {
        RandomStream random = RandomStream.For(seed, "test/direction");
        return new NamedUpdate($"u{seed}", [.. Theta.Select(_ => 0.01 * random.NextGaussian())]);
    }
}
