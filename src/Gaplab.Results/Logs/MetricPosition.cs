// Where in a run a value was logged: what a line or a record says of it besides the value.
namespace Gaplab.Results.Logs;

/// <summary>The position of all values that were logged together. What the log does not say is null.</summary>
public sealed record MetricPosition
{
    /// <summary>Of a value whose log says nothing of it: the order alone is known.</summary>
    public static MetricPosition Unknown { get; } = new();

    /// <summary>Updates of the parameters, as the script counts them.</summary>
    public long? Step { get; init; }

    /// <summary>Samples that the run has seen.</summary>
    public double? Samples { get; init; }

    public double? Epoch { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public double? WallTime { get; init; }

    /// <summary>The step is the counter of a bar, which may begin anew.</summary>
    internal bool IsOfBar { get; init; }

    /// <summary>The line itself says the step: what is logged for it again takes its place.</summary>
    internal bool HasOwnStep { get; init; }

    /// <summary>What the values of one line say of its position, by their names: step, iter, global_step, …; epoch; samples. A name of the
    /// front of the list of names comes before one of its end.</summary>
    public static MetricPosition Of(IReadOnlyList<(string Name, double Value)> values) => Of(values, Unknown);

    /// <param name="values">Of one line.</param>
    /// <param name="before">What a line that says nothing of its own inherits.</param>
    internal static MetricPosition Of(IReadOnlyList<(string Name, double Value)> values, MetricPosition before)
    {
        double? step = null,
            samples = null,
            epoch = null,
            time = null;
        int bestStep = int.MaxValue,
            bestSamples = int.MaxValue,
            bestEpoch = int.MaxValue,
            bestTime = int.MaxValue;
        foreach ((string name, double value) in values)
            if (double.IsFinite(value) && MetricNames.CountOf(name) is { } count)
                switch (count.Kind)
                {
                    case MetricCount.Step:
                        Take(ref step, ref bestStep, value, count.Rank);
                        break;
                    case MetricCount.Samples:
                        Take(ref samples, ref bestSamples, value, count.Rank);
                        break;
                    case MetricCount.Epoch:
                        Take(ref epoch, ref bestEpoch, value, count.Rank);
                        break;
                    default:
                        Take(ref time, ref bestTime, value, count.Rank);
                        break;
                }
        return step is null && samples is null && epoch is null && time is null
            ? before with
            {
                HasOwnStep = false,
            }
            : new()
            {
                Step = Whole(step) ?? before.Step,
                HasOwnStep = Whole(step) is not null,
                Samples = samples ?? before.Samples,
                Epoch = epoch ?? before.Epoch,
                WallTime = time ?? before.WallTime,
            };
    }

    /// <summary>A count as a whole number; null where it is none.</summary>
    internal static long? Whole(double? count) => count is { } c && Math.Abs(c) < 1L << 53 && Math.Floor(c) == c ? (long)c : null;

    private static void Take(ref double? kept, ref int best, double value, int rank)
    {
        if (rank < best)
            (kept, best) = (value, rank);
    }
}
