// How the weights of a model start.
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Models.Layers;

/// <summary>Initialisations by <see cref="ModelSpec.WeightInit"/> and <see cref="ModelSpec.HeadInit"/>.</summary>
public static class InitialWeights
{
    /// <summary>A matrix: "normal" or Xavier-uniform.</summary>
    public static Initialisation Of(ModelSpec spec, double gain = 1) =>
        spec.WeightInit == "normal" ? Initialisation.Normal(gain * spec.WeightStd) : Initialisation.XavierUniform(gain);

    /// <summary>"he" (N(0, 2/inputs), He et al. 2015), "xavier-uniform" or "normal".</summary>
    /// <param name="spec">The model's.</param>
    /// <param name="inputs">Numbers that one output sums over.</param>
    /// <param name="outputs">Outputs that one input reaches.</param>
    /// <param name="gain">Multiplies all of them.</param>
    public static Initialisation Of(ModelSpec spec, long inputs, long outputs, double gain = 1) =>
        spec.WeightInit switch
        {
            "normal" => Initialisation.Normal(gain * spec.WeightStd),
            "xavier-uniform" => Initialisation.Uniform(gain * Math.Sqrt(6.0 / (inputs + outputs))),
            _ => Initialisation.Normal(gain * Math.Sqrt(2.0 / inputs)),
        };

    /// <summary>A gate's part of a recurrent layer's matrix: "normal", or Xavier's bound for that gate alone, as gates only lie side by
    /// side.</summary>
    public static Initialisation Gate(ModelSpec spec, long inputs) =>
        spec.WeightInit == "normal"
            ? Initialisation.Normal(spec.WeightStd)
            : Initialisation.Uniform(Math.Sqrt(6.0 / (inputs + spec.Width)));

    /// <summary>What a block adds to the residual stream, twice each: with residual-scale 1/√(2L) of
    /// <see cref="Of(ModelSpec, double)"/>.</summary>
    public static Initialisation Residual(ModelSpec spec) => Of(spec, spec.ResidualScale ? 1 / Math.Sqrt(2.0 * spec.Layers) : 1);

    /// <summary>The output head: zero or Xavier-uniform.</summary>
    public static Initialisation Head(ModelSpec spec) => spec.HeadInit == "zero" ? Initialisation.Zero : Initialisation.XavierUniform();
}
