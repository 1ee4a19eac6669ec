// Images read line by line by long short-term memory layers.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>A line of the image, all channels, is one position; the class is read from the last layer's state after the last line (as Le,
/// Jaitly and Hinton 2015 read digits pixel by pixel).</summary>
internal sealed class LstmClassifier : ImageClassifier
{
    private readonly LstmLayer[] _layers;
    private readonly Linear _head;

    /// <param name="spec">Sizes and options.</param>
    /// <param name="images">What goes in, and how many classes come out.</param>
    /// <exception cref="InputException">Impossible sizes.</exception>
    public LstmClassifier(ModelSpec spec, ImageShape images)
        : base(images)
    {
        if (spec.Layers < 1 || spec.Width < 1)
            throw new InputException($"model: layers {spec.Layers}, width {spec.Width}; expected at least 1 each");
        var layout = new ParamLayoutBuilder();
        _layers =
        [
            .. Enumerable
                .Range(0, spec.Layers)
                .Select(l => new LstmLayer(layout, $"layers.{l}", spec, l == 0 ? images.Channels * images.Width : spec.Width)),
        ];
        _head = new Linear(layout, "head", spec.Width, images.Classes, spec.Bias, InitialWeights.Head(spec));
        Layout = layout.Build();
    }

    /// <inheritdoc/>
    private protected override Tensor Logits(Tensor theta, Tensor rows)
    {
        ParamViews parameters = Layout.Views(theta);
        ImageShape shape = Rows.Shape;
        long replicas = rows.Size(0),
            batch = rows.Size(1);
        Tensor x = Rows.Images(rows, theta, byBatch: false)
            .Reshape(replicas, batch, shape.Channels, shape.Height, shape.Width)
            .Permute(0, 3, 1, 2, 4)
            .Reshape(replicas, shape.Height * batch, shape.Channels * shape.Width); // [R, H·B, C·W]
        for (int l = 0; ; l++)
        {
            Tensor[] states = _layers[l].Apply(parameters, x, batch);
            if (l == _layers.Length - 1)
                return _head.Apply(parameters, states[^1]);
            x = Tensor.Cat(states, 1);
        }
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "lstm",
            Says = "long short-term memory; a line of the image is a position, and the class is read after the last",
            Reads = [SampleKind.Images],
            Defaults = Lstm.Defaults,
            Keys = [ModelKey.Layers, ModelKey.Width, ModelKey.ForgetBias, .. ModelKey.Weights],
            Build = (spec, input) => new LstmClassifier(spec, input.Plane),
            Numbers = (spec, input) =>
                PixelNumbers(input.Images) * 2 + input.Images.Height * LstmLayer.Numbers(spec) + 3.0 * input.Images.Classes,
            Facts = spec => [ModelFact.Layers(spec), ModelFact.Width(spec)],
            Objection = Lstm.ForgetGates,
        };
}
