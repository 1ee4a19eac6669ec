// Sizes in bytes as people write them: 4GiB, 500MB, 1048576.
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gaplab.Studies;

/// <summary>Decimal (kB, MB, GB, TB) and binary (KiB, MiB, GiB, TiB) sizes.</summary>
internal static partial class ByteSize
{
    /// <summary>How a size is written, as a regular expression that ECMAScript reads too.</summary>
    public const string Pattern = @"^ *([0-9]+\.?[0-9]*|\.[0-9]+) *([kKmMgGtT]?[bB]|[kKmMgGtT][iI][bB])?$";

    private static readonly (string Unit, double Bytes)[] Units =
    [
        ("KiB", 1L << 10),
        ("MiB", 1L << 20),
        ("GiB", 1L << 30),
        ("TiB", 1L << 40),
        ("kB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
        ("B", 1),
        ("", 1),
    ];

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        if (!Written().IsMatch(text))
            return false;
        foreach ((string unit, double size) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
                continue;
            if (
                !double.TryParse(
                    text[..^unit.Length].Trim(),
                    NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out double number
                )
            )
                return false;
            if (!(number * size is >= 1 and < 9e18))
                return false;
            bytes = (long)(number * size);
            return true;
        }
        return false;
    }

    /// <summary>"1.5 GiB".</summary>
    public static string Format(double bytes)
    {
        int unit = bytes <= 0 ? 0 : Math.Clamp((int)Math.Floor(Math.Log2(bytes) / 10), 0, 4);
        string[] names = ["B", "KiB", "MiB", "GiB", "TiB"];
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / Math.Pow(1024, unit):0.#} {names[unit]}");
    }

    [GeneratedRegex(Pattern)]
    private static partial Regex Written();
}
