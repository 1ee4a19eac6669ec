// What the classifiers of images share whose logits are a pure function of theta and the images.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Images in, a logit a class out; those with batch norms are <see cref="ConvolutionalClassifier"/>s.</summary>
internal abstract class ImageClassifier : ILogitModel
{
    private protected ImageClassifier(ImageShape images) => Rows = new ImageRows(images);

    public ParamLayout Layout { get; private protected set; } = null!;

    private protected ImageRows Rows { get; }

    /// <inheritdoc/>
    public Tensor Loss(Tensor theta, Tensor tokens) => Rows.Loss(Logits(theta, tokens), tokens);

    /// <inheritdoc/>
    public (Tensor Logits, Tensor Targets) Predict(Tensor theta, Tensor tokens) => (Logits(theta, tokens), Rows.Labels(tokens, theta));

    /// <summary>[R, B, K].</summary>
    private protected abstract Tensor Logits(Tensor theta, Tensor rows);

    /// <summary>How weights of a classifier start.</summary>
    internal static IReadOnlyList<SpecKey<ModelSpec>> WeightKeys { get; } =
    [ModelKey.Bias, ModelKey.HeadInit, ModelKey.WeightInit with { Words = ["he", .. ModelKey.WeightInits] }, ModelKey.WeightStd];

    /// <summary>Numbers of an image, and its bytes on the way.</summary>
    internal static double PixelNumbers(ImageShape images) => 2 * ((double)images.Height * images.Width) * images.Channels;
}
