// Numbers to six significant digits: learning rates that print alike are one.
using System.Globalization;

namespace Gaplab.Numerics;

/// <summary>Rounding to six significant digits: 0.0316227766 and 0.03162278 are two printings of 10^-1.5.</summary>
public static class SixDigits
{
    /// <summary>The nearest number of six significant digits.</summary>
    public static double Round(double value) =>
        double.Parse(value.ToString("E5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>The same of a number that may be absent.</summary>
    public static double? Round(double? value) => value is { } number ? Round(number) : null;
}
