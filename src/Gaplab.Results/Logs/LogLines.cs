// The lines of a log as a stream: bounded in length, and a progress bar's redraws apart.
using System.Text;

namespace Gaplab.Results.Logs;

/// <summary>A line without its end.</summary>
/// <param name="Number">Counted by line feeds, as editors do; redraws of one line have the same.</param>
/// <param name="IsLong">It was longer than what was kept of it.</param>
/// <param name="IsTorn">The file ends in it without a line end: its writer was ended, or is writing still.</param>
internal readonly record struct LogLine(long Number, string Text, bool IsLong, bool IsTorn)
{
    public string Where => $"line {Number}";
}

/// <summary>Reads UTF-8, or UTF-16 and UTF-32 with their marks; bytes that are none become the mark of a lost character.</summary>
internal static class LogLines
{
    /// <summary>The lines that are not blank. They end with LF, CRLF or CR: what a bar writes after a carriage return takes the place of
    /// the line before it, and is a line.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="longest">Characters kept of a line.</param>
    public static IEnumerable<LogLine> Of(Stream stream, int longest)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, 1 << 16, leaveOpen: true);
        var line = new StringBuilder();
        var block = new char[1 << 15];
        long number = 1;
        bool isLong = false;
        for (int got; (got = reader.Read(block, 0, block.Length)) > 0; )
        {
            int start = 0;
            while (start < got)
            {
                int length = block.AsSpan(start, got - start).IndexOfAny('\n', '\r'),
                    end = length < 0 ? got : start + length,
                    kept = Math.Min(end - start, longest - line.Length);
                line.Append(block, start, kept);
                isLong |= kept < end - start;
                start = end + 1;
                if (length < 0)
                    break;
                if (!IsBlank(line))
                    yield return new(number, line.ToString(), isLong, IsTorn: false);
                line.Clear();
                isLong = false;
                if (block[end] == '\n')
                    number++;
            }
        }
        if (!IsBlank(line))
            yield return new(number, line.ToString(), isLong, IsTorn: true);
    }

    private static bool IsBlank(StringBuilder line)
    {
        foreach (ReadOnlyMemory<char> chunk in line.GetChunks())
            if (!chunk.Span.IsWhiteSpace())
                return false;
        return true;
    }
}
