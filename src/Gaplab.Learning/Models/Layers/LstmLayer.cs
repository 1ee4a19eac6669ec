// Long short-term memory over a sequence, one weight a replica.
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>(i, f, o, g) = x_t·W + h_{t−1}·U + b; c_t = σ(f)·c_{t−1} + σ(i)·tanh g; h_t = σ(o)·tanh c_t (Hochreiter and Schmidhuber 1997,
/// with the forget gates of Gers, Schmidhuber and Cummins 2000), from h_0 = c_0 = 0.</summary>
internal sealed class LstmLayer : IRecurrentLayer
{
    private readonly ParamRef _input,
        _recurrent;
    private readonly ParamRef? _bias;
    private readonly long _width;

    public LstmLayer(ParamLayoutBuilder layout, string name, ModelSpec spec, long inputs)
    {
        _width = spec.Width;
        _input = layout.Add(name + ".input", InitialWeights.Gate(spec, inputs), inputs, 4 * _width);
        _recurrent = layout.Add(name + ".recurrent", InitialWeights.Gate(spec, _width), _width, 4 * _width);
        _bias = spec.Bias ? layout.Add(name + ".bias", Initialisation.Parts(0, spec.ForgetBias, 0, 0), 4 * _width) : null;
    }

    /// <inheritdoc/>
    public Tensor[] Apply(ParamViews parameters, Tensor x, long batch)
    {
        // What comes from the inputs is one product over all positions.
        Tensor projected = x.Linear(parameters[_input]),
            recurrent = parameters[_recurrent];
        if (_bias is { } bias)
            projected += parameters[bias].Unsqueeze(1);
        Tensor[] steps = projected.Split([.. Enumerable.Repeat(batch, (int)(x.Size(1) / batch))], 1);
        Tensor? h = null,
            c = null;
        for (int t = 0; t < steps.Length; t++)
        {
            Tensor[] parts = (h is null ? steps[t] : steps[t] + h.Linear(recurrent)).Split([3 * _width, _width], 2);
            Tensor[] gates = parts[0].Sigmoid().Split([_width, _width, _width], 2);
            Tensor added = gates[0] * parts[1].Tanh();
            c = c is null ? added : gates[1] * c + added;
            steps[t] = h = gates[2] * c.Tanh();
        }
        return steps;
    }

    /// <summary>Numbers that a position holds in all layers: gates from the input, summed, and after their nonlinearities, 4 widths each;
    /// cell, its tanh, products and state.</summary>
    internal static double Numbers(ModelSpec model) => model.Layers * 18.0 * model.Width;
}
