// The GPT of the 2026 study: a decoder-only transformer in which every departure from it is a named option.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Token embedding (normalised), L blocks of attention and MLP around a residual stream, final norm, untied head.</summary>
/// <remarks>
/// Defaults, after Zhang et al. 2026: pre-RMSNorm, RMSNorm after the embedding and at the end, QK-norm (with a gain) before RoPE (θ = 1e4),
/// ReLU² MLP ×4, no biases, zero-initialised untied head, embedding N(0, 0.02²), Xavier-uniform weights (query, key and value as one
/// matrix), residual outputs scaled by 1/√(2L).
/// </remarks>
internal sealed class Gpt : SequenceModel, IDisposable
{
    private readonly ParamRef? _positions;
    private readonly Norm? _embeddingNorm;
    private readonly Block[] _blocks;
    private readonly RotaryTable _rotary;
    private readonly bool _preNorm;

    /// <param name="spec">Sizes and options.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="context">T, the rows of a learned position table.</param>
    /// <param name="rows">The form of the task's rows. Of masked ones every position sees all others.</param>
    /// <exception cref="InputException">Sizes that do not fit together.</exception>
    public Gpt(ModelSpec spec, int vocabulary, int context, TokenRows rows = TokenRows.Shifted)
        : base(spec, vocabulary, rows, context)
    {
        Check(spec);
        Initialisation weights = InitialWeights.Of(spec),
            outputs = InitialWeights.Residual(spec);
        _preNorm = spec.NormPlacement == "pre";
        _rotary = new RotaryTable(spec.Positions == "rope", spec.Width / spec.Heads, spec.RopeTheta);
        _positions =
            spec.Positions == "learned" ? Builder.Add("positions", Initialisation.Normal(spec.EmbeddingStd), context, spec.Width) : null;
        _embeddingNorm = spec.EmbeddingNorm ? Norm.Build(Builder, "embedding-norm", spec.Norm, spec.Width, spec.NormGain, spec.Bias) : null;
        _blocks =
        [
            .. Enumerable
                .Range(0, spec.Layers)
                .Select(l => new Block(Builder, $"blocks.{l}", spec, _rotary, weights, outputs, causal: rows != TokenRows.Masked)),
        ];
        AddHead(spec, vocabulary, norm: spec.FinalNorm, bias: false);
    }

    public void Dispose() => _rotary.Dispose();

    /// <inheritdoc/>
    protected override Tensor States(ParamViews parameters, Tensor inputs)
    {
        long replicas = inputs.Size(0),
            batch = inputs.Size(1),
            time = inputs.Size(2);
        Tensor x = Embedded(parameters, inputs); // [R, B·T, D]
        if (_positions is { } table)
        {
            long width = x.Size(2);
            x = (x.Reshape(replicas, batch, time, width) + parameters[table].Narrow(1, 0, time).Unsqueeze(1)).Reshape(
                replicas,
                batch * time,
                width
            );
        }
        if (_embeddingNorm is not null)
            x = _embeddingNorm.Apply(parameters, x);
        foreach (Block block in _blocks)
            x = block.Apply(parameters, x, time, _preNorm);
        return x;
    }

    private static void Check(ModelSpec spec)
    {
        if (spec.Layers < 0 || spec.Width < 1 || spec.Heads < 1)
            throw new InputException($"model: layers {spec.Layers}, width {spec.Width}, heads {spec.Heads}; expected at least 0, 1 and 1");
        CheckHeads(spec);
        if (spec.Positions == "rope" && spec.Width / spec.Heads % 2 != 0)
            throw new InputException(
                $"model: rotary positions turn pairs, but width/heads = {spec.Width / spec.Heads} is odd; choose an even head size or "
                    + $"positions: learned"
            );
    }

    /// <summary>Attention (unless it is "none") and MLP around a residual stream; of the ViT too.</summary>
    internal sealed class Block
    {
        private readonly Norm? _attentionNorm;
        private readonly Norm _mlpNorm;
        private readonly Attention? _attention;
        private readonly Mlp _mlp;

