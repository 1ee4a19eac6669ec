// One YAML document as a tree: its nesting is counted before the parser that recurses sees it, and errors name the line that is at fault.
using Gaplab.Numerics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

/// <summary>Parses text that may be anything.</summary>
internal static class YamlText
{
    /// <summary>Levels of lists and mappings in each other.</summary>
    public const int MostLevels = 64;

    /// <param name="text">The document.</param>
    /// <param name="error">The error of a line (from 1) and what is wrong in it.</param>
    /// <returns>The root, or null where the text holds nothing.</returns>
    /// <exception cref="InputException">Whatever <paramref name="error"/> makes: not YAML, nested too deeply, several
    /// documents.</exception>
    public static YamlNode? Parse(string text, Func<long, string, InputException> error)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new Bounded(new Parser(new StringReader(text)), error));
        }
        catch (YamlException e)
        {
            (long line, string what) = Place(text, e);
            throw error(line, $"not valid YAML: {Shown.Of(what, 200)}");
        }
        catch (ArgumentException e)
        {
            // What the parser throws at a tag that is no URI; it does not say where.
            throw error(1, $"not valid YAML: {Shown.Of(e.Message, 200)}");
        }
        catch (InvalidOperationException)
        {
            // What the parser throws at the end of an unfinished list or mapping; the place is the end of the text.
            throw error(text.TrimEnd().Count(c => c == '\n') + 1, "not valid YAML: a list or mapping is not closed");
        }
        return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
    }

    // The parser names the start of the block in which it stopped; a tab stands in a line of its own.
    private static (long Line, string What) Place(string text, YamlException error)
    {
        string what = error.Message;
        if (what.Contains("tab", StringComparison.OrdinalIgnoreCase))
        {
            long line = 0;
            foreach (ReadOnlySpan<char> one in text.AsSpan().EnumerateLines())
            {
                line++;
                ReadOnlySpan<char> rest = one.TrimStart(" \t");
                if (line >= error.Start.Line && one[..^rest.Length].Contains('\t') && rest is not ([] or ['#', ..]))
                    return (line, "a tab stands before the first word; expected blanks");
            }
        }
        if (what.Contains("invalid mapping", StringComparison.OrdinalIgnoreCase))
            what = "a second ': ' in one value; quote a text that holds ': '";
        return (error.Start.Line, what);
    }

    /// <summary>Hands events on while they stay within bounds. The events come one at a time, so the text behind a bound is never
    /// read.</summary>
    /// <remarks>A key that is a list costs its hash, which aliases in each other make exponential, and a node that holds itself has no end:
    /// neither has a meaning here.</remarks>
    private sealed class Bounded(Parser parser, Func<long, string, InputException> error) : IParser
    {
        private readonly Stack<Level> _open = [];
        private int _documents;

        public ParsingEvent? Current => parser.Current;

        public bool MoveNext()
        {
            if (!parser.MoveNext())
                return false;
            switch (parser.Current)
            {
                case DocumentStart when ++_documents > 1:
                    throw Error(
                        "a second document begins here; expected one: leave out '---' and what follows it, or make it a file of its own"
                    );
                case AnchorAlias alias when _open.Any(level => level.Anchor == alias.Value):
                    throw Error($"*{Shown.Of(alias.Value.Value)} stands inside what it refers to; expected an anchor that is complete");
                case AnchorAlias or Scalar:
                    Enter(isCollection: parser.Current is AnchorAlias);
                    break;
                case MappingStart or SequenceStart:
                    Enter(isCollection: true);
                    if (_open.Count == MostLevels)
                        throw Error($"lists and mappings nested more than {MostLevels} deep; expected at most that many levels");
                    _open.Push(new Level(parser.Current is MappingStart, ((NodeEvent)parser.Current).Anchor));
                    break;
                case MappingEnd or SequenceEnd:
                    _open.Pop();
                    break;
            }
            return true;
        }

        private void Enter(bool isCollection)
        {
            if (!_open.TryPeek(out Level? level))
                return;
            if (level.IsMapping && level.Nodes++ % 2 == 0 && isCollection)
                throw Error("a key is a list, a mapping or an alias; expected a name");
        }

        private InputException Error(string what) => error(parser.Current!.Start.Line, what);

        private sealed class Level(bool isMapping, AnchorName anchor)
        {
            public bool IsMapping { get; } = isMapping;

            public AnchorName? Anchor { get; } = anchor.IsEmpty ? null : anchor;

            /// <summary>Keys and values seen.</summary>
            public long Nodes { get; set; }
        }
    }
}
