// An encoder–decoder transformer like T5: pre-RMSNorm, relative position bias, no biases, one embedding for both languages.
using System.Globalization;
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Raffel et al. 2020: an encoder that sees the whole source, a decoder that sees the target so far and the encoder's
/// output.</summary>
/// <remarks>
/// A row of tokens is S source ids and T+1 target ids (<see cref="SpecialToken"/>); S is what a row holds beyond T+1. Padding changes
/// nothing: padded source positions are hidden as keys, padded targets are no part of the loss, and columns that hold padding only are not
/// computed.
/// With "fan-in" weights start at N(0, 1/inputs), queries at N(0, 1/(inputs·E)). A tied head multiplies by 1/√D. There is no dropout.
/// </remarks>
internal sealed class T5 : IEncoderDecoder, ILogitModel
{
    private readonly Embedding _embedding;
    private readonly EncoderBlock[] _encoder;
    private readonly DecoderBlock[] _decoder;
    private readonly RelativeBias _encoderBias,
        _decoderBias;
    private readonly Norm _encoderNorm,
        _decoderNorm;
    private readonly Linear? _head;
    private readonly double _smoothing;
    private readonly int _context;

    /// <param name="spec">Sizes and options.</param>
    /// <param name="vocabulary">V, of both languages together.</param>
    /// <param name="context">T.</param>
    /// <exception cref="InputException">Sizes that do not fit together.</exception>
    public T5(ModelSpec spec, int vocabulary, int context)
    {
        Check(spec);
        (_context, _smoothing) = (context, spec.LabelSmoothing);
        int decoderLayers = spec.DecoderLayers == 0 ? spec.Layers : spec.DecoderLayers;
        var layout = new ParamLayoutBuilder();
        Initialisation bias =
            spec.WeightInit == "normal" ? Initialisation.Normal(spec.WeightStd) : Initialisation.Normal(1 / Math.Sqrt(spec.Width));
        _embedding = new Embedding(layout, "embedding", vocabulary, spec.Width, Initialisation.Normal(spec.EmbeddingStd));
        _encoderBias = new RelativeBias(
            layout,
            "encoder.relative-bias",
            spec.RelativeBuckets,
            spec.RelativeDistance,
            spec.Heads,
            bidirectional: true,
            bias
        );
        _encoder = [.. Enumerable.Range(0, spec.Layers).Select(l => new EncoderBlock(layout, $"encoder.{l}", spec))];
        _encoderNorm = Norm.Build(layout, "encoder.final-norm", spec.Norm, spec.Width, spec.NormGain, bias: false);
        _decoderBias = new RelativeBias(
            layout,
            "decoder.relative-bias",
            spec.RelativeBuckets,
            spec.RelativeDistance,
            spec.Heads,
            bidirectional: false,
            bias
        );
        _decoder = [.. Enumerable.Range(0, decoderLayers).Select(l => new DecoderBlock(layout, $"decoder.{l}", spec))];
        _decoderNorm = Norm.Build(layout, "decoder.final-norm", spec.Norm, spec.Width, spec.NormGain, bias: false);
        _head = spec.TiedHead ? null : new Linear(layout, "head", spec.Width, vocabulary, bias: false, InitialWeights.Head(spec));
        Layout = layout.Build();
    }

    public ParamLayout Layout { get; }

    /// <summary>Mean cross-entropy over the targets that are no padding: theta [R, P], tokens int64 [R, B, S+T+1] -> [R].</summary>
    public Tensor Loss(Tensor theta, Tensor tokens) => Loss(theta, tokens, 0);

    /// <summary>The same with label smoothing (Szegedy et al. 2016, section 7).</summary>
    public Tensor TrainingLoss(Tensor theta, Tensor tokens) => Loss(theta, tokens, _smoothing);

    /// <inheritdoc/>
    public EncodedSource Encode(Tensor theta, Tensor source) =>
        Encode(Layout.Views(theta), theta, source, new PaddedRows(source, targets: 0));

