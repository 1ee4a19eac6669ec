// Points in the space of a model's parameters, ready to be differentiated at.
using Gaplab.Learning.Models;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

internal static class ModelPoint
{
    /// <summary>theta [R, P], one row per replica.</summary>
    public static Tensor Of(params double[][] rows)
    {
        Tensor theta = Tensor.From<double>(rows.SelectMany(r => r).ToArray(), rows.Length, rows[0].Length);
        theta.RequiresGrad = true;
        return theta;
    }

    /// <summary>Where seeds 1 … R start.</summary>
    public static Tensor Start(IModel model, int replicas) =>
        Of([
            .. Enumerable
                .Range(1, replicas)
                .Select(seed =>
                {
                    double[] row = new double[model.Layout.Count];
                    model.Layout.Initialise(seed, row);
                    return row;
                }),
        ]);
}
