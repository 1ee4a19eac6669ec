// Settings in YAML, event by event: nothing is constructed, whatever its tags say, and nothing recurses.
using Gaplab.Numerics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gaplab.Results.Folders;

/// <summary>The keys and values of a YAML document. A tag of Python (<c>!!python/name:torch.optim.adam.Adam</c>) is read as the name it
/// holds; lists are texts; aliases are what they stand for, within the bounds.</summary>
internal static class YamlConfig
{
    private const string PythonTag = "tag:yaml.org,2002:python/";

    private const int LongestList = 1000;

    private sealed class Level(string prefix, bool isMapping, int from, string? anchor)
    {
        public string Prefix { get; } = prefix;
        public bool IsMapping { get; } = isMapping;
        public int From { get; } = from;
        public string? Anchor { get; } = anchor;
        public string? Key { get; set; }
        public List<string> Items { get; } = [];
        public int Length { get; set; }
    }

    /// <exception cref="InputException">No YAML, nested too deeply, or no mapping: one line.</exception>
    public static List<(string Key, string Value)> Parse(string text)
    {
        try
        {
            return Read(new Parser(new StringReader(text)));
        }
        catch (YamlException e)
        {
            throw new InputException($"line {e.Start.Line}: not valid YAML: {Shown.Of(e.Message, 120)}", e);
        }
        catch (ArgumentException e)
        {
            // What the parser throws at a tag that is no URI.
            throw new InputException($"not valid YAML: {Shown.Of(e.Message, 120)}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InputException("not valid YAML: a list or mapping is not closed", e);
        }
    }

    private static List<(string, string)> Read(Parser parser)
    {
        var found = new List<(string Key, string Value)>();
        var anchors = new Dictionary<string, (string? Text, List<(string Key, string Value)> Entries)>(StringComparer.Ordinal);
        var open = new Stack<Level>();
        while (parser.MoveNext() && found.Count < RunConfig.MostKeys)
            switch (parser.Current)
            {
                // A second document is another thing.
                case DocumentEnd:
                    return found;
                case Scalar scalar:
                    if (!scalar.Anchor.IsEmpty)
                        anchors[scalar.Anchor.Value] = (Text(scalar), []);
                    Put(open, found, Text(scalar), isScalar: true, parser.Current.Start.Line);
                    break;
                case AnchorAlias alias:
                    Repeat(open, found, anchors.GetValueOrDefault(alias.Value.Value), parser.Current.Start.Line);
                    break;
                case MappingStart or SequenceStart:
                    var node = (NodeEvent)parser.Current;
                    if (open.Count == RunConfig.MostLevels)
                        throw new InputException($"line {node.Start.Line}: nested more than {RunConfig.MostLevels} deep");
                    if (open.Count == 0 && node is SequenceStart)
                        throw new InputException("holds a list; expected settings by name");
                    string prefix = open.TryPeek(out Level? above) ? Below(above, node.Start.Line) : "";
                    if (Name(node.Tag) is { } made && node is MappingStart)
                        found.Add((prefix + "_target_", made));
                    open.Push(new(prefix, node is MappingStart, found.Count, node.Anchor.IsEmpty ? null : node.Anchor.Value));
                    break;
                case MappingEnd or SequenceEnd:
                    Close(open, found, anchors, parser.Current.Start.Line);
                    break;
            }
        return found;
    }

    private static void Close(
        Stack<Level> open,
        List<(string Key, string Value)> found,
        Dictionary<string, (string? Text, List<(string Key, string Value)> Entries)> anchors,
        long line
    )
    {
        Level closed = open.Pop();
        if (closed.Anchor is { } anchor)
            anchors[anchor] = (
                null,
                [
                    .. found
                        .Skip(closed.From)
                        .Where(f => f.Key.StartsWith(closed.Prefix, StringComparison.Ordinal))
                        .Select(f => (f.Key[closed.Prefix.Length..], f.Value)),
                ]
            );
        if (closed.IsMapping)
        {
            if (open.TryPeek(out Level? above) && !above.IsMapping)
                Item(above, "{…}");
            else if (above is not null)
                above.Key = null;
            return;
        }
        string text = $"[{string.Join(", ", closed.Items)}]";
        Put(open, found, text, isScalar: false, line);
    }

    /// <summary>A value under its key, or an item of a list.</summary>
    private static void Put(Stack<Level> open, List<(string Key, string Value)> found, string text, bool isScalar, long line)
    {
        if (!open.TryPeek(out Level? level))
            throw new InputException($"line {line}: holds a text; expected settings by name");
        if (!level.IsMapping)
            Item(level, text);
        else if (level.Key is { } key)
        {
            found.Add((level.Prefix + key, text));
            level.Key = null;
        }
        else
            level.Key = isScalar ? text : "";
    }

    private static void Item(Level list, string text)
    {
        if ((list.Length += text.Length + 2) <= LongestList)
            list.Items.Add(text);
    }

    private static void Repeat(
        Stack<Level> open,
        List<(string Key, string Value)> found,
        (string? Text, List<(string Key, string Value)> Entries) anchored,
        long line
    )
    {
        if (anchored.Text is not null || !open.TryPeek(out Level? level) || !level.IsMapping || level.Key is null)
        {
            Put(open, found, anchored.Text ?? "", isScalar: true, line);
            return;
        }
        // "<<: *base" takes over what is in it.
        string prefix = level.Key == "<<" ? level.Prefix : $"{level.Prefix}{level.Key}.";
        foreach ((string key, string value) in anchored.Entries ?? [])
            if (found.Count < RunConfig.MostKeys)
                found.Add((prefix + key, value));
        level.Key = null;
    }

    /// <summary>The prefix of what stands under a mapping's key; what stands in a list is not named.</summary>
    private static string Below(Level above, long line)
    {
        if (!above.IsMapping)
            return above.Prefix + "[].";
        string key = above.Key ?? throw new InputException($"line {line}: a key is a list or a mapping; expected a name");
        return $"{above.Prefix}{key}.";
    }

    private static string Text(Scalar scalar) =>
        Name(scalar.Tag) is { } name ? name
        : scalar.Style == ScalarStyle.Plain && scalar.Value is "~" or "null" or "Null" or "NULL" ? ""
        : scalar.Value;

    /// <summary>What a tag of Python names: "python/name:torch.optim.adam.Adam" and "python/object:argparse.Namespace" hold a name, others
    /// a type of the language.</summary>
    private static string? Name(TagName tag)
    {
        if (tag.IsEmpty || !tag.Value.StartsWith(PythonTag, StringComparison.Ordinal))
            return null;
        int colon = tag.Value.IndexOf(':', PythonTag.Length);
        return colon > 0 && colon < tag.Value.Length - 1 ? tag.Value[(colon + 1)..] : null;
    }
}
