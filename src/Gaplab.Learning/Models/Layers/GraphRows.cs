// A batch of graphs as tensors: unequal graphs are padded to the largest of the batch.
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>Reads rows (<see cref="GraphShape"/>) once on the host, and turns a model's output into a loss.</summary>
internal sealed class GraphRows
{
    private readonly GraphShape _shape;
    private readonly long[] _rows;
    private readonly long _length;
    private readonly Tensor _like;

    /// <param name="shape">What the rows hold.</param>
    /// <param name="rows">int64 [R, B, L].</param>
    /// <param name="like">Whose element type and device the tensors have.</param>
    public GraphRows(GraphShape shape, Tensor rows, Tensor like)
    {
        (_shape, _like, _rows) = (shape, like, rows.ToArray<long>());
        (Replicas, Batch, _length) = (rows.Size(0), rows.Size(1), rows.Size(2));
        for (long g = 0; g < Replicas * Batch; g++)
            Nodes = Math.Max(Nodes, _rows[g * _length]);
    }

    public long Replicas { get; }

    public long Batch { get; }

    /// <summary>N: nodes of the largest graph.</summary>
    public long Nodes { get; }

    /// <summary>int64 [R, B·N]; padding has type 0.</summary>
    public Tensor NodeTypes()
    {
        long[] types = new long[Replicas * Batch * Nodes];
        for (long g = 0; g < Replicas * Batch; g++)
            Array.Copy(_rows, g * _length + GraphShape.Head, types, g * Nodes, _rows[g * _length]);
        return Tensor.From<long>(types, Replicas, Batch * Nodes).ToDevice(_like.Device);
    }

    /// <summary>[R, B·N, A].</summary>
    public Tensor Attributes()
    {
        long width = _shape.Attributes;
        double[] values = new double[Replicas * Batch * Nodes * width];
        for (long g = 0; g < Replicas * Batch; g++)
        {
            long n = _rows[g * _length],
                from = g * _length + GraphShape.Head + n + 3 * _rows[g * _length + 1];
            for (long i = 0; i < n * width; i++)
                values[g * Nodes * width + i] = BitConverter.Int64BitsToDouble(_rows[from + i]);
        }
        return Real(values, Replicas, Batch * Nodes, width);
    }

    /// <summary>1 at nodes, 0 at padding: [R, B, N, 1]; and 1/n of each graph [R, B, 1].</summary>
    public (Tensor Present, Tensor Inverse) Mask()
    {
        double[] present = new double[Replicas * Batch * Nodes],
            inverse = new double[Replicas * Batch];
        for (long g = 0; g < Replicas * Batch; g++)
        {
            inverse[g] = 1.0 / _rows[g * _length];
            present.AsSpan((int)(g * Nodes), (int)_rows[g * _length]).Fill(1);
        }
        return (Real(present, Replicas, Batch, Nodes, 1), Real(inverse, Replicas, Batch, 1));
    }

    /// <summary>To be added to scores [R·B, …, N, N]: 0 where node i may look at node j, else −∞: neighbours and itself, or all nodes of
    /// its graph; [R·B, 1, N, N]. Padding looks at itself.</summary>
    public Tensor Visible(bool neighboursOnly)
    {
        double[] mask = new double[Replicas * Batch * Nodes * Nodes];
        Array.Fill(mask, double.NegativeInfinity);
        for (long g = 0; g < Replicas * Batch; g++)
        {
            long at = g * Nodes * Nodes,
                n = _rows[g * _length];
            for (long i = 0; i < Nodes; i++)
                mask[at + i * Nodes + i] = 0;
            if (neighboursOnly)
                foreach ((long from, long to, _) in Edges(g))
                    mask[at + from * Nodes + to] = 0;
            else
                for (long i = 0; i < n; i++)
                    mask.AsSpan((int)(at + i * Nodes), (int)n).Clear();
        }
        return Real(mask, Replicas * Batch, 1, Nodes, Nodes);
    }

    /// <summary>The edge type of each ordered pair, plus 1; 0 where there is no edge: int64 [R, B·N·N].</summary>
    public Tensor PairTypes()
    {
        long[] types = new long[Replicas * Batch * Nodes * Nodes];
        for (long g = 0; g < Replicas * Batch; g++)
            foreach ((long from, long to, long type) in Edges(g))
                types[(g * Nodes + from) * Nodes + to] = type + 1;
        return Tensor.From<long>(types, Replicas, Batch * Nodes * Nodes).ToDevice(_like.Device);
    }

    /// <summary>ln(1 + degree) of each node, [R, B·N, 1].</summary>
    public Tensor LogDegrees()
    {
        double[] degrees = new double[Replicas * Batch * Nodes];
        for (long g = 0; g < Replicas * Batch; g++)
            foreach ((long from, _, _) in Edges(g))
                degrees[g * Nodes + from]++;
        return Real([.. degrees.Select(d => Math.Log(1 + d))], Replicas, Batch * Nodes, 1);
    }

