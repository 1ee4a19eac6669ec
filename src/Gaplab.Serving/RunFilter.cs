// What a reader types to see some of the runs: words and conditions, all of which must hold.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Serving;

/// <summary>"optimizer=adam batch>=64 lr&lt;0.1 state=missing word": conditions on columns of <see cref="RunRow"/> and words that occur
/// anywhere in a row.</summary>
internal sealed class RunFilter
{
    // The longer ones first: "<=" begins with "<".
    private static readonly string[] s_operators = ["!=", "<=", ">=", "=", "<", ">"];
    private readonly List<Func<RunRow, bool>> _conditions = [];

    private RunFilter() { }

    /// <exception cref="InputException">A condition on a column that there is not, or on a number that is none.</exception>
    public static RunFilter Parse(string? text)
    {
        var filter = new RunFilter();
        foreach (string term in (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            filter._conditions.Add(Condition(term));
        return filter;
    }

    public bool Matches(RunRow row) => _conditions.TrueForAll(c => c(row));

    private static Func<RunRow, bool> Condition(string term)
    {
        (string sign, int at) = s_operators
            .Select(o => (Sign: o, At: term.IndexOf(o, StringComparison.Ordinal)))
            .Where(o => o.At > 0)
            .OrderBy(o => o.At)
            .ThenByDescending(o => o.Sign.Length)
            .FirstOrDefault();
        if (sign is null)
            return row => RunRow.Columns.Any(c => RunRow.Text(c.Of(row)).Contains(term, StringComparison.OrdinalIgnoreCase));
        string name = term[..at],
            wanted = term[(at + sign.Length)..];
        if (RunRow.Columns.FirstOrDefault(c => c.Name == name) is not { Of: { } of })
            throw new InputException(
                $"'{Shown.Of(name)}' is no column; expected one of {string.Join(", ", RunRow.Columns.Select(c => c.Name))}"
            );
        bool isNumber = double.TryParse(wanted, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
        if (sign is "=" or "!=")
            return row =>
                (
                    of(row) is double value && isNumber
                        ? Close(value, number)
                        : RunRow.Text(of(row)).Equals(wanted, StringComparison.OrdinalIgnoreCase)
                ) == (sign == "=");
        if (!isNumber)
            throw new InputException($"'{Shown.Of(term)}' compares with '{Shown.Of(wanted)}'; expected a number");
        return row =>
            of(row) is double value
            && sign switch
            {
                "<" => value < number,
                ">" => value > number,
                "<=" => value <= number || Close(value, number),
                _ => value >= number || Close(value, number),
            };
    }

    // Learning rates are typed with the digits that the table shows.
    private static bool Close(double value, double typed) => Math.Abs(value - typed) <= 1e-3 * Math.Abs(typed);
}