    /// <inheritdoc/>
    public Tensor NextLogits(Tensor theta, EncodedSource source, Tensor prefixes)
    {
        ParamViews parameters = Layout.Views(theta);
        long replicas = prefixes.Size(0),
            rows = prefixes.Size(1),
            time = prefixes.Size(2),
            batch = source.States.Size(1),
            beams = rows / batch,
            keys = source.States.Size(2),
            width = source.States.Size(3);
        Tensor states = source
            .States.Reshape(replicas, batch, 1, keys * width)
            .Expand(replicas, batch, beams, keys * width)
            .Reshape(replicas, rows * keys, width);
        Tensor mask = source
            .Mask.Reshape(replicas, batch, 1, keys)
            .Expand(replicas, batch, beams, keys)
            .Reshape(replicas, rows, 1, 1, keys);
        Tensor x = Decode(parameters, prefixes, states, mask); // [R, B·K·t, D]
        return Logits(parameters, x.Reshape(replicas, rows, time, width).Select(2, time - 1));
    }

    /// <summary>Logits and targets of the positions that predict something.</summary>
    /// <exception cref="ArgumentException">Replicas with different numbers of targets: they have no common N.</exception>
    public (Tensor Logits, Tensor Targets) Predict(Tensor theta, Tensor tokens)
    {
        (Tensor logits, Tensor targets, Tensor? weights) = Predictions(theta, tokens);
        return weights is null
            ? (logits, targets)
            : throw new ArgumentException(
                "the replicas' rows hold different numbers of targets; expected as many, or one replica",
                nameof(tokens)
            );
    }

    private Tensor Loss(Tensor theta, Tensor tokens, double smoothing)
    {
        (Tensor logits, Tensor targets, Tensor? weights) = Predictions(theta, tokens);
        if (smoothing == 0 && weights is null)
            return logits.CrossEntropy(targets);
        Tensor logProbabilities = logits.Widened().LogSoftmax(-1); // [R, M, V]
        Tensor loss = Mean(logProbabilities.Gather(2, targets.Unsqueeze(2)).Squeeze(2));
        return smoothing == 0 ? loss : loss * (1 - smoothing) + Mean(logProbabilities.Mean([2])) * smoothing;

        // [R, M] -> [R], negated.
        Tensor Mean(Tensor x) => -(weights is null ? x.Mean([1]) : (x * weights).Sum([1]));
    }

    /// <summary>Logits [R, M, V] and targets [R, M], M the most targets of a replica; the weight [R, M] of each where replicas have
    /// different numbers, else none.</summary>
    private (Tensor Logits, Tensor Targets, Tensor? Weights) Predictions(Tensor theta, Tensor tokens)
    {
        var rows = new PaddedRows(tokens, _context + 1);
        ParamViews parameters = Layout.Views(theta);
        long replicas = tokens.Size(0),
            batch = tokens.Size(1);
        EncodedSource source = Encode(parameters, theta, tokens, rows);
        Tensor x = Decode(
            parameters,
            tokens.Narrow(2, rows.SourceLength, rows.LongestTarget),
            source.States.Reshape(replicas, batch * rows.LongestSource, source.States.Size(3)),
            source.Mask
        );
        // Only positions that predict something go through the head.
        (Tensor positions, Tensor targets, Tensor? weights) = rows.Predictions(theta);
        return (Logits(parameters, positions.Embedding(x)), targets, weights);
    }

    private EncodedSource Encode(ParamViews parameters, Tensor theta, Tensor tokens, PaddedRows rows)
    {
        long replicas = tokens.Size(0),
            batch = tokens.Size(1),
            time = rows.LongestSource;
        Tensor x = _embedding.Apply(parameters, tokens.Narrow(2, 0, time).Reshape(replicas, batch * time)); // [R, B·S, D]
        Tensor mask = rows.SourceMask(theta); // [R, B, 1, 1, S]
        Tensor bias = _encoderBias.Apply(parameters, x, time) + mask; // [R, B, H, S, S]
        foreach (EncoderBlock block in _encoder)
            x = block.Apply(parameters, x, bias, batch);
        return new EncodedSource(_encoderNorm.Apply(parameters, x).Reshape(replicas, batch, time, x.Size(2)), mask);
    }

    /// <summary>inputs int64 [R, B, T], memory [R, B·S, D] -> states after the final norm [R, B·T, D].</summary>
    private Tensor Decode(ParamViews parameters, Tensor inputs, Tensor memory, Tensor mask)
    {
        long replicas = inputs.Size(0),
            batch = inputs.Size(1),
            time = inputs.Size(2);
        Tensor x = _embedding.Apply(parameters, inputs.Reshape(replicas, batch * time));
        Tensor bias = _decoderBias.Apply(parameters, x, time); // [R, 1, H, T, T]
        foreach (DecoderBlock block in _decoder)
            x = block.Apply(parameters, x, bias, memory, mask, batch);
        return _decoderNorm.Apply(parameters, x);
    }

