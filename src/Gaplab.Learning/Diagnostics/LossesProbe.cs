// Training and validation loss at one θ, from which the generalisation gap at equal training loss is read.
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Files;
using Gaplab.Torch;

namespace Gaplab.Learning.Diagnostics;

/// <summary>"train": F over the fixed subset of training samples, as it is evaluated (without label smoothing); "validation": the probes'
/// evaluation set.</summary>
internal sealed class LossesProbe(TrainingSubset subset, EvaluationSet validation) : IPointProbe
{
    private const int Block = 64;

    internal const string Train = "train",
        Validation = "validation";

    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "losses",
            Says = "training and validation loss, from which the generalisation gap at equal training loss is read",
            Command = "noise",
            Times = ProbeTimes.Along,
            Options = [NoiseKey.All],
            Build = material => new LossesProbe(material.Subset, material.Evaluation),
        };

    public string Name => Kind.Name;

    public ProbeTimes Times => Kind.Times;

    public ProbeResult Measure(ProbePoint point) =>
        new()
        {
            Numbers = new Dictionary<string, double>
            {
                [Train] = Mean(point, subset.InBatches(Block)),
                [Validation] = Mean(point, validation),
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

/// <summary>What a file of the probe "losses" says.</summary>
public readonly record struct LossesReading(double Train, double Validation)
{
    public static string Probe => LossesProbe.Kind.Name;

    public static LossesReading Of(SafetensorsReader file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new(file.Read<double>(LossesProbe.Train)[0], file.Read<double>(LossesProbe.Validation)[0]);
    }
}
