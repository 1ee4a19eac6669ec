// What may stand in the place of softmax attention: linear attention, sigmoid attention, and a plain mean.
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>Mixing of positions: queries, keys and values [R, B·T, H·E] -> [R, B·T, H·E]; causal, or over all positions.</summary>
/// <remarks>All three hold the T×T weights: the same function as a recurrence, and quick at the contexts of studies.</remarks>
internal static class TokenMixing
{
    /// <summary>What Katharopoulos et al.'s own code adds to the sum of the weights.</summary>
    private const double Guard = 1e-6;

    /// <summary><c>y_t = Σ_s φ(q_t)·φ(k_s) v_s / Σ_s φ(q_t)·φ(k_s)</c>, φ(x) = elu(x) + 1 (Katharopoulos et al. 2020, equations 5 and 7,
    /// section 3.3); the scale 1/√E of softmax has no place in it.</summary>
    public static Tensor Linear(Tensor queries, Tensor keys, Tensor values, long time, long heads, bool causal)
    {
        Tensor q = ByHead(queries, time, heads).Elu() + 1,
            k = ByHead(keys, time, heads).Elu() + 1; // [R·B·H, T, E]
        Tensor weights = Seen(q.BatchedMatMul(k.Transpose(1, 2)), time, causal); // [R·B·H, T, T]
        Tensor y = weights.BatchedMatMul(ByHead(values, time, heads)) / (weights.Sum([2], keep: true) + Guard);
        return Together(y, values, time, heads);
    }

    /// <summary><c>y_t = Σ_s σ(q_t·k_s/√E − ln T) v_s</c>: weights do not compete, and the bias makes their sum about 1 at the start
    /// (Ramapuram et al. 2024, section 2 and equation 3, b = −ln n).</summary>
    public static Tensor Sigmoid(Tensor queries, Tensor keys, Tensor values, long time, long heads, bool causal)
    {
        Tensor q = ByHead(queries, time, heads),
            k = ByHead(keys, time, heads);
        Tensor weights = Seen((q.BatchedMatMul(k.Transpose(1, 2)) * (1 / Math.Sqrt(q.Size(2))) - Math.Log(time)).Sigmoid(), time, causal);
        return Together(weights.BatchedMatMul(ByHead(values, time, heads)), values, time, heads);
    }

    /// <summary><c>y_t</c> is the mean of v_s over s ≤ t, or over all positions: attention that looks at nothing.</summary>
    public static Tensor Mean(Tensor values, long time, bool causal)
    {
        double[] weights = new double[time * time];
        for (long t = 0; t < time; t++)
        for (long s = 0; s < (causal ? t + 1 : time); s++)
            weights[t * time + s] = 1.0 / (causal ? t + 1 : time);
        Tensor mean = Tensor.From<double>(weights, time, time).ToType(values.Type).ToDevice(values.Device);
        return mean.MatMul(values.Reshape(-1, time, values.Size(2))).Reshape(values.Shape);
    }

    private static Tensor Seen(Tensor weights, long time, bool causal)
    {
        if (!causal)
            return weights;
        double[] seen = new double[time * time];
        for (long t = 0; t < time; t++)
            seen.AsSpan((int)(t * time), (int)(t + 1)).Fill(1);
        return weights * Tensor.From<double>(seen, 1, time, time).ToType(weights.Type).ToDevice(weights.Device);
    }

    // [R, B·T, H·E] -> [R·B·H, T, E]
    private static Tensor ByHead(Tensor x, long time, long heads) =>
        x.Reshape(-1, time, heads, x.Size(2) / heads).Transpose(1, 2).Reshape(-1, time, x.Size(2) / heads);

    // Back to the shape of like.
    private static Tensor Together(Tensor y, Tensor like, long time, long heads) =>
        y.Reshape(-1, heads, time, y.Size(2)).Transpose(1, 2).Reshape(like.Shape);
}
