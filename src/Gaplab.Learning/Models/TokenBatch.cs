// A batch of rows taken apart into inputs and targets, whatever form the rows have.
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Inputs [R, B, T], targets [R, N], and of masked rows the positions b·T + t that predict them, [R, N].</summary>
internal readonly record struct TokenBatch(Tensor Inputs, Tensor Targets, Tensor? Positions)
{
    /// <param name="tokens">int64 [R, B, row].</param>
    /// <param name="rows">The rows' form.</param>
    /// <param name="context">T of masked rows; the others may be shorter.</param>
    public static TokenBatch Of(Tensor tokens, TokenRows rows, int context)
    {
        long replicas = tokens.Size(0),
            batch = tokens.Size(1),
            length = tokens.Size(2);
        if (rows == TokenRows.Shifted)
            return new(tokens.Narrow(2, 0, length - 1), tokens.Narrow(2, 1, length - 1).Reshape(replicas, batch * (length - 1)), null);
        if (rows == TokenRows.Apart)
            return new(
                tokens.Narrow(2, 0, length / 2),
                tokens.Narrow(2, length / 2, length / 2).Reshape(replicas, batch * (length / 2)),
                null
            );
        int hidden = TokenRowForm.MaskedCount(context);
        if (length != TokenRowForm.Length(rows, context))
            throw new ArgumentException(
                $"got rows of {length} integers; expected {TokenRowForm.Length(rows, context)} = {context} inputs, {hidden} positions, "
                    + $"{hidden} targets",
                nameof(tokens)
            );
        long[] starts = [.. Enumerable.Range(0, (int)batch).Select(b => (long)b * context)];
        Tensor positions = tokens.Narrow(2, context, hidden) + Tensor.From<long>(starts, 1, batch, 1).ToDevice(tokens.Device);
        return new(
            tokens.Narrow(2, 0, context),
            tokens.Narrow(2, context + hidden, hidden).Reshape(replicas, batch * hidden),
            positions.Reshape(replicas, batch * hidden)
        );
    }

    /// <summary>The rows of x [R, B·T, D] that predict something: all of them, or [R, N, D].</summary>
    public Tensor Predicting(Tensor x) => Positions is null ? x : Positions.Embedding(x);
}
