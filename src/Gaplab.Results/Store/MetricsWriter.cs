// The one writer of a run's metrics.jsonl: it knows what it has written, and stops when something else stands there.
using System.Security.Cryptography;
using System.Text;

namespace Gaplab.Results.Store;

/// <summary>Appends to metrics.jsonl and keeps length and digest of it, for checkpoints and for the result. Get one with
/// <see cref="RunFolder.ContinueMetrics"/>.</summary>
public sealed class MetricsWriter : IDisposable
{
    private readonly RunFolder _run;
    private readonly IncrementalHash _hash;

    internal MetricsWriter(RunFolder run, IncrementalHash hash, long length) => (_run, _hash, Length) = (run, hash, length);

    /// <summary>Bytes written, those of earlier processes included.</summary>
    public long Length { get; private set; }

    /// <summary>SHA-256 of these bytes.</summary>
    public string Digest => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Appends rows in one write.</summary>
    /// <exception cref="VanishedRunException">The folder was deleted, or the file is not as long as it was left.</exception>
    /// <exception cref="Gaplab.Numerics.InputException">The disk is full or the folder is not writable; the file is as long as
    /// before.</exception>
    public void Append(IEnumerable<MetricRow> rows)
    {
        byte[] bytes = Lines(rows);
        if (bytes.Length == 0)
            return;
        AssertThere();
        _run.Append(bytes);
        _hash.AppendData(bytes);
        Length += bytes.Length;
    }

    /// <summary>Asks whether the run is still what was written of it: its spec, and as many bytes of metrics. Before everything that would
    /// else make a folder anew.</summary>
    /// <exception cref="VanishedRunException">It is not.</exception>
    public void AssertThere()
    {
        _run.AssertThere();
        var file = new FileInfo(Path.Combine(_run.Folder, RunFolder.MetricsName));
        long length = file.Exists ? file.Length : 0;
        if (length != Length)
            throw new VanishedRunException(
                $"{file.FullName} has {length} bytes where {Length} were written: it was deleted or changed while the run trained"
            );
    }

    public void Dispose() => _hash.Dispose();

    internal static byte[] Lines(IEnumerable<MetricRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var lines = new StringBuilder();
        foreach (MetricRow row in rows)
            row.AppendTo(lines);
        return Encoding.UTF8.GetBytes(lines.ToString());
    }
}
