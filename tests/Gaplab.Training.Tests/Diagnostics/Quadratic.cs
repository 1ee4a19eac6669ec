// f(θ) = ½θᵀHθ·t with t the mean of the replica's tokens: a loss whose curvature is known.
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Diagnostics;

internal sealed class Quadratic : IModel
{
    private readonly double[] _matrix;
    private readonly int _dimension;

    public Quadratic(double[,] matrix)
    {
        _dimension = matrix.GetLength(0);
        _matrix = [.. matrix.Cast<double>()];
        var layout = new ParamLayoutBuilder();
        layout.Add("first.0.weight", Initialisation.One, 1);
        layout.Add("rest", Initialisation.One, _dimension - 1);
        Layout = layout.Build();
    }

    public ParamLayout Layout { get; }

    public Tensor Loss(Tensor theta, Tensor tokens)
    {
        Tensor h = Tensor.From<double>(_matrix, _dimension, _dimension);
        return (theta.MatMul(h) * theta).Sum([1]) * 0.5 * tokens.ToType(ScalarType.Float64).Mean([1, 2]);
    }
}
