// How the weights of image models start.
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Models.Layers;

/// <summary>"he" (N(0, 2/inputs), He et al. 2015), "xavier-uniform" or "normal" by <see cref="ModelSpec.WeightInit"/>.</summary>
internal static class VisionWeights
{
    /// <param name="spec">The model's.</param>
    /// <param name="inputs">Numbers that one output sums over.</param>
    /// <param name="outputs">Outputs that one input reaches.</param>
    /// <param name="gain">Multiplies all of them.</param>
    public static Initialisation Of(ModelSpec spec, long inputs, long outputs, double gain = 1) => spec.WeightInit switch
    {
        "normal" => Initialisation.Normal(gain * spec.WeightStd),
        "xavier-uniform" => Initialisation.Uniform(gain * Math.Sqrt(6.0 / (inputs + outputs))),
        _ => Initialisation.Normal(gain * Math.Sqrt(2.0 / inputs)),
    };

    /// <summary>The output head: zero or Xavier-uniform.</summary>
    public static Initialisation Head(ModelSpec spec) => spec.HeadInit == "zero" ? Initialisation.Zero : Initialisation.XavierUniform();
}
