// Forecasters beside each other over tasks: the model's, and those that it must beat.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>One pair that was forecast and then measured.</summary>
/// <param name="Name">Of the task; pairs of one task count as one unit.</param>
/// <param name="Forecasts">By forecaster, e.g. "pilot"; of the batch sizes measured.</param>
/// <param name="Anchors">The pilot's own cells, for interpolation; empty: it has none.</param>
/// <param name="Shortness">1 − β₂ of the optimizer that remembers; null: neither does.</param>
/// <param name="SeedError">Standard deviation of a gap from one seed.</param>
public sealed record ForecastTask(
    string Name,
    MeasuredGaps Measured,
    IReadOnlyDictionary<string, GapDraws> Forecasts,
    IReadOnlyList<AnchorGap> Anchors,
    double? Shortness,
    double SeedError
);

/// <summary>One forecaster's scores.</summary>
/// <param name="Forecaster">A key of <see cref="ForecastTask.Forecasts"/>, or a baseline's name.</param>
/// <param name="Tasks">Those that it could forecast.</param>
/// <param name="Score">Mean over them, each task's pairs averaged first.</param>
/// <param name="BitsSaved">Bits a batch size by which the standing's own forecaster is better, over the tasks of both.</param>
/// <param name="CrossoverBitsSaved">The same of where B* lies.</param>
/// <param name="Crossovers">Pairs of which the sweep tells B* within a factor of 4, by its 95% interval.</param>
/// <param name="Near">Of those, where the forecast's median is within a factor of 2.</param>
public sealed record ForecastStanding(
    string Forecaster,
    int Tasks,
    TaskScore Score,
    PairedDifference? BitsSaved,
    PairedDifference? CrossoverBitsSaved,
    int Crossovers,
    int Near
);

/// <summary>A back-test of forecasts.</summary>
public static class ForecastTrial
{
    public const string Interpolation = "interpolation",
        Shortness = "B* ∝ 1 − β₂",
        OtherTasks = "other tasks",
        Always = "always the second",
        NoGap = "no gap";

    /// <summary>Every forecaster over every task; baselines learn from the other tasks only.</summary>
    /// <param name="own">The forecaster to which others are compared.</param>
    public static IReadOnlyList<ForecastStanding> Of(IReadOnlyList<ForecastTask> tasks, string own, RelevanceBand band)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(band);
        var scores = new Dictionary<string, Dictionary<string, List<TaskScore>>>(StringComparer.Ordinal);
        var places = new Dictionary<string, (int All, int Near)>(StringComparer.Ordinal);
        for (int i = 0; i < tasks.Count; i++)
        {
            double? crossover = CrossoverPlace.Measured(tasks[i].Measured, band);
            foreach ((string forecaster, GapDraws draws) in All(tasks, i, band))
            {
                if (!scores.TryGetValue(forecaster, out Dictionary<string, List<TaskScore>>? byTask))
                    scores.Add(forecaster, byTask = new(StringComparer.Ordinal));
                if (!byTask.TryGetValue(tasks[i].Name, out List<TaskScore>? list))
                    byTask.Add(tasks[i].Name, list = []);
                list.Add(TaskScore.Of(draws, tasks[i].Measured, band));
                (int all, int near) = places.GetValueOrDefault(forecaster);
                if (crossover is { } at)
                    (all, near) = (all + 1, near + (CrossoverPlace.IsNear(draws, band, at) ? 1 : 0));
                places[forecaster] = (all, near);
            }
        }
        Dictionary<string, TaskScore> Means(string forecaster) =>
            scores[forecaster].ToDictionary(t => t.Key, t => Mean(t.Value), StringComparer.Ordinal);
        Dictionary<string, TaskScore>? mine = scores.ContainsKey(own) ? Means(own) : null;
        return
        [
            .. scores.Keys.Select(forecaster =>
            {
                Dictionary<string, TaskScore> theirs = Means(forecaster);
                string[] both = mine is null || forecaster == own ? [] : [.. theirs.Keys.Where(mine.ContainsKey)];
                PairedDifference? Saved(Func<TaskScore, double> score) =>
                    both.Length == 0
                        ? null
                        : PairedDifference.Of([.. both.Select(t => score(mine![t]))], [.. both.Select(t => score(theirs[t]))]);
                return new ForecastStanding(
                    forecaster,
                    theirs.Count,
                    Mean([.. theirs.Values]),
                    Saved(s => s.Bits),
                    Saved(s => s.CrossoverBits),
                    places[forecaster].All,
                    places[forecaster].Near
                );
            }),
        ];
    }

    private static IEnumerable<(string Forecaster, GapDraws Draws)> All(IReadOnlyList<ForecastTask> tasks, int index, RelevanceBand band)
    {
        ForecastTask task = tasks[index];
        OtherTask[] others = [.. tasks.Where(t => t.Name != task.Name).Select(t => new OtherTask(t.Measured, t.Shortness))];
        IReadOnlyList<long> sizes = task.Measured.Sizes;
        foreach ((string forecaster, GapDraws draws) in task.Forecasts)
            yield return (forecaster, draws);
        if (task.Anchors.Count > 0)
            yield return (Interpolation, BaselineForecasts.Interpolation(sizes, task.Anchors, index));
        if (BaselineForecasts.ProportionalToShortness(sizes, task.Shortness, others, band, index) is { } proportional)
            yield return (Shortness, proportional);
        if (BaselineForecasts.AnyOtherTask(sizes, others, index) is { } any)
            yield return (OtherTasks, any);
        yield return (Always, BaselineForecasts.AlwaysSecond(sizes, others, band, index));
        yield return (NoGap, BaselineForecasts.NoGap(sizes, task.SeedError, index));
    }

    private static TaskScore Mean(IReadOnlyList<TaskScore> scores) =>
        new(
            scores.Average(s => s.Bits),
            scores.Average(s => s.CrossoverBits),
            scores.Average(s => s.RankedProbability),
            scores.Average(s => s.GapError),
            scores.Average(s => s.Covered)
        );
}
