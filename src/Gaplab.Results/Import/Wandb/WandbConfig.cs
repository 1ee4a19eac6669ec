// Reads the YAML files in which Weights & Biases keeps settings: a value, and perhaps a description, below each name.
using Gaplab.Numerics.Files;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gaplab.Results.Import.Wandb;

/// <summary>Goes through the events of the parser, so no tag is ever looked up and no object made; an alias stands for nothing.</summary>
internal static class WandbConfig
{
    private const int MostEvents = 1 << 20;

    /// <summary>Hands out every setting by its dotted name.</summary>
    /// <returns>False when the text ends in the middle or is no mapping of names.</returns>
    public static bool Read(string text, Action<string, string> setting)
    {
        try
        {
            var events = new Events(new Parser(new StringReader(text)));
            events.Next<StreamStart>();
            if (events.Current is StreamEnd)
                return true;
            events.Next<DocumentStart>();
            if (events.Current is Scalar { Value: "" })
                return true;
            events.Next<MappingStart>();
            while (events.Current is not MappingEnd)
            {
                string key = events.Next<Scalar>().Value;
                bool isOwn = key is ['_', ..] or "wandb_version";
                Value(
                    key,
                    events,
                    1,
                    // {value: …, desc: …}: what is below "value" is the setting itself.
                    (name, value) =>
                    {
                        string below = name.Length > key.Length ? name[(key.Length + 1)..] : "";
                        if (isOwn || below == "desc" || value.Length > WandbJson.LongestValue)
                            return;
                        string setting_ =
                            below == "value" ? key
                            : below.StartsWith("value.", StringComparison.Ordinal) ? $"{key}.{below["value.".Length..]}"
                            : name;
                        if (setting_.Length <= TableHeader.LongestName)
                            setting(setting_, value);
                    }
                );
            }
            return true;
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException or InvalidDataException)
        {
            // The second is what the parser throws at the end of an unfinished list or mapping.
            return false;
        }
    }

    private static void Value(string name, Events events, int level, Action<string, string> add)
    {
        if (level > StrictJson.MostLevels || name.Length > WandbJson.LongestValue)
            throw new InvalidDataException();
        switch (events.Current)
        {
            case MappingStart:
                events.Next<MappingStart>();
                while (events.Current is not MappingEnd)
                    Value($"{name}.{events.Next<Scalar>().Value}", events, level + 1, add);
                events.Next<MappingEnd>();
                break;
            case SequenceStart:
                var items = new List<string>();
                events.Next<SequenceStart>();
                while (events.Current is not SequenceEnd)
                    Value("", events, level + 1, (below, item) => items.Add(below.Length == 0 ? item : $"{below[1..]}: {item}"));
                events.Next<SequenceEnd>();
                add(name, $"[{string.Join(", ", items)}]");
                break;
            case AnchorAlias:
                events.Next<AnchorAlias>();
                break;
            default:
                Scalar scalar = events.Next<Scalar>();
                if (scalar.Style != ScalarStyle.Plain || scalar.Value is not ("null" or "~" or ""))
                    add(name, scalar.Value.Trim());
                break;
        }
    }

    /// <summary>The parser's events, no more than any run's settings have.</summary>
    private sealed class Events
    {
        private readonly Parser _parser;
        private int _count;

        public Events(Parser parser)
        {
            _parser = parser;
            Move();
        }

        public ParsingEvent Current => _parser.Current ?? throw new InvalidDataException();

        public T Next<T>()
            where T : ParsingEvent
        {
            T now = Current as T ?? throw new InvalidDataException();
            Move();
            return now;
        }

        private void Move()
        {
            if (++_count > MostEvents || !_parser.MoveNext())
                throw new InvalidDataException();
        }
    }
}