    /// <summary>Probabilities that a random walk from i is at j after 0, 1, …, K−1 steps: [R, B·N·N, K]; and those of being back, [R, B·N,
    /// K].</summary>
    public (Tensor Pairs, Tensor Returns) Walks(int steps)
    {
        double[] pairs = new double[Replicas * Batch * Nodes * Nodes * steps],
            returns = new double[Replicas * Batch * Nodes * steps];
        double[] now = new double[Nodes],
            next = new double[Nodes];
        for (long g = 0; g < Replicas * Batch; g++)
        {
            (long From, long To, long Type)[] edges = [.. Edges(g)];
            double[] degree = new double[Nodes];
            foreach ((long from, _, _) in edges)
                degree[from]++;
            double[] chance = [.. edges.Select(e => 1 / degree[e.From])];
            for (long i = 0; i < _rows[g * _length]; i++)
            {
                Array.Clear(now);
                now[i] = 1;
                for (int k = 0; k < steps; k++)
                {
                    for (long j = 0; j < Nodes; j++)
                        pairs[((g * Nodes + i) * Nodes + j) * steps + k] = now[j];
                    returns[(g * Nodes + i) * steps + k] = now[i];
                    Array.Clear(next);
                    for (int e = 0; e < edges.Length; e++)
                        next[edges[e].To] += now[edges[e].From] * chance[e];
                    (now, next) = (next, now);
                }
            }
        }
        return (Real(pairs, Replicas, Batch * Nodes * Nodes, steps), Real(returns, Replicas, Batch * Nodes, steps));
    }

    /// <summary>Nodes to graphs: x [R, B·N, D] -> [R, B, D], the sum or the mean over nodes.</summary>
    public Tensor Pool(Tensor x, string readout)
    {
        (Tensor present, Tensor inverse) = Mask();
        Tensor sum = (x.Reshape(Replicas, Batch, Nodes, x.Size(2)) * present).Sum([2]);
        return readout == "sum" ? sum : sum * inverse;
    }

    /// <summary>The mean loss of each replica for outputs [R, B, classes or targets]: cross-entropy, or the error in the target's units, of
    /// several their mean.</summary>
    public Tensor Loss(Tensor outputs)
    {
        if (_shape.Classes > 0)
            return outputs.CrossEntropy(Labels());
        int count = _shape.Targets;
        double[] targets = new double[Replicas * Batch * count];
        for (int i = 0; i < targets.Length; i++)
            targets[i] = (BitConverter.Int64BitsToDouble(_rows[TargetAt(i / count, i % count)]) - _shape.TargetCentre) / _shape.TargetScale;
        Tensor off = outputs.Reshape(Replicas, Batch * count) - Real(targets, Replicas, Batch * count);
        return _shape.Error == "mse"
            ? off.Widened().Square().Mean([1]) * (_shape.TargetScale * _shape.TargetScale)
            : off.Widened().Abs().Mean([1]) * _shape.TargetScale;
    }

    /// <summary>Classes, int64 [R, B].</summary>
    public Tensor Labels() =>
        Tensor
            .From<long>([.. Enumerable.Range(0, (int)(Replicas * Batch)).Select(g => _rows[g * _length + 2])], Replicas, Batch)
            .ToDevice(_like.Device);

    private long TargetAt(long graph, int target)
    {
        long from = graph * _length,
            nodes = _rows[from];
        return target == 0 ? from + 2 : from + GraphShape.Head + nodes + 3 * _rows[from + 1] + nodes * _shape.Attributes + target - 1;
    }

    private IEnumerable<(long From, long To, long Type)> Edges(long graph)
    {
        long at = graph * _length + GraphShape.Head + _rows[graph * _length],
            count = _rows[graph * _length + 1];
        for (long e = 0; e < count; e++)
            yield return (_rows[at + 3 * e], _rows[at + 3 * e + 1], _rows[at + 3 * e + 2]);
    }

    private Tensor Real(double[] values, params ReadOnlySpan<long> shape) =>
        Tensor.From<double>(values, shape).ToType(_like.Type).ToDevice(_like.Device);
}

/// <summary>Node states from types and, where there are, attributes: [R, B·N, D].</summary>
internal sealed class NodeInput(ParamLayoutBuilder layout, GraphShape shape, long width, double std)
{
    private readonly Embedding _types = new(layout, "nodes", shape.NodeTypes, width, Initialisation.Normal(std));
    private readonly Linear? _attributes =
        shape.Attributes > 0
            ? new Linear(layout, "attributes", shape.Attributes, width, bias: false, Initialisation.XavierUniform())
            : null;

    public Tensor Apply(ParamViews parameters, GraphRows rows)
    {
        Tensor x = _types.Apply(parameters, rows.NodeTypes());
        return _attributes is null ? x : x + _attributes.Apply(parameters, rows.Attributes());
    }
}
