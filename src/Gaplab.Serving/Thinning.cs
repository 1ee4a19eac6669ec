// Long curves made short enough to travel: what a screen would show of them stays, the extremes above all.
namespace Gaplab.Serving;

/// <summary>A point of a curve.</summary>
internal readonly record struct CurveValue(long Step, long Samples, double Value);

internal static class Thinning
{
    /// <summary>At most <paramref name="most"/> points: the first and the last, and of each stretch between them the least
    /// and the largest in their order. What is not finite counts as larger than all. A curve that is short enough is left alone.</summary>
    public static IReadOnlyList<CurveValue> Of(IReadOnlyList<CurveValue> curve, int most)
    {
        ArgumentNullException.ThrowIfNull(curve);
        if (curve.Count <= Math.Max(most, 4))
            return curve;
        int stretches = (Math.Max(most, 4) - 2) / 2;
        var kept = new List<CurveValue>(2 * stretches + 2) { curve[0] };
        for (int s = 0; s < stretches; s++)
        {
            int from = 1 + (int)((long)(curve.Count - 2) * s / stretches),
                to = 1 + (int)((long)(curve.Count - 2) * (s + 1) / stretches),
                least = from,
                largest = from;
            for (int i = from; i < to; i++)
            {
                if (Height(curve[i]) < Height(curve[least]))
                    least = i;
                if (Height(curve[i]) > Height(curve[largest]))
                    largest = i;
            }
            kept.Add(curve[Math.Min(least, largest)]);
            if (least != largest)
                kept.Add(curve[Math.Max(least, largest)]);
        }
        kept.Add(curve[^1]);
        return kept;
    }

    private static double Height(CurveValue point) => double.IsFinite(point.Value) ? point.Value : double.PositiveInfinity;

    /// <summary>At most <paramref name="most"/> items, evenly along the list, the first and the last among them.</summary>
    public static IReadOnlyList<T> Evenly<T>(IReadOnlyList<T> items, int most)
    {
        ArgumentNullException.ThrowIfNull(items);
        return items.Count <= most
            ? items
            : [.. Enumerable.Range(0, most).Select(i => items[(int)((long)i * (items.Count - 1) / Math.Max(1, most - 1))])];
    }
}
