// The gated convolutional language model: causal convolutions whose outputs are gated, around a residual stream.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>x ← x + (X∗W + b) ∘ σ(X∗V + c) with causal convolutions over K positions, X the normalised x; then a linear head.</summary>
/// <remarks>
/// Dauphin, Fan, Auli and Grangier 2017, section 2, with a residual connection around every layer. Weights are normalised as there
/// (Salimans and Kingma 2016:
/// each output's weight is a direction times a learned length, initially 1) unless weight-norm is off. A full softmax takes the place of
/// the adaptive one.
/// </remarks>
internal sealed class Gcnn : SequenceModel
{
    private readonly Layer[] _layers;

    /// <param name="spec">Sizes and options.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="rows">The form of the task's rows.</param>
    /// <exception cref="InputException">Impossible sizes.</exception>
    public Gcnn(ModelSpec spec, int vocabulary, TokenRows rows = TokenRows.Shifted)
        : base(spec, vocabulary, rows)
    {
        if (spec.Layers < 0 || spec.Width < 1 || spec.Kernel < 1)
            throw new InputException(
                $"model: layers {spec.Layers}, width {spec.Width}, kernel {spec.Kernel}; expected at least 0, 1 and 1"
            );
        _layers = [.. Enumerable.Range(0, spec.Layers).Select(l => new Layer(Builder, $"blocks.{l}", spec))];
        AddHead(spec, vocabulary, norm: spec.FinalNorm, bias: spec.Bias);
    }

    /// <inheritdoc/>
    protected override Tensor States(ParamViews parameters, Tensor inputs)
    {
        Tensor x = Embedded(parameters, inputs);
        foreach (Layer layer in _layers)
            x = layer.Apply(parameters, x, batch: inputs.Size(1));
        return x;
    }

    private sealed class Layer
    {
        private readonly Norm _norm;
        private readonly ParamRef _weight;
        private readonly ParamRef? _length,
            _bias;
        private readonly int _kernel;
        private readonly double _scale;

        public Layer(ParamLayoutBuilder layout, string name, ModelSpec spec)
        {
            (_kernel, _scale) = (spec.Kernel, spec.ResidualScale ? 1 / Math.Sqrt(spec.Layers) : 1);
            _norm = Norm.Build(layout, name + ".norm", spec.Norm, spec.Width, spec.NormGain, spec.Bias);
            // Value and gate lie side by side: [K·D, 2D].
            _weight = layout.Add(name + ".weight", InitialWeights.Of(spec), (long)spec.Kernel * spec.Width, 2L * spec.Width);
            _length = spec.WeightNorm ? layout.Add(name + ".length", Initialisation.One, 2L * spec.Width) : null;
            _bias = spec.Bias ? layout.Add(name + ".bias", Initialisation.Zero, 2L * spec.Width) : null;
        }

        public Tensor Apply(ParamViews parameters, Tensor x, long batch)
        {
            long replicas = x.Size(0),
                time = x.Size(1) / batch,
                width = x.Size(2);
            Tensor weight = parameters[_weight];
            if (_length is { } length)
                weight = weight * (parameters[length].Unsqueeze(1) * weight.Square().Sum([1], keep: true).Rsqrt());
            Tensor y = CausalWindow.Unfold(_norm.Apply(parameters, x).Reshape(replicas, batch, time, width), _kernel).Linear(weight);
            if (_bias is { } bias)
                y += parameters[bias].Unsqueeze(1);
            Tensor[] parts = y.Split([width, width], 2);
            Tensor gated = parts[0] * parts[1].Sigmoid();
            return x + (_scale == 1 ? gated : gated * _scale);
        }
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "gcnn",
            Says = "gated convolutions (Dauphin et al. 2017)",
            Reads = [SampleKind.Tokens, SampleKind.Bases],
            Defaults = new ModelSpec
            {
                Kind = "gcnn",
                Layers = 4,
                Norm = "none",
                Bias = true,
                HeadInit = "xavier-uniform",
                EmbeddingStd = 1,
                ResidualScale = false,
            },
            Keys =
            [
                ModelKey.Layers,
                ModelKey.Width,
                ModelKey.Kernel,
                SpecKey.Flag<ModelSpec>(
                    "weight-norm",
                    m => m.WeightNorm,
                    (m, v) => m with { WeightNorm = v },
                    "a weight is a direction times a learned length"
                ),
                ModelKey.Norm,
                ModelKey.FinalNorm,
                ModelKey.NormGain,
                ModelKey.TiedHead,
                .. ModelKey.Weights,
                ModelKey.EmbeddingStd,
                ModelKey.ResidualScale,
            ],
            Build = (spec, input) => new Gcnn(spec, input.Vocabulary, input.Rows),
            Numbers = TransformerNumbers,
            Facts = spec =>
                [ModelFact.Layers(spec), ModelFact.Width(spec), new("kernel", $"kernels of {ModelFact.Count(spec.Kernel, "position")}")],
        };
}
