// The residual network of CIFAR: three stages of basic blocks.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>He et al. 2016, section 4.2: a 3x3 convolution, three stages of n blocks with W, 2W and 4W channels, the later two halving the
/// image, global mean, linear head: 6n+2 layers.</summary>
/// <remarks>
/// n is <see cref="ModelSpec.Layers"/>, W <see cref="ModelSpec.Width"/>; n = 3, W = 16 is ResNet-20. Post-norm blocks are the paper's,
/// act(x + norm(conv(act(norm(conv(x)))))); pre-norm ones are of He et al. 2016b, x + conv(act(norm(conv(act(norm(x)))))), with a norm and
/// an activation before the mean. Shortcuts are option A ("padded") or B ("projection").
/// </remarks>
internal sealed class ResNet : ConvolutionalClassifier
{
    private readonly Conv2d _stem;
    private readonly ChannelNorm? _stemNorm,
        _finalNorm;
    private readonly List<Block> _blocks = [];
    private readonly Linear _head;
    private readonly string _activation;

    /// <exception cref="InputException">Sizes that do not fit together.</exception>
    public ResNet(ModelSpec spec, ImageShape images)
        : base(images)
    {
        if (images.Height < 4 || images.Width < 4)
            throw new InputException(
                $"model.kind resnet halves images twice; {images.Height}x{images.Width} is too small, expected at least 4x4"
            );
        _activation = spec.Activation;
        var layout = new ParamLayoutBuilder();
        bool pre = spec.NormPlacement == "pre",
            bias = spec.Norm == "none" && spec.Bias;
        _stem = new Conv2d(
            layout,
            "stem",
            images.Channels,
            spec.Width,
            3,
            1,
            1,
            bias,
            InitialWeights.Of(spec, 9L * images.Channels, 9L * spec.Width)
        );
        if (!pre)
            _stemNorm = new ChannelNorm(layout, "stem-norm", spec, spec.Width, Norms);
        long inputs = spec.Width;
        for (int stage = 0; stage < 3; stage++)
        for (int n = 0; n < spec.Layers; n++)
        {
            long outputs = (long)spec.Width << stage;
            _blocks.Add(new Block(layout, $"blocks.{stage * spec.Layers + n}", spec, inputs, outputs, stage > 0 && n == 0 ? 2 : 1, Norms));
            inputs = outputs;
        }
        if (pre)
            _finalNorm = new ChannelNorm(layout, "final-norm", spec, inputs, Norms);
        _head = new Linear(layout, "head", inputs, images.Classes, spec.Bias, InitialWeights.Head(spec));
        Layout = layout.Build();
    }

    private protected override Tensor Forward(ParamViews parameters, Tensor x, long replicas, NormMode mode)
    {
        Tensor h = _stem.Apply(parameters, x);
        if (_stemNorm is not null)
            h = Activation.Apply(_activation, _stemNorm.Apply(parameters, h, replicas, mode));
        foreach (Block block in _blocks)
            h = block.Apply(parameters, h, replicas, mode);
        if (_finalNorm is not null)
            h = Activation.Apply(_activation, _finalNorm.Apply(parameters, h, replicas, mode));
        return _head.Apply(parameters, ByReplica(h.Mean([2, 3]), replicas));
    }

    private sealed class Block
    {
        private readonly Conv2d _first,
            _second;
        private readonly ChannelNorm _firstNorm,
            _secondNorm;
        private readonly Conv2d? _projection;
        private readonly ChannelNorm? _projectionNorm;
        private readonly string _activation;
        private readonly bool _pre;
        private readonly long _inputs,
            _outputs,
            _stride;

