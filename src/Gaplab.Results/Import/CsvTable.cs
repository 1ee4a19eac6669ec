// A delimited text file as a header and rows of fields, with the line each row came from.
using System.Globalization;
using System.Text;
using CsvHelper;
using Gaplab.Numerics;
using Gaplab.Results.Export;

namespace Gaplab.Results.Import;

/// <summary>The fields of a delimited text file; delimiter (comma, semicolon, tab), byte-order mark, quotes and line ends are found out.</summary>
internal sealed class CsvTable
{
    private CsvTable(string file, string[] header, List<(int Line, string[] Fields)> rows) => (File, Header, Rows) = (file, header, rows);

    /// <summary>The file's name, for messages.</summary>
    public string File { get; }

    public string[] Header { get; }

    public List<(int Line, string[] Fields)> Rows { get; }

    /// <exception cref="InputException">No such file, empty, binary, no rows, or a row with too few or too many fields.</exception>
    public static CsvTable Read(string path)
    {
        string name = Path.GetFileName(path), text = Text(path, name);
        FieldLengths.Check(name, text);
        var options = new CsvReaderOptions
        {
            Separator = Delimiter(text),
            HasHeader = false,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
        };
        using CsvReader reader = CsvReader.FromText(text, options);
        string[]? header = null;
        var rows = new List<(int, string[])>();
        try
        {
            while (reader.Read())
            {
                var fields = new string[reader.FieldCount];
                for (int i = 0; i < fields.Length; i++) fields[i] = SpreadsheetField.Restore(reader.GetString(i));
                int line = (int)reader.LineNumber;
                if (header is null) CheckHeader(name, header = fields);
                else if (fields.Any(f => f.Length > 0)) rows.Add((line, Fitted(name, line, fields, header.Length)));
            }
        }
        catch (CsvFormatException e)
        {
            throw new InputException($"{name}, line {e.LineNumber}: broken quotes; quote the whole field and double the quotes inside it", e);
        }
        if (header is null) throw new InputException($"{name} is empty; expected a header line and one row per run");
        if (rows.Count == 0) throw new InputException($"{name} has a header line and no rows; expected one row per run");
        return new CsvTable(name, header, rows);
    }

    /// <summary>A row with as many fields as the header; empty ones beyond it are dropped.</summary>
    private static string[] Fitted(string name, int line, string[] fields, int expected)
    {
        if (fields.Length == expected) return fields;
        if (fields.Length > expected && fields.Skip(expected).All(f => f.Length == 0)) return fields[..expected];
        throw new InputException($"{name}, line {line}: {fields.Length} fields where the header has {expected}; a field that holds a delimiter must be quoted");
    }

    private static void CheckHeader(string name, string[] header)
    {
        // pandas writes its index under an empty name: harmless, but two nameless columns are a broken header.
        if (header.Count(h => h.Length == 0) > 1) throw new InputException($"{name}, line 1: several columns have no name; expected a header line with the name of each column");
        if (header.GroupBy(h => h).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InputException($"{name}, line 1: two columns are called '{twice.Key}'; rename one");
        if (header.Length > 1 && header.All(h => double.TryParse(h, CultureInfo.InvariantCulture, out _)))
            throw new InputException($"{name}, line 1: the header holds numbers only; expected a first line with the name of each column");
    }

    private static string Text(string path, string name)
    {
        if (Directory.Exists(path)) throw new InputException($"{path} is a folder; expected a CSV file");
        if (!System.IO.File.Exists(path)) throw new InputException($"no such file: {path}");
        byte[] bytes = RegularFile.ReadBytes(path, FileLimit.Table);
        if (bytes.AsSpan().IndexOf((byte)0) >= 0) throw new InputException($"{name} is not text (it holds zero bytes); expected a CSV file in UTF-8");
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
            return text.Trim().Length == 0 ? throw new InputException($"{name} is empty; expected a header line and one row per run") : text;
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException($"{name} is not UTF-8 text; expected a CSV file in UTF-8", e);
        }
    }

    /// <summary>The candidate that occurs most often outside quotes in the header line; a comma when none does.</summary>
    private static char Delimiter(string text)
    {
        var counts = new Dictionary<char, int> { [','] = 0, [';'] = 0, ['\t'] = 0 };
        bool quoted = false, begun = false;
        foreach (char c in text)
        {
            if (c == '"') quoted = !quoted;
            else if (c is '\n' or '\r' && !quoted)
            {
                if (begun) break;
            }
            else
            {
                begun = true;
                if (!quoted && counts.TryGetValue(c, out int seen)) counts[c] = seen + 1;
            }
        }
        return counts.MaxBy(c => c.Value).Key;
    }
}