    /// <summary>x [R, N, D] -> [R, N, V].</summary>
    private Tensor Logits(ParamViews parameters, Tensor x) =>
        _head is null ? _embedding.Unembed(parameters, x * (1 / Math.Sqrt(x.Size(2)))) : _head.Apply(parameters, x);

    private static Initialisation Weights(ModelSpec spec, long inputs, double gain = 1) =>
        spec.WeightInit switch
        {
            "fan-in" => Initialisation.Normal(gain / Math.Sqrt(inputs)),
            "normal" => Initialisation.Normal(gain * spec.WeightStd),
            _ => Initialisation.XavierUniform(gain),
        };

    private static BiasedAttention Attention(ParamLayoutBuilder layout, string name, ModelSpec spec) =>
        new(
            layout,
            name,
            spec.Width,
            spec.Heads,
            Weights(spec, spec.Width, 1 / Math.Sqrt(spec.Width / spec.Heads)),
            Weights(spec, spec.Width)
        );

    private static Mlp FeedForward(ParamLayoutBuilder layout, string name, ModelSpec spec) =>
        new(
            layout,
            name,
            spec.Width,
            spec.MlpRatio,
            spec.Activation,
            bias: false,
            Weights(spec, spec.Width),
            Weights(spec, Math.Max(1, (long)Math.Round(spec.MlpRatio * spec.Width)))
        );

