// The gated recurrent unit: a recurrent language model with two gates and no cell beside its state.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>(r, z) = σ(x_t·W + h_{t−1}·U + b), n = tanh(x_t·W_n + r·(h_{t−1}·U_n) + b_n), h_t = n + z·(h_{t−1} − n), from h_0 = 0; then a
/// linear head.</summary>
/// <remarks>Cho et al. 2014, with the reset gate behind the recurrent product, as cuDNN and PyTorch have it. There is one bias per gate,
/// where PyTorch has two.</remarks>
internal sealed class Gru : RecurrentModel
{
    /// <param name="spec">Sizes and options.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="rows">The form of the task's rows.</param>
    /// <exception cref="InputException">Impossible sizes.</exception>
    public Gru(ModelSpec spec, int vocabulary, TokenRows rows = TokenRows.Shifted)
        : base(spec, vocabulary, rows, (layout, name) => new Layer(layout, name, spec)) { }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "gru",
            Says = "gated recurrent units (Cho et al. 2014)",
            Reads = [SampleKind.Tokens, SampleKind.Bases],
            Defaults = Lstm.Kind.Defaults with { Kind = "gru" },
            Keys = RecurrentModel.Keys,
            Build = (spec, input) => new Gru(spec, input.Vocabulary, input.Rows),
            // A position and layer: both products, 3 widths each; sums and results of the gates, 2 each; the candidate, its parts and the
            // new state, 6.
            Numbers = (spec, input) => input.Context * (spec.Layers * 16.0 * spec.Width + 3.0 * input.Vocabulary),
            Facts = spec => [ModelFact.Layers(spec), ModelFact.Width(spec)],
        };

    private sealed class Layer : IRecurrentLayer
    {
        private readonly ParamRef _input,
            _recurrent;
        private readonly ParamRef? _bias;
        private readonly long _width;

        public Layer(ParamLayoutBuilder layout, string name, ModelSpec spec)
        {
            _width = spec.Width;
            Initialisation weights = InitialWeights.Gate(spec, _width);
            _input = layout.Add(name + ".input", weights, _width, 3 * _width);
            _recurrent = layout.Add(name + ".recurrent", weights, _width, 3 * _width);
            _bias = spec.Bias ? layout.Add(name + ".bias", Initialisation.Zero, 3 * _width) : null;
        }

        public Tensor[] Apply(ParamViews parameters, Tensor x, long batch)
        {
            // What comes from the inputs is one product over all positions.
            Tensor projected = x.Linear(parameters[_input]),
                recurrent = parameters[_recurrent];
            if (_bias is { } bias)
                projected += parameters[bias].Unsqueeze(1);
            Tensor[] steps = projected.Split([.. Enumerable.Repeat(batch, (int)(x.Size(1) / batch))], 1); // [R, B, 3D]
            Tensor? h = null;
            for (int t = 0; t < steps.Length; t++)
            {
                Tensor[] of = steps[t].Split([2 * _width, _width], 2),
                    past = h is null ? [] : h.Linear(recurrent).Split([2 * _width, _width], 2);
                Tensor[] gates = (h is null ? of[0] : of[0] + past[0]).Sigmoid().Split([_width, _width], 2);
                Tensor candidate = (h is null ? of[1] : of[1] + gates[0] * past[1]).Tanh();
                steps[t] = h = h is null ? candidate - gates[1] * candidate : candidate + gates[1] * (h - candidate);
            }
            return steps;
        }
    }
}
