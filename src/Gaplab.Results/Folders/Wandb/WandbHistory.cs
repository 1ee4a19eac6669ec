// What a run logged: a series of numbers for each name.
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders.Wandb;

/// <summary>Names, steps and values, within bounds.</summary>
internal sealed class WandbHistory
{
    /// <summary>A run has fewer metrics than this.</summary>
    public const int MostNames = TableHeader.MostColumns;

    /// <summary>Of longer series every second, fourth, … value is kept.</summary>
    private const int MostPoints = 1 << 20;

    private readonly Dictionary<string, ThinnedSeries> _series = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ThinnedSeries> Series => _series;

    public long? FirstStep { get; private set; }

    public long? LastStep => _series.Values.Max(s => s.Last?.Step);

    /// <summary>False when there are too many names already.</summary>
    public bool Add(string name, long step, double value)
    {
        if (!_series.TryGetValue(name, out ThinnedSeries? series))
        {
            if (_series.Count >= MostNames || name.Length > TableHeader.LongestName)
                return false;
            _series.Add(name, series = new(MostPoints));
        }
        if (FirstStep is not { } first || step < first)
            FirstStep = step;
        series.Add(step, value);
        return true;
    }

    /// <summary>What a run logged after it was resumed; from its first step on it replaces what was logged before.</summary>
    public void Continue(WandbHistory later)
    {
        if (later.FirstStep is not { } from)
            return;
        foreach (ThinnedSeries series in _series.Values)
            series.CutFrom(from);
        foreach ((string name, ThinnedSeries series) in later._series)
        foreach ((long step, double value) in series.Points())
            Add(name, step, value);
    }
}
