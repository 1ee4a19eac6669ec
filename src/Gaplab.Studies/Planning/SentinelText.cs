// The learning-rate sentinel's states in words.
namespace Gaplab.Studies.Planning;

/// <summary>A status as one word for programs, and as what a reader is told.</summary>
public static class SentinelText
{
    public static string Word(SentinelStatus status) =>
        status switch
        {
            SentinelStatus.Running => "running",
            SentinelStatus.Bracketed => "bracketed",
            SentinelStatus.BoundLow => "bound-low",
            SentinelStatus.BoundHigh => "bound-high",
            SentinelStatus.AllDiverged => "all-diverged",
            SentinelStatus.Incomplete => "incomplete",
            _ => "off",
        };

    public static string Sentence(SentinelStatus status) =>
        status switch
        {
            SentinelStatus.Running => "still tuning",
            SentinelStatus.Bracketed => "bracketed on both sides",
            SentinelStatus.BoundLow => "at the smallest rate allowed",
            SentinelStatus.BoundHigh => "at the largest rate allowed",
            SentinelStatus.AllDiverged => "every rate diverged",
            SentinelStatus.Incomplete => "runs are missing",
            _ => "not tuned by the sentinel",
        };
}
