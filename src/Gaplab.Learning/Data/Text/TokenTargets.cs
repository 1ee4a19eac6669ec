// From a window of T+1 tokens to a row of the task: as it is, with noisy targets, or masked.
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Text;

/// <summary>Writes rows in the form that <see cref="TokenRowForm"/> gives the task.</summary>
/// <param name="spec">Its context, objective and label noise.</param>
/// <param name="drawn">A random token is uniform on 0 … drawn−1.</param>
/// <param name="mask">The id of a hidden token.</param>
internal sealed class TokenTargets(TaskSpec spec, int drawn, int mask)
{
    private const double Hidden = 0.8,
        Replaced = 0.9;

    private readonly TokenRows _rows = TokenRowForm.Of(spec);

    /// <summary>Integers in a row; at least T+1.</summary>
    public int RowLength { get; } = TokenRowForm.Length(TokenRowForm.Of(spec), spec.Context);

    /// <summary>Predictions a row holds.</summary>
    public int PerRow { get; } = TokenRowForm.Of(spec) == TokenRows.Masked ? TokenRowForm.MaskedCount(spec.Context) : spec.Context;

    /// <summary>Where the caller writes the window's T+1 tokens before <see cref="Training"/> or <see cref="Evaluation"/>.</summary>
    public Span<long> Window(Span<long> row) => row[..(spec.Context + 1)];

    /// <summary>Sample <paramref name="sample"/> of the run <paramref name="seed"/>: masks and noise are functions of the two.</summary>
    public void Training(Span<long> row, long seed, long sample)
    {
        if (_rows == TokenRows.Shifted)
            return;
        Noise(Split(row, seed, "data/mask", sample), seed, sample);
    }

    /// <summary>Replaces a share of the targets of sample <paramref name="sample"/>, drawn by it and the seed.</summary>
    public void Noise(Span<long> targets, long seed, long sample)
    {
        if (spec.LabelNoise == 0)
            return;
        RandomStream noise = RandomStream.For(seed, "data/label-noise", sample);
        foreach (ref long target in targets)
        {
            // Two numbers a target, whatever the fraction: a larger one keeps the noise of a smaller.
            double chance = noise.NextDouble();
            long other = noise.NextIndex(drawn);
            if (chance < spec.LabelNoise)
                target = other;
        }
    }

    /// <summary>Window <paramref name="window"/> of an evaluation: without noise, and hidden at the same places in every run.</summary>
    public void Evaluation(Span<long> row, long window)
    {
        if (_rows != TokenRows.Shifted)
            Split(row, spec.SourceSeed, "data/evaluation-mask", window);
    }

    /// <summary>The targets of a row.</summary>
    public ReadOnlySpan<long> Of(ReadOnlySpan<long> row) =>
        _rows switch
        {
            TokenRows.Shifted => row[1..(spec.Context + 1)],
            TokenRows.Apart => row[spec.Context..],
            _ => row[(spec.Context + PerRow)..],
        };

    /// <summary>Brings a window into the row's form and returns its targets.</summary>
    private Span<long> Split(Span<long> row, long seed, string purpose, long index)
    {
        int time = spec.Context;
        if (_rows == TokenRows.Apart)
        {
            row.Slice(1, time).CopyTo(row[time..]);
            return row[time..];
        }
        RandomStream stream = RandomStream.For(seed, purpose, index);
        Span<long> positions = row.Slice(time, PerRow),
            targets = row.Slice(time + PerRow, PerRow);
        int chosen = 0;
        for (int t = 0; t < time && chosen < PerRow; t++)
        {
            // Every set of PerRow positions is equally likely (Knuth, volume 2, algorithm 3.4.2 S).
            if ((time - t) * stream.NextDouble() >= PerRow - chosen)
                continue;
            (positions[chosen], targets[chosen]) = (t, row[t]);
            chosen++;
            double fate = stream.NextDouble();
            if (fate < Hidden)
                row[t] = mask;
            else if (fate < Replaced)
                row[t] = stream.NextIndex(drawn);
        }
        return targets;
    }
}
