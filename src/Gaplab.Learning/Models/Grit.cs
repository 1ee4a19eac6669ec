// GRIT: a graph transformer without message passing, whose attention reads and updates a feature of every pair of nodes.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Random-walk encodings of nodes and pairs, L blocks of pairwise attention with a degree scaler and an MLP, a readout over nodes
/// and a linear head.</summary>
/// <remarks>
/// Ma et al. 2023, equations 1 to 5: P_ij = [I, M, M², …]_ij with M = D⁻¹A; ê_ij = ReLU(ρ((W_Q·x_i + W_K·x_j) ∘ W_Ew·e_ij) + W_Eb·e_ij),
/// α_ij = softmax_j(w_A·ê_ij) by head, x̂_i = Σ_j α_ij·(W_V·x_j + W_Ev·ê_ij), and x_i ∘ θ₁ + ln(1 + d_i)·x_i ∘ θ₂ after it. ρ(x) =
/// sign(x)·√|x| there; here x/√(|x| + 0.001), whose slope is finite at 0.
/// Blocks normalise their inputs, by statistics of a node or pair and not of the batch as there: then a graph's prediction depends on no
/// other, and the scaler is not normalised away.
/// </remarks>
internal sealed class Grit : GraphModel
{
    private readonly Embedding _edges;
    private readonly Linear _walkNodes,
        _walkPairs;
    private readonly Block[] _blocks;
    private readonly Norm _finalNorm;
    private readonly int _steps;

    /// <param name="spec">Sizes and options.</param>
    /// <param name="graphs">What goes in and what is predicted.</param>
    /// <exception cref="InputException">Sizes that do not fit together.</exception>
    public Grit(ModelSpec spec, GraphShape graphs)
        : base(spec, graphs)
    {
        if (spec.Layers < 0 || spec.Width < 1 || spec.Heads < 1 || spec.Width % spec.Heads != 0 || spec.Walk < 1)
            throw new InputException(
                $"model: layers {spec.Layers}, width {spec.Width}, heads {spec.Heads}, walk {spec.Walk}; expected at least 0 and 1 of the "
                    + $"others, and a width that is a multiple of heads"
            );
        _steps = spec.Walk;
        _edges = new Embedding(Builder, "edges", graphs.EdgeTypes + 1, spec.Width, Initialisation.Normal(spec.EmbeddingStd));
        _walkNodes = new Linear(Builder, "walk-nodes", spec.Walk, spec.Width, bias: false, Initialisation.XavierUniform());
        _walkPairs = new Linear(Builder, "walk-pairs", spec.Walk, spec.Width, bias: false, Initialisation.XavierUniform());
        _blocks = [.. Enumerable.Range(0, spec.Layers).Select(l => new Block(Builder, $"blocks.{l}", spec, last: l + 1 == spec.Layers))];
        _finalNorm = Norm.Build(Builder, "final-norm", spec.FinalNorm ? spec.Norm : "none", spec.Width, spec.NormGain, spec.Bias);
        AddHead(spec);
    }

    /// <inheritdoc/>
    private protected override Tensor States(ParamViews parameters, Tensor nodes, GraphRows rows)
    {
        (Tensor pairs, Tensor returns) = rows.Walks(_steps);
        Tensor x = nodes + _walkNodes.Apply(parameters, returns); // [R, B·N, D]
        Tensor e = _edges.Apply(parameters, rows.PairTypes()) + _walkPairs.Apply(parameters, pairs); // [R, B·N·N, D]
        Tensor visible = rows.Visible(neighboursOnly: false),
            degrees = rows.LogDegrees();
        foreach (Block block in _blocks)
            (x, e) = block.Apply(parameters, x, e, visible, degrees, rows);
        return _finalNorm.Apply(parameters, x);
    }

    private sealed class Block
    {
        private const double Smooth = 1e-3;
        private readonly Norm _norm,
            _pairNorm,
            _mlpNorm;
        private readonly Linear _query,
            _key,
            _value,
            _pairWeight,
            _pairBias,
            _output;
        private readonly Linear? _pairOutput;
        private readonly ParamRef _score,
            _pairValue,
            _constant,
            _degree;
        private readonly Mlp _mlp;
        private readonly long _heads;

        public Block(ParamLayoutBuilder layout, string name, ModelSpec spec, bool last)
        {
            long width = spec.Width;
            _heads = spec.Heads;
            Initialisation weights = InitialWeights.Of(spec),
                outputs = InitialWeights.Residual(spec);
            (_norm, _pairNorm) = (
                Norm.Build(layout, name + ".attention-norm", spec.Norm, width, spec.NormGain, spec.Bias),
                Norm.Build(layout, name + ".pair-norm", spec.Norm, width, spec.NormGain, spec.Bias)
            );
            _query = new Linear(layout, name + ".query", width, width, spec.Bias, weights);
            _key = new Linear(layout, name + ".key", width, width, bias: false, weights);
            _value = new Linear(layout, name + ".value", width, width, bias: false, weights);
            _pairWeight = new Linear(layout, name + ".pair-weight", width, width, spec.Bias, weights);
            _pairBias = new Linear(layout, name + ".pair-bias", width, width, spec.Bias, weights);
            _pairValue = layout.Add(name + ".pair-value", weights, spec.Heads, width / spec.Heads, width / spec.Heads);
            _score = layout.Add(name + ".score", Initialisation.XavierUniform(), spec.Heads, width / spec.Heads);
            (_constant, _degree) = (
                layout.Add(name + ".scale", Initialisation.One, width),
                layout.Add(name + ".degree-scale", Initialisation.Zero, width)
            );
            _output = new Linear(layout, name + ".output", width, width, spec.Bias, outputs);
            // The pairs of the last block go nowhere.
            _pairOutput = last ? null : new Linear(layout, name + ".pair-output", width, width, spec.Bias, outputs);
            _mlpNorm = Norm.Build(layout, name + ".mlp-norm", spec.Norm, width, spec.NormGain, spec.Bias);
            _mlp = new Mlp(layout, name + ".mlp", width, spec.MlpRatio, spec.Activation, spec.Bias, weights, outputs);
        }

