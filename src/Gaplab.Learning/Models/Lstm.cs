// The recurrent language model: long short-term memory layers between an embedding and a head.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Embedding, layers of LSTM, linear head (Zaremba, Sutskever and Vinyals 2014, without dropout). Every sequence starts from zero states.</summary>
public sealed class Lstm : ILogitModel
{
    private readonly Embedding _embedding;
    private readonly LstmLayer[] _layers;
    private readonly Linear? _head;

    /// <param name="spec">Sizes and options.</param>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="InputException">Impossible sizes.</exception>
    public Lstm(ModelSpec spec, int vocabulary)
    {
        if (spec.Layers < 1 || spec.Width < 1) throw new InputException($"model: layers {spec.Layers}, width {spec.Width}; expected at least 1 each");
        var layout = new ParamLayoutBuilder();
        _embedding = new Embedding(layout, "embedding", vocabulary, spec.Width, Initialisation.Normal(spec.EmbeddingStd));
        _layers = [.. Enumerable.Range(0, spec.Layers).Select(l => new LstmLayer(layout, $"layers.{l}", spec, spec.Width))];
        _head = spec.TiedHead ? null : new Linear(layout, "head", spec.Width, vocabulary, spec.Bias, VisionWeights.Head(spec));
        Layout = layout.Build();
    }

    public ParamLayout Layout { get; }

    /// <inheritdoc/>
    public Tensor Loss(Tensor theta, Tensor tokens)
    {
        (Tensor logits, Tensor targets) = Predict(theta, tokens);
        return logits.CrossEntropy(targets);
    }

    /// <inheritdoc/>
    public (Tensor Logits, Tensor Targets) Predict(Tensor theta, Tensor tokens)
    {
        ParamViews parameters = Layout.Views(theta);
        long replicas = tokens.Size(0), batch = tokens.Size(1), time = tokens.Size(2) - 1;
        Tensor x = _embedding.Apply(parameters, tokens.Narrow(2, 0, time).Transpose(1, 2).Reshape(replicas, time * batch));   // [R, T·B, D]
        foreach (LstmLayer layer in _layers) x = Tensor.Cat(layer.Apply(parameters, x, batch), 1);
        x = x.Reshape(replicas, time, batch, -1).Transpose(1, 2).Reshape(replicas, batch * time, -1);
        return (_head is null ? _embedding.Unembed(parameters, x) : _head.Apply(parameters, x), tokens.Narrow(2, 1, time).Reshape(replicas, batch * time));
    }
}
