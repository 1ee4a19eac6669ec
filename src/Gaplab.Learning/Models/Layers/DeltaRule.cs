// The gated delta rule over a sequence, in chunks: matrix products inside a chunk, a recurrence from chunk to chunk.
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>S_t = α_t·(I − β_t·k_t·k_tᵀ)·S_{t−1} + β_t·k_t·v_tᵀ with S_0 = 0, and o_t = S_tᵀ·q_t (Yang, Kautz and Hatamizadeh 2024,
/// equation 10).</summary>
/// <remarks>
/// In a chunk that begins in state S, with G_t = ln α_1 + … + ln α_t counted from its beginning, S_t = e^{G_t}·S + Σ_{j≤t}
/// e^{G_t−G_j}·k_j·u_jᵀ, where the u solve the unit triangular system u_t + β_t·Σ_{j&lt;t} e^{G_t−G_j}·(k_t·k_j)·u_j = β_t·(v_t −
/// e^{G_t}·Sᵀ·k_t). The systems of all chunks are solved at once.
/// </remarks>
internal static class DeltaRule
{
    /// <param name="q">[F, T, K].</param>
    /// <param name="k">[F, T, K].</param>
    /// <param name="v">[F, T, V].</param>
    /// <param name="beta">[F, T].</param>
    /// <param name="logDecay">ln α ≤ 0, [F, T].</param>
    /// <param name="chunk">C ≥ 1; the result does not depend on it.</param>
    /// <returns>[F, T, V].</returns>
    public static Tensor Scan(Tensor q, Tensor k, Tensor v, Tensor beta, Tensor logDecay, int chunk)
    {
        // Eight bits of mantissa do not carry a recurrence.
        if (q.Type == ScalarType.BFloat16)
            return Scan(q.Widened(), k.Widened(), v.Widened(), beta.Widened(), logDecay.Widened(), chunk).ToType(q.Type);
        long folded = q.Size(0),
            time = q.Size(1),
            keys = q.Size(2),
            values = v.Size(2),
            size = Math.Min(chunk, time),
            chunks = (time + size - 1) / size,
            rest = chunks * size - time;
        (q, k, v, beta, logDecay) = (
            Chunked(q, keys),
            Chunked(k, keys),
            Chunked(v, values),
            Chunked(beta.Unsqueeze(2), 1),
            Chunked(logDecay.Unsqueeze(2), 1)
        );
        (Tensor ones, Tensor future) = Triangles(size, q);
        Tensor total = ones.MatMul(logDecay); // G [F·N, C, 1]
        Tensor decay = (total - total.Transpose(1, 2) + future).Exp(); // e^{G_t−G_j} for j ≤ t, else 0
        Tensor grown = total.Exp();
        Tensor system = beta * decay * k.BatchedMatMul(k.Transpose(1, 2));
        Tensor[] solved = system.SolveUnitLower(Tensor.Cat([beta * v, beta * grown * k], 2)).Split([values, keys], 2);
        Tensor within = decay * q.BatchedMatMul(k.Transpose(1, 2)); // [F·N, C, C]
        Tensor last = total.Narrow(1, size - 1, 1); // [F·N, 1, 1]
        (Tensor[] own, Tensor[] read, Tensor[] inside, Tensor[] query, Tensor[] key, Tensor[] kept) = (
            ByChunk(solved[0]),
            ByChunk(solved[1]),
            ByChunk(within),
            ByChunk(grown * q),
            ByChunk((last - total).Exp() * k),
            ByChunk(last.Exp())
        );
        Tensor[] outputs = new Tensor[chunks];
        Tensor? state = null; // [F, K, V]
        for (int n = 0; n < chunks; n++)
        {
            Tensor u = state is null ? own[n] : own[n] - read[n].BatchedMatMul(state);
            Tensor o = inside[n].BatchedMatMul(u);
            outputs[n] = state is null ? o : o + query[n].BatchedMatMul(state);
            if (n + 1 == chunks)
                break;
            Tensor added = key[n].Transpose(1, 2).BatchedMatMul(u);
            state = state is null ? added : kept[n] * state + added;
        }
        Tensor all = chunks == 1 ? outputs[0] : Tensor.Cat(outputs, 1);
        return rest == 0 ? all : all.Narrow(1, 0, time);

        // Zeros behind the end change nothing before it.
        Tensor Chunked(Tensor x, long width) =>
            (rest == 0 ? x : Tensor.Cat([x, Tensor.Zeros([folded, rest, width], x.Type, x.Device)], 1)).Reshape(
                folded * chunks,
                size,
                width
            );

        Tensor[] ByChunk(Tensor x)
        {
            Tensor byChunk = x.Reshape(folded, chunks, x.Size(1), x.Size(2));
            return [.. Enumerable.Range(0, (int)chunks).Select(n => byChunk.Select(1, n))];
        }
    }

    // Ones on and below the diagonal; and 0 there with −∞ above it.
    private static (Tensor Ones, Tensor Future) Triangles(long size, Tensor like)
    {
        double[] ones = new double[size * size],
            future = new double[size * size];
        for (long t = 0; t < size; t++)
        for (long j = 0; j < size; j++)
            if (j <= t)
                ones[t * size + j] = 1;
            else
                future[t * size + j] = double.NegativeInfinity;
        return (
            Tensor.From<double>(ones, size, size).ToType(like.Type).ToDevice(like.Device),
            Tensor.From<double>(future, size, size).ToType(like.Type).ToDevice(like.Device)
        );
    }
}
