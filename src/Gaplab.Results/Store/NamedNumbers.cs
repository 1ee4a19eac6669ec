// Numbers by name where very many results have the same names: these are held once, and the numbers of each in a row.
using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gaplab.Results.Store;

/// <summary>A dictionary of a few entries that takes eight bytes for each.</summary>
internal sealed class NamedNumbers : IReadOnlyDictionary<string, double>
{
    private static readonly ConcurrentDictionary<string, string[]> s_names = new(StringComparer.Ordinal);
    private readonly string[] _names;
    private readonly double[] _values;

    private NamedNumbers(string[] names, double[] values) => (_names, _values) = (names, values);

    public static NamedNumbers Of(IReadOnlyDictionary<string, double> numbers)
    {
        if (numbers is NamedNumbers already)
            return already;
        string[] names = [.. numbers.Keys.Order(StringComparer.Ordinal)];
        return new(s_names.GetOrAdd(string.Join('\n', names), names), [.. names.Select(n => numbers[n])]);
    }

    public int Count => _names.Length;

    public IEnumerable<string> Keys => _names;

    public IEnumerable<double> Values => _values;

    public double this[string key] =>
        TryGetValue(key, out double value) ? value : throw new KeyNotFoundException($"there is no number '{key}'");

    public bool ContainsKey(string key) => Array.IndexOf(_names, key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out double value)
    {
        int at = Array.IndexOf(_names, key);
        value = at < 0 ? 0 : _values[at];
        return at >= 0;
    }

    public IEnumerator<KeyValuePair<string, double>> GetEnumerator()
    {
        for (int i = 0; i < _names.Length; i++)
            yield return new(_names[i], _values[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
