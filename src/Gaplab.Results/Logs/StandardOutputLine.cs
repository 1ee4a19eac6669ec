// The metrics in one line of text that a training script prints.
namespace Gaplab.Results.Logs;

/// <summary>Finds names with numbers: "loss 2.31", "loss=2.31", "val/loss: 2.31", "Epoch [3/90]", "train loss 4.28, val loss 4.27",
/// {"loss": 2.31} and {'loss': 2.31} among other words, times, dates, paths and bars.</summary>
/// <remarks>A number belongs to the words before it, up to the last number or mark of punctuation. Of "10/1000" the first counts, but of an
/// accuracy the fraction; a number in brackets behind another is its running mean, and is left out, as units are. A heading ("Test set:",
/// "[train]") goes before the names behind it: "Test/Average loss".</remarks>
public static class StandardOutputLine
{
    /// <summary>Characters of a line that are looked at.</summary>
    public const int Longest = 1 << 16;

    /// <summary>The names and values of a line, counts (step, iter, epoch, samples) among them, in their order; of a line with several
    /// redraws after carriage returns, those of the last. Empty where there is none; never an error.</summary>
    public static IReadOnlyList<(string Name, double Value)> Values(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string text = Seen(line.Length > Longest ? line[..Longest] : line);
        if (text.AsSpan().IndexOfAnyInRange('0', '9') < 0 && !NamesNoNumber(text))
            return [];
        var scanner = new OutputScanner(text);
        scanner.Run();
        return scanner.Found;
    }

    private static bool NamesNoNumber(string text) =>
        text.Contains("nan", StringComparison.OrdinalIgnoreCase) || text.Contains("inf", StringComparison.OrdinalIgnoreCase);

    /// <summary>What a terminal would show in the end: without colours, and only what came after the last carriage return or run of
    /// backspaces.</summary>
    private static string Seen(string line)
    {
        int start = 0,
            end = line.Length;
        while (end > 0 && (char.IsWhiteSpace(line[end - 1]) || line[end - 1] == '\b'))
            end--;
        for (int i = end - 1; i >= 0; i--)
            if (line[i] is '\r' or '\b')
            {
                start = i + 1;
                break;
            }
        if (line.AsSpan(start, end - start).IndexOfAnyInRange('\0', '\u001F') < 0)
            return line[start..end];
        var text = new System.Text.StringBuilder(end - start);
        for (int i = start; i < end; i++)
            if (line[i] == '\u001B')
                i = EndOfEscape(line, i, end);
            else
                text.Append(line[i] < ' ' ? ' ' : line[i]);
        return text.ToString();
    }

    /// <summary>The last character of an escape sequence: of ESC [ … a letter, of ESC ] … a bell or ESC \, else the one behind
    /// ESC.</summary>
    private static int EndOfEscape(string line, int at, int end)
    {
        int i = at + 1;
        if (i >= end)
            return at;
        if (line[i] == '[')
        {
            for (i++; i < end && line[i] is >= ' ' and <= '?'; i++) { }
            return Math.Min(i, end - 1);
        }
        if (line[i] == ']')
        {
            while (i < end && line[i] != '\u0007' && !(line[i] == '\\' && line[i - 1] == '\u001B'))
                i++;
            return Math.Min(i, end - 1);
        }
        return i;
    }
}
