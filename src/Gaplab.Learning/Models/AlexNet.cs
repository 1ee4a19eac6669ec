// AlexNet for images of 28 to 40 pixels, at any width.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Five convolutions, overlapping max-pools (3, stride 2) after the first, second and fifth, two hidden linear layers, a linear
/// head (Krizhevsky, Sutskever and Hinton 2012).</summary>
/// <remarks>
/// Channels are W, 3W, 6W, 4W, 4W and hidden layers 64W wide, the proportions of Krizhevsky's single tower (2014), W = 64 there. For small
/// images the first kernel is 5x5 with stride 1 and not 11x11 with stride 4 (ours, as is customary). No local response normalisation and no
/// dropout; a norm after each convolution is an option.
/// </remarks>
internal sealed class AlexNet : ConvolutionalClassifier
{
    private readonly Conv2d[] _convolutions = new Conv2d[5];
    private readonly ChannelNorm[] _norms = new ChannelNorm[5];
    private readonly Linear _first,
        _second,
        _head;
    private readonly string _activation;

    /// <exception cref="InputException">Images that are too small.</exception>
    public AlexNet(ModelSpec spec, ImageShape images)
        : base(images)
    {
        long Pooled(long size) => (size - 3) / 2 + 1;
        if (Math.Min(images.Height, images.Width) < 15)
            throw new InputException(
                $"model.kind alexnet pools three times; images of {images.Height}x{images.Width} are too small, expected at least 15x15"
            );
        long height = Pooled(Pooled(Pooled(images.Height))),
            width = Pooled(Pooled(Pooled(images.Width))),
            w = spec.Width;
        _activation = spec.Activation;
        var layout = new ParamLayoutBuilder();
        long inputs = images.Channels;
        (long Outputs, long Kernel)[] layers = [(w, 5), (3 * w, 5), (6 * w, 3), (4 * w, 3), (4 * w, 3)];
        for (int l = 0; l < 5; l++)
        {
            (long outputs, long kernel) = layers[l];
            _convolutions[l] = new Conv2d(
                layout,
                $"convolutions.{l}.weight",
                inputs,
                outputs,
                kernel,
                1,
                kernel / 2,
                spec.Norm == "none" && spec.Bias,
                InitialWeights.Of(spec, inputs * kernel * kernel, outputs * kernel * kernel)
            );
            _norms[l] = new ChannelNorm(layout, $"convolutions.{l}.norm", spec, outputs, Norms);
            inputs = outputs;
        }
        _first = new Linear(
            layout,
            "hidden.0.weight",
            inputs * height * width,
            64 * w,
            spec.Bias,
            InitialWeights.Of(spec, inputs * height * width, 64 * w)
        );
        _second = new Linear(layout, "hidden.1.weight", 64 * w, 64 * w, spec.Bias, InitialWeights.Of(spec, 64 * w, 64 * w));
        _head = new Linear(layout, "head", 64 * w, images.Classes, spec.Bias, InitialWeights.Head(spec));
        Layout = layout.Build();
    }

    private protected override Tensor Forward(ParamViews parameters, Tensor x, long replicas, NormMode mode)
    {
        for (int l = 0; l < 5; l++)
        {
            x = Activation.Apply(_activation, _norms[l].Apply(parameters, _convolutions[l].Apply(parameters, x), replicas, mode));
            if (l is 0 or 1 or 4)
                x = x.MaxPool2d(3, 2);
        }
        Tensor h = ByReplica(x.Reshape(x.Size(0), -1), replicas);
        h = Activation.Apply(_activation, _first.Apply(parameters, h));
        return _head.Apply(parameters, Activation.Apply(_activation, _second.Apply(parameters, h)));
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "alexnet",
            Says = "five convolutions, three linear layers (Krizhevsky, Sutskever and Hinton 2012; width 64 is the original)",
            Reads = [SampleKind.Images],
            Defaults = new ModelSpec
            {
                Kind = "alexnet",
                Width = 16,
                Activation = "relu",
                Norm = "none",
                NormPlacement = "post",
                Bias = true,
                HeadInit = "xavier-uniform",
                WeightInit = "he",
                ResidualScale = false,
            },
            Keys = [ModelKey.Width, .. ConvolutionKeys],
            Build = (spec, input) => new AlexNet(spec, input.Plane),
            Numbers = KeptNumbers,
            Facts = spec => [ModelFact.Width(spec)],
        };

    // Convolution, norm and activation each keep their result; a pool its own and the places of the largest, integers of 8 bytes.
    private static double KeptNumbers(ModelSpec model, ModelInput input)
    {
        ImageShape images = input.Images;
        double numbers = ImageClassifier.PixelNumbers(images),
            largest = 0,
            inputs = images.Channels;
        (double height, double width) = (images.Height, images.Width);
        (double Channels, double Kernel)[] layers = [(1, 5), (3, 5), (6, 3), (4, 3), (4, 3)];
        for (int l = 0; l < layers.Length; l++)
        {
            double outputs = layers[l].Channels * model.Width;
            numbers += outputs * height * width * (model.Norm != "none" ? 3 : 2);
            largest = Math.Max(largest, inputs * layers[l].Kernel * layers[l].Kernel * height * width);
            inputs = outputs;
            if (l is not (0 or 1 or 4))
                continue;
            (height, width) = (Math.Floor((height - 3) / 2) + 1, Math.Floor((width - 3) / 2) + 1);
            numbers += 3 * outputs * height * width;
        }
        return numbers + largest + 4 * 64.0 * model.Width + 3.0 * images.Classes;
    }
}
