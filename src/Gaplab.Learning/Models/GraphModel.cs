// What the models of graphs share: node states at one end, a readout and a head at the other, and the loss.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Node embedding, whatever makes states of it, a readout over nodes, linear head.</summary>
internal abstract class GraphModel : ILogitModel
{
    private readonly GraphShape _graphs;
    private readonly NodeInput _input;
    private readonly string _readout;
    private Linear _head = null!;

    /// <summary>Lays the node embedding; the model's constructor lays what is its own and then <see cref="AddHead"/>.</summary>
    /// <param name="spec">Sizes and options.</param>
    /// <param name="graphs">What goes in and what is predicted.</param>
    private protected GraphModel(ModelSpec spec, GraphShape graphs)
    {
        (_graphs, _readout) = (graphs, spec.Readout);
        _input = new NodeInput(Builder, graphs, spec.Width, spec.EmbeddingStd);
    }

    public ParamLayout Layout { get; private set; } = null!;

    private protected ParamLayoutBuilder Builder { get; } = new();

    /// <inheritdoc/>
    public Tensor Loss(Tensor theta, Tensor tokens)
    {
        var rows = new GraphRows(_graphs, tokens, theta);
        return rows.Loss(Outputs(theta, rows));
    }

    /// <inheritdoc/>
    public (Tensor Logits, Tensor Targets) Predict(Tensor theta, Tensor tokens)
    {
        var rows = new GraphRows(_graphs, tokens, theta);
        return _graphs.Classes > 0
            ? (Outputs(theta, rows), rows.Labels())
            : throw new ArgumentException("the graphs' targets are numbers; only classes have logits", nameof(tokens));
    }

    /// <summary>nodes [R, B·N, D], embedded -> states [R, B·N, D].</summary>
    private protected abstract Tensor States(ParamViews parameters, Tensor nodes, GraphRows rows);

    /// <summary>Lays the head, the last of the layout.</summary>
    private protected void AddHead(ModelSpec spec)
    {
        _head = new Linear(Builder, "head", spec.Width, _graphs.Outputs, bias: true, InitialWeights.Head(spec));
        Layout = Builder.Build();
    }

    private Tensor Outputs(Tensor theta, GraphRows rows)
    {
        ParamViews parameters = Layout.Views(theta);
        return _head.Apply(parameters, rows.Pool(States(parameters, _input.Apply(parameters, rows), rows), _readout));
    }
}
