// The curves that were asked for lately, within a bound of memory.
using Gaplab.Numerics;
using Gaplab.Results.Store;

namespace Gaplab.Serving;

/// <summary>Metrics of runs by id. What was not asked for longest is dropped first.</summary>
internal sealed class CurveLibrary(RunStore store)
{
    /// <summary>Numbers held at most: 24 bytes each.</summary>
    private const long MostPoints = 2_000_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (CurveFile File, long Asked)> _files = new(StringComparer.Ordinal);
    private long _clock;

    /// <summary>The metrics of a run as they are now; null where it has none, or they cannot be read.</summary>
    /// <param name="run">Its id.</param>
    /// <param name="work">Where it is being made; null where it is not.</param>
    public CurveFile? Of(string run, string? work)
    {
        lock (_gate)
        {
            CurveFile file = _files.TryGetValue(run, out var known) ? known.File : new CurveFile();
            try
            {
                string finished = Path.Combine(store.Run(run).Folder, RunFolder.Metrics);
                file.Follow(work is not null && !File.Exists(finished) ? Path.Combine(work, RunFolder.Metrics) : finished);
            }
            catch (Exception error) when (error is InputException or IOException or UnauthorizedAccessException)
            {
                _files.Remove(run);
                return null;
            }
            _files[run] = (file, ++_clock);
            for (long held = _files.Values.Sum(f => f.File.Points); held > MostPoints && _files.Count > 1; )
            {
                string oldest = _files.MinBy(f => f.Value.Asked).Key;
                held -= _files[oldest].File.Points;
                _files.Remove(oldest);
            }
            return file.Points > 0 ? file : null;
        }
    }
}
