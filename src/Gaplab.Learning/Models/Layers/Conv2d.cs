// A convolution with square kernels, one weight a replica.
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>x [B, R·I, H, W], weight [R, O, I, K, K], bias [R, O] (optional) -> [B, R·O, H', W'].</summary>
internal sealed class Conv2d
{
    private readonly ParamRef _weight;
    private readonly ParamRef? _bias;
    private readonly long _stride,
        _padding;

    public Conv2d(
        ParamLayoutBuilder layout,
        string name,
        long inputs,
        long outputs,
        long kernel,
        long stride,
        long padding,
        bool bias,
        Initialisation initialisation
    )
    {
        (_stride, _padding) = (stride, padding);
        _weight = layout.Add(name, initialisation, outputs, inputs, kernel, kernel);
        _bias = bias ? layout.Add(name + ".bias", Initialisation.Zero, outputs) : null;
    }

    public Tensor Apply(ParamViews parameters, Tensor x)
    {
        Tensor y = x.Conv2d(parameters[_weight], _stride, _padding);
        return _bias is { } bias ? y + parameters[bias].Reshape(1, -1, 1, 1) : y;
    }
}
