// The values of one metric over a run, of which no more are kept than a table can hold.
namespace Gaplab.Results.Folders.Wandb;

/// <summary>A series of any length in bounded memory: all points while they are few, else every second, fourth, eighth, …, and always the
/// last, the lowest and the highest.</summary>
/// <remarks>Points of one place in every series are kept, so that runs that logged alike can be compared step by step.</remarks>
internal sealed class ThinnedSeries(int most)
{
    private readonly List<(long Step, double Value)> _kept = [];
    private long _count;
    private int _stride = 1;
    private (long Step, double Value)? _last,
        _lowest,
        _highest;

    /// <summary>Whether points were left out.</summary>
    public bool IsThinned => _stride > 1;

    public (long Step, double Value)? Last => _last;

    /// <summary>A point; if the run was there already, it replaces what came from its step on.</summary>
    public void Add(long step, double value)
    {
        if (_last is { } last && last.Step >= step)
            CutFrom(step);
        _last = (step, value);
        if (double.IsFinite(value))
        {
            if (_lowest is not { } lowest || value < lowest.Value)
                _lowest = _last;
            if (_highest is not { } highest || value > highest.Value)
                _highest = _last;
        }
        if (_count++ % _stride == 0)
            _kept.Add((step, value));
        if (_kept.Count > most)
            Thin();
    }

    /// <summary>Takes away the points of a step and all later ones.</summary>
    public void CutFrom(long step)
    {
        int from = _kept.Count;
        while (from > 0 && _kept[from - 1].Step >= step)
            from--;
        _kept.RemoveRange(from, _kept.Count - from);
        _count = _stride * (long)_kept.Count;
        _last = Before(_last) ?? (_kept.Count > 0 ? _kept[^1] : null);
        _lowest = Before(_lowest) ?? Extreme(_kept.OrderBy(p => p.Value));
        _highest = Before(_highest) ?? Extreme(_kept.OrderByDescending(p => p.Value));

        (long Step, double)? Before((long Step, double Value)? point) => point is { } p && p.Step < step ? p : null;

        static (long, double)? Extreme(IEnumerable<(long, double Value)> order)
        {
            foreach ((long, double Value) point in order)
                if (double.IsFinite(point.Value))
                    return point;
            return null;
        }
    }

    private void Thin()
    {
        int kept = 0;
        for (int i = 0; i < _kept.Count; i += 2)
            _kept[kept++] = _kept[i];
        _kept.RemoveRange(kept, _kept.Count - kept);
        _stride *= 2;
    }

    /// <summary>In the order of their steps.</summary>
    public IEnumerable<(long Step, double Value)> Points()
    {
        var points = new SortedDictionary<long, double>();
        foreach ((long step, double value) in _kept)
            points[step] = value;
        foreach ((long Step, double Value)? point in ((long Step, double Value)?[])[_lowest, _highest, _last])
            if (point is { } p)
                points[p.Step] = p.Value;
        return points.Select(p => (p.Key, p.Value));
    }
}
