// Whether what is called a series is a sorted file.
namespace Gaplab.Numerics.Tails;

/// <summary>Sorted, by value or by magnitude: 99 of 100 steps that change anything go one way. Blocks of such values hold one magnitude
/// each, and no block says what the whole is like.</summary>
internal static class SortedSeries
{
    private const double Share = 0.99;
    private const int FewestSteps = 20;

    /// <param name="column">Values of one coordinate.</param>
    /// <param name="run">As many follow each other in the file.</param>
    public static bool Is(double[] column, int run) => OneWay(column, run, x => x) || OneWay(column, run, Math.Abs);

    private static bool OneWay(double[] column, int run, Func<double, double> of)
    {
        long up = 0,
            down = 0;
        for (int i = 1; i < column.Length; i++)
        {
            if (i % run == 0)
                continue;
            double before = of(column[i - 1]),
                now = of(column[i]);
            if (now > before)
                up++;
            else if (now < before)
                down++;
        }
        return up + down >= FewestSteps && Math.Max(up, down) >= Share * (up + down);
    }
}
