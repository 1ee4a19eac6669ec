// A vision transformer: patches as tokens, attention that sees all of them, the mean of the last states as the image's.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Dosovitskiy et al. 2021 in the plain form of Beyer, Zhai and Kolesnikov 2022: linear patches, fixed sine and cosine positions
/// of both coordinates, pre-norm blocks, mean instead of a class token, linear head.</summary>
/// <remarks>Blocks, norms and their options are the GPT's. With positions "learned" a table starts at N(0, embedding-std²). There is no
/// dropout.</remarks>
internal sealed class Vit : ImageClassifier, IDisposable
{
    private readonly Linear _patches,
        _head;
    private readonly ParamRef? _learned;
    private readonly Norm? _embeddingNorm,
        _finalNorm;
    private readonly Gpt.Block[] _blocks;
    private readonly RotaryTable _noRotation;
    private readonly double[]? _positions;
    private readonly bool _pre;
    private readonly int _patch,
        _width;

    /// <exception cref="InputException">Sizes that do not fit together.</exception>
    public Vit(ModelSpec spec, ImageShape images)
        : base(images)
    {
        if (spec.Layers < 1 || spec.Heads < 1 || spec.Width % spec.Heads != 0)
            throw new InputException(
                $"model: layers {spec.Layers}, width {spec.Width}, heads {spec.Heads}; expected at least 1 layer and a width that is a "
                    + $"multiple of the heads"
            );
        if (images.Height % spec.Patch != 0 || images.Width % spec.Patch != 0)
            throw new InputException(
                $"model.patch {spec.Patch} does not divide images of {images.Height}x{images.Width}; expected a divisor of both"
            );
        if (spec.Positions == "sincos" && spec.Width % 4 != 0)
            throw new InputException($"model.width is {spec.Width}; sines and cosines of two coordinates need a multiple of 4");
        (_patch, _width, _pre) = (spec.Patch, spec.Width, spec.NormPlacement == "pre");
        int down = images.Height / spec.Patch,
            across = images.Width / spec.Patch;
        var layout = new ParamLayoutBuilder();
        Initialisation weights = InitialWeights.Of(spec),
            outputs = InitialWeights.Residual(spec);
        _noRotation = new RotaryTable(enabled: false, spec.Width / spec.Heads, 1);
        _patches = new Linear(layout, "patch-embedding", (long)images.Channels * spec.Patch * spec.Patch, spec.Width, spec.Bias, weights);
        if (spec.Positions == "learned")
            _learned = layout.Add("positions", Initialisation.Normal(spec.EmbeddingStd), (long)down * across, spec.Width);
        if (spec.Positions == "sincos")
            _positions = SinCos(down, across, spec.Width);
        _embeddingNorm = spec.EmbeddingNorm ? Norm.Build(layout, "embedding-norm", spec.Norm, spec.Width, spec.NormGain, spec.Bias) : null;
        _blocks =
        [
            .. Enumerable
                .Range(0, spec.Layers)
                .Select(l => new Gpt.Block(layout, $"blocks.{l}", spec, _noRotation, weights, outputs, causal: false)),
        ];
        _finalNorm = spec.FinalNorm ? Norm.Build(layout, "final-norm", spec.Norm, spec.Width, spec.NormGain, spec.Bias) : null;
        _head = new Linear(layout, "head", spec.Width, images.Classes, spec.Bias, InitialWeights.Head(spec));
        Layout = layout.Build();
    }

    public void Dispose() => _noRotation.Dispose();

    /// <summary>Positions [down·across, D]: for each quarter q of D and frequency ω_i = 10000^(−i/(D/4 − 1)), sin xω, cos xω, sin yω, cos
    /// yω (Beyer et al. 2022).</summary>
    public static double[] SinCos(int down, int across, int width)
    {
        int quarter = width / 4;
        double[] table = new double[down * across * width];
        for (int y = 0; y < down; y++)
        for (int x = 0; x < across; x++)
        for (int i = 0; i < quarter; i++)
        {
            double omega = Math.Pow(10000, -i / Math.Max(1.0, quarter - 1));
            Span<double> row = table.AsSpan((y * across + x) * width, width);
            (row[i], row[quarter + i]) = Math.SinCos(x * omega);
            (row[2 * quarter + i], row[3 * quarter + i]) = Math.SinCos(y * omega);
        }
        return table;
    }

