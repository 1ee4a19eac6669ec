// A training history written as a Python list literal, parsed and never evaluated.
namespace Gaplab.Results.Import;

/// <summary>Reads "[2.31, 2.28, nan, inf, None, np.float64(2.2)]" as numbers; nothing else is understood.</summary>
internal static class HistoryLiteral
{
    /// <summary>Null when the text is no such list. nan is NaN; None and null, which say that nothing was measured there, are left
    /// out.</summary>
    public static double[]? Parse(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length < 2 || text[0] != '[' || text[^1] != ']')
            return null;
        text = text[1..^1].Trim();
        var values = new List<double>();
        while (!text.IsEmpty)
        {
            int comma = text.IndexOf(',');
            ReadOnlySpan<char> item = (comma < 0 ? text : text[..comma]).Trim();
            text = comma < 0 ? [] : text[(comma + 1)..].TrimStart();
            if (item.StartsWith("np.float") && item.EndsWith(")") && item.IndexOf('(') is > 0 and var open)
                item = item[(open + 1)..^1];
            if (SweepNumber.IsBlank(item))
                continue;
            if (SweepNumber.Parse(item) is not { } value)
                return null;
            values.Add(value);
        }
        return [.. values];
    }

    /// <summary>The last 1% of a history, at least one value.</summary>
    public static ReadOnlySpan<double> Tail(double[] history) =>
        history.AsSpan(history.Length - Math.Max(1, (int)Math.Ceiling(history.Length * 0.01)));
}
