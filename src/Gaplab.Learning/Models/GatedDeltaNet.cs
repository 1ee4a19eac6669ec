// Gated DeltaNet: a linear recurrent network that forgets by a gate and writes by the delta rule.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Token embedding, L blocks of gated delta rule and MLP around a residual stream, final norm, head.</summary>
/// <remarks>
/// Yang, Kautz and Hatamizadeh 2024, section 3.4: queries, keys and values through a short causal convolution and SiLU, queries and keys at
/// 2-norm 1, β = σ(x·W_β), α = exp(−e^a·softplus(x·W_α + b)); the output of a head is normalised and gated by SiLU(x·W_g). e^a starts
/// log-uniform on 1 … 16, softplus(b) about log-uniform on 0.001 … 0.1, and scores are scaled by 1/√K. A value is value-ratio times as wide
/// as a key.
/// </remarks>
internal sealed class GatedDeltaNet : SequenceModel
{
    private readonly Block[] _blocks;

    /// <param name="spec">Sizes and options.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="rows">The form of the task's rows.</param>
    /// <exception cref="InputException">Sizes that do not fit together.</exception>
    public GatedDeltaNet(ModelSpec spec, int vocabulary, TokenRows rows = TokenRows.Shifted)
        : base(spec, vocabulary, rows)
    {
        if (spec.Layers < 0 || spec.Width < 1 || spec.Heads < 1 || spec.Kernel < 1 || spec.Chunk < 1)
            throw new InputException(
                $"model: layers {spec.Layers}, width {spec.Width}, heads {spec.Heads}, kernel {spec.Kernel}, chunk {spec.Chunk}; expected "
                    + $"at least 0 layers and 1 of the others"
            );
        CheckHeads(spec);
        _blocks = [.. Enumerable.Range(0, spec.Layers).Select(l => new Block(Builder, $"blocks.{l}", spec))];
        AddHead(spec, vocabulary, norm: spec.FinalNorm, bias: false);
    }

    /// <inheritdoc/>
    protected override Tensor States(ParamViews parameters, Tensor inputs)
    {
        Tensor x = Embedded(parameters, inputs);
        foreach (Block block in _blocks)
            x = block.Apply(parameters, x, batch: inputs.Size(1));
        return x;
    }

    private sealed class Block
    {
        private readonly Norm _norm,
            _mlpNorm,
            _outputNorm;
        private readonly Linear _query,
            _key,
            _value,
            _gate,
            _beta,
            _decay,
            _output;
        private readonly ParamRef _queryFilter,
            _keyFilter,
            _valueFilter,
            _rate,
            _step;
        private readonly Mlp _mlp;
        private readonly long _heads,
            _keySize,
            _valueSize;
        private readonly int _kernel,
            _chunk;

        public Block(ParamLayoutBuilder layout, string name, ModelSpec spec)
        {
            (_heads, _keySize, _kernel, _chunk) = (spec.Heads, spec.Width / spec.Heads, spec.Kernel, spec.Chunk);
            _valueSize = Math.Max(1, (long)Math.Round(spec.ValueRatio * _keySize));
            long width = spec.Width,
                values = _heads * _valueSize;
            Initialisation weights = InitialWeights.Of(spec),
                outputs = InitialWeights.Residual(spec);
            _norm = Norm.Build(layout, name + ".delta-norm", spec.Norm, width, spec.NormGain, spec.Bias);
            _query = new Linear(layout, name + ".query", width, width, bias: false, weights);
            _key = new Linear(layout, name + ".key", width, width, bias: false, weights);
            _value = new Linear(layout, name + ".value", width, values, bias: false, weights);
            _gate = new Linear(layout, name + ".gate", width, values, bias: false, weights);
            _beta = new Linear(layout, name + ".beta", width, _heads, bias: false, weights);
            _decay = new Linear(layout, name + ".decay", width, _heads, bias: false, weights);
            Initialisation filter = Initialisation.Uniform(1 / Math.Sqrt(spec.Kernel));
            (_queryFilter, _keyFilter, _valueFilter) = (
                layout.Add(name + ".query-filter", filter, spec.Kernel, width),
                layout.Add(name + ".key-filter", filter, spec.Kernel, width),
                layout.Add(name + ".value-filter", filter, spec.Kernel, values)
            );
            _rate = layout.Add(name + ".decay-rate", Initialisation.Between(0, Math.Log(16)), _heads);
            _step = layout.Add(
                name + ".decay-step",
                Initialisation.Between(Math.Log(Math.Exp(0.001) - 1), Math.Log(Math.Exp(0.1) - 1)),
                _heads
            );
            _outputNorm = Norm.Build(layout, name + ".output-norm", "rmsnorm", _valueSize, gain: true, bias: false);
            _output = new Linear(layout, name + ".output", values, width, bias: false, outputs);
            _mlpNorm = Norm.Build(layout, name + ".mlp-norm", spec.Norm, width, spec.NormGain, spec.Bias);
            _mlp = new Mlp(layout, name + ".mlp", width, spec.MlpRatio, spec.Activation, spec.Bias, weights, outputs);
        }