        public Block(
            ParamLayoutBuilder layout,
            string name,
            ModelSpec spec,
            RotaryTable rotary,
            Initialisation weights,
            Initialisation outputs,
            bool causal = true
        )
        {
            // A part of a fused [D, 3D] matrix has the bound √(6/(D + 3D)): Xavier's of [D, D] times 1/√2.
            Initialisation qkv = spec is { FusedQkvInit: true, WeightInit: "xavier-uniform" }
                ? Initialisation.XavierUniform(1 / Math.Sqrt(2))
                : weights;
            if (spec.Attention != "none")
            {
                _attentionNorm = Norm.Build(layout, name + ".attention-norm", spec.Norm, spec.Width, spec.NormGain, spec.Bias);
                _attention = new Attention(
                    layout,
                    name + ".attention",
                    spec.Width,
                    spec.Heads,
                    causal,
                    spec.QkNorm,
                    spec.QkGain,
                    spec.Bias,
                    rotary,
                    qkv,
                    outputs,
                    spec.Attention
                );
            }
            _mlpNorm = Norm.Build(layout, name + ".mlp-norm", spec.Norm, spec.Width, spec.NormGain, spec.Bias);
            _mlp = new Mlp(layout, name + ".mlp", spec.Width, spec.MlpRatio, spec.Activation, spec.Bias, weights, outputs);
        }

        public Tensor Apply(ParamViews parameters, Tensor x, long time, bool pre)
        {
            if (pre)
            {
                if (_attention is not null)
                    x += _attention.Apply(parameters, _attentionNorm!.Apply(parameters, x), time);
                return x + _mlp.Apply(parameters, _mlpNorm.Apply(parameters, x));
            }
            if (_attention is not null)
                x = _attentionNorm!.Apply(parameters, x + _attention.Apply(parameters, x, time));
            return _mlpNorm.Apply(parameters, x + _mlp.Apply(parameters, x));
        }
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "gpt",
            Says = "a decoder-only transformer (Zhang et al. 2026; options below)",
            Reads = [SampleKind.Tokens, SampleKind.Bases],
            SeesBothSides = true,
            Defaults = new ModelSpec(),
            Keys =
            [
                ModelKey.Layers,
                ModelKey.Heads,
                ModelKey.Width,
                ModelKey.MlpRatio,
                ModelKey.Activation with
                {
                    Words = TransformerActivations,
                },
                ModelKey.Norm,
                ModelKey.NormPlacement,
                ModelKey.EmbeddingNorm,
                ModelKey.FinalNorm,
                ModelKey.NormGain,
                SpecKey.Word<ModelSpec>(
                    "attention",
                    ["softmax", "linear", "sigmoid", "mean", "none"],
                    m => m.Attention,
                    (m, v) => m with { Attention = v },
                    "how values are weighted; the table below tells them apart"
                ),
                ModelKey.QkNorm,
                ModelKey.QkGain,
                ModelKey.Positions,
                SpecKey.Positive<ModelSpec>(
                    "rope-theta",
                    m => m.RopeTheta,
                    (m, v) => m with { RopeTheta = v },
                    "base of the rotary positions' wavelengths"
                ),
                ModelKey.TiedHead,
                .. ModelKey.Weights,
                ModelKey.EmbeddingStd,
                ModelKey.FusedQkvInit,
                ModelKey.ResidualScale,
            ],
            Build = (spec, input) => new Gpt(spec, input.Vocabulary, input.Context, input.Rows),
            Numbers = TransformerNumbers,
            Facts = spec => [ModelFact.Layers(spec), ModelFact.Width(spec), ModelFact.Heads(spec)],
            Objection = (s, spec, task) =>
                ModelKey.HeadsDivide(s, spec)
                ?? (
                    spec.Attention == "none" && task.Objective == "masked"
                        ? s.Error(
                            "attention",
                            "'model.attention' is none, but 'task.objective' is masked: a hidden base is known by its neighbours alone; "
                                + "expected softmax, linear, sigmoid or mean"
                        )
                    : spec.Positions == "rope" && spec.Width / spec.Heads % 2 != 0
                        ? s.Error(
                            s.Has("heads") ? "heads" : "width",
                            $"a head is {spec.Width / spec.Heads} wide ('model.width' / 'model.heads'); rotary positions need an even width"
                        )
                    : null
                ),
        };
}
