// Collects the values of one log while it is read, within bounds, and makes series of them.
using Gaplab.Numerics;

namespace Gaplab.Results.Logs;

/// <summary>The growing series of one log. Files are read one after another: each says by <see cref="Begin"/> that it comes.</summary>
/// <param name="step">The script's own name for the step, where the user gives one; "" else.</param>
/// <param name="samples">Likewise for the samples.</param>
internal sealed class MetricLogBuilder(string step = "", string samples = "")
{
    /// <summary>Series of a log: more are the words of a vocabulary or the weights of a model.</summary>
    public const int MostSeries = 10_000;

    /// <summary>Values of a log, which are held in memory.</summary>
    public const int MostValues = 1 << 23;

    private sealed class Growing(string file)
    {
        public string File { get; } = file;
        public List<(double Value, MetricPosition Position, int Part)> Points { get; } = [];
    }

    private readonly Dictionary<string, Growing> _series = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private readonly List<LogProblem> _problems = [];
    private string _file = "";
    private int _part,
        _problemCount;
    private long _values;

    /// <summary>A new file, which continues those before it.</summary>
    public void Begin(string file)
    {
        _file = file;
        _part++;
    }

    /// <summary>A line or record that cannot be read, and why.</summary>
    public void SetAside(string where, string why)
    {
        _problemCount++;
        if (_problems.Count < MetricLog.MostProblems)
            _problems.Add(new(_file, where, why));
    }

    /// <summary>All values of a line, at the position that they themselves say.</summary>
    public MetricPosition Add(IReadOnlyList<(string Name, double Value)> values, MetricPosition? inherited = null)
    {
        MetricPosition position = MetricPosition.Of(values, inherited ?? MetricPosition.Unknown);
        if (step.Length > 0)
        {
            long? own = MetricPosition.Whole(ValueOf(step, values));
            position = position with { Step = own ?? inherited?.Step, HasOwnStep = own is not null };
        }
        if (samples.Length > 0)
            position = position with { Samples = ValueOf(samples, values) ?? inherited?.Samples };
        foreach ((string name, double value) in values)
            Add(name, value, position);
        return position;
    }

    /// <summary>All values that stand behind a bar, at its count.</summary>
    public void AddOfBar(IReadOnlyList<(string Name, double Value)> values)
    {
        MetricPosition position = MetricPosition.Of(values) with { IsOfBar = true };
        foreach ((string name, double value) in values)
            Add(name, value, position);
    }

    private static double? ValueOf(string name, IReadOnlyList<(string Name, double Value)> values)
    {
        string plain = MetricNames.Plain(name);
        foreach ((string other, double value) in values)
            if (other == name || MetricNames.Plain(other) == plain)
                return value;
        return null;
    }

    /// <exception cref="InputException">More series or values than a log may hold.</exception>
    public void Add(string name, double value, MetricPosition position)
    {
        if (!_series.TryGetValue(name, out Growing? series))
        {
            if (name.Length is 0 or > MetricNames.Longest)
                return;
            if (_series.Count == MostSeries)
                throw new InputException($"{_file}: more than {MostSeries} different names; expected a log of metrics");
            _series.Add(name, series = new(_file));
            _order.Add(name);
        }
        if (++_values > MostValues)
            throw new InputException($"{_file}: more than {MostValues} values; expected a log of metrics: log fewer, or less often");
        series.Points.Add((value, position, _part));
    }

    public MetricLog Finish(string format)
    {
        bool ofEpoch = _series.Values.Any(s => Falls(s.Points, p => !p.IsOfBar, inEpoch: true)),
            barsFall = _series.Values.Any(s => Falls(s.Points, p => p.IsOfBar, inEpoch: false));
        if (ofEpoch)
            SetAside("", "its step begins anew in each epoch, so it is not taken as the step of the run");
        MetricPosition Settled(MetricPosition position) =>
            ofEpoch || (barsFall && position.IsOfBar) ? position with { Step = null, IsOfBar = false } : position;
        return new(
            format,
            [.. _order.Select(name => new MetricSeries(name, _series[name].File, Resumed(_series[name].Points, Settled)))],
            _problems,
            _problemCount
        );
    }

    /// <summary>Whether the step goes back among some of the points; <paramref name="inEpoch"/>: where the epoch rises.</summary>
    private static bool Falls(
        List<(double Value, MetricPosition Position, int Part)> points,
        Func<MetricPosition, bool> among,
        bool inEpoch
    )
    {
        MetricPosition? before = null;
        foreach ((_, MetricPosition position, _) in points)
        {
            if (position.Step is null || !among(position))
                continue;
            if (before is not null && position.Step < before.Step && (!inEpoch || position.Epoch > before.Epoch))
                return true;
            before = position;
        }
        return false;
    }

    /// <summary>The points; where the step goes back, or is there already, the run was resumed, and what came from that step on is
    /// replaced by what came again. Of lines without a step of their own, and of one event file, a step may have several.</summary>
    private static List<MetricPoint> Resumed(
        List<(double Value, MetricPosition Position, int Part)> points,
        Func<MetricPosition, MetricPosition> settled
    )
    {
        var kept = new List<MetricPoint>(points.Count);
        int part = 0;
        foreach ((double value, MetricPosition of, int from) in points)
        {
            MetricPosition position = settled(of);
            bool again = from != part || position.HasOwnStep;
            part = from;
            if (position is { Step: { } now, IsOfBar: false })
                while (kept.Count > 0 && kept[^1].Position is { Step: { } last, IsOfBar: false } && (last > now || (again && last == now)))
                    kept.RemoveAt(kept.Count - 1);
            kept.Add(new(value, position));
        }
        return kept;
    }
}