        public (Tensor X, Tensor E) Apply(ParamViews parameters, Tensor x, Tensor e, Tensor visible, Tensor degrees, GraphRows rows)
        {
            long replicas = rows.Replicas,
                folded = replicas * rows.Batch,
                nodes = rows.Nodes,
                width = x.Size(2),
                size = width / _heads;
            Tensor y = _norm.Apply(parameters, x),
                p = _pairNorm.Apply(parameters, e);
            Tensor q = _query.Apply(parameters, y).Reshape(folded, nodes, 1, width),
                k = _key.Apply(parameters, y).Reshape(folded, 1, nodes, width);
            Tensor product = (q + k) * _pairWeight.Apply(parameters, p).Reshape(folded, nodes, nodes, width);
            Tensor root = product * (product.Abs() + Smooth).Rsqrt();
            // ê [R, B·N·N, D]
            Tensor pair = (root.Reshape(replicas, rows.Batch * nodes * nodes, width) + _pairBias.Apply(parameters, p)).Relu();
            Tensor byHead = pair.Reshape(replicas, rows.Batch * nodes * nodes, _heads, size);
            Tensor scores = (byHead * parameters[_score].Unsqueeze(1)).Sum([3]).Reshape(folded, nodes, nodes, _heads).Permute(0, 3, 1, 2);
            Tensor attention = (scores + visible).Softmax(-1); // [R·B, H, N, N]
            Tensor values = _value
                .Apply(parameters, y)
                .Reshape(folded, nodes, _heads, size)
                .Transpose(1, 2)
                .Reshape(folded * _heads, nodes, size);
            Tensor fromNodes = attention
                .Reshape(folded * _heads, nodes, nodes)
                .BatchedMatMul(values)
                .Reshape(folded, _heads, nodes, size)
                .Transpose(1, 2); // [R·B, N, H, E]
            // Σ_j α_ij·W_Ev·ê_ij = W_Ev·Σ_j α_ij·ê_ij: the pairs are summed before the product, N times cheaper.
            Tensor fromPairs = attention
                .Permute(0, 2, 1, 3)
                .Reshape(folded * nodes * _heads, 1, nodes)
                .BatchedMatMul(
                    pair.Reshape(folded * nodes, nodes, _heads, size).Transpose(1, 2).Reshape(folded * nodes * _heads, nodes, size)
                );
            fromPairs = fromPairs
                .Reshape(replicas, rows.Batch * nodes, _heads, size)
                .Transpose(1, 2)
                .Reshape(replicas * _heads, rows.Batch * nodes, size)
                .BatchedMatMul(parameters[_pairValue].Reshape(replicas * _heads, size, size));
            fromPairs = fromPairs.Reshape(replicas, _heads, rows.Batch * nodes, size).Transpose(1, 2); // [R, B·N, H, E]
            Tensor mixed = (fromNodes.Reshape(replicas, rows.Batch * nodes, _heads, size) + fromPairs).Reshape(
                replicas,
                rows.Batch * nodes,
                width
            );
            mixed = _output.Apply(parameters, mixed);
            x += mixed * parameters[_constant].Unsqueeze(1) + mixed * degrees * parameters[_degree].Unsqueeze(1);
            if (_pairOutput is not null)
                e += _pairOutput.Apply(parameters, pair);
            return (x + _mlp.Apply(parameters, _mlpNorm.Apply(parameters, x)), e);
        }
    }

    /// <summary>The row of the catalogue.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "grit",
            Says = "a graph transformer with random-walk encodings (Ma et al. 2023)",
            Reads = [SampleKind.Graphs],
            Defaults = new ModelSpec
            {
                Kind = "grit",
                Heads = 4,
                Norm = "layernorm",
                Activation = "relu",
                MlpRatio = 2,
                Bias = true,
                EmbeddingStd = 1,
                HeadInit = "zero",
            },
            Keys =
            [
                ModelKey.Layers,
                ModelKey.Heads,
                ModelKey.Width,
                SpecKey.Whole<ModelSpec>(
                    "walk",
                    1,
                    1000,
                    m => m.Walk,
                    (m, v) => m with { Walk = v },
                    "steps of the random walk that its encodings describe, the standing one included"
                ),
                ModelKey.MlpRatio,
                ModelKey.Activation,
                ModelKey.Norm,
                ModelKey.FinalNorm,
                ModelKey.NormGain,
                ModelKey.Readout,
                .. ModelKey.Weights,
                ModelKey.EmbeddingStd,
                ModelKey.ResidualScale,
            ],
            Build = (spec, input) => new Grit(spec, input.Graphs),
            // About 20 widths for each ordered pair of nodes.
            Numbers = (spec, input) =>
            {
                double nodes = input.Graphs.MostNodes;
                return spec.Layers * nodes * (nodes * (20.0 * spec.Width + 4.0 * spec.Heads));
            },
            Facts = spec => [ModelFact.Layers(spec), ModelFact.Width(spec), ModelFact.Heads(spec)],
            Objection = (s, spec, _) => ModelKey.HeadsDivide(s, spec),
        };
}
