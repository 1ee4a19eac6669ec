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
    private readonly TokenRows _rows;
    private readonly Linear? _head;

    /// <param name="spec">Sizes and options.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="rows">The form of the task's rows.</param>
    /// <exception cref="InputException">Impossible sizes.</exception>
    public Lstm(ModelSpec spec, int vocabulary, TokenRows rows = TokenRows.Shifted)
    {
        if (rows == TokenRows.Masked) throw new InputException($"model.kind is '{spec.Kind}', which predicts from what came before, but task.objective is masked; expected model.kind gpt, or task.objective: next");
        _rows = rows;
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
        (Tensor inputs, Tensor targets, _) = TokenBatch.Of(tokens, _rows, 0);
        long replicas = inputs.Size(0), batch = inputs.Size(1), time = inputs.Size(2);
        Tensor x = _embedding.Apply(parameters, inputs.Transpose(1, 2).Reshape(replicas, time * batch));   // [R, T·B, D]
        foreach (LstmLayer layer in _layers) x = Tensor.Cat(layer.Apply(parameters, x, batch), 1);
        x = x.Reshape(replicas, time, batch, -1).Transpose(1, 2).Reshape(replicas, batch * time, -1);
        return (_head is null ? _embedding.Unembed(parameters, x) : _head.Apply(parameters, x), targets);
    }
}
