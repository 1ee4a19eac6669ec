// An interpolated message of bad input: what a user wrote is shortened as it enters, so that no message can repeat megabytes of it.
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gaplab.Numerics;

/// <summary>The text of an <see cref="InputException"/> or of what leads to one. A text in single quotes is a user's value and shows at
/// most <see cref="Shown.Most"/> of its characters; numbers are invariant.</summary>
/// <remarks>The compiler makes one wherever an interpolated string is handed over, so that no call can forget it.</remarks>
[InterpolatedStringHandler]
public readonly ref struct InputMessage
{
    private readonly StringBuilder _text;

    public InputMessage(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + 16 * formattedCount);

    public void AppendLiteral(string literal) => _text.Append(literal);

    public void AppendFormatted(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return;
        bool quoted = _text.Length > 0 && _text[^1] == '\'';
        // A part of several words may be a list of valid names or another message, which was shortened where it was made.
        int most =
            quoted ? Shown.Most
            : value.AsSpan(0, Math.Min(value.Length, Shown.MostWord)).Contains(' ') ? Shown.MostLine
            : Shown.MostWord;
        _text.Append(Shown.Of(value, most));
    }

    public void AppendFormatted<T>(T value, string? format = null) =>
        AppendFormatted(value is IFormattable number ? number.ToString(format, CultureInfo.InvariantCulture) : value?.ToString());

    public override string ToString() => _text.ToString();
}
