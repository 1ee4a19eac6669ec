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

    public Tensor Apply(ParamViews parameters, Tensor x) => Shifted(parameters, x.Linear(parameters[_weight]));

    /// <summary>Three maps of one x, which cost less together.</summary>
    public static (Tensor First, Tensor Second, Tensor Third) Apply(
        ParamViews parameters,
        Tensor x,
        Linear first,
        Linear second,
        Linear third
    )
    {
        (Tensor a, Tensor b, Tensor c) = x.Linear(parameters[first._weight], parameters[second._weight], parameters[third._weight]);
        return (first.Shifted(parameters, a), second.Shifted(parameters, b), third.Shifted(parameters, c));
    }

    private Tensor Shifted(ParamViews parameters, Tensor y) => _bias is { } bias ? y + parameters[bias].Unsqueeze(1) : y;
}
