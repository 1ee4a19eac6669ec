// Curvature tools free every tensor they make; the count is the process's, so this runs while nothing else does.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Diagnostics;

[CollectionDefinition("live tensors of the curvature tools", DisableParallelization = true)]
public sealed class CurvatureLeakCollection;

[Collection("live tensors of the curvature tools")]
public sealed class CurvatureLeakSpecs
{
    private static readonly Gpt Model = SmallModels.Gpt();
    private static readonly double[] Theta = SmallModels.Point(Model);
    private static readonly EvaluationSet Set = SmallModels.Set(3, 3, 2, 3);

    [Fact]
    public void Measuring_curvature_leaves_no_tensor_behind()
    {
        long before = TorchRuntime.LiveTensors;
        using (var hessian = new Hessian(Model, Theta, Set))
            _ = CurvatureSpectrum.Ends(hessian, 1, RandomStream.For(1, "test"), 1e-3);
        using (var gaussNewton = new GaussNewton(Model, Theta, Set))
            _ = CurvatureSpectrum.Ends(gaussNewton, 1, RandomStream.For(1, "test"), 1e-3);
        // The model's rotary table is its own.
        Assert.InRange(TorchRuntime.LiveTensors - before, 0, 2);
    }
}