    private static void Check(ModelSpec spec)
    {
        if (spec.Layers < 1 || spec.DecoderLayers < 0 || spec.Width < 1 || spec.Heads < 1)
            throw new InputException(
                $"model: layers {spec.Layers}, decoder-layers {spec.DecoderLayers}, width {spec.Width}, heads {spec.Heads}; expected at "
                    + $"least 1, 0 (as many), 1 and 1"
            );
        SequenceModel.CheckHeads(spec);
        if (spec.RelativeBuckets < 4 || spec.RelativeBuckets % 4 != 0 || spec.RelativeDistance <= spec.RelativeBuckets / 2)
            throw new InputException(
                $"model.relative-buckets is {spec.RelativeBuckets} and model.relative-distance {spec.RelativeDistance}; expected a "
                    + $"multiple of 4, and a distance above half of it"
            );
        if (!(spec.LabelSmoothing is >= 0 and < 1))
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"model.label-smoothing is {spec.LabelSmoothing}; expected from 0 to below 1")
            );
    }

    private sealed class EncoderBlock(ParamLayoutBuilder layout, string name, ModelSpec spec)
    {
        private readonly Norm _attentionNorm = Norm.Build(
            layout,
            name + ".attention-norm",
            spec.Norm,
            spec.Width,
            spec.NormGain,
            bias: false
        );
        private readonly BiasedAttention _attention = Attention(layout, name + ".attention", spec);
        private readonly Norm _mlpNorm = Norm.Build(layout, name + ".mlp-norm", spec.Norm, spec.Width, spec.NormGain, bias: false);
        private readonly Mlp _mlp = FeedForward(layout, name + ".mlp", spec);

        public Tensor Apply(ParamViews parameters, Tensor x, Tensor bias, long batch)
        {
            Tensor y = _attentionNorm.Apply(parameters, x);
            x += _attention.Apply(parameters, y, y, bias, batch);
            return x + _mlp.Apply(parameters, _mlpNorm.Apply(parameters, x));
        }
    }

    private sealed class DecoderBlock(ParamLayoutBuilder layout, string name, ModelSpec spec)
    {
        private readonly Norm _attentionNorm = Norm.Build(
            layout,
            name + ".attention-norm",
            spec.Norm,
            spec.Width,
            spec.NormGain,
            bias: false
        );
        private readonly BiasedAttention _attention = Attention(layout, name + ".attention", spec);
        private readonly Norm _crossNorm = Norm.Build(layout, name + ".cross-norm", spec.Norm, spec.Width, spec.NormGain, bias: false);
        private readonly BiasedAttention _cross = Attention(layout, name + ".cross", spec);
        private readonly Norm _mlpNorm = Norm.Build(layout, name + ".mlp-norm", spec.Norm, spec.Width, spec.NormGain, bias: false);
        private readonly Mlp _mlp = FeedForward(layout, name + ".mlp", spec);

        public Tensor Apply(ParamViews parameters, Tensor x, Tensor bias, Tensor memory, Tensor mask, long batch)
        {
            Tensor y = _attentionNorm.Apply(parameters, x);
            x += _attention.Apply(parameters, y, y, bias, batch);
            x += _cross.Apply(parameters, _crossNorm.Apply(parameters, x), memory, mask, batch);
            return x + _mlp.Apply(parameters, _mlpNorm.Apply(parameters, x));
        }
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "t5",
            Says = "an encoder and a decoder (Raffel et al. 2020), for translation",
            Reads = [SampleKind.Pairs],
            Defaults = new ModelSpec
            {
                Kind = "t5",
                Activation = "relu",
                TiedHead = true,
                WeightInit = "fan-in",
                EmbeddingStd = 1,
            },
            Keys =
            [
                ModelKey.Layers,
                SpecKey.Whole<ModelSpec>(
                    "decoder-layers",
                    1,
                    1000,
                    m => m.DecoderLayers,
                    (m, v) => m with { DecoderLayers = v },
                    "depth of the decoder; `layers` is the encoder's"
                ) with
                {
                    DefaultText = "as many as `layers`",
                },
                ModelKey.Heads,
                ModelKey.Width,
                ModelKey.MlpRatio,
                ModelKey.Activation with
                {
                    Words = SequenceModel.TransformerActivations,
                },
                ModelKey.Norm,
                ModelKey.NormGain,
                ModelKey.TiedHead,
                ModelKey.HeadInit,
                ModelKey.EmbeddingStd,
                ModelKey.WeightInit with
                {
                    Words = ["fan-in", .. ModelKey.WeightInits],
                },
                ModelKey.WeightStd,
                SpecKey.Whole<ModelSpec>(
                    "relative-buckets",
                    4,
                    1 << 16,
                    m => m.RelativeBuckets,
                    (m, v) => m with { RelativeBuckets = v },
                    "buckets of distances between positions"
                ),
                SpecKey.Whole<ModelSpec>(
                    "relative-distance",
                    3,
                    1 << 20,
                    m => m.RelativeDistance,
                    (m, v) => m with { RelativeDistance = v },
                    "distance from which all share the last bucket"
                ),
                SpecKey.Number<ModelSpec>(
                    "label-smoothing",
                    0,
                    0.99,
                    m => m.LabelSmoothing,
                    (m, v) => m with { LabelSmoothing = v },
                    "ε of the training loss; evaluations are without"
                ),
            ],
            Build = (spec, input) => new T5(spec, input.Vocabulary, input.Context),
            Numbers = (spec, input) =>
            {
                double target = input.Context,
                    source = input.Task.SourceContext == 0 ? target : input.Task.SourceContext;
                int decoder = spec.DecoderLayers == 0 ? spec.Layers : spec.DecoderLayers;
                // A decoder's layer attends twice, to the target and to the source; its scores are kept before and after the bias.
                return source * SequenceModel.TokenNumbers(spec, spec.Layers, 2 * source, 1)
                    + target * (SequenceModel.TokenNumbers(spec, decoder, target + source, 2) + 3.0 * input.Vocabulary);
            },
            Facts = spec =>
                [
                    new("layers", $"{ModelFact.Count(spec.Layers, "layer")} of the encoder"),
                    new("decoder-layers", $"{(spec.DecoderLayers == 0 ? spec.Layers : spec.DecoderLayers)} of the decoder"),
                    ModelFact.Width(spec),
                    ModelFact.Heads(spec),
                ],
            Objection = (s, spec, _) =>
                ModelKey.HeadsDivide(s, spec)
                ?? (
                    spec.RelativeBuckets % 4 != 0 || spec.RelativeDistance <= spec.RelativeBuckets / 2
                        ? s.Error(
                            "relative-buckets",
                            $"'model.relative-buckets' is {spec.RelativeBuckets} and 'model.relative-distance' {spec.RelativeDistance}; "
                                + $"expected a multiple of 4, and a distance above half of it"
                        )
                        : null
                ),
        };
}