        public Tensor Apply(ParamViews parameters, Tensor x, long batch)
        {
            x += Mix(parameters, _norm.Apply(parameters, x), batch);
            return x + _mlp.Apply(parameters, _mlpNorm.Apply(parameters, x));
        }

        private Tensor Mix(ParamViews parameters, Tensor x, long batch)
        {
            long replicas = x.Size(0),
                time = x.Size(1) / batch,
                folded = replicas * batch * _heads;
            Tensor q = ByHead(Filtered(_query, _queryFilter, _heads * _keySize), _keySize),
                k = ByHead(Filtered(_key, _keyFilter, _heads * _keySize), _keySize);
            Tensor v = ByHead(Filtered(_value, _valueFilter, _heads * _valueSize), _valueSize); // [R·B·H, T, V]
            // x/√(Σx² + ε) is an RMS norm divided by √K.
            double unit = 1 / Math.Sqrt(_keySize),
                epsilon = 1e-6 / _keySize;
            (q, k) = (q.RmsNorm(null, epsilon) * (unit * unit), k.RmsNorm(null, epsilon) * unit);
            Tensor beta = ByHead(_beta.Apply(parameters, x).Sigmoid(), 1).Squeeze(2);
            Tensor step = (_decay.Apply(parameters, x) + parameters[_step].Unsqueeze(1)).Softplus(); // [R, B·T, H]
            Tensor decay = ByHead(-(step * parameters[_rate].Exp().Unsqueeze(1)), 1).Squeeze(2);
            Tensor o = DeltaRule.Scan(q, k, v, beta, decay, _chunk); // [R·B·H, T, V]
            o = o.Reshape(replicas * batch, _heads, time, _valueSize).Transpose(1, 2).Reshape(replicas, batch * time * _heads, _valueSize);
            o = _outputNorm.Apply(parameters, o).Reshape(replicas, batch * time, _heads * _valueSize);
            return _output.Apply(parameters, o * _gate.Apply(parameters, x).Silu());

            Tensor Filtered(Linear projection, ParamRef filter, long width) =>
                CausalWindow
                    .Depthwise(projection.Apply(parameters, x).Reshape(replicas, batch, time, width), parameters[filter], _kernel)
                    .Silu();

            // [R, B·T, H·E] -> [R·B·H, T, E]
            Tensor ByHead(Tensor y, long size) =>
                y.Reshape(replicas * batch, time, _heads, size).Transpose(1, 2).Reshape(folded, time, size);
        }
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "gated-delta-net",
            Says = "linear attention with a gated delta rule (Yang, Kautz and Hatamizadeh 2024)",
            Reads = [SampleKind.Tokens, SampleKind.Bases],
            Defaults = new ModelSpec
            {
                Kind = "gated-delta-net",
                Activation = "swiglu",
                HeadInit = "zero",
                EmbeddingStd = 1,
            },
            Keys =
            [
                ModelKey.Layers,
                ModelKey.Heads,
                ModelKey.Width,
                ModelKey.Kernel,
                SpecKey.Number<ModelSpec>(
                    "value-ratio",
                    0,
                    100,
                    m => m.ValueRatio,
                    (m, v) => m with { ValueRatio = v },
                    "width of a head's values over that of its keys",
                    open: true
                ),
                SpecKey.Whole<ModelSpec>(
                    "chunk",
                    1,
                    4096,
                    m => m.Chunk,
                    (m, v) => m with { Chunk = v },
                    "positions computed together; only speed depends on it"
                ),
                ModelKey.MlpRatio,
                ModelKey.Activation,
                ModelKey.Norm,
                ModelKey.FinalNorm,
                ModelKey.NormGain,
                ModelKey.TiedHead,
                .. ModelKey.Weights,
                ModelKey.EmbeddingStd,
                ModelKey.ResidualScale,
            ],
            Build = (spec, input) => new GatedDeltaNet(spec, input.Vocabulary, input.Rows),
            Numbers = TransformerNumbers,
            Facts = spec => [ModelFact.Layers(spec), ModelFact.Width(spec), ModelFact.Heads(spec)],
            Objection = (s, spec, _) => ModelKey.HeadsDivide(s, spec),
        };
}
