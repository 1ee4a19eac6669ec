// An object or a list as JSON or Python writes it, parsed and never evaluated: for JSON documents, JSON Lines and printed dicts.
using System.Globalization;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Results.Import;

namespace Gaplab.Results.Logs;

/// <summary>A value of a literal: a number (NaN and the infinities among them), an object, a list, or something else.</summary>
internal abstract record LogLiteral
{
    /// <summary>Objects and lists in each other.</summary>
    public const int MostLevels = 64;

    /// <summary>Values of a literal, which is held in memory.</summary>
    public const int MostValues = 1 << 22;

    private LogLiteral() { }

    public sealed record Number(double Value) : LogLiteral;

    public sealed record Object(IReadOnlyList<(string Key, LogLiteral Value)> Entries) : LogLiteral
    {
        public LogLiteral? this[string key] => Entries.LastOrDefault(e => e.Key == key).Value;
    }

    public sealed record List(IReadOnlyList<LogLiteral> Items) : LogLiteral;

    /// <summary>A text, true, false, None: nothing that a series holds.</summary>
    public sealed record Other : LogLiteral
    {
        public static Other Instance { get; } = new();
    }

    /// <summary>Reads the object or list that begins at a place.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="at">Its first character; afterwards the place behind it, or where it broke.</param>
    /// <returns>Null when none stands there whole.</returns>
    /// <exception cref="InputException">It holds more than <see cref="MostValues"/>.</exception>
    public static LogLiteral? Read(string text, ref int at)
    {
        var reader = new Reader(text, at);
        LogLiteral? value = reader.Value(0);
        at = reader.At;
        return value;
    }

    /// <summary>The whole text as one literal; null when it is none.</summary>
    public static LogLiteral? Parse(string text)
    {
        int at = 0;
        LogLiteral? value = Read(text, ref at);
        return value is not null && text.AsSpan(at).IsWhiteSpace() ? value : null;
    }

    /// <summary>The numbers of an object by name; those of an object in it are named after both, "val/loss". Lists are no values of one
    /// line.</summary>
    public static IEnumerable<(string Name, double Value)> Numbers(Object from, string prefix = "")
    {
        foreach ((string key, LogLiteral value) in from.Entries)
        {
            string name = prefix + key;
            if (name.Length > MetricNames.Longest)
                continue;
            if (value is Number number)
                yield return (name, number.Value);
            else if (value is Object inner)
                foreach ((string, double) deeper in Numbers(inner, name + "/"))
                    yield return deeper;
        }
    }

    /// <summary>Goes through the text once; every step either moves on or fails.</summary>
    private struct Reader(string text, int at)
    {
        private const string AfterNumber = ",]}):; \t\r\n";

        private int _values;

        public int At = at;

        public LogLiteral? Value(int level)
        {
            if (++_values > MostValues)
                throw new InputException($"more than {MostValues} values; expected metrics");
            Blank();
            if (At >= text.Length || level > MostLevels)
                return null;
            char c = text[At];
            return c switch
            {
                '{' => Dictionary(level),
                '[' => Sequence(']', level),
                '(' => Sequence(')', level),
                '"' or '\'' => Text() is { } word ? OfText(word) : null,
                _ => Word(level),
            };
        }

        private LogLiteral? Dictionary(int level)
        {
            At++;
            var entries = new List<(string, LogLiteral)>();
            while (true)
            {
                if (Ends('}'))
                    return new Object(entries);
                if (At >= text.Length)
                    return null;
                string? key = text[At] is '"' or '\'' ? Text() : BareKey();
                Blank();
                if (key is null || At >= text.Length || text[At] != ':')
                    return null;
                At++;
                if (Value(level + 1) is not { } value || !Separated('}'))
                    return null;
                entries.Add((key.Trim(), value));
            }
        }

        private LogLiteral? Sequence(char close, int level)
        {
            At++;
            var items = new List<LogLiteral>();
            while (true)
            {
                if (Ends(close))
                    return new List(items);
                if (Value(level + 1) is not { } item || !Separated(close))
                    return null;
                items.Add(item);
            }
        }

        /// <summary>A key without quotes, a number mostly: {1: 0.5}.</summary>
        private string? BareKey()
        {
            int start = At;
            while (At < text.Length && (char.IsLetterOrDigit(text[At]) || text[At] is '_' or '.' or '-' or '/'))
                At++;
            return At > start ? text[start..At] : null;
        }

        /// <summary>A number, a word, or a call around a number: tensor(2.31, device='cuda:0'), np.float64(2.31).</summary>
        private LogLiteral? Word(int level)
        {
            int start = At;
            while (At < text.Length && !AfterNumber.Contains(text[At], StringComparison.Ordinal) && text[At] is not ('(' or '{' or '['))
                At++;
            if (At == start)
                return null;
            ReadOnlySpan<char> word = text.AsSpan(start, At - start);
            if (At < text.Length && text[At] == '(')
                return Call(level);
            if (SweepNumber.Parse(word) is { } number)
                return new Number(number);
            return word is "True" or "False" or "true" or "false" or "None" or "null" ? Other.Instance : null;
        }

        /// <summary>The first argument, if it is a number; the others are passed over.</summary>
        private LogLiteral? Call(int level)
        {
            At++;
            if (Ends(')'))
                return Other.Instance;
            if (Value(level + 1) is not { } first)
                return null;
            // device='cuda:0', grad_fn=<NllLossBackward0>: to the bracket, quotes minded.
            while (At < text.Length && text[At] != ')')
                if (text[At] is '"' or '\'')
                {
                    if (Text() is null)
                        return null;
                }
                else if (text[At] is '\n' or '{' or '[' or '(')
                    return null;
                else
                    At++;
            if (At >= text.Length)
                return null;
            At++;
            return first is Number ? first : Other.Instance;
        }

        private string? Text()
        {
            char quote = text[At++];
            var made = new StringBuilder();
            while (At < text.Length)
            {
                char c = text[At++];
                if (c == quote)
                    return made.ToString();
                if (c == '\n')
                    return null;
                if (c != '\\')
                {
                    made.Append(c);
                    continue;
                }
                if (At >= text.Length)
                    return null;
                char escaped = text[At++];
                if (escaped == 'u')
                {
                    if (
                        At + 4 > text.Length
                        || !ushort.TryParse(text.AsSpan(At, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort u)
                    )
                        return null;
                    made.Append((char)u);
                    At += 4;
                }
                else
                    made.Append(
                        escaped switch
                        {
                            'n' => '\n',
                            't' => '\t',
                            'r' => '\r',
                            'b' => '\b',
                            'f' => '\f',
                            _ => escaped,
                        }
                    );
            }
            return null;
        }

        /// <summary>Writers of strict JSON put NaN in quotes, and some format their numbers as text.</summary>
        private static LogLiteral OfText(string text) =>
            text.Length is > 0 and <= 40 && SweepNumber.Parse(text) is { } number ? new Number(number) : Other.Instance;

        /// <summary>Passes over a comma, or sees the end; false when neither stands there.</summary>
        private bool Separated(char close)
        {
            Blank();
            if (At >= text.Length)
                return false;
            if (text[At] == ',')
            {
                At++;
                return true;
            }
            return text[At] == close;
        }

        private bool Ends(char close)
        {
            Blank();
            if (At >= text.Length || text[At] != close)
                return false;
            At++;
            return true;
        }

        private void Blank()
        {
            while (At < text.Length && char.IsWhiteSpace(text[At]))
                At++;
        }
    }
}
