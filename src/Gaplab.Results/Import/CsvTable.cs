// Reads a delimited text file: delimiter, quotes and line ends are found out.
using System.Globalization;
using CsvHelper;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Export;

namespace Gaplab.Results.Import;

/// <summary>The reader of delimited text: comma, semicolon or tab, or what a first line "sep=;" says; CRLF, LF and CR.</summary>
internal static class CsvTable
{
    private const int LongestHeader = 1 << 20;

    /// <exception cref="InputException">Empty, no rows, or a row with too few or too many fields.</exception>
    public static SourceTable Parse(string text, string name)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw Empty(name);
        FieldLengths.Check(name, text);
        // Lines that end with CR alone, as old Macs wrote them, are lines all the same.
        if (!text.Contains('\n', StringComparison.Ordinal))
            text = text.Replace('\r', '\n');
        (char? said, int begin) = SeparatorLine(text);
        char separator = said ?? Delimiter(text, name);
        var options = new CsvReaderOptions
        {
            Separator = separator,
            HasHeader = false,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
        };
        using CsvReader reader = CsvReader.FromText(text[begin..], options);
        string[]? header = null;
        var rows = new List<SourceRow>();
        int before = begin > 0 ? 1 : 0,
            torn = text.EndsWith('\n') ? 0 : text.AsSpan().Count('\n') + 1;
        try
        {
            while (reader.Read())
            {
                var fields = new string[reader.FieldCount];
                for (int i = 0; i < fields.Length; i++)
                    fields[i] = SpreadsheetField.Restore(reader.GetString(i).Trim());
                int line = (int)reader.LineNumber + before;
                if (header is null)
                    CheckHeader(name, line, header = fields);
                else if (fields.Any(f => f.Length > 0))
                    rows.Add(new(line, Fitted(name, line, fields, header.Length, separator, line == torn)));
            }
        }
        catch (CsvFormatException e)
        {
            throw new InputException(
                $"{name}, line {e.LineNumber + before}: broken quotes; quote the whole field and double the quotes inside it",
                e
            );
        }
        if (header is null)
            throw Empty(name);
        if (rows.Count == 0)
            throw new InputException($"{name} has a header line and no rows; expected one row per run");
        return new SourceTable(name, header, rows);
    }

    private static InputException Empty(string name) => new($"{name} is empty; expected a header line and one row per run");

    /// <summary>A row with as many fields as the header; empty ones beyond it are dropped. A short one at a torn end is refused as any
    /// other: where its last field was cut cannot be told.</summary>
    private static string[] Fitted(string name, int line, string[] fields, int expected, char separator, bool isTorn)
    {
        if (fields.Length == expected)
            return fields;
        if (fields.Length > expected && fields.Skip(expected).All(f => f.Length == 0))
            return fields[..expected];
        string cause =
            isTorn && fields.Length < expected ? "the file ends in this line, without a line end: was it cut off?"
            : separator == ',' && fields.Length > expected && fields.Count(IsDigits) >= 2
                ? "if these are decimal commas, separate the fields by semicolons or quote the numbers"
            : "a field that holds a delimiter must be quoted";
        throw new InputException($"{name}, line {line}: {fields.Length} fields where the header has {expected}; {cause}");
    }

    private static bool IsDigits(string field) => field.Length > 0 && field.AsSpan().TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0;

    private static void CheckHeader(string name, int line, string[] header)
    {
        // pandas writes its index under an empty name: harmless, but two nameless columns are a broken header.
        if (header.Count(h => h.Length == 0) > 1)
            throw new InputException(
                $"{name}, line {line}: several columns have no name; expected a header line with the name of each column"
            );
        TableHeader.Check($"{name}, line {line}", header);
        if (header.Length > 1 && header.All(h => double.TryParse(h, CultureInfo.InvariantCulture, out _)))
            throw new InputException(
                $"{name}, line {line}: the header holds numbers only; expected a first line with the name of each column"
            );
    }

    /// <summary>The separator that a first line "sep=;" names, and where the table begins after it.</summary>
    private static (char? Separator, int Begin) SeparatorLine(string text)
    {
        int begin = 0;
        while (begin < text.Length && char.IsWhiteSpace(text[begin]))
            begin++;
        int end = text.IndexOf('\n', begin);
        string line = (end < 0 ? text[begin..] : text[begin..Math.Min(end, begin + 16)]).Trim('\r', '"');
        if (end < 0 || line.Length < 4 || !line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
            return (null, 0);
        return line[4..] is [var separator] && separator is not '"' && !char.IsLetterOrDigit(separator) ? (separator, end + 1) : (null, 0);
    }

    /// <summary>The candidate that occurs most often outside quotes in the header line; a comma when none does.</summary>
    private static char Delimiter(string text, string name)
    {
        var counts = new Dictionary<char, int>
        {
            [','] = 0,
            [';'] = 0,
            ['\t'] = 0,
        };
        bool quoted = false,
            begun = false;
        int length = 0;
        foreach (char c in text)
        {
            if (++length > LongestHeader)
                throw new InputException(
                    $"{name}, line 1: the header is longer than {LongestHeader} characters; expected the names of the columns, each at "
                        + $"most a line long"
                );
            if (c == '"')
                quoted = !quoted;
            else if (c is '\n' or '\r' && !quoted)
            {
                if (begun)
                    break;
            }
            else
            {
                begun |= !char.IsWhiteSpace(c);
                if (!quoted && counts.TryGetValue(c, out int seen))
                    counts[c] = seen + 1;
            }
        }
        return counts.MaxBy(c => c.Value).Key;
    }

    public static SweepFormat Format { get; } =
        new(
            // Whatever is not recognised as something else may be text.
            source => source.IsFolder ? Recognition.No : Recognition.Possible,
            (source, notes) => Parse(source.Text(notes), source.Name)
        )
        {
            Name = "csv",
            Says = "delimited text with a header line: comma, semicolon or tab, or what a first line `sep=` says",
            KnownBy = "a file that is nothing else of this table",
            Endings = [".csv", ".tsv", ".txt"],
        };
}
