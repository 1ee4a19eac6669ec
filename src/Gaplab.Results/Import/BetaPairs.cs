// Adam's two decays where one field holds both, as PyTorch and its configurations write them: betas=(0.9, 0.95).
namespace Gaplab.Results.Import;

/// <summary>Splits columns of pairs into a column for each of the two.</summary>
internal static class BetaPairs
{
    /// <summary>What a pair is called.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["betas", "adambetas", "adamwbetas", "beta1beta2"];

    /// <summary>Every column so called whose fields are pairs, or nothing, is followed by its two numbers in columns "NAME[0]" and
    /// "NAME[1]", at the end of the table; others stay.</summary>
    public static SourceTable Split(SourceTable table)
    {
        int[] pairs =
        [
            .. Enumerable
                .Range(0, table.Header.Length)
                .Where(c =>
                    ColumnNames.Rank([.. Columns], table.Header[c]) >= 0
                    && table.Rows.All(r => SweepNumber.IsBlank(r.Fields[c]) || Read(r.Fields[c]) is not null)
                    && table.Rows.Any(r => Read(r.Fields[c]) is not null)
                ),
        ];
        if (pairs.Length == 0)
            return table;
        return table with
        {
            Header = [.. table.Header, .. pairs.SelectMany(c => new[] { $"{table.Header[c]}[0]", $"{table.Header[c]}[1]" })],
            Rows =
            [
                .. table.Rows.Select(r =>
                    r with
                    {
                        Fields =
                        [
                            .. r.Fields,
                            .. pairs.SelectMany(c => Read(r.Fields[c]) is var (first, second) ? new[] { first, second } : ["", ""]),
                        ],
                    }
                ),
            ],
        };
    }

    /// <summary>The columns among those of β₂ that hold it: of a pair numbered from 1, the first member is none.</summary>
    public static int[] Seconds(SourceTable table, int[] named)
    {
        string[] names = [.. named.Select(c => ColumnNames.Simplify(table.Header[c]))];
        return [.. named.Where((_, i) => !(names[i].EndsWith('1') && names.Contains(names[i][..^1] + "2")))];
    }

    /// <summary>Null unless it is two numbers, in brackets of any kind or none.</summary>
    private static (string First, string Second)? Read(string field)
    {
        string[] parts = field.Trim().Trim('(', ')', '[', ']', '{', '}').Split([',', ';'], StringSplitOptions.TrimEntries);
        return parts.Length == 2 && Array.TrueForAll(parts, p => p.Length > 0 && char.IsDigit(p[0]) && SweepNumber.Parse(p) is not null)
            ? (parts[0], parts[1])
            : null;
    }
}
