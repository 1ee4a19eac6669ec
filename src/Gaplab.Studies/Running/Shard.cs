// The share of a plan that one of several workers begins with.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Studies.Running;

/// <summary>Worker <paramref name="Rank"/> of <paramref name="Size"/>. A share is where a worker begins and no more: when it is done it
/// helps with the others, in an order of its own, so that workers that never come, or come twice, leave nothing out.</summary>
/// <param name="Rank">From 0.</param>
/// <param name="Size">Of all; 0 where it is not known.</param>
public sealed record Shard(int Rank, int Size)
{
    private const double GoldenRatio = 0.6180339887498949;

    /// <summary>Everything at once.</summary>
    public static Shard Whole { get; } = new(0, 1);

    /// <summary>How far a pack is from this worker's own share, 0 being in it. Packs are spread over shares by their ids.</summary>
    /// <param name="pack">Hexadecimal, at least 8 digits.</param>
    internal double Distance(string pack)
    {
        if (Size == 1)
            return 0;
        double at = uint.Parse(pack.AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 4294967296.0;
        if (Size > 1)
            return ((int)(at * Size) - Rank % Size + Size) % Size;
        // Of workers whose number is not known, each begins far from those before it: multiples of the golden ratio fill the circle evenly.
        double from = at - Rank * GoldenRatio % 1;
        return from < 0 ? from + 1 : from;
    }

    /// <summary>Reads what a user or a scheduler says.</summary>
    /// <param name="text"><c>auto</c> (what a scheduler has set), or <c>r/n</c>.</param>
    /// <param name="variable">The environment.</param>
    /// <exception cref="InputException">Neither.</exception>
    public static Shard Parse(string text, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(variable);
        if (text == "auto")
            return FromScheduler(variable);
        string[] parts = text.Split('/');
        return
            parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int rank)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int size)
            && rank < size
            ? new Shard(rank, size)
            : throw new InputException($"--shard got '{text}'; expected auto, or r/n with r from 0 to n-1, such as 0/8");
    }

    // Tasks of an array, and within each the processes that the scheduler started.
    private static Shard FromScheduler(Func<string, string?> variable)
    {
        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
        if (Number("SLURM_ARRAY_TASK_ID") is { } id)
        {
            int step = Math.Max(1, Number("SLURM_ARRAY_TASK_STEP") ?? 1),
                processes = Math.Max(1, Number("SLURM_NTASKS") ?? 1),
                tasks = Math.Max(1, Number("SLURM_ARRAY_TASK_COUNT") ?? 1),
                task = Math.Max(0, id - (Number("SLURM_ARRAY_TASK_MIN") ?? 0)) / step;
            return new Shard((task * processes + (Number("SLURM_PROCID") ?? 0)) % (tasks * processes), tasks * processes);
        }
        foreach ((string rank, string size) in s_pairs)
            if (Number(rank) is { } r)
                return Number(size) is { } n && n > r ? new Shard(r, n) : new Shard(r, 0);
        return Whole;
    }

    private static readonly (string Rank, string Size)[] s_pairs =
    [
        ("SLURM_PROCID", "SLURM_NTASKS"),
        ("SKYPILOT_JOB_RANK", "SKYPILOT_NUM_JOBS"),
        ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"),
        ("JOB_COMPLETION_INDEX", ""),
        ("PBS_ARRAY_INDEX", ""),
    ];

    public override string ToString() =>
        Size > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Rank}/{Size}")
            : string.Create(CultureInfo.InvariantCulture, $"{Rank} of a number that is not known");
}
