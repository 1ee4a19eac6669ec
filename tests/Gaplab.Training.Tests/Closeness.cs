// One comparison for arrays: the largest difference relative to a scale, with the place in the message.
using System.Globalization;

namespace Gaplab.Training.Tests;

internal static class Closeness
{
    /// <summary>|actual − expected| ≤ relative · max(|expected|, floor) everywhere.</summary>
    public static void Same(
        ReadOnlySpan<double> expected,
        ReadOnlySpan<double> actual,
        double relative,
        double floor = 1e-300,
        string what = "value"
    )
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double bound = relative * Math.Max(Math.Abs(expected[i]), floor);
            Assert.True(
                Math.Abs(actual[i] - expected[i]) <= bound,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what} {i}: expected {expected[i]:r}, got {actual[i]:r}, difference {Math.Abs(actual[i] - expected[i]):g3} "
                        + $"above {bound:g3}"
                )
            );
        }
    }

    public static double LargestMagnitude(ReadOnlySpan<double> values)
    {
        double top = 0;
        foreach (double v in values)
            top = Math.Max(top, Math.Abs(v));
        return top;
    }
}
