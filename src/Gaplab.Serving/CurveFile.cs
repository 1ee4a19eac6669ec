// The metrics of one run as they grow: what was read is kept, and only what has been added is read.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;

namespace Gaplab.Serving;

/// <summary>Follows a metrics.jsonl. A line that is not whole yet is left for the next look; a file that is another, or shorter, is read
/// from its beginning.</summary>
internal sealed class CurveFile
{
    private readonly Dictionary<string, List<CurveValue>> _curves = new(StringComparer.Ordinal);
    private long _read;

    /// <summary>Numbers held.</summary>
    public long Points => _curves.Values.Sum(c => (long)c.Count);

    public IEnumerable<string> Names => _curves.Keys.Order(StringComparer.Ordinal);

    public IReadOnlyList<CurveValue> Of(string name) => _curves.TryGetValue(name, out var curve) ? curve : [];

    /// <summary>Reads what is new.</summary>
    /// <param name="path">Where the run's metrics are now: they move when the run is finished.</param>
    /// <returns>Bytes read.</returns>
    /// <exception cref="InputException">A line that is no metric.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public long Follow(string path)
    {
        if (!File.Exists(path))
            return 0;
        using FileStream stream = RegularFile.Open(path);
        // The folder of a run is renamed when it is whole; its metrics are the same bytes.
        if (stream.Length < _read)
            Forget();
        stream.Position = _read;
        long before = _read;
        byte[] buffer = new byte[1 << 16];
        int held = 0;
        while (stream.Read(buffer, held, buffer.Length - held) is > 0 and var got)
        {
            held += got;
            int start = 0;
            for (int end; (end = Array.IndexOf(buffer, (byte)'\n', start, held - start)) >= 0; start = end + 1)
                Add(MetricRow.Parse(buffer.AsSpan(start, end - start), path));
            _read += start;
            held -= start;
            buffer.AsSpan(start, held).CopyTo(buffer);
            if (held == buffer.Length)
                Array.Resize(ref buffer, 2 * buffer.Length);
        }
        return _read - before;
    }

    private void Add(MetricRow row)
    {
        if (!_curves.TryGetValue(row.Name, out var curve))
            _curves[row.Name] = curve = [];
        // A run that went on from a checkpoint measures some steps again.
        while (curve.Count > 0 && curve[^1].Step >= row.Step)
            curve.RemoveAt(curve.Count - 1);
        curve.Add(new CurveValue(row.Step, row.Samples, row.Value));
    }

    private void Forget()
    {
        _curves.Clear();
        _read = 0;
    }
}
