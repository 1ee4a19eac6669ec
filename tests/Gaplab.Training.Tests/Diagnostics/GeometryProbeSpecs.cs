// Signs against gradients, in own and turned axes, beside dense linear algebra on a model of fewer than 300 parameters.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Params;
using Gaplab.Studies.Prediction;
using Gaplab.Torch;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Gaplab.Training.Tests.Diagnostics;

public sealed class GeometryProbeSpecs
{
    private const long Bases = 11;

    public GeometryProbeSpecs() => TorchRuntime.Threads = 1;

    [Fact]
    public void Density_and_gain_are_those_of_the_dense_Hessian_in_either_axes()
    {
        Gpt model = SmallModels.Gpt();
        double[] theta = SmallModels.Point(model);
        EvaluationSet set = SmallModels.Set(5, 3);
        double[] gradient = SmallModels.Gradient(model, theta, set);
        Matrix<double> dense = SmallModels.Hessian(model, theta, set),
            turn = Turn(model.Layout);
        using var hessian = new Hessian(model, theta, set);
        (AxesGeometry own, AxesGeometry turned) = GeometryProbe.Measure(hessian, model.Layout, gradient, Bases)!.Value;
        foreach (
            (AxesGeometry found, Vector<double> g, Matrix<double> h) in new[]
            {
                (own, DenseVector.OfArray(gradient), dense),
                (turned, turn * DenseVector.OfArray(gradient), turn * dense * turn.Transpose()),
            }
        )
        {
            Vector<double> sign = g.PointwiseSign();
            Assert.Equal(g.L1Norm() * g.L1Norm() / (g.Count * (g * g)), found.Density, 1e-9);
            // The decreases themselves: of the second-order model along each direction at its best length.
            double bySign = Math.Pow(g * sign, 2) / (2 * (sign * h * sign)),
                byGradient = Math.Pow(g * g, 2) / (2 * (g * h * g));
            Assert.True(bySign > 0 && byGradient > 0);
            Assert.Equal(1, found.SignGain / (bySign / byGradient), 1e-6);
        }
        Assert.True(Math.Abs(Math.Log2(own.SignGain / turned.SignGain)) > 0.01, "turning changes nothing");
    }

    [Fact]
    public void A_diagonal_quadratic_gains_what_hand_calculation_says_and_downhill_curvature_gives_no_gain()
    {
        // f = t·½Σc_i x_i²: g = t·(4, −2, 2), H = t·diag(1, 2, −4); sᵀHs = −t, and 3t after the sign of the last curvature changes.
        double[] theta = [4, -1, -0.5];
        EvaluationSet set = SmallModels.Set(3);
        double[] Gradient(Quadratic m) => SmallModels.Gradient(m, theta, set);
        Quadratic Of(double last) =>
            new(
                new double[,]
                {
                    { 1, 0, 0 },
                    { 0, 2, 0 },
                    { 0, 0, last },
                }
            );
        using var saddle = new Hessian(Of(-4), theta, set);
        using var bowl = new Hessian(Of(4), theta, set);
        AxesGeometry down = GeometryProbe.Measure(saddle, Of(-4).Layout, Gradient(Of(-4)), 1)!.Value.Own,
            up = GeometryProbe.Measure(bowl, Of(4).Layout, Gradient(Of(4)), 1)!.Value.Own;
        // (8²/7)/(24²/(16 + 8 + 16)); ‖g‖₁ = 8, ‖g‖₂² = 24, gᵀHg = 40.
        Assert.Equal(64 / 7.0 / (24 * 24 / 40.0), up.SignGain, 1e-9);
        Assert.Equal(64 / (3 * 24.0), up.Density, 1e-9);
        Assert.True(double.IsNaN(down.SignGain));
        Assert.Null(StudyGeometry.Of(saddle, Of(-4).Layout, Gradient(Of(-4)), 1)!.SignGain);
        Assert.Equal(up.Density, StudyGeometry.Of(bowl, Of(4).Layout, Gradient(Of(4)), 1)!.GradientDensity);
    }

    /// <summary>The turn of a row as a matrix [P, P]: A·G·Bᵀ of a tensor is (A ⊗ B) of its row.</summary>
    private static Matrix<double> Turn(ParamLayout layout)
    {
        var bases = new RandomBases(Bases);
        Matrix<double> turn = DenseMatrix.CreateIdentity((int)layout.Count);
        foreach (ParamSlice slice in layout.Slices)
        {
            (int rows, int columns) = RandomBases.Sides(slice);
            Matrix<double> Side(bool left, int size) =>
                bases.Of<double>(slice, left) is { } b
                    ? Matrix<double>.Build.DenseOfRowMajor(size, size, b)
                    : DenseMatrix.CreateIdentity(size);
            turn.SetSubMatrix((int)slice.Offset, (int)slice.Offset, Side(true, rows).KroneckerProduct(Side(false, columns)));
        }
        return turn;
    }
}
