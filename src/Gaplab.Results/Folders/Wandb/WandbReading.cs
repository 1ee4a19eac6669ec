// The values of one run of Weights & Biases that count: those at its end, or at given samples, and how long it had trained by then.
using System.Globalization;
using Gaplab.Results.Import;
using Gaplab.Results.Logs;

namespace Gaplab.Results.Folders.Wandb;

/// <summary>Makes a row of a run.</summary>
internal static class WandbReading
{
    /// <param name="run">What was read.</param>
    /// <param name="equalSamples">Null: at the end of each run.</param>
    /// <param name="batch">That of runs which do not say theirs.</param>
    public static RunReading Of(WandbRun run, double? equalSamples, long? batch = null)
    {
        var config = new Dictionary<string, string>(run.Config, StringComparer.Ordinal);
        if (run.Sweep.Length > 0)
            config.TryAdd("sweep", run.Sweep);
        RunSettings settings = RunSettings.Of(config);
        var clock = new Clock(run.History, settings.BatchSize ?? batch);
        var values = new List<RunValue>();
        double? peak = null,
            reached = null;
        foreach ((string name, ThinnedSeries series) in run.History.Series.Where(s => MetricNames.CountOf(s.Key) is null))
        {
            (long Step, double Value)[] points = [.. series.Points()];
            if (points.Length == 0)
                continue;
            if (ColumnNames.Rank(ColumnRole.LearningRate, name) >= 0)
            {
                double largest = points.Where(p => double.IsFinite(p.Value)).Select(p => p.Value).DefaultIfEmpty().Max();
                if (largest > 0)
                    peak = Math.Max(peak ?? 0, largest);
                continue;
            }
            if (clock.Samples(points[^1].Step) is { } end)
                reached = Math.Max(reached ?? 0, end);
            int last = points.Length - 1;
            if (equalSamples is { } n)
                last = Array.FindLastIndex(points, p => clock.Samples(p.Step) <= n * (1 + 1e-9));
            if (last >= 0)
                values.Add(new(name, points[last].Value, clock.Samples(points[last].Step), clock.Epochs(points[last].Step)));
        }
        AddSummary();
        return new()
        {
            Path = run.Place,
            Config = config,
            Settings = settings,
            Values = values,
            PeakRate = settings.LearningRate.Length == 0 ? peak : null,
            State = run.State,
            Why = run.Problems.Count > 0 ? string.Join("; ", run.Problems.Take(2)) : null,
            Short =
                equalSamples is { } asked && !(reached >= 0.99 * asked)
                    ? reached is { } at
                        ? string.Create(CultureInfo.InvariantCulture, $"ended at {at} of {asked} samples")
                        : "its log does not say at how many samples its values were measured"
                    : null,
        };

        // What only the summary says is of the end; where the log breaks off before the summary's own step, all of it is.
        void AddSummary()
        {
            long? logged = run.History.LastStep,
                said = run.Summary.TryGetValue("_step", out double step) && Math.Abs(step) < 1L << 53 ? (long)step : logged;
            bool isAhead = said is not null && (logged is null || (run.IsDamaged && said > logged));
            double? samples = (isAhead ? said : logged) is { } end ? clock.Samples(end) : null;
            if (equalSamples is { } n && !(samples <= n * (1 + 1e-9)))
                return;
            foreach ((string name, double value) in run.Summary)
                if (
                    name != "_step"
                    && MetricNames.CountOf(name) is null
                    && ColumnNames.Rank(ColumnRole.LearningRate, name) < 0
                    && (isAhead || logged is null || !run.History.Series.ContainsKey(name))
                )
                {
                    values.RemoveAll(v => v.Name == name);
                    values.Add(new(name, value, samples, null));
                }
            if (isAhead && samples > (reached ?? 0))
                reached = samples;
        }
    }

    /// <summary>How far a run had come at a step of its tracker, by what it logged of it: samples, else its own steps, else the tracker's,
    /// which count what was logged where the script says no other.</summary>
    private sealed class Clock(WandbHistory history, long? batch)
    {
        private readonly (long Step, double Value)[] _samples = Counts(history, MetricCount.Samples);
        private readonly (long Step, double Value)[] _steps = Counts(history, MetricCount.Step);
        private readonly (long Step, double Value)[] _epochs = Counts(history, MetricCount.Epoch);

        public double? Samples(long step) =>
            At(_samples, step) is { } samples ? samples
            : batch is { } size ? (At(_steps, step) ?? step) * size
            : null;

        public double? Epochs(long step) => At(_epochs, step);

        private static (long, double)[] Counts(WandbHistory history, MetricCount kind) =>
            history
                .Series.Select(s => (Count: MetricNames.CountOf(s.Key), s.Value))
                .Where(s => s.Count?.Kind == kind)
                .OrderBy(s => s.Count!.Value.Rank)
                .Select(s => s.Value.Points().ToArray())
                .FirstOrDefault([]);

        /// <summary>The last count before or at a step.</summary>
        private static double? At((long Step, double Value)[] counts, long step)
        {
            int low = 0,
                high = counts.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                (low, high) = counts[middle].Step <= step ? (middle + 1, high) : (low, middle);
            }
            return low > 0 && double.IsFinite(counts[low - 1].Value) ? counts[low - 1].Value : null;
        }
    }
}
