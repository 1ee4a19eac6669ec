// What the convolutional models share: images in, logits out, and the statistics of batch norms.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>A convolutional network that ends in a linear head.</summary>
internal abstract class ConvolutionalClassifier : IRunningStatistics
{
    private readonly ImageRows _rows;

    private protected ConvolutionalClassifier(ImageShape images) => _rows = new ImageRows(images);

    public ParamLayout Layout { get; private protected set; } = null!;

    private protected List<(string Name, long Channels)> Norms { get; } = [];

    /// <inheritdoc/>
    public Tensor Loss(Tensor theta, Tensor tokens) => _rows.Loss(Logits(theta, tokens, new NormMode(null, Training: true)), tokens);

    /// <inheritdoc/>
    public (Tensor Logits, Tensor Targets) Predict(Tensor theta, Tensor tokens) =>
        (Logits(theta, tokens, new NormMode(null, Training: true)), _rows.Labels(tokens, theta));

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, long Count)> StatisticNames => RunningStatistics.NamesOf(Norms);

    /// <inheritdoc/>
    public RunningStatistics StartStatistics(int replicas, ScalarType type) => new(Norms, replicas, type);

    /// <inheritdoc/>
    public Tensor TrainingLoss(Tensor theta, Tensor tokens, RunningStatistics statistics) =>
        _rows.Loss(Logits(theta, tokens, new NormMode(statistics, Training: true)), tokens);

    /// <inheritdoc/>
    public (Tensor Logits, Tensor Targets) Predict(Tensor theta, Tensor tokens, RunningStatistics statistics) =>
        (Logits(theta, tokens, new NormMode(statistics, Training: false)), _rows.Labels(tokens, theta));

    /// <summary>x [B, R·C, H, W] -> logits [R, B, K].</summary>
    private protected abstract Tensor Forward(ParamViews parameters, Tensor x, long replicas, NormMode mode);

    /// <summary>[B, R·D] -> [R, B, D].</summary>
    private protected static Tensor ByReplica(Tensor x, long replicas) => x.Reshape(x.Size(0), replicas, -1).Transpose(0, 1);

    private Tensor Logits(Tensor theta, Tensor rows, NormMode mode) =>
        Forward(Layout.Views(theta), _rows.Images(rows, theta, byBatch: true), theta.Size(0), mode);

    /// <summary>The keys that convolutional models share.</summary>
    private protected static IReadOnlyList<SpecKey<ModelSpec>> ConvolutionKeys { get; } =
    [
        ModelKey.Activation with
        {
            Words = ModelKey.PlainActivations,
        },
        ModelKey.Norm with
        {
            Words = ["batch", "group", "none"],
        },
        ModelKey.NormGain,
        ModelKey.Groups,
        .. ImageClassifier.WeightKeys,
    ];
}
