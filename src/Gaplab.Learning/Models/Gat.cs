// The graph attention network: a node attends to its neighbours by an additive score.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>h_i ← ELU(Σ_j α_ij·W·h_j), α_ij = softmax over neighbours j and i itself of LeakyReLU(a·W·h_i + b·W·h_j), heads side by side;
/// then a readout over nodes and a linear head.</summary>
/// <remarks>Velickovic et al. 2018, equations 1 to 5, slope 0.2. Every layer has the same width and, as in their inductive model, a skip
/// connection; there is no dropout. Edge types are not seen.</remarks>
internal sealed class Gat : GraphModel
{
    private readonly Layer[] _layers;

    /// <param name="spec">Sizes and options.</param>
    /// <param name="graphs">What goes in and what is predicted.</param>
    /// <exception cref="InputException">Sizes that do not fit together.</exception>
    public Gat(ModelSpec spec, GraphShape graphs)
        : base(spec, graphs)
    {
        if (spec.Layers < 0 || spec.Width < 1 || spec.Heads < 1 || spec.Width % spec.Heads != 0)
            throw new InputException(
                $"model: layers {spec.Layers}, width {spec.Width}, heads {spec.Heads}; expected at least 0, 1 and 1, and a width that is "
                    + $"a multiple of heads"
            );
        _layers = [.. Enumerable.Range(0, spec.Layers).Select(l => new Layer(Builder, $"blocks.{l}", spec))];
        AddHead(spec);
    }

    /// <inheritdoc/>
    private protected override Tensor States(ParamViews parameters, Tensor nodes, GraphRows rows)
    {
        Tensor x = nodes,
            visible = rows.Visible(neighboursOnly: true);
        foreach (Layer layer in _layers)
            x = layer.Apply(parameters, x, visible, rows);
        return x;
    }

    private sealed class Layer
    {
        private const double Slope = 0.2;
        private readonly Linear _weight;
        private readonly ParamRef _to,
            _from;
        private readonly Norm _norm;
        private readonly long _heads;

        public Layer(ParamLayoutBuilder layout, string name, ModelSpec spec)
        {
            long size = spec.Width / spec.Heads;
            _heads = spec.Heads;
            _norm = Norm.Build(layout, name + ".norm", spec.Norm, spec.Width, spec.NormGain, spec.Bias);
            _weight = new Linear(layout, name + ".weight", spec.Width, spec.Width, bias: false, InitialWeights.Of(spec));
            (_to, _from) = (
                layout.Add(name + ".to", Initialisation.XavierUniform(), spec.Heads, size),
                layout.Add(name + ".from", Initialisation.XavierUniform(), spec.Heads, size)
            );
        }

        public Tensor Apply(ParamViews parameters, Tensor x, Tensor visible, GraphRows rows)
        {
            long replicas = rows.Replicas,
                folded = replicas * rows.Batch,
                nodes = rows.Nodes,
                width = x.Size(2),
                size = width / _heads;
            Tensor h = _weight.Apply(parameters, _norm.Apply(parameters, x)); // [R, B·N, H·E]
            Tensor byHead = h.Reshape(replicas, rows.Batch * nodes, _heads, size);
            Tensor to = Score(_to).Unsqueeze(3),
                from = Score(_from).Unsqueeze(2); // [R·B, H, N, 1], [R·B, H, 1, N]
            Tensor attention = ((to + from).LeakyRelu(Slope) + visible).Softmax(-1); // [R·B, H, N, N]
            Tensor values = byHead.Reshape(folded, nodes, _heads, size).Transpose(1, 2).Reshape(folded * _heads, nodes, size);
            Tensor mixed = attention.Reshape(folded * _heads, nodes, nodes).BatchedMatMul(values);
            return x + mixed.Reshape(folded, _heads, nodes, size).Transpose(1, 2).Reshape(replicas, rows.Batch * nodes, width).Elu();

            Tensor Score(ParamRef weights) =>
                (byHead * parameters[weights].Unsqueeze(1)).Sum([3]).Reshape(folded, nodes, _heads).Transpose(1, 2);
        }
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "gat",
            Says = "graph attention (Velickovic et al. 2018)",
            Reads = [SampleKind.Graphs],
            Defaults = new ModelSpec
            {
                Kind = "gat",
                Heads = 4,
                Norm = "none",
                EmbeddingStd = 1,
                HeadInit = "zero",
            },
            Keys =
            [
                ModelKey.Layers,
                ModelKey.Heads,
                ModelKey.Width,
                ModelKey.Norm,
                ModelKey.NormGain,
                ModelKey.Readout,
                .. ModelKey.Weights,
                ModelKey.EmbeddingStd,
            ],
            Build = (spec, input) => new Gat(spec, input.Graphs),
            // Four scores of each head for each pair of nodes.
            Numbers = (spec, input) =>
                spec.Layers * (double)input.Graphs.MostNodes * (8.0 * spec.Width + 4.0 * spec.Heads * input.Graphs.MostNodes),
            Facts = spec => [ModelFact.Layers(spec), ModelFact.Width(spec), ModelFact.Heads(spec)],
            Objection = (s, spec, _) => ModelKey.HeadsDivide(s, spec),
        };
}
