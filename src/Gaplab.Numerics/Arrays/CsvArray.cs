// A table of numbers in a text file as lines for the tail panel: one row per iteration, one column per coordinate.
using System.Buffers.Text;
using System.Text;
using Gaplab.Numerics.Files;

namespace Gaplab.Numerics.Arrays;

/// <summary>Reads forward, row by row; one pass at the start counts the rows and checks that each has the same fields. A first row that is
/// not numbers names the columns.</summary>
/// <remarks>Fields are apart by comma, semicolon, tab or blanks, whichever the first row holds; quotes around a field are taken off; empty
/// lines and lines that begin with # are skipped.</remarks>
internal sealed class CsvArray : ITailSource, IDisposable
{
    private const int MostLine = 1 << 26,
        MostFields = 1 << 20;

    private readonly string _path;
    private readonly byte _delimiter;
    private readonly bool _named;
    private readonly int[] _columns;
    private readonly int _fields;
    private FileStream? _stream;
    private byte[] _buffer = new byte[1 << 16],
        _line = new byte[256];
    private readonly double[] _row;
    private long _next,
        _number;
    private int _from,
        _to;

    internal CsvArray(string path, IReadOnlyList<string>? columns)
    {
        _path = path;
        (_row, _columns) = ([], []);
        if (!NextLine(out ReadOnlySpan<byte> line))
            throw new InputException("it is empty; expected rows of numbers");
        if (line.Count((byte)',') + line.Count((byte)';') + line.Count((byte)'\t') + line.Count((byte)' ') > MostFields)
            throw new InputException($"its first line has more than {MostFields} fields; save so wide a table as .npy");
        byte[] first = line.ToArray();
        _delimiter = new[] { (byte)',', (byte)';', (byte)'\t', (byte)' ' }.MaxBy(d => first.AsSpan().Count(d) * 4 + (d == ' ' ? 0 : 1));
        string[] names = Split(Encoding.UTF8.GetString(first).TrimStart('\uFEFF'));
        _fields = names.Length;
        _named = !names.All(n => Number(n, out _));
        _columns = columns is null ? [.. Enumerable.Range(0, _fields)] : [.. columns.Select(c => Column(names, c))];
        _row = new double[_columns.Length];
        Rewind();
        long rows = 0;
        while (NextRow(check: true))
            rows++;
        if (rows == 0)
            throw new InputException("it holds no row of numbers");
        Rewind();
        (Iterations, Coordinates) = (rows, _columns.Length);
    }

    public long Iterations { get; }

    public long Coordinates { get; }

    public bool LinesAreIterations => Coordinates > 1;

    public void Read(long line, long start, Span<double> destination)
    {
        if (Coordinates == 1)
        {
            for (int i = 0; i < destination.Length; i++)
            {
                Seek(start + i);
                destination[i] = _row[0];
            }
            return;
        }
        Seek(line);
        _row.AsSpan((int)start, destination.Length).CopyTo(destination);
    }

    public void Dispose() => _stream?.Dispose();

    /// <summary>Makes a row the current one.</summary>
    private void Seek(long row)
    {
        if (row < _next - 1)
            Rewind();
        while (_next <= row)
            if (!NextRow(check: false))
                throw new InputException($"{_path} changed while it was read");
    }

    private void Rewind()
    {
        _stream?.Dispose();
        _stream = null;
        (_next, _number, _from, _to) = (0, 0, 0, 0);
    }

    private bool NextRow(bool check)
    {
        bool skip = _next == 0 && _named;
        while (true)
        {
            if (!NextLine(out ReadOnlySpan<byte> line))
                return false;
            if (skip)
            {
                skip = false;
                continue;
            }
            Parse(line, check);
            _next++;
            return true;
        }
    }