    /// <inheritdoc/>
    private protected override Tensor Logits(Tensor theta, Tensor rows)
    {
        ParamViews parameters = Layout.Views(theta);
        ImageShape s = Rows.Shape;
        long replicas = rows.Size(0),
            batch = rows.Size(1),
            down = s.Height / _patch,
            across = s.Width / _patch,
            time = down * across;
        Tensor x = Rows.Images(rows, theta, byBatch: false)
            .Reshape(replicas * batch * s.Channels, down, _patch, across * _patch)
            .Reshape(replicas * batch, s.Channels, down, _patch, across, _patch)
            .Permute(0, 2, 4, 1, 3, 5)
            .Reshape(replicas, batch * time, (long)s.Channels * _patch * _patch);
        x = _patches.Apply(parameters, x).Reshape(replicas, batch, time, _width); // [R, B, T, D]
        if (_learned is { } learned)
            x += parameters[learned].Unsqueeze(1);
        if (_positions is not null)
            x += Tensor.From<double>(_positions, 1, 1, time, _width).ToType(theta.Type).ToDevice(theta.Device);
        x = x.Reshape(replicas, batch * time, _width);
        if (_embeddingNorm is not null)
            x = _embeddingNorm.Apply(parameters, x);
        foreach (Gpt.Block block in _blocks)
            x = block.Apply(parameters, x, time, _pre);
        if (_finalNorm is not null)
            x = _finalNorm.Apply(parameters, x);
        return _head.Apply(parameters, x.Reshape(replicas, batch, time, _width).Mean([2]));
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "vit",
            Says = "a transformer on patches (Dosovitskiy et al. 2021, plain form of Beyer, Zhai and Kolesnikov 2022)",
            Reads = [SampleKind.Images],
            Defaults = new ModelSpec
            {
                Kind = "vit",
                Layers = 4,
                Heads = 4,
                Width = 64,
                Activation = "gelu",
                Norm = "layernorm",
                EmbeddingNorm = false,
                QkNorm = false,
                QkGain = false,
                Positions = "sincos",
                Bias = true,
                HeadInit = "zero",
                ResidualScale = false,
            },
            Keys =
            [
                ModelKey.Layers,
                ModelKey.Heads,
                ModelKey.Width,
                SpecKey.Whole<ModelSpec>("patch", 1, 1024, m => m.Patch, (m, v) => m with { Patch = v }, "height and width of a patch"),
                ModelKey.MlpRatio,
                ModelKey.Activation,
                ModelKey.Norm,
                ModelKey.NormPlacement,
                ModelKey.EmbeddingNorm,
                ModelKey.FinalNorm,
                ModelKey.NormGain,
                ModelKey.QkNorm,
                ModelKey.QkGain,
                ModelKey.Positions with
                {
                    Words = ["sincos", "learned", "none"],
                },
                .. ModelKey.Weights,
                ModelKey.EmbeddingStd,
                ModelKey.FusedQkvInit,
                ModelKey.ResidualScale,
            ],
            Build = (spec, input) => new Vit(spec, input.Plane),
            Numbers = (spec, input) =>
            {
                double pixels = (double)input.Images.Height * input.Images.Width,
                    tokens = pixels / (spec.Patch * (double)spec.Patch);
                return 2 * PixelNumbers(input.Images)
                    + tokens * SequenceModel.TokenNumbers(spec, spec.Layers, tokens, 1)
                    + 3.0 * input.Images.Classes;
            },
            Facts = spec =>
                [
                    ModelFact.Layers(spec),
                    ModelFact.Width(spec),
                    ModelFact.Heads(spec),
                    new("patch", $"patches of {spec.Patch}×{spec.Patch}"),
                ],
            Objection = (s, spec, _) =>
                ModelKey.HeadsDivide(s, spec)
                ?? (
                    spec.Positions == "sincos" && spec.Width % 4 != 0
                        ? s.Error(
                            s.Has("positions") ? "positions" : "width",
                            $"'model.width' is {spec.Width}; sines and cosines of two coordinates need a multiple of 4"
                        )
                        : null
                ),
        };
}
