// What a run remembers between steps besides tensors, written into its checkpoints.
using System.Globalization;

namespace Gaplab.Learning.Training;

/// <summary>The running state of one replica: its start, its tail, and whether and why it diverged.</summary>
internal sealed class ReplicaProgress
{
    /// <summary>Mean loss on training samples before the first step.</summary>
    public double InitialLoss { get; set; } = double.NaN;

    /// <summary>Exponential average of the batches' losses.</summary>
    public double LossAverage { get; set; } = double.NaN;

    /// <summary>Sum, count and minimum of the training losses of the last 1% of steps.</summary>
    public double TailSum { get; set; }
    public long TailCount { get; set; }
    public double TailMin { get; set; } = double.PositiveInfinity;
    public double LastValidation { get; set; } = double.NaN;

    /// <summary>Steps taken before the loss that ended the run; -1 while it trains.</summary>
    public long DivergedAt { get; set; } = -1;
    public string? Cause { get; set; }

    public bool Active => DivergedAt < 0;

    public Dictionary<string, string> ToFacts() =>
        new()
        {
            ["initialLoss"] = Text(InitialLoss),
            ["lossAverage"] = Text(LossAverage),
            ["tailSum"] = Text(TailSum),
            ["tailCount"] = TailCount.ToString(CultureInfo.InvariantCulture),
            ["tailMin"] = Text(TailMin),
            ["lastValidation"] = Text(LastValidation),
            ["divergedAt"] = DivergedAt.ToString(CultureInfo.InvariantCulture),
            ["cause"] = Cause ?? "",
        };

    public static ReplicaProgress From(IReadOnlyDictionary<string, string> facts) =>
        new()
        {
            InitialLoss = Number(facts["initialLoss"]),
            // Checkpoints of 0.1.0's first builds have no average.
            LossAverage = Number(facts.GetValueOrDefault("lossAverage") ?? facts["initialLoss"]),
            TailSum = Number(facts["tailSum"]),
            TailCount = long.Parse(facts["tailCount"], CultureInfo.InvariantCulture),
            TailMin = Number(facts["tailMin"]),
            LastValidation = Number(facts["lastValidation"]),
            DivergedAt = long.Parse(facts["divergedAt"], CultureInfo.InvariantCulture),
            Cause = facts["cause"] is { Length: > 0 } cause ? cause : null,
        };

    public static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
