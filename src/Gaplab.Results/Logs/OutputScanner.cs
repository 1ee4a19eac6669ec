// Goes through a line of text once and pairs its numbers with the words before them.
using System.Buffers;

namespace Gaplab.Results.Logs;

/// <summary>The scanner of one line; <see cref="StandardOutputLine"/> says what it looks for.</summary>
internal sealed class OutputScanner(string text)
{
    /// <summary>What the counter of a bar is called.</summary>
    public const string Bar = "it";

    private const int MostWords = 4,
        MostLiterals = 8,
        MostValues = 1000,
        LongestAside = 24;

    /// <summary>What the second count of "Epoch: [3][ 10/500]" is called.</summary>
    private const string WithinEpoch = "batch";

    private static readonly HashSet<string> s_breaks = new(
        "with at for in on to and by from after took the a an then".Split(' '),
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>What a program prints for no value, and the levels of loggers.</summary>
    private static readonly HashSet<string> s_nothing =
    [
        .. "None null N/A n/a True False true false TRACE DEBUG INFO NOTICE WARN WARNING ERROR CRITICAL".Split(' '),
    ];

    private static readonly HashSet<string> s_connectors = new(["is", "was", "of", "equals"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> s_units = new(
        (
            "ms s sec secs seconds min mins minutes h hours us µs ns it/s its/s tok/s tokens/s tokens/sec samples/s samples/sec img/s "
            + "images/s imgs/s steps/s steps/sec examples/s examples/sec KB MB GB TB KiB MiB GiB TFLOPS GFLOPS TFLOP/s dB"
        ).Split(' '),
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>Words with a number behind a colon that is no value: cuda:0, localhost:8080.</summary>
    private static readonly HashSet<string> s_places = new(
        "cuda gpu mps xpu npu tpu hpu localhost rank".Split(' '),
        StringComparer.OrdinalIgnoreCase
    );

    private static readonly SearchValues<char> s_marks = SearchValues.Create("=:([{|,");

    private static readonly (string, double)[] s_notFinite =
    [
        ("nan", double.NaN),
        ("inf", double.PositiveInfinity),
        ("infinity", double.PositiveInfinity),
    ];

    private readonly List<string> _name = [];
    private readonly bool _isTable = text.AsSpan().TrimStart() is ['|' or '│' or '┃', ..],
        _isBar = text.Contains("%|", StringComparison.Ordinal);
    private int _at,
        _literals;
    private char _connector;
    private string _heading = "";
    private bool _inBrackets,
        _inEpoch;

    public List<(string Name, double Value)> Found { get; } = [];

    public void Run()
    {
        while (_at < text.Length && Found.Count < MostValues)
        {
            char c = text[_at];
            if (OutputNumber.Begins(text, _at) && (c is not ('-' or '+') || !IsWordBefore()))
                Number();
            else if (char.IsLetter(c) || c == '_')
                Word();
            else
                Mark(c);
        }
    }

    private bool IsWordBefore() => _at > 0 && char.IsLetterOrDigit(text[_at - 1]);

    private void Mark(char c)
    {
        switch (c)
        {
            case '{':
                Literal();
                return;
            case ':' or '=' or '→' or '≈':
                // What is bound twice, "a::b", is a word of a program.
                if (_name.Count > 0)
                    _connector = c == ':' ? ':' : '=';
                break;
            case '-' when Next(1) == '>':
                _at++;
                if (_name.Count > 0)
                    _connector = '=';
                break;
            case '-' or '+' when NotFinite(_at + 1, out int length) is { } value:
                _at += 1 + length;
                NamedValue(c == '-' ? -value : value);
                return;
            case '|' or '│' or '┃':
                if (_isTable && _name.Count > 0 && _connector == '\0')
                    _connector = '|';
                else
                    Heading();
                break;
            case '[':
                Bracket();
                return;
            case ')':
                Heading();
                break;
            case ']':
                _inBrackets = false;
                Heading();
                break;
            case ',' or ';' or '-' or '–' or '—' or '·':
                Heading();
                break;
            case '"' or '\'' or '`' or '*' or '#' or '•' or ' ' or '\t' or '\u00A0':
                break;
            case '/' or '\\' or '~' when Next(1) is var next && (char.IsLetterOrDigit(next) || next is '.' or '/' or '_'):
                Pass();
                return;
            case '.' when Next(1) is '/' or '.':
                Pass();
                return;
            default:
                Clear();
                break;
        }
        _at++;
    }

    /// <summary>An object in the line; the word before it, if it names a part of the data, goes before its names.</summary>
    private void Literal()
    {
        int at = _at;
        if (++_literals > MostLiterals || LogLiteral.Read(text, ref at) is not LogLiteral.Object found || found.Entries.Count == 0)
        {
            Clear();
            _at++;
            return;
        }
        Heading();
        foreach ((string name, double value) in LogLiteral.Numbers(found))
            Found.Add((Headed(name), value));
        _at = at;
    }

    /// <summary>"Epoch [3/90]" is a count; any other bracket ends a name, "Test: [ 0/79]" after making it a heading.</summary>
    private void Bracket()
    {
        _at = OutputNumber.Blanks(text, _at + 1);
        _inBrackets = true;
        if (!OutputNumber.Begins(text, _at) || MetricNames.CountOf(Name()) is null)
            Heading();
    }

    private void Number()
    {
        OutputNumber number = OutputNumber.Read(text, _at);
        int at = _at;
        _at = number.End;
        if (number.Value is not { } value)
            Clear();
        else if (_name.Count > 0 && !(number.IsPercent && Next(0) == '|'))
            Value(value, number.Total);
        else
        {
            Heading();
            Unnamed(at, value, number.Total);
        }
    }

    /// <summary>A number without a name is dropped, but for the counters of bars and of batches.</summary>
    private void Unnamed(int at, double value, double? total)
    {
        if (total is null)
            return;
        if (_isBar && !_inBrackets)
            Found.Add((_inEpoch ? WithinEpoch : Bar, value));
        else if (_inBrackets && (_inEpoch || _heading.Length > 0) && text.AsSpan(0, at).TrimEnd() is [.., '['])
            Found.Add((WithinEpoch, value));
    }

    private void Value(double value, double? total)
    {
        string name = Name();
        MetricCount? counts = MetricNames.CountOf(name)?.Kind;
        _inEpoch |= counts == MetricCount.Epoch;
        // "Train Epoch: 1 [25600/60000 (43%)] Loss: 0.31" is all of training, and "eval step 3/10 loss 2.31" of the evaluation.
        if (
            _name.Find(w => MetricNames.SplitOf(w) is not null) is { } split
            && MetricNames.CountOf(string.Join(' ', _name.Where(w => w != split))) is not null
        )
            _heading = split;
        if (total is > 0 && MetricNames.IsAccuracy(name))
            value /= total.Value;
        Found.Add((Headed(name), value));
        Clear();
        PassBehindValue();
    }

    /// <summary>The running mean in parentheses, a deviation, "of 1000", and a unit apart.</summary>
    private void PassBehindValue()
    {
        int at = OutputNumber.Blanks(text, _at);
        if (at < text.Length && text[at] == '(' && OutputNumber.Blanks(text, at + 1) is var inner && OutputNumber.Begins(text, inner))
        {
            int end = OutputNumber.Blanks(text, OutputNumber.Read(text, inner).End);
            if (end < text.Length && text[end] == ')')
                _at = at = end + 1;
        }
        foreach (string deviation in (string[])["±", "+/-", "+-", "of "])
            if (
                string.CompareOrdinal(text, at, deviation, 0, deviation.Length) == 0
                && OutputNumber.Blanks(text, at + deviation.Length) is var other
                && OutputNumber.Begins(text, other)
            )
            {
                _at = OutputNumber.Read(text, other).End;
                return;
            }
        if (at >= text.Length || !char.IsLetter(text[at]))
            return;
        int word = at;
        while (word < text.Length && (char.IsLetter(text[word]) || text[word] == '/'))
            word++;
        if (word - at > 12 || !s_units.Contains(text[at..word]))
            return;
        int behind = OutputNumber.Blanks(text, word);
        if (behind >= text.Length || (text[behind] is not (':' or '=') && !OutputNumber.Begins(text, behind)))
            _at = word;
    }

    private void Word()
    {
        int start = _at;
        while (_at < text.Length && (IsOfWord(text[_at]) || (text[_at] is '.' or '/' or '-' && IsOfWord(Next(1)))))
            _at++;
        string word = text[start.._at];
        if (word.Length > MetricNames.Longest)
            Clear();
        else if (Next(0) == ':' && (Next(1) is '/' or '\\' || (char.IsAsciiDigit(Next(1)) && IsPlace(word))))
            Pass();
        else if (Next(0) == '(' && IsCall(word))
            Call();
        else if (NotFinite(start, out int length) is { } value && length == word.Length)
            NamedValue(value);
        else if (s_nothing.Contains(word) || (s_breaks.Contains(word) && !IsNamed()))
            Clear();
        else if (s_connectors.Contains(word) && _name.Count > 0)
            _connector = 'i';
        else
            Take(word);
    }

    private void Take(string word)
    {
        // "optimizer=adam" gave a text; "train: loss" and "| a | b |" headings.
        if (_connector == '=')
        {
            Clear();
            return;
        }
        if (_connector == 'i')
            Clear();
        else if (_connector != '\0')
            Heading();
        // A unit of "loss (nats): 2.31", or a part of the name: "loss(train)=2.31".
        int open = Next(0) == ' ' ? _at + 1 : _at;
        if (
            open < text.Length
            && text[open] == '('
            && text.AsSpan(open, Math.Min(text.Length - open, LongestAside + 2)).IndexOf(')') is > 1 and var length
            && char.IsLetter(text[open + 1])
            && text.AsSpan(open + 1, length - 1).IndexOfAny(s_marks) < 0
        )
        {
            int end = open + length + 1,
                behind = OutputNumber.Blanks(text, end);
            if (behind < text.Length && (text[behind] is ':' or '=' or '[' || (open == _at && OutputNumber.Begins(text, behind))))
            {
                word += text[_at..end];
                _at = end;
            }
        }
        _name.Add(word);
        if (_name.Count > MostWords)
            _name.RemoveAt(0);
    }

    /// <summary>tensor(2.31, device='cuda:0') and np.float64(2.31) are their number.</summary>
    private void Call()
    {
        while (_at < text.Length && text[_at] is '(' or '[' or ' ')
            _at++;
        int close = text.IndexOf(')', _at);
        if (OutputNumber.Begins(text, _at))
            Number();
        else if (NotFinite(_at, out _) is { } value)
            NamedValue(value);
        _at = Math.Max(_at, close < 0 ? text.Length : close + 1);
    }

    private static bool IsCall(string word) =>
        word is "tensor" or "array" or "Array" or "Tensor" or "DeviceArray"
        || word.StartsWith("np.", StringComparison.Ordinal)
        || word.StartsWith("torch.", StringComparison.Ordinal)
        || word.StartsWith("jnp.", StringComparison.Ordinal)
        || word.StartsWith("numpy.", StringComparison.Ordinal);

    private static bool IsPlace(string word) =>
        s_places.Contains(word)
        || word.EndsWith(".py", StringComparison.Ordinal)
        || word.EndsWith(".cc", StringComparison.Ordinal)
        || word.EndsWith(".cpp", StringComparison.Ordinal);

    /// <summary>The words so far were a heading, if they name a part of the data or a quantity that parts of the data follow.</summary>
    private void Heading()
    {
        if (_name.Count is > 0 and <= 3)
            if (_name.Find(w => MetricNames.SplitOf(w) is not null) is { } split)
                _heading = split;
            else if (MetricNames.MeaningOf(Name()) is not null)
                _heading = Name();
        Clear();
    }

    private string Headed(string name) =>
        _heading.Length > 0
        && MetricNames.CountOf(name) is null
        && (MetricNames.SplitOf(_heading) is null ? MetricNames.SplitOf(name) is not null : MetricNames.SplitIn(name) is null)
            ? $"{_heading}/{name}"
            : name;

    private void Clear()
    {
        _name.Clear();
        _connector = '\0';
    }

    /// <summary>Passes over what is no metric: a path, an address.</summary>
    private void Pass()
    {
        Clear();
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]))
            _at++;
    }

    private string Name() => string.Join(' ', _name);

    private char Next(int offset) => _at + offset < text.Length ? text[_at + offset] : '\0';

    /// <summary>Whether a colon or an equals sign stands next: even "a" is a name then.</summary>
    private bool IsNamed() => OutputNumber.Blanks(text, _at) is var next && next < text.Length && text[next] is ':' or '=';

    private void NamedValue(double value)
    {
        if (_name.Count > 0)
            Value(value, null);
    }

    /// <summary>The value of nan, inf or infinity, in any case, where one of them stands whole.</summary>
    private double? NotFinite(int at, out int length)
    {
        foreach ((string word, double value) in s_notFinite)
            if (
                string.Compare(text, at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) == 0
                && (at + word.Length >= text.Length || !IsOfWord(text[at + word.Length]))
            )
            {
                length = word.Length;
                return value;
            }
        length = 0;
        return null;
    }

    private static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '@';
}