    private void Parse(ReadOnlySpan<byte> line, bool check)
    {
        int field = 0;
        Span<Range> ranges = _fields <= 256 ? stackalloc Range[_fields + 1] : new Range[_fields + 1];
        bool blanks = _delimiter == (byte)' ';
        for (int at = 0; at <= line.Length; )
        {
            while (blanks && at < line.Length && line[at] == ' ')
                at++;
            if (blanks && at == line.Length)
                break;
            int end = line[at..].IndexOf(_delimiter);
            end = end < 0 ? line.Length : at + end;
            if (field < ranges.Length)
                ranges[field] = at..end;
            field++;
            at = end + 1;
        }
        // A comma at the end of a line makes no field.
        if (field == _fields + 1 && line[ranges[_fields]].Trim((byte)' ').IsEmpty)
            field--;
        if (check && field != _fields)
            throw new InputException($"line {_number}: {field} fields where the first line has {_fields}");
        for (int c = 0; c < _columns.Length; c++)
        {
            ReadOnlySpan<byte> text = line[ranges[_columns[c]]].Trim(" \""u8);
            if (Utf8Parser.TryParse(text, out double value, out int used) && used == text.Length)
                _row[c] = value;
            else if (Special(text) is { } special)
                _row[c] = special;
            else
                throw new InputException(
                    $"line {_number}: '{Encoding.UTF8.GetString(text[..Math.Min(30, text.Length)])}' is no "
                        + $"number{(_columns.Length > 1 ? "; choose columns of numbers with --column" : "")}"
                );
        }
    }

    private static double? Special(ReadOnlySpan<byte> text) =>
        Encoding.UTF8.GetString(text[..Math.Min(12, text.Length)]).ToLowerInvariant() switch
        {
            "nan" => double.NaN,
            "inf" or "+inf" or "infinity" => double.PositiveInfinity,
            "-inf" or "-infinity" => double.NegativeInfinity,
            _ => null,
        };

    /// <summary>The next line that is neither empty nor a comment, without its end.</summary>
    private bool NextLine(out ReadOnlySpan<byte> line)
    {
        _stream ??= RegularFile.Open(_path, 1);
        while (true)
        {
            int length = 0;
            bool ended = false;
            while (!ended)
            {
                if (_from == _to)
                {
                    (_from, _to) = (0, _stream.Read(_buffer, 0, _buffer.Length));
                    if (_to == 0)
                        break;
                }
                ReadOnlySpan<byte> rest = _buffer.AsSpan(_from, _to - _from);
                int end = rest.IndexOf((byte)'\n'),
                    take = end < 0 ? rest.Length : end;
                if (length + take > MostLine)
                    throw new InputException($"line {_number + 1} is longer than {MostLine} bytes; expected rows of numbers");
                if (length + take > _line.Length)
                    Array.Resize(ref _line, Math.Max(length + take, 2 * _line.Length));
                rest[..take].CopyTo(_line.AsSpan(length));
                length += take;
                _from += end < 0 ? take : take + 1;
                ended = end >= 0;
            }
            line = _line.AsSpan(0, length).TrimEnd((byte)'\r');
            if (line.Contains((byte)0))
                throw new InputException("it is not text (it holds zero bytes); expected rows of numbers");
            if (!ended && length == 0)
                return false;
            _number++;
            if (line.Trim(" \t"u8).IsEmpty || line[0] == (byte)'#')
                continue;
            return true;
        }
    }

    private string[] Split(string line) =>
        _delimiter == (byte)' '
            ? line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : [.. line.Split((char)_delimiter).Select(f => f.Trim(' ', '"'))];

    private static int Column(string[] names, string wanted)
    {
        int at = Array.IndexOf(names, wanted);
        if (at >= 0)
            return at;
        if (
            int.TryParse(wanted, System.Globalization.CultureInfo.InvariantCulture, out int number)
            && number >= 1
            && number <= names.Length
        )
            return number - 1;
        throw new InputException($"no column '{wanted}'; it has {Shown.List(names)}");
    }

    private static bool Number(string text, out double value) =>
        double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out value)
        || Special(Encoding.UTF8.GetBytes(text)) is not null;
}
