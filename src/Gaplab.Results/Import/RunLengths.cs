// How long each run had trained when its values were measured.
namespace Gaplab.Results.Import;

/// <summary>By row and column, the samples (or, where they are not known, the epochs) at which a value was measured.</summary>
internal sealed class RunLengths
{
    private readonly Dictionary<(int Line, int Column), (double? Samples, double? Epochs)> _lengths = [];

    /// <summary>By line, the reason for which the run does not reach the samples that were asked for.</summary>
    private readonly Dictionary<int, string> _short = [];

    public bool IsEmpty => _lengths.Count == 0 && _short.Count == 0;

    public void Add(int line, int column, double? samples, double? epochs)
    {
        if (samples is not null || epochs is not null)
            _lengths[(line, column)] = (samples, epochs);
    }

    public void AddShort(int line, string why) => _short[line] = why;

    public double? Samples(int line, int column) => _lengths.GetValueOrDefault((line, column)).Samples;

    public double? Epochs(int line, int column) => _lengths.GetValueOrDefault((line, column)).Epochs;

    /// <summary>Why a run ended before the samples that were asked for; null where it did not.</summary>
    public string? Short(int line) => _short.GetValueOrDefault(line);

    /// <summary>A row's lengths under another line, its columns at other places.</summary>
    public void CopyTo(RunLengths other, int line, int newLine, int[] columns)
    {
        for (int c = 0; c < columns.Length; c++)
            if (_lengths.TryGetValue((line, c), out var length))
                other._lengths[(newLine, columns[c])] = length;
        if (_short.TryGetValue(line, out string? why))
            other._short[newLine] = why;
    }
}
