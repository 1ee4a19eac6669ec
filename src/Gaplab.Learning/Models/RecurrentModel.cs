// What the recurrent language models share: layers that go through a sequence one position after the other.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Embedding, recurrent layers, linear head (Zaremba, Sutskever and Vinyals 2014, without dropout). Every sequence starts from
/// zero states.</summary>
public abstract class RecurrentModel : SequenceModel
{
    private readonly IRecurrentLayer[] _layers;

    /// <summary>A model of layers that need nothing but their weights.</summary>
    /// <param name="spec">Sizes and options.</param>
    /// <param name="input">What the task's samples are.</param>
    /// <param name="layer">Lays a layer under a name.</param>
    /// <exception cref="InputException">Impossible sizes, or masked samples.</exception>
    public static RecurrentModel Of(ModelSpec spec, ModelInput input, Func<ParamLayoutBuilder, string, IRecurrentLayer> layer) =>
        new Plain(spec, input, layer);

    /// <exception cref="InputException">Impossible sizes.</exception>
    protected RecurrentModel(ModelSpec spec, int vocabulary, TokenRows rows, Func<ParamLayoutBuilder, string, IRecurrentLayer> layer)
        : base(spec, vocabulary, rows)
    {
        if (spec.Layers < 1 || spec.Width < 1)
            throw new InputException($"model: layers {spec.Layers}, width {spec.Width}; expected at least 1 each");
        _layers = [.. Enumerable.Range(0, spec.Layers).Select(l => layer(Builder, $"layers.{l}"))];
        AddHead(spec, vocabulary, norm: false, bias: spec.Bias);
    }

    /// <summary>The keys of every recurrent model.</summary>
    public static IReadOnlyList<SpecKey<ModelSpec>> Keys { get; } =
    [ModelKey.Layers, ModelKey.Width, ModelKey.TiedHead, .. ModelKey.Weights, ModelKey.EmbeddingStd];

    /// <inheritdoc/>
    protected override Tensor States(ParamViews parameters, Tensor inputs)
    {
        long replicas = inputs.Size(0),
            batch = inputs.Size(1),
            time = inputs.Size(2);
        Tensor x = Embedded(parameters, inputs.Transpose(1, 2)); // [R, T·B, D]
        foreach (IRecurrentLayer layer in _layers)
            x = Tensor.Cat(layer.Apply(parameters, x, batch), 1);
        return x.Reshape(replicas, time, batch, -1).Transpose(1, 2).Reshape(replicas, batch * time, -1);
    }

    private sealed class Plain(ModelSpec spec, ModelInput input, Func<ParamLayoutBuilder, string, IRecurrentLayer> layer)
        : RecurrentModel(spec, input.Vocabulary, input.Rows, layer);
}
