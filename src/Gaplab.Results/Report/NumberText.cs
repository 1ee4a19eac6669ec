// How numbers are set in a report: invariant, few digits, a true minus sign.
using System.Globalization;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report;

/// <summary>Text of numbers for readers; exact values travel beside it in the cells.</summary>
public static class NumberText
{
    /// <summary>What stands where there is no number.</summary>
    public const string None = "–";

    /// <summary>A metric: four decimals, or four significant digits where that would say nothing.</summary>
    public static string Metric(double value) =>
        double.IsNaN(value) ? "diverged"
        : double.IsPositiveInfinity(value) ? "∞"
        : double.IsNegativeInfinity(value) ? "−∞"
        : Math.Abs(value) is not 0 and (< 0.001 or >= 10_000) ? Sign(value.ToString("0.###e0", CultureInfo.InvariantCulture))
        : Sign(value.ToString("0.0000", CultureInfo.InvariantCulture));

    /// <summary>A difference, always with its sign; what rounding alone can make is zero.</summary>
    public static string Signed(double value)
    {
        if (double.IsNaN(value))
            return "undefined";
        string text = Math.Abs(value) switch
        {
            < 1e-12 => "0",
            >= 0.00005 and < 10_000 => Sign(value.ToString("0.0000", CultureInfo.InvariantCulture)),
            _ => Metric(value),
        };
        return value >= 1e-12 ? "+" + text : text;
    }

    /// <summary>A learning rate or a batch size in between: three significant digits.</summary>
    public static string Short(double value) =>
        value == 0 ? "0"
        : Math.Abs(value) is < 0.001 or >= 1e6 ? Sign(value.ToString("0.##e0", CultureInfo.InvariantCulture))
        : Sign(
            value.ToString("G3", CultureInfo.InvariantCulture) is var text && text.Contains('E', StringComparison.Ordinal)
                ? value.ToString("0", CultureInfo.InvariantCulture)
                : text
        );

    /// <summary>A fraction in per cent.</summary>
    public static string Percent(double fraction) =>
        (100 * fraction).ToString(fraction is > 0 and < 0.01 or > 0.99 and < 1 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";

    /// <summary>A correlation, or a share that can be negative: two decimals with the sign; a dash where there is none.</summary>
    public static string Correlation(double? value) =>
        value is { } v && double.IsFinite(v) ? v.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture) : None;

    /// <summary>A whole number, its thousands set apart.</summary>
    public static string Count(long value) => Sign(value.ToString("#,0", CultureInfo.InvariantCulture));

    /// <summary>"1 run", "1,024 runs".</summary>
    public static string Count(long value, string one, string? many = null) => $"{Count(value)} {(value == 1 ? one : many ?? one + "s")}";

    /// <summary>An interval by the text of its ends; an open end is infinite; a dash where there is none.</summary>
    public static string Interval(Interval interval, Func<double, string> text)
    {
        ArgumentNullException.ThrowIfNull(interval);
        ArgumentNullException.ThrowIfNull(text);
        if (interval.Low is null && interval.High is null && !interval.LowOpen && !interval.HighOpen)
            return None;
        string low = interval.Low is double l ? "[" + text(l) : "(−∞",
            high = interval.High is double h ? text(h) + "]" : "∞)";
        return $"{low}, {high}";
    }

    private static string Sign(string text) => text.Replace('-', '−');
}
