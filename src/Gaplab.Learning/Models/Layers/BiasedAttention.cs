// Multi-head attention of one sequence on another, or on itself, with an additive bias on its scores.
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>softmax(q·kᵀ + bias)·v by head, then the output projection. Scores are not scaled by 1/√E: the queries' initial weights are
/// instead (Raffel et al. 2020, section 2.1).</summary>
internal sealed class BiasedAttention
{
    private readonly Linear _query,
        _key,
        _value,
        _output;
    private readonly long _heads;

    public BiasedAttention(ParamLayoutBuilder layout, string name, long width, long heads, Initialisation query, Initialisation weights)
    {
        _heads = heads;
        _query = new Linear(layout, name + ".query", width, width, bias: false, query);
        _key = new Linear(layout, name + ".key", width, width, bias: false, weights);
        _value = new Linear(layout, name + ".value", width, width, bias: false, weights);
        _output = new Linear(layout, name + ".output", width, width, bias: false, weights);
    }

    /// <param name="parameters">The model's.</param>
    /// <param name="x">Queries from [R, B·N, D].</param>
    /// <param name="memory">Keys and values from [R, B·M, D].</param>
    /// <param name="bias">Broadcast over [R, B, H, N, M]; −∞ hides a key.</param>
    /// <param name="batch">B.</param>
    /// <returns>[R, B·N, D].</returns>
    public Tensor Apply(ParamViews parameters, Tensor x, Tensor memory, Tensor bias, long batch)
    {
        long replicas = x.Size(0),
            queries = x.Size(1) / batch,
            keys = memory.Size(1) / batch,
            width = x.Size(2),
            head = width / _heads,
            folded = replicas * batch;
        Tensor q = ByHead(_query.Apply(parameters, x), queries),
            k = ByHead(_key.Apply(parameters, memory), keys),
            v = ByHead(_value.Apply(parameters, memory), keys);
        Tensor scores = q.BatchedMatMul(k.Transpose(1, 2)).Reshape(replicas, batch, _heads, queries, keys) + bias;
        Tensor mixed = scores.Softmax(-1).Reshape(folded * _heads, queries, keys).BatchedMatMul(v); // [R·B·H, N, E]
        return _output.Apply(
            parameters,
            mixed.Reshape(folded, _heads, queries, head).Transpose(1, 2).Reshape(replicas, batch * queries, width)
        );

        // [R, B·N, H·E] -> [R·B·H, N, E]
        Tensor ByHead(Tensor y, long time) => y.Reshape(folded, time, _heads, head).Transpose(1, 2).Reshape(folded * _heads, time, head);
    }
}
