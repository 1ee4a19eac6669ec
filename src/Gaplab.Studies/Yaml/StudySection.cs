// One mapping of a study file: typed reading of its keys, and errors that say file, line, key and the nearest valid name.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads the keys of a YAML mapping; <see cref="Finish"/> refuses those that nobody asked for.</summary>
internal sealed class StudySection : IKeys
{
    private readonly StudySource _source;
    private readonly YamlNode _node;
    private readonly Dictionary<string, YamlNode> _values = [];
    private readonly Dictionary<string, YamlNode> _keys = [];
    private readonly HashSet<string> _known = [];
    private readonly string _name;

    public StudySection(StudySource source, YamlNode node, string name)
    {
        (_source, _node, _name) = (source, node, name);
        if (IsNull(node))
            return;
        if (node is not YamlMappingNode mapping)
            throw Error(node, $"{Quoted(name)} is {Show(node)}; expected keys with values");
        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: string text })
                throw Error(key, $"a key of {Quoted(name)} is {Show(key)}; expected a name");
            if (text == "<<")
                throw Error(
                    key,
                    $"'{Path(text)}' would merge keys, which YAML 1.2 does not; write the keys out, or share a single value with "
                        + $"&name and *name"
                );
            (_keys[text], _values[text]) = (key, value);
        }
    }

    public IEnumerable<string> Keys => _keys.Keys;

    /// <summary>What the study can name.</summary>
    public Catalogues Catalogues => _source.Catalogues;

    /// <summary>The key's node, or null when it is absent or empty.</summary>
    public YamlNode? Node(string key)
    {
        _known.Add(key);
        return _values.TryGetValue(key, out YamlNode? node) && !IsNull(node) ? node : null;
    }

    public bool Has(string key) => Node(key) is not null;

    public bool IsWord(string key, string word) => Node(key) is YamlScalarNode { Value: var value } && value == word;

    public bool IsList(string key) => Node(key) is YamlSequenceNode;

    public bool IsMapping(string key) => Node(key) is YamlMappingNode;

    /// <summary>Whether the key's value came from the command line.</summary>
    public bool IsOverride(string key) => Node(key) is { } node && _source.IsOverride(node);

    /// <summary>Reads the key as absent from now on.</summary>
    public void Drop(string key) => _values.Remove(key);

    public StudySection Section(string key) => new(_source, Node(key) ?? new YamlMappingNode(), Path(key));

    IKeys IKeys.Section(string key) => Section(key);

    public string Text(string key, string byDefault) => Node(key) is { } node ? TextOf(node, key) : byDefault;

    public string? Text(string key) => Node(key) is { } node ? TextOf(node, key) : null;

    /// <summary>A file or folder, made absolute: relative to the study file, or for an override to the current folder.</summary>
    public string? File(string key) => Node(key) is { } node ? System.IO.Path.GetFullPath(TextOf(node, key), _source.FolderOf(node)) : null;

    public string Choice(string key, string byDefault, params IReadOnlyList<string> valid) => Choice(key, byDefault, valid, null);

    /// <param name="elsewhere">What other programs' names mean here (<see cref="NearestName.Hint"/>).</param>
    public string Choice(string key, string byDefault, IReadOnlyList<string> valid, IReadOnlyDictionary<string, string>? elsewhere)
    {
        if (Node(key) is not { } node)
            return byDefault;
        string value = TextOf(node, key);
        return valid.Contains(value)
            ? value
            : throw Error(
                node,
                $"'{Path(key)}' is '{value}'; expected {string.Join(", ", valid)}{NearestName.Hint(value, valid, elsewhere)}"
            );
    }

    /// <summary>One name or a list of them out of those valid, none twice; null when absent.</summary>
    public string[]? Choices(string key, IReadOnlyList<string> valid) =>
        Node(key) is not { } node
            ? null
            : Items(
                node,
                key,
                item =>
                    TextOf(item, key) is var value && valid.Contains(value)
                        ? value
                        : throw Error(
                            item,
                            $"'{Path(key)}' holds '{value}'; expected {string.Join(", ", valid)}{NearestName.Hint(value, valid)}"
                        )
            );

    /// <summary>One text or a list of them, none twice; null when absent.</summary>
    public string[]? Texts(string key) => Node(key) is { } node ? Items(node, key, item => TextOf(item, key)) : null;

    public IReadOnlyList<(bool IsList, IReadOnlyList<string> Words)>? Groups(string key) =>
        Node(key) switch
        {
            null => null,
            YamlSequenceNode list =>
            [
                .. list.Children.Select(item =>
                    item is YamlSequenceNode group
                        ? (true, (IReadOnlyList<string>)[.. group.Children.Select(one => ArgumentOf(one, key))])
                        : (false, [ArgumentOf(item, key)])
                ),
            ],
            var node => [(false, [ArgumentOf(node, key)])],
        };

    public IReadOnlyList<object>? Scalars(string key) =>
        Node(key) is not { } node ? null : Items(node, key, item => Scalar(item, TextOf(item, key)));

    // An argument may be empty, which a value may not.
    private string ArgumentOf(YamlNode node, string key) =>
        node is YamlScalarNode { Value: { } text } ? text : throw Error(node, $"'{Path(key)}' holds {Show(node)}; expected a text");

    private static object Scalar(YamlNode node, string text) =>
        YamlNumber.TryParse(node, out double number) && double.IsFinite(number) ? number
        : node is YamlScalarNode { Style: ScalarStyle.Plain } && text is "true" or "True" or "TRUE" ? true
        : node is YamlScalarNode { Style: ScalarStyle.Plain } && text is "false" or "False" or "FALSE" ? false
        : text;

    public bool Flag(string key, bool byDefault)
    {
        if (Node(key) is not { } node)
            return byDefault;
        return
            node is YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "True" or "TRUE" or "false" or "False" or "FALSE" } scalar
            ? scalar.Value[0] is 't' or 'T'
            : throw Error(node, $"'{Path(key)}' is {Show(node)}; expected true or false");
    }

    public double Number(string key, double byDefault, double least, double most, bool open = false, bool openAbove = false) =>
        Node(key) is { } node ? NumberOf(node, key, least, most, open, openAbove) : byDefault;

    public long Integer(string key, long byDefault, long least, long most = long.MaxValue) =>
        Node(key) is { } node ? IntegerOf(node, key, least, most) : byDefault;

    /// <summary>One number or a list of them, in the order given, none twice.</summary>
    public double[]? Numbers(string key, double least, double most, bool open = false, bool openAbove = false) =>
        Node(key) is { } node ? Items(node, key, item => NumberOf(item, key, least, most, open, openAbove)) : null;

    public long[]? Integers(string key, long least, long most = long.MaxValue) =>
        Node(key) is { } node ? Items(node, key, item => IntegerOf(item, key, least, most)) : null;

    /// <summary>Refuses keys that were never asked for.</summary>
    public void Finish()
    {
        foreach (string key in _keys.Keys.Where(k => !_known.Contains(k)))
        {
            if (IsNull(_values[key]) && key.All(char.IsAsciiDigit))
                throw Error(
                    _keys[key],
                    $"'{key}' stands behind a comma, which ends a value here; a number is written 0.9 or 1024, without commas"
                );
            throw Error(
                _keys[key],
                $"unknown key '{Path(key)}'{NearestName.Hint(key, _known, KeysElsewhere.Names)} (valid here: "
                    + $"{Shown.List(_known.Order(StringComparer.Ordinal), 60)})"
            );
        }
    }

    /// <summary>An error at a key's value, at the key where it has none, or at this section.</summary>
    public InputException Error(string key, InputMessage message) => Error(key, message.ToString());

    /// <inheritdoc cref="Error(string, InputMessage)"/>
    public InputException Error(string key, string message) =>
        Error(
            _values.TryGetValue(key, out YamlNode? node)
                ? IsNull(node)
                    ? _keys[key]
                    : node
                : _node,
            message
        );

    /// <summary>The error of an absent key; where a key is there that looks like it, that one is what is wrong.</summary>
    public InputException Missing(string key, string expected)
    {
        string? mistyped = _keys.Keys.FirstOrDefault(k =>
            !_known.Contains(k) && NearestName.Distance(k, key) <= Math.Min(2, key.Length - 1)
        );
        return mistyped is null
            ? Error(key, $"'{Path(key)}' is missing; expected {expected}")
            : Error(_keys[mistyped], $"unknown key '{Path(mistyped)}'; nearest valid name '{key}'");
    }

    public string Path(string key) => _name.Length == 0 ? key : $"{_name}.{key}";

    private InputException Error(YamlNode node, InputMessage message) => Error(node, message.ToString());

    private InputException Error(YamlNode node, string message) => new($"{_source.Place(node)}: {message}");

    private T[] Items<T>(YamlNode node, string key, Func<YamlNode, T> read)
    {
        T[] items = node is YamlSequenceNode list ? [.. list.Children.Select(read)] : [read(node)];
        if (items.Length == 0)
            throw Error(node, $"'{Path(key)}' is an empty list; expected at least one value");
        foreach (var twice in items.GroupBy(i => i).Where(g => g.Count() > 1))
            throw Error(node, $"'{Path(key)}' holds {twice.Key} twice; expected each value once");
        return items;
    }

    private string TextOf(YamlNode node, string key) =>
        node is YamlScalarNode { Value: { Length: > 0 } text }
            ? text
            : throw Error(node, $"'{Path(key)}' is {Show(node)}; expected a text");

    private double NumberOf(YamlNode node, string key, double least, double most, bool open, bool openAbove)
    {
        bool read = YamlNumber.TryParse(node, out double value);
        bool inside = (open ? value > least : value >= least) && (open || openAbove ? value < most : value <= most);
        if (read && inside && double.IsFinite(value))
            return value;
        string limits = (double.IsNegativeInfinity(least), double.IsPositiveInfinity(most)) switch
        {
            (true, true) => "",
            (false, true) => string.Create(CultureInfo.InvariantCulture, $" {(open ? "above" : "of at least")} {least}"),
            (true, false) => string.Create(CultureInfo.InvariantCulture, $" {(open || openAbove ? "below" : "of at most")} {most}"),
            _ when openAbove => string.Create(CultureInfo.InvariantCulture, $" from {least} to below {most}"),
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $" {(open ? "between" : "from")} {least} {(open ? "and" : "to")} {most}{(open ? ", both excluded" : "")}"
            ),
        };
        throw Error(node, $"'{Path(key)}' is {Show(node)}; expected a number{limits}{Meant(node)}");
    }

    private long IntegerOf(YamlNode node, string key, long least, long most)
    {
        if (
            YamlNumber.TryParse(node, out double value)
            && value == Math.Floor(value)
            && Math.Abs(value) <= 1L << 53
            && value >= least
            && value <= most
        )
            return (long)value;
        string limits = most == long.MaxValue ? $"of at least {least}" : $"from {least} to {most}";
        throw Error(node, $"'{Path(key)}' is {Show(node)}; expected a whole number {limits}{Meant(node)}");
    }

    // Ways to write numbers that YAML reads as texts.
    private static string Meant(YamlNode node)
    {
        if (node is not YamlScalarNode { Value: { Length: > 1 and < 20 } text })
            return "";
        if (text.Split("..") is [var from, var to] && Digits(from) && Digits(to))
            return $": a range is written out, [{from}, …, {to}]";
        if (text[^1] is 'k' or 'K' or 'm' or 'M' && Digits(text[..^1]))
            return $": written out, {text[..^1]}{(text[^1] is 'k' or 'K' ? "000" : "000000")}";
        if (
            ((YamlScalarNode)node).Style != ScalarStyle.Plain
            && YamlNumber.TryParse(new YamlScalarNode(text) { Style = ScalarStyle.Plain }, out _)
        )
            return ": without quotes";
        return text.Contains(',', StringComparison.Ordinal) ? ": with a point for decimals and without commas" : "";

        static bool Digits(string part) => part.Length > 0 && part.All(char.IsAsciiDigit);
    }

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" or null };

    private static string Quoted(string name) => name.Length == 0 ? "the study" : $"'{Shown.Of(name)}'";

    private static string Show(YamlNode node) =>
        node switch
        {
            YamlScalarNode { Value: string text } scalar => scalar.Style == ScalarStyle.Plain
                ? $"'{Shown.Of(text)}'"
                : $"the text '{Shown.Of(text)}'",
            YamlSequenceNode => "a list",
            YamlMappingNode => "a mapping",
            _ => "empty",
        };
}
