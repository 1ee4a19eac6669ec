// Reads delimited text with a row for each evaluation: Lightning's metrics.csv, Keras' CSVLogger, Ray's progress.csv.
using CsvHelper;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Import;

namespace Gaplab.Results.Logs;

/// <summary>The reader of tables of metrics. A cell that is empty or no number is no value; a torn last row is set aside.</summary>
internal static class CsvLog
{
    private const int LongestRecord = 1 << 20;

    private static readonly char[] s_separators = [',', ';', '\t'];

    private static void Read(LogFile file, MetricLogBuilder log)
    {
        RegularFile.RefuseSpecial(file.Path);
        try
        {
            using CsvReader reader = CsvReader.FromFile(file.Path, Options(file.FirstLines().FirstOrDefault() ?? ""));
            string[]? header = null;
            while (reader.Read())
            {
                string[] fields = Fields(reader);
                // A resumed writer may write its header once more.
                if (header is null || (fields.Length > 1 && fields.SequenceEqual(header)))
                {
                    TableHeader.Check($"{file.Relative}, line {reader.LineNumber}", fields);
                    header = fields;
                    continue;
                }
                // Where the last field of a short row was cut cannot be told.
                if (fields.Length < header.Length)
                {
                    log.SetAside($"line {reader.LineNumber}", $"{fields.Length} fields where the header has {header.Length}");
                    continue;
                }
                log.Add([
                    .. header
                        .Select((name, i) => (name, SweepNumber.Parse(fields[i])))
                        .Where(c => c.Item2 is not null && c.name.Length > 0)
                        .Select(c => (c.name, c.Item2!.Value)),
                ]);
            }
        }
        catch (CsvFormatException e)
        {
            throw new InputException($"{file.Relative}, line {e.LineNumber}: {Shown.Of(e.Message)}; expected a table of metrics", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file.Relative}: cannot be read: {e.Message}", e);
        }
    }

    private static char Separator(string header) => s_separators.MaxBy(s => header.Count(c => c == s));

    private static CsvReaderOptions Options(string header) =>
        new()
        {
            Separator = Separator(header),
            HasHeader = false,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            AllowLineBreaksInQuotes = false,
            MaxRecordSize = LongestRecord,
        };

    /// <summary>A header of names, and a row of as many fields with a number among them if there is one.</summary>
    private static bool Recognise(LogFile file)
    {
        string[] first = [.. file.FirstLines().Take(2)];
        if (first.Length == 0 || first[0][0] is '{' or '[')
            return false;
        string[][] rows = [.. first.Select(l => Fields(l, first[0]))];
        return !Array.Exists(rows[0], IsNumber)
            && (rows is [_, var row] ? row.Length >= rows[0].Length && Array.Exists(row, IsNumber) : rows[0].Length > 1);
    }

    private static bool IsNumber(string field) => SweepNumber.Parse(field) is not null;

    /// <summary>The fields of one line; none where its quotes are broken.</summary>
    private static string[] Fields(string line, string header)
    {
        try
        {
            using CsvReader reader = CsvReader.FromText(line, Options(header));
            return reader.Read() ? Fields(reader) : [];
        }
        catch (CsvFormatException)
        {
            return [];
        }
    }

    private static string[] Fields(CsvReader reader) => [.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetString(i).Trim())];

    public static LogFormat Format { get; } =
        new(Recognise, Read)
        {
            Name = "csv",
            Says = "delimited text with a header and a row for each evaluation, in which cells may be empty",
            KnownBy = "a header of names and a row with a number",
            Patterns = ["*.csv", "*.tsv", "training.log"],
        };
}
