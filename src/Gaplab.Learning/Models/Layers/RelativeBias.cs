// The relative position bias: a learned number a head for each bucket of distances, added to attention scores.
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>A table [buckets, H], one for all layers of a stack (Raffel et al. 2020, section 2.1), by
/// <see cref="RelativeBuckets"/>.</summary>
internal sealed class RelativeBias(
    ParamLayoutBuilder layout,
    string name,
    long buckets,
    long distance,
    long heads,
    bool bidirectional,
    Initialisation initialisation
)
{
    private readonly Embedding _table = new(layout, name, buckets, heads, initialisation);

    /// <summary>For positions 0 … time-1 as queries and keys: [R, 1, H, time, time]; causal, keys after the query are at −∞.</summary>
    public Tensor Apply(ParamViews parameters, Tensor like, long time)
    {
        long replicas = like.Size(0);
        long[] ids = new long[time * time];
        for (long q = 0; q < time; q++)
        for (long k = 0; k < time; k++)
            ids[q * time + k] = RelativeBuckets.Of(k - q, buckets, distance, bidirectional);
        Tensor rows = Tensor.From<long>(ids, 1, time * time).Expand(replicas, time * time).ToDevice(like.Device);
        Tensor bias = _table.Apply(parameters, rows).Reshape(replicas, time, time, heads).Permute(0, 3, 1, 2).Unsqueeze(1);
        if (bidirectional)
            return bias;
        double[] future = new double[time * time];
        for (long q = 0; q < time; q++)
        for (long k = q + 1; k < time; k++)
            future[q * time + k] = double.NegativeInfinity;
        return bias + Tensor.From<double>(future, time, time).ToType(like.Type).ToDevice(like.Device);
    }
}
