// A multilayer perceptron on the pixels of an image.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Hidden layers h ← act(norm(h·W + b)) of one width, then a linear head.</summary>
/// <remarks>
/// Rumelhart, Hinton and Williams 1986, with He's initial weights (2015). With norm-placement "pre" a layer normalises its input instead.
/// With residual-scale hidden layers from the second on are residual, h ← h + s·f(h), with initial weights of f scaled by s = 1/√layers.
/// </remarks>
internal sealed class MlpClassifier : ImageClassifier
{
    private readonly Linear[] _layers;
    private readonly Norm[] _norms;
    private readonly Linear _head;
    private readonly string _activation;
    private readonly bool _pre,
        _residual;

    /// <param name="spec">Sizes and options.</param>
    /// <param name="images">What goes in, and how many classes come out.</param>
    /// <exception cref="InputException">Impossible sizes.</exception>
    public MlpClassifier(ModelSpec spec, ImageShape images)
        : base(images)
    {
        if (spec.Layers < 0 || spec.Width < 1)
            throw new InputException($"model: layers {spec.Layers}, width {spec.Width}; expected at least 0 and 1");
        (_activation, _pre, _residual) = (spec.Activation, spec.NormPlacement == "pre", spec.ResidualScale);
        var layout = new ParamLayoutBuilder();
        _layers = new Linear[spec.Layers];
        _norms = new Norm[spec.Layers];
        long inputs = images.Count;
        for (int l = 0; l < spec.Layers; l++)
        {
            _norms[l] = Norm.Build(layout, $"layers.{l}.norm", spec.Norm, _pre ? inputs : spec.Width, spec.NormGain, spec.Bias);
            _layers[l] = new Linear(
                layout,
                $"layers.{l}.weight",
                inputs,
                spec.Width,
                spec.Bias,
                InitialWeights.Of(spec, inputs, spec.Width, _residual && l > 0 ? 1 / Math.Sqrt(spec.Layers) : 1)
            );
            inputs = spec.Width;
        }
        _head = new Linear(layout, "head", inputs, images.Classes, spec.Bias, InitialWeights.Head(spec));
        Layout = layout.Build();
    }

    /// <inheritdoc/>
    private protected override Tensor Logits(Tensor theta, Tensor rows)
    {
        ParamViews parameters = Layout.Views(theta);
        Tensor h = Rows.Images(rows, theta, byBatch: false); // [R, B, C·H·W]
        for (int l = 0; l < _layers.Length; l++)
        {
            Tensor y = _pre
                ? _layers[l].Apply(parameters, _norms[l].Apply(parameters, h))
                : _norms[l].Apply(parameters, _layers[l].Apply(parameters, h));
            y = Activation.Apply(_activation, y);
            h = _residual && l > 0 ? h + y : y;
        }
        return _head.Apply(parameters, h);
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "mlp",
            Says = "hidden layers of one width (Rumelhart, Hinton and Williams 1986)",
            Reads = [SampleKind.Images],
            Defaults = new ModelSpec
            {
                Kind = "mlp",
                Layers = 2,
                Width = 128,
                Activation = "relu",
                Norm = "none",
                NormPlacement = "post",
                Bias = true,
                HeadInit = "xavier-uniform",
                WeightInit = "he",
                ResidualScale = false,
            },
            Keys =
            [
                ModelKey.Layers with
                {
                    Least = 0,
                },
                ModelKey.Width,
                ModelKey.Activation with
                {
                    Words = ModelKey.PlainActivations,
                },
                ModelKey.Norm,
                ModelKey.NormPlacement,
                ModelKey.NormGain,
                .. WeightKeys,
                ModelKey.ResidualScale,
            ],
            Build = (spec, input) => new MlpClassifier(spec, input.Images),
            Numbers = (spec, input) =>
                PixelNumbers(input.Images) + spec.Layers * spec.Width * (spec.Norm != "none" ? 5.0 : 3.0) + 3.0 * input.Images.Classes,
            Facts = spec => [new("layers", ModelFact.Count(spec.Layers, "hidden layer")), ModelFact.Width(spec)],
        };
}
