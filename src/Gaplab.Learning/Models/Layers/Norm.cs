// Normalisation of the last dimension: RMSNorm, LayerNorm, or none.
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>Normalises x [R, N, D] over D, with a learned gain (and, for LayerNorm in a model with biases, a bias).</summary>
public abstract class Norm
{
    public abstract Tensor Apply(ParamViews parameters, Tensor x);

    public static Norm Build(ParamLayoutBuilder layout, string name, string kind, long width, bool gain, bool bias) =>
        kind switch
        {
            "rmsnorm" => new RmsNorm(layout, name, width, gain),
            "layernorm" => new LayerNorm(layout, name, width, gain, bias),
            "none" => new NoNorm(),
            _ => throw new ArgumentException($"norm is '{kind}'; expected rmsnorm, layernorm or none", nameof(kind)),
        };

    private sealed class NoNorm : Norm
    {
        public override Tensor Apply(ParamViews parameters, Tensor x) => x;
    }
}

/// <summary>x / √(mean x² + 1e-6) · gain (Zhang and Sennrich 2019).</summary>
internal sealed class RmsNorm(ParamLayoutBuilder layout, string name, long width, bool gain) : Norm
{
    public const double Epsilon = 1e-6;

    private readonly ParamRef? _gain = gain ? layout.Add(name + ".gain", Initialisation.One, width) : null;

    public override Tensor Apply(ParamViews parameters, Tensor x) => x.RmsNorm(_gain is { } g ? parameters[g] : null, Epsilon);
}

/// <summary>(x − mean) / √(var + 1e-5) · gain + bias, the variance over D without Bessel's correction (Ba, Kiros and Hinton
/// 2016).</summary>
internal sealed class LayerNorm(ParamLayoutBuilder layout, string name, long width, bool gain, bool bias) : Norm
{
    public const double Epsilon = 1e-5;

    private readonly ParamRef? _gain = gain ? layout.Add(name + ".gain", Initialisation.One, width) : null;
    private readonly ParamRef? _bias = bias ? layout.Add(name + ".bias", Initialisation.Zero, width) : null;

    public override Tensor Apply(ParamViews parameters, Tensor x) =>
        x.LayerNorm(_gain is { } g ? parameters[g] : null, _bias is { } b ? parameters[b] : null, Epsilon);
}
