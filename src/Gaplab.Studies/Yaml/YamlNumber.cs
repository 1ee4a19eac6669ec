// Numbers of YAML 1.2, and digits in groups apart by underscores.
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads a plain scalar as the core schema of YAML 1.2 does: 010 is ten, 0o10 eight, 0x10 sixteen, .inf infinite; 1:30, 65k and
/// quoted digits are texts.</summary>
internal static class YamlNumber
{
    public static bool TryParse(YamlNode node, out double value)
    {
        value = 0;
        if (node is not YamlScalarNode { Style: ScalarStyle.Plain, Value: { Length: > 0 and <= 100 } text })
            return false;
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return Whole(text[2..], 16, out value);
        if (text.StartsWith("0o", StringComparison.Ordinal))
            return Whole(text[2..], 8, out value);
        if (text is ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF")
        {
            value = double.PositiveInfinity;
            return true;
        }
        if (text is "-.inf" or "-.Inf" or "-.INF")
        {
            value = double.NegativeInfinity;
            return true;
        }
        if (text is ".nan" or ".NaN" or ".NAN")
        {
            value = double.NaN;
            return true;
        }
        for (int i = 0; i < text.Length; i++)
        {
            bool grouped =
                text[i] == '_' && i > 0 && i + 1 < text.Length && char.IsAsciiDigit(text[i - 1]) && char.IsAsciiDigit(text[i + 1]);
            if (!grouped && !char.IsAsciiDigit(text[i]) && text[i] is not ('.' or '+' or '-' or 'e' or 'E'))
                return false;
        }
        return double.TryParse(
            text.Replace("_", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out value
        );
    }

    private static bool Whole(string digits, int radix, out double value)
    {
        value = 0;
        if (digits.Length is 0 or > 16)
            return false;
        foreach (char c in digits)
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix)
                return false;
            value = value * radix + digit;
        }
        return true;
    }
}