        public Block(
            ParamLayoutBuilder layout,
            string name,
            ModelSpec spec,
            long inputs,
            long outputs,
            long stride,
            List<(string, long)> norms
        )
        {
            (_activation, _pre, _inputs, _outputs, _stride) = (spec.Activation, spec.NormPlacement == "pre", inputs, outputs, stride);
            bool bias = spec.Norm == "none" && spec.Bias;
            double residual = spec.ResidualScale ? 1 / Math.Sqrt(3.0 * spec.Layers) : 1;
            _first = new Conv2d(
                layout,
                name + ".first",
                inputs,
                outputs,
                3,
                stride,
                1,
                bias,
                InitialWeights.Of(spec, 9 * inputs, 9 * outputs)
            );
            _firstNorm = new ChannelNorm(layout, name + ".first-norm", spec, _pre ? inputs : outputs, norms);
            _second = new Conv2d(
                layout,
                name + ".second",
                outputs,
                outputs,
                3,
                1,
                1,
                bias,
                InitialWeights.Of(spec, 9 * outputs, 9 * outputs, residual)
            );
            _secondNorm = new ChannelNorm(layout, name + ".second-norm", spec, outputs, norms);
            if (spec.Shortcut != "projection" || (inputs == outputs && stride == 1))
                return;
            _projection = new Conv2d(
                layout,
                name + ".projection",
                inputs,
                outputs,
                1,
                stride,
                0,
                bias,
                InitialWeights.Of(spec, inputs, outputs)
            );
            if (!_pre)
                _projectionNorm = new ChannelNorm(layout, name + ".projection-norm", spec, outputs, norms);
        }

        public Tensor Apply(ParamViews parameters, Tensor x, long replicas, NormMode mode)
        {
            Tensor Norm(ChannelNorm norm, Tensor y) => norm.Apply(parameters, y, replicas, mode);
            Tensor Act(Tensor y) => Activation.Apply(_activation, y);
            if (_pre)
            {
                Tensor y = Act(Norm(_firstNorm, x));
                // A projection takes what the first convolution takes (He et al. 2016b).
                Tensor shortcut = _projection is not null ? _projection.Apply(parameters, y) : Padded(x, replicas);
                return shortcut + _second.Apply(parameters, Act(Norm(_secondNorm, _first.Apply(parameters, y))));
            }
            Tensor z = Norm(_secondNorm, _second.Apply(parameters, Act(Norm(_firstNorm, _first.Apply(parameters, x)))));
            return Act(z + (_projection is not null ? Norm(_projectionNorm!, _projection.Apply(parameters, x)) : Padded(x, replicas)));
        }

        // Every second pixel, and zeros for the channels that are new.
        private Tensor Padded(Tensor x, long replicas)
        {
            if (_stride > 1)
                x = x.MaxPool2d(1, _stride);
            if (_inputs == _outputs)
                return x;
            long batch = x.Size(0),
                height = x.Size(2),
                width = x.Size(3);
            Tensor zeros = Tensor.Zeros([batch, replicas, _outputs - _inputs, height, width], x.Type, x.Device);
            return Tensor
                .Cat([x.Reshape(batch, replicas, _inputs, height, width), zeros], 2)
                .Reshape(batch, replicas * _outputs, height, width);
        }
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "resnet",
            Says = "residual blocks of two convolutions in three stages (He et al. 2016; 2016b for `norm-placement: pre`)",
            Reads = [SampleKind.Images],
            Defaults = new ModelSpec
            {
                Kind = "resnet",
                Layers = 3,
                Width = 16,
                Activation = "relu",
                Norm = "batch",
                NormPlacement = "post",
                Bias = true,
                HeadInit = "xavier-uniform",
                WeightInit = "he",
                ResidualScale = false,
            },
            Keys =
            [
                ModelKey.Layers,
                ModelKey.Width,
                .. ConvolutionKeys,
                ModelKey.NormPlacement,
                SpecKey.Word<ModelSpec>(
                    "shortcut",
                    ["padded", "projection"],
                    m => m.Shortcut,
                    (m, v) => m with { Shortcut = v },
                    "across stages: zeros for new channels, or a 1x1 convolution"
                ),
                ModelKey.ResidualScale,
            ],
            Build = (spec, input) => new ResNet(spec, input.Plane),
            Numbers = KeptNumbers,
            Facts = spec => [new("layers", $"{ModelFact.Count(spec.Layers, "block")} a stage"), ModelFact.Width(spec)],
        };

    // A stage has twice the channels of a quarter of the pixels; a block two convolutions with norm and activation, and its sum.
    private static double KeptNumbers(ModelSpec model, ModelInput input)
    {
        ImageShape images = input.Images;
        double stem = model.Width * ((double)images.Height * images.Width),
            kept = model.Norm != "none" ? 3 : 2,
            blocks = 0;
        for (int stage = 0; stage < 3; stage++)
            blocks += model.Layers * stem / (1 << stage) * (2 * kept + 2);
        // 9 for the largest convolution, unfolded.
        return ImageClassifier.PixelNumbers(images) + stem * kept + blocks + 9 * stem + 3.0 * images.Classes;
    }
}
