// The feed-forward block with a chosen activation.
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>x [R, N, D] -> act(x·W₁)·W₂, hidden width round(ratio·D); "swiglu", "geglu" and "reglu" gate: (silu(x·W_g) ∘ (x·W₁))·W₂, or
/// with gelu or relu (Shazeer 2020).</summary>
public sealed class Mlp
{
    private readonly Linear _input,
        _output;
    private readonly Linear? _gate;
    private readonly string _activation;

    public Mlp(
        ParamLayoutBuilder layout,
        string name,
        long width,
        double ratio,
        string activation,
        bool bias,
        Initialisation weights,
        Initialisation output
    )
    {
        long hidden = Math.Max(1, (long)Math.Round(ratio * width));
        _activation = activation;
        _gate = activation is "swiglu" or "geglu" or "reglu" ? new Linear(layout, name + ".gate", width, hidden, bias, weights) : null;
        _input = new Linear(layout, name + ".input", width, hidden, bias, weights);
        _output = new Linear(layout, name + ".output", hidden, width, bias, output);
    }

    public Tensor Apply(ParamViews parameters, Tensor x)
    {
        Tensor h = _input.Apply(parameters, x);
        Tensor a = _activation switch
        {
            "swiglu" => _gate!.Apply(parameters, x).Silu() * h,
            "geglu" => _gate!.Apply(parameters, x).Gelu() * h,
            "reglu" => _gate!.Apply(parameters, x).Relu() * h,
            _ => Activation.Apply(_activation, h),
        };
        return _output.Apply(parameters, a);
    }
}
