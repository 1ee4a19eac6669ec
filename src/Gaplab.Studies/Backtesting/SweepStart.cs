// When a store's sweep began: predictions that are older are registered.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Backtesting;

/// <summary>The first run of a store, those of its pilot and miniature, which lie in stores of their own, left out.</summary>
/// <param name="At">When its pack began to train; null: no run has ended, or none says when.</param>
internal sealed record SweepStart(DateTimeOffset? At)
{
    public static SweepStart Of(RunStore store) =>
        new(store.Read().Results.Values.Select(StartOf).OfType<DateTimeOffset>().Cast<DateTimeOffset?>().Min());

    /// <summary>Whether a prediction was made before the sweep: none of its runs had begun, and none began earlier.</summary>
    public bool IsAfter(PilotPrediction prediction) => prediction.SweepRuns == 0 && !(At <= prediction.Made);

    private static DateTimeOffset? StartOf(RunResult result)
    {
        if (
            !result.Wall.TryGetValue("finished", out JsonNode? finished)
            || finished is not JsonValue text
            || !text.TryGetValue(out string? at)
            || !DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset end)
        )
            return null;
        double seconds =
            result.Wall.TryGetValue(RunResult.PackSeconds, out JsonNode? took)
            && took is JsonValue number
            && number.TryGetValue(out double value)
                ? value
                : 0;
        return end.AddSeconds(-seconds);
    }
}
