// Reads JSON Lines: one object a line, a run or an evaluation each; nested objects become dotted names.
using System.Text;
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Import;

/// <summary>The reader of JSON Lines. NaN and the infinities may stand bare, as Python writes them; keys may differ from line to
/// line.</summary>
internal static class JsonLines
{
    /// <summary>Characters of a line, as many as a field of delimited text may have: a history may stand in it.</summary>
    internal const int LongestLine = FieldLengths.Most;

    /// <summary>Fields of the whole table: short lines under a header of thousands of keys would be far larger than their file.</summary>
    private const long MostCells = 1L << 27;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = StrictJson.MostLevels };

    private const string Expected = """expected one object a line, such as {"optimizer": "sgd", "lr": 0.1, …}""";

    private static readonly string[] s_notFinite = ["NaN", "Infinity", "-Infinity"];

    /// <exception cref="InputException">Empty, a line that is no object, a key twice, or lines or keys beyond all measure.</exception>
    /// <param name="text">All of it.</param>
    /// <param name="name">The file's.</param>
    /// <param name="notes">Receives what is set aside.</param>
    /// <param name="unit">What messages call a line.</param>
    public static SourceTable Parse(string text, string name, ImportNotes notes, string unit = "line")
    {
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        var rows = new List<SourceRow>();
        int number = 0,
            objects = 0;
        foreach (Range range in Lines(text))
        {
            number++;
            string place = $"{name}, {unit} {number}";
            (int start, int length) = range.GetOffsetAndLength(text.Length);
            if (length > LongestLine)
                throw new InputException($"{place}: more than {LongestLine} characters; {Expected}");
            string line = text.Substring(start, length).Trim();
            if (line.Length == 0)
                continue;
            string[]? fields;
            try
            {
                using JsonDocument document = JsonDocument.Parse(QuoteNotFinite(line), s_options);
                fields =
                    document.RootElement.ValueKind == JsonValueKind.Object
                        ? Fields(document.RootElement, columns, place)
                        : throw new InputException($"{place}: got {Kind(document.RootElement)}; {Expected}{Cause(line, objects == 0)}");
            }
            catch (JsonException) when (line[0] == '{' && objects > 0 && start + length == text.Length)
            {
                // The program that wrote it was ended, or is writing still.
                notes.SetAside.Add(($"line {number}", "cut off in the middle, at the end of the file"));
                continue;
            }
            catch (JsonException e)
            {
                throw new InputException($"{place}: {Fault(e)}; {Expected}{Cause(line, objects == 0)}", e);
            }
            catch (InvalidOperationException e)
            {
                // Only the reading of a text that no UTF-16 can be does so.
                throw new InputException($"{place}: a text with half of a surrogate pair (\\ud800 to \\udfff alone); {Expected}", e);
            }
            objects++;
            if (columns.Count > TableHeader.MostColumns)
                TableHeader.Check(place, columns.Keys);
            if (fields.Any(f => f.Length > 0))
                rows.Add(new(number, fields, unit == "line" ? null : $"{unit} {number}"));
            if ((long)rows.Count * columns.Count > MostCells)
                throw new InputException(
                    $"{place}: {columns.Count} different keys in {rows.Count} objects; expected the same few keys on every line"
                );
        }
        if (objects == 0)
            throw new InputException($"{name} is empty; {Expected}");
        if (rows.Count == 0)
            throw new InputException($"{name} holds objects without values; {Expected}");
        TableHeader.Check(name, columns.Keys);
        return new SourceTable(name, [.. columns.Keys], [.. rows.Select(r => r with { Fields = Filled(r.Fields, columns.Count) })]);
    }

    /// <summary>The lines without their ends, which are CRLF, LF or CR: none of them may stand in a text of JSON. Text behind the last end
    /// is a line.</summary>
    internal static IEnumerable<Range> Lines(string text)
    {
        for (int start = 0; start < text.Length; )
        {
            int length = text.AsSpan(start).IndexOfAny('\r', '\n'),
                end = length < 0 ? text.Length : start + length;
            yield return start..end;
            start = end + (text.AsSpan(end).StartsWith("\r\n") ? 2 : 1);
        }
    }

    /// <summary>One line's values by column; a key that no line before had is a new column.</summary>
    private static string[] Fields(JsonElement line, Dictionary<string, int> columns, string place)
    {
        string?[] fields = new string?[columns.Count];
        Add("", line);
        return [.. fields.Select(f => f ?? "")];

        void Add(string prefix, JsonElement values)
        {
            foreach (JsonProperty property in values.EnumerateObject())
            {
                string key = prefix + property.Name.Trim();
                if (property.Value.ValueKind == JsonValueKind.Object)
                {
                    Add(key + ".", property.Value);
                    continue;
                }
                if (!columns.TryGetValue(key, out int column))
                    columns.Add(key, column = columns.Count);
                if (column >= fields.Length)
                    Array.Resize(ref fields, Math.Max(columns.Count, 2 * fields.Length));
                // Which of two values is meant cannot be told.
                if (fields[column] is not null)
                    throw new InputException($"{place}: the key '{SourceTable.Shown(key)}' stands twice; expected every key once");
                fields[column] = Field(property.Value);
            }
        }
    }

    private static string[] Filled(string[] fields, int count)
    {
        int own = fields.Length;
        Array.Resize(ref fields, count);
        if (own < count)
            Array.Fill(fields, "", own, count - own);
        return fields;
    }

    /// <summary>A value as a table writes it: null is an empty field, a list of numbers a history.</summary>
    private static string Field(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!.Trim(),
            JsonValueKind.Null => "",
            JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Item))}]",
            _ => value.GetRawText(),
        };

    private static string Item(JsonElement value) => value.ValueKind == JsonValueKind.Null ? "null" : Field(value);

    private static string Kind(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "a text",
            JsonValueKind.Number => "a number",
            _ => $"'{value.GetRawText()}'",
        };

    private static string Fault(JsonException e) =>
        e.Message.Contains("depth", StringComparison.Ordinal)
            ? $"more than {StrictJson.MostLevels} levels of objects and lists"
            : "not one whole JSON object";

    private static string Cause(string line, bool first) =>
        line.StartsWith("{'", StringComparison.Ordinal) ? "; keys in single quotes are Python's print of a dict: write it with json.dumps"
        : first && line[0] is '{' or '[' ? "; of a document over several lines, or a list, write each object on a line of its own"
        : "";

    /// <summary>The line with quotes around every bare NaN, Infinity and -Infinity, which are no JSON and what Python writes; the readers
    /// of numbers know them as texts.</summary>
    internal static string QuoteNotFinite(string line)
    {
        if (!s_notFinite.Any(w => line.Contains(w, StringComparison.Ordinal)))
            return line;
        var quoted = new StringBuilder(line.Length + 16);
        bool inText = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (inText && line[i] == '\\' && i + 1 < line.Length)
                quoted.Append(line[i++]);
            else if (line[i] == '"')
                inText = !inText;
            else if (!inText && Array.Find(s_notFinite, w => line.AsSpan(i).StartsWith(w)) is { } word && IsValue(line, i, word.Length))
            {
                quoted.Append('"').Append(word).Append('"');
                i += word.Length - 1;
                continue;
            }
            quoted.Append(line[i]);
        }
        return quoted.ToString();
    }

    /// <summary>Whether a word stands where a value does: between a colon, comma or bracket and what ends it.</summary>
    private static bool IsValue(string line, int start, int length) =>
        line.AsSpan(0, start).TrimEnd() is [.., ':' or ',' or '[']
        && line.AsSpan(start + length).TrimStart() is [] or [',' or ']' or '}', ..];

    private static Recognition Recognise(SweepSource source)
    {
        if (source.IsFolder)
            return Recognition.No;
        if (OptunaJournal.IsOne(source))
            return Recognition.Possible;
        return Letters(source.Head) switch
        {
            [(byte)'{', (byte)'"' or (byte)'\'' or (byte)'}'] => Recognition.Certain,
            [] or [(byte)'{' or (byte)'[', ..] => Recognition.Possible,
            _ => Recognition.No,
        };
    }

    /// <summary>The first two letters of any encoding of Unicode, as far as they are Latin: without its marks and zero bytes.</summary>
    internal static byte[] Letters(byte[] head) =>
        [.. head.Where(b => b is not (0 or 0xEF or 0xBB or 0xBF or 0xFE or 0xFF or 9 or 10 or 13 or 32)).Take(2)];

    public static SweepFormat Format { get; } =
        new(Recognise, (source, notes) => Parse(source.Text(notes), source.Name, notes))
        {
            Name = "json-lines",
            Says = "one JSON object a line; nested objects become dotted names (`config.lr`), lists of numbers histories",
            KnownBy = "a brace and a quoted key at its beginning",
            Endings = [".jsonl", ".ndjson"],
        };
}
