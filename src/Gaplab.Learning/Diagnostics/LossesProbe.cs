// Training and validation loss at one θ, from which the generalisation gap at equal training loss is read.
using Gaplab.Learning.Training;
using Gaplab.Torch;

namespace Gaplab.Learning.Diagnostics;

/// <summary>"train": F over the fixed subset of training samples, as it is evaluated (without label smoothing); "validation": the probes'
/// evaluation set.</summary>
internal sealed class LossesProbe(TrainingSubset subset, EvaluationSet validation) : IPointProbe
{
    private const int Block = 64;

    public string Name => "losses";

    public ProbeResult Measure(ProbePoint point) =>
        new()
        {
            Numbers = new Dictionary<string, double>
            {
                ["train"] = Mean(point, subset.InBatches(Block)),
                ["validation"] = Mean(point, validation),
            },
        };

    private static double Mean(ProbePoint point, EvaluationSet set)
    {
        using NoGradScope _ = Autograd.NoGrad();
        double sum = 0;
        for (int b = 0; b < set.Count; b++)
        {
            using var scope = new TensorScope();
            sum += set.Weights[b] * point.Model.Loss(Tensor.From<double>(point.Theta, 1, point.Theta.Length), set.Batch(b)).Item();
        }
        return sum;
    }
}
