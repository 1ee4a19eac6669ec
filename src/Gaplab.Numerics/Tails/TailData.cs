// What the estimators of the panel read: a ranked sample and the log-moment profile.
using System.Numerics.Tensors;

namespace Gaplab.Numerics.Tails;

/// <summary>Sufficient sums of a sample for every estimator of the panel.</summary>
/// <param name="Ranked">Values without their order.</param>
/// <param name="LogMoments">The log-moment profile by block length, which depends on the order; empty where order or sign mean nothing
/// (norms).</param>
/// <param name="MeanLog">Mean log|X| over values that are not zero.</param>
public sealed record TailData(RankedSample Ranked, IReadOnlyList<LogMomentPoint> LogMoments, double MeanLog)
{
    /// <summary>Block lengths of the profile.</summary>
    public static IReadOnlyList<int> BlockLengths { get; } = [2, 10, 100, 1000];

    /// <summary>The panel's data of sequences in memory; blocks never straddle two sequences.</summary>
    /// <param name="sequences">Each in its order; finite values.</param>
    /// <param name="signed">False for magnitudes such as norms: no log-moments then.</param>
    /// <param name="blockLengths">Null for <see cref="BlockLengths"/>.</param>
    public static TailData Of(IReadOnlyList<double[]> sequences, bool signed = true, IReadOnlyList<int>? blockLengths = null)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        double[] all = sequences.Count == 1 ? sequences[0] : [.. sequences.SelectMany(s => s)];
        return Of(RankedSample.Of(all), sequences, signed, blockLengths);
    }

    /// <summary>The same of values that are ranked already.</summary>
    internal static TailData Of(
        RankedSample ranked,
        IReadOnlyList<double[]> sequences,
        bool signed,
        IReadOnlyList<int>? blockLengths = null
    )
    {
        if (!signed)
            return new TailData(ranked, [], double.NaN);
        Tails.LogMoments[] blocks = [.. (blockLengths ?? BlockLengths).Select(k => new LogMoments(k))];
        double[] logs = [];
        double sum = 0;
        long count = 0;
        foreach (double[] sequence in sequences)
        {
            if (logs.Length < sequence.Length)
                logs = new double[sequence.Length];
            Span<double> part = logs.AsSpan(0, sequence.Length);
            bool anyZero = Logarithms(sequence, part);
            foreach (LogMoments k in blocks)
            {
                k.Add(sequence, part, anyZero);
                k.EndSequence();
            }
            count += sequence.Length - (anyZero ? sequence.AsSpan().Count(0.0) : 0);
            if (!anyZero)
                sum += TensorPrimitives.Sum(part);
            else
                foreach (double log in part)
                    if (!double.IsNegativeInfinity(log))
                        sum += log;
        }
        return new TailData(ranked, [.. blocks.Select(b => b.Result()).OfType<LogMomentPoint>()], sum / Math.Max(1, count));
    }

    /// <summary>log|x| of every value; true when one is zero.</summary>
    internal static bool Logarithms(ReadOnlySpan<double> values, Span<double> logs)
    {
        TensorPrimitives.Abs(values, logs);
        bool anyZero = !values.IsEmpty && TensorPrimitives.Min(logs) == 0;
        TensorPrimitives.Log(logs, logs);
        return anyZero;
    }
}
