// An affine map of the last dimension, one weight a replica.
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>y = x·W + b: x [R, N, I], W [R, I, O], b [R, O] (optional) -> [R, N, O].</summary>
public sealed class Linear
{
    private readonly ParamRef _weight;
    private readonly ParamRef? _bias;

    public Linear(ParamLayoutBuilder layout, string name, long inputs, long outputs, bool bias, Initialisation initialisation)
    {
        _weight = layout.Add(name, initialisation, inputs, outputs);
        _bias = bias ? layout.Add(name + ".bias", Initialisation.Zero, outputs) : null;
    }

    public Tensor Apply(ParamViews parameters, Tensor x)
    {
        Tensor y = x.Linear(parameters[_weight]);
        return _bias is { } bias ? y + parameters[bias].Unsqueeze(1) : y;
    }
}
