// Scales the update down to a largest 2-norm over the whole row, and counts how often it acted.
using System.Numerics;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>Norm clipping of the whole row.</summary>
/// <remarks><c>u = g · min(1, c / (‖g‖₂ + 1e-6))</c>, as torch.nn.utils.clip_grad_norm_ (Pascanu, Mikolov and Bengio 2013). c = 0 switches
/// a replica's clip off.</remarks>
internal sealed record ClipByNorm(Hyper Limit) : Link
{
    private const double Guard = 1e-6;

    public override string Name => "clip-norm";

    public override LinkNeeds Needs => LinkNeeds.RowStatistic;

    /// <summary>"acted": steps at which the norm exceeded the limit.</summary>
    public override IReadOnlyList<string> Counters => ["acted"];

    public override IReadOnlyList<LinkMetric> Metrics => [new("clip-fraction", "acted", MetricOf.ShareOfSteps)];

    public override double Statistic<T>(ReadOnlySpan<T> row, in RowContext context)
    {
        double limit = Limit.At(context.Replica, context.Step),
            norm = RowNorm.Of(row);
        if (limit <= 0)
            return 1;
        if (norm > limit)
            context.Counters.Span[0]++;
        return Math.Min(1, limit / (norm + Guard));
    }

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        if (!(context.Statistic >= 1))
            TensorPrimitives.Multiply(chunk.Update, T.CreateChecked(context.Statistic), chunk.Update);
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        double[] norms = DeviceRows.Norms(update);
        foreach (int r in rows.Active)
            if (Limit.At(r, rows.Step) is > 0 and var limit && norms[r] > limit)
                rows.Counters(r)[0]++;
        rows.Scale(update, r => Limit.At(r, rows.Step) is > 0 and var limit ? Math.Min(1, limit / (norms[r] + Guard)) : 1);
    }
}

/// <summary>The 2-norm of a row, chunk sums added in double so that a long float row loses nothing.</summary>
internal static class RowNorm
{
    private const int ChunkLength = 2048;

    public static double Of<T>(ReadOnlySpan<T> row)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double sum = 0;
        for (int i = 0; i < row.Length; i += ChunkLength)
            sum += double.CreateChecked(TensorPrimitives.SumOfSquares(row.Slice(i, Math.Min(ChunkLength, row.Length - i))));
        return Math.Sqrt(sum);
    }
}
