// How a column writes its numbers: decimal point or comma, thousands, per cent. Decided by the whole column, never by one field.
using System.Buffers;
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Results.Import;

/// <summary>The marks in the numbers of one column.</summary>
/// <param name="DecimalComma">1,554 is a little more than one and a half.</param>
/// <param name="Percent">Every number carries a per-cent sign.</param>
internal readonly record struct NumberFormat(bool DecimalComma, bool Percent)
{
    /// <summary>What a field's marks say. "1.024" and "1,024" may be either; "0,03" and "1,024.5" may not.</summary>
    [Flags]
    private enum Marks
    {
        None = 0,
        Point = 1,
        Comma = 2,
        PointOrThousands = 4,
        CommaOrThousands = 8,
        GroupedByPoint = 16,
        GroupedByComma = 32,
    }

    /// <summary>Numbers that certainly have decimal commas, or certainly decimal points, somewhere in the columns.</summary>
    public static (bool Commas, bool Points) Evidence(SourceTable table, IEnumerable<int> columns)
    {
        Marks all = Marks.None;
        foreach (int column in columns)
        foreach (SourceRow row in table.Rows)
            all |= MarksOf(row.Fields[column]);
        return ((all & (Marks.Comma | Marks.GroupedByPoint)) != 0, (all & (Marks.Point | Marks.GroupedByComma)) != 0);
    }

    /// <summary>The format of a column.</summary>
    /// <param name="whole">Only whole numbers make sense: "1,024" is then 1024.</param>
    /// <param name="file">What the columns of numbers together show.</param>
    /// <exception cref="InputException">The column's numbers can be read in two ways.</exception>
    public static NumberFormat Of(SourceTable table, int column, bool whole, (bool Commas, bool Points) file)
    {
        Marks all = Marks.None;
        int percents = 0,
            numbers = 0;
        foreach (SourceRow row in table.Rows)
        {
            string field = row.Fields[column];
            all |= MarksOf(field);
            if (field.Length == 0 || !field.Any(char.IsAsciiDigit))
                continue;
            numbers++;
            if (field.EndsWith('%'))
                percents++;
        }
        if (percents > 0 && percents < numbers)
            throw Ambiguous(table, column, "some numbers carry a per-cent sign and others do not; write all in one unit");
        const Marks SureComma = Marks.Comma | Marks.GroupedByPoint,
            SurePoint = Marks.Point | Marks.GroupedByComma;
        bool comma = (all & SureComma) != 0,
            point = (all & SurePoint) != 0,
            maybeComma = all.HasFlag(Marks.CommaOrThousands),
            maybePoint = all.HasFlag(Marks.PointOrThousands);
        if (comma && point)
            throw Ambiguous(table, column, "it mixes decimal commas and decimal points; write it with one of them");
        if (comma)
            return !whole && maybePoint && !all.HasFlag(Marks.GroupedByPoint)
                ? throw Either(table, column, Marks.PointOrThousands)
                : new(true, percents > 0);
        if (point)
            return !whole && maybeComma && !all.HasFlag(Marks.GroupedByComma)
                ? throw Either(table, column, Marks.CommaOrThousands)
                : new(false, percents > 0);
        if (whole)
            return maybeComma && maybePoint
                ? throw Ambiguous(table, column, "it mixes commas and points; write whole numbers without them")
                : new(maybePoint && file.Commas && !file.Points, percents > 0);
        if (maybeComma && (maybePoint || file.Points || !file.Commas))
            throw Either(table, column, Marks.CommaOrThousands);
        if (maybePoint && file.Commas)
            throw Either(table, column, Marks.PointOrThousands);
        return new(maybeComma, percents > 0);
    }

    /// <summary>Null when it is no number in this format.</summary>
    public double? Parse(string text)
    {
        if (!Percent && !DecimalComma && text.AsSpan().IndexOfAny(s_marks) < 0)
            return SweepNumber.Parse(text);
        if (!Split(text, out string mantissa, out string exponent, out bool grouped))
            return SweepNumber.Parse(text);
        Marks marks = MarksOf(mantissa, exponent.Length > 0, grouped);
        if ((marks & (DecimalComma ? Marks.Point | Marks.GroupedByComma : Marks.Comma | Marks.GroupedByPoint)) != 0)
            return null;
        (string thousands, char mark) = DecimalComma ? (".", ',') : (",", '.');
        string plain = mantissa.Replace(thousands, "", StringComparison.Ordinal).Replace(mark, '.') + exponent;
        return double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? Percent
                ? value / 100
                : value
            : null;
    }

    /// <summary>Marks that stand between thousands and nowhere else: spaces of all kinds, apostrophes, the underscore of
    /// programs.</summary>
    private const string GroupMarks = "'\u2019_ \u00A0\u2009\u202F";

    private static readonly SearchValues<char> s_marks = SearchValues.Create(GroupMarks + ","),
        s_inNumbers = SearchValues.Create(GroupMarks + ",.0123456789");

    private static Marks MarksOf(string text) =>
        Split(text, out string mantissa, out string exponent, out bool grouped)
            ? MarksOf(mantissa, exponent.Length > 0, grouped)
            : Marks.None;

    private static Marks MarksOf(string mantissa, bool exponent, bool grouped)
    {
        int commas = mantissa.Count(c => c == ','),
            points = mantissa.Count(c => c == '.');
        return (commas, points) switch
        {
            (0, 0) => Marks.None,
            (0, 1) => exponent || grouped || !Groups(mantissa, '.') ? Marks.Point : Marks.PointOrThousands,
            (1, 0) => exponent || grouped || !Groups(mantissa, ',') ? Marks.Comma : Marks.CommaOrThousands,
            (0, _) => Marks.GroupedByPoint,
            (_, 0) => Marks.GroupedByComma,
            _ => mantissa.LastIndexOf(',') > mantissa.LastIndexOf('.')
                ? Marks.Comma | Marks.GroupedByPoint
                : Marks.Point | Marks.GroupedByComma,
        };
    }

    /// <summary>A number's digits with commas and points, and its exponent; false when the text is no number in any format.</summary>
    private static bool Split(string text, out string mantissa, out string exponent, out bool grouped)
    {
        string number = text.EndsWith('%') ? text[..^1].TrimEnd() : text;
        int e = number.IndexOfAny(['e', 'E']);
        (mantissa, exponent, grouped) = e < 0 ? (number, "", false) : (number[..e], number[e..], false);
        if (
            exponent.Length > 0
            && !(
                exponent.Length > 1
                && exponent.AsSpan(1).TrimStart("+-") is { Length: > 0 } power
                && power.IndexOfAnyExceptInRange('0', '9') < 0
            )
        )
            return false;
        int sign = mantissa.StartsWith('-') || mantissa.StartsWith('+') ? 1 : 0;
        if (!mantissa.Any(char.IsAsciiDigit) || mantissa.AsSpan(sign).IndexOfAnyExcept(s_inNumbers) >= 0)
            return false;
        foreach (char mark in GroupMarks)
        {
            if (!mantissa.Contains(mark, StringComparison.Ordinal))
                continue;
            int end = mantissa.IndexOfAny([',', '.']);
            if (grouped || !Groups(end < 0 ? mantissa : mantissa[..end], mark) || (end >= 0 && mantissa.IndexOf(mark, end) >= 0))
                return false;
            mantissa = mantissa.Replace(mark.ToString(), "", StringComparison.Ordinal);
            grouped = true;
        }
        // More than one mark of a kind, or both kinds: the first must part thousands, the last stands once.
        int commas = mantissa.Count(c => c == ','),
            points = mantissa.Count(c => c == '.');
        if (commas + points <= 1)
            return true;
        char first = mantissa.First(c => c is ',' or '.');
        int last = mantissa.LastIndexOfAny([',', '.']);
        bool both = commas > 0 && points > 0;
        return (!both || ((first == ',' ? points : commas) == 1 && mantissa[last] != first))
            && Groups(both ? mantissa[..last] : mantissa, first);
    }

    /// <summary>One to three digits, not beginning with 0, then groups of three.</summary>
    private static bool Groups(string digits, char mark)
    {
        string[] groups = digits.TrimStart('-', '+').Split(mark);
        return groups[0].Length is >= 1 and <= 3
            && groups[0][0] != '0'
            && groups.Skip(1).All(g => g.Length == 3)
            && groups.All(g => g.All(char.IsAsciiDigit));
    }

    private static InputException Either(SourceTable table, int column, Marks marks)
    {
        SourceRow row = table.Rows.First(r => MarksOf(r.Fields[column]) == marks);
        return new(
            $"{table.File}, {row.Where}, column {table.Name(column)}: '{SourceTable.Shown(row.Fields[column])}' may be a decimal "
                + $"{(marks == Marks.CommaOrThousands ? "comma" : "point")} or thousands, and nothing in the column tells; write it with "
                + $"a decimal point and without thousands"
        );
    }

    private static InputException Ambiguous(SourceTable table, int column, string what) =>
        new($"{table.File}, column {table.Name(column)}: {what}");
}
