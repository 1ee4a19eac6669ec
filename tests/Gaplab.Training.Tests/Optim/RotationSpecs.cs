// The parameters' space turned: orthogonal bases, SGD that does not notice, Adam that is Adam in the turned coordinates.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Optim;

public sealed class RotationSpecs
{
    [Theory, InlineData(2), InlineData(17), InlineData(200)]
    public void Bases_are_orthogonal(int size)
    {
        using var scope = new TensorScope();
        Tensor basis = Tensor.From<double>(RandomBases.Haar(size, RandomStream.For(1, "test", size)), size, size);
        double[] gram = basis.MatMul(basis.Transpose(0, 1)).ToDoubles();
        for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            Assert.Equal(i == j ? 1 : 0, gram[i * size + j], 1e-13);
    }

    [Fact]
    public void Every_entry_of_a_basis_has_the_law_of_a_coordinate_on_the_sphere()
    {
        // A coordinate x of the unit sphere in 4 dimensions: E x = 0, E x² = 1/4, E x⁴ = 1/8. The last row shows that none is what the
        // others leave over.
        const int Draws = 1000;
        double[][] bases = [.. Enumerable.Range(0, Draws).Select(i => RandomBases.Haar(4, RandomStream.For(7, "test", i)))];
        foreach (int entry in (int[])[0, 6, 15])
        {
            // Standard deviations of the means: 0.5/√1000 and √(1/8 − 1/16)/√1000; four and a half of them.
            Assert.Equal(0, bases.Average(b => b[entry]), 0.071);
            Assert.Equal(0.25, bases.Average(b => b[entry] * b[entry]), 0.036);
        }
    }

    [Fact]
    public void SGD_with_momentum_clip_and_decay_does_not_notice()
    {
        OptimizerSpec sgd = new()
        {
            Name = "sgd",
            Kind = "sgd",
            LearningRate = 0.05,
            Momentum = 0.9,
            Nesterov = true,
            ClipNorm = 40,
            WeightDecay = 0.1,
            Decay = "coupled",
        };
        double[] plain = OptimizerTrial.Train([sgd]),
            turned = OptimizerTrial.Train([sgd with { Rotation = 3 }]);
        Assert.NotEqual(plain, turned);
        Closeness.Same(plain, turned, 1e-12, 1);
    }

    [Fact]
    public void Muons_hidden_matrices_do_not_notice_either()
    {
        OptimizerSpec muon = OptimizerTrial.Spec(OptimizerCatalogue.BuiltIn.All.Single(k => k.Name == "muon"));
        double[] plain = OptimizerTrial.Train([muon]),
            turned = OptimizerTrial.Train([muon with { Rotation = 3 }]);
        ParamSlice[] slices = [.. OptimizerTrial.Layout.Slices.Where(s => s.Name is "blocks.0.up" or "blocks.0.down")];
        Assert.Equal(2, slices.Length);
        foreach (ParamSlice slice in slices)
            Closeness.Same(plain.AsSpan((int)slice.Offset, (int)slice.Count), turned.AsSpan((int)slice.Offset, (int)slice.Count), 1e-9, 1);
    }

    [Fact]
    public void Adam_turned_is_Adam_on_the_turned_gradients_and_turned_back()
    {
        using var scope = new TensorScope();
        OptimizerSpec adam = new()
        {
            Name = "adam",
            Kind = "adam",
            LearningRate = 0.05,
            Rotation = 9,
        };
        double[] turned = OptimizerTrial.Train([adam]),
            start = OptimizerTrial.Start(1).ToDoubles();
        Assert.True(
            Closeness.LargestMagnitude([.. turned.Zip(OptimizerTrial.Train([adam with { Rotation = 0 }]), (a, b) => a - b)]) > 0.05
        );
        ParamSlice slice = OptimizerTrial.Layout["blocks.0.up"];
        var bases = new RandomBases(9);
        Tensor left = Tensor.From<double>(bases.Of<double>(slice, left: true)!, 3, 3),
            right = Tensor.From<double>(bases.Of<double>(slice, left: false)!, 12, 12);
        // The recursion itself, coordinate by coordinate, on A·G·Bᵀ.
        double[] m = new double[36],
            v = new double[36],
            moved = new double[36];
        for (int step = 0; step < OptimizerTrial.Steps; step++)
        {
            double[] all = OptimizerTrial.Numbers("gradient " + step, 0, OptimizerTrial.Layout.Count);
            double[] g = left.MatMul(Tensor.From<double>(all.AsSpan((int)slice.Offset, 36), 3, 12))
                .MatMul(right.Transpose(0, 1))
                .ToDoubles();
            double rate = 0.05 * OptimizerTrial.Schedule.At(step);
            for (int i = 0; i < 36; i++)
            {
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
                moved[i] -= rate * (m[i] / (1 - Math.Pow(0.9, step + 1))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, step + 1))) + 1e-8);
            }
        }
        double[] back = left.Transpose(0, 1).MatMul(Tensor.From<double>(moved, 3, 12)).MatMul(right).ToDoubles();
        Closeness.Same([.. back.Select((b, i) => start[(int)slice.Offset + i] + b)], turned.AsSpan((int)slice.Offset, 36), 1e-12, 1);
    }

    [Fact]
    public void A_number_names_its_bases()
    {
        OptimizerSpec adam = new()
        {
            Name = "adam",
            Kind = "adam",
            LearningRate = 0.05,
            Rotation = 2,
        };
        Assert.Equal(OptimizerTrial.Train([adam]), OptimizerTrial.Train([adam]));
        Assert.NotEqual(OptimizerTrial.Train([adam]), OptimizerTrial.Train([adam with { Rotation = 3 }]));
        ParamSlice up = OptimizerTrial.Layout["blocks.0.up"],
            down = OptimizerTrial.Layout["blocks.0.down"];
        var bases = new RandomBases(2);
        // Sides of one length, in one tensor or two, have bases of their own.
        Assert.NotEqual(bases.Of<double>(up, left: false)!, bases.Of<double>(down, left: true)!);
    }

    [Fact]
    public void A_side_that_is_too_long_or_has_one_coordinate_keeps_its_basis()
    {
        ParamLayout layout = OptimizerTrial.Build(("table", [RandomBases.LongestSide + 1, 3]), ("one", [1]), ("filter", [4, 2, 3]));
        var bases = new RandomBases(1);
        Assert.Null(bases.Of<float>(layout["table"], left: true));
        Assert.Equal(9, bases.Of<float>(layout["table"], left: false)!.Length);
        Assert.Null(bases.Of<float>(layout["one"], left: false));
        Assert.Equal(
            (16, 36),
            (bases.Of<float>(layout["filter"], left: true)!.Length, bases.Of<float>(layout["filter"], left: false)!.Length)
        );
    }
}
