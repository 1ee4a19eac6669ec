// The factors of a study file: what each level sets.
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

/// <summary>A factor with what each level sets: keys of the study file and their values.</summary>
internal sealed record FactorKeys(FactorSpec Spec, IReadOnlyList<IReadOnlyList<(string[] Key, YamlNode Value)>> Values);

internal static class FactorSection
{
    /// <summary>What a factor may switch: a key of one of these, at any depth.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["task", "model", "optimizers", "schedule", "budget", CommandSections.Args];

    /// <summary>What a factor may switch as it stands.</summary>
    public static IReadOnlyList<string> Whole { get; } = ["precision", "grid.beta", "grid.half-life"];

    /// <summary>Of the long form: the key that all levels are values of.</summary>
    public const string Key = "key";

    /// <summary>Of the long form: a list of values, or a mapping of level names to values or to what each sets.</summary>
    public const string Levels = "levels";

    /// <summary>The factors in the order of the file; none where the study has none.</summary>
    public static IReadOnlyList<FactorKeys> Read(StudySection root, StudySource source)
    {
        StudySection all = root.Section("factors");
        FactorKeys[] factors = [.. all.Keys.Select(name => ReadOne(all, name, source))];
        foreach (var twice in factors.GroupBy(f => f.Spec.Name).Where(g => g.Count() > 1))
            throw all.Error(
                "",
                $"'factors' has two factors named '{twice.Key}'; give one of them a name of its own: name: {{key: …, levels: […]}}"
            );
        if (factors.FirstOrDefault(f => f.Spec.Name.Length > StudyFile.MostName) is { } longest)
            throw all.Error("", $"'factors' holds the name '{longest.Spec.Name}'; expected at most {StudyFile.MostName} characters");
        if (factors.Any(f => f.Spec.Name == "setting"))
            throw all.Error("setting", "a factor cannot be named 'setting'; expected another name");
        return factors;
    }

    private static FactorKeys ReadOne(StudySection all, string name, StudySource source)
    {
        if (all.Node(name) is YamlSequenceNode list)
        {
            // Short: the name is the key.
            string last = name.Split('.')[^1];
            return new(
                new FactorSpec { Name = last, Levels = Names(all, name, list) },
                [.. list.Children.Select(v => Value(all, name, name, v))]
            );
        }
        StudySection s = all.Section(name);
        string? key = s.Text(Key);
        YamlNode levels = s.Node(Levels) ?? throw s.Missing(Levels, "a list of values, or a mapping of level names to what each sets");
        IReadOnlyList<IReadOnlyList<(string[], YamlNode)>> values;
        string[] names;
        if (levels is YamlSequenceNode items)
        {
            if (key is null)
                throw s.Missing(Key, "the key of the study that the levels are values of, such as model.activation");
            names = Names(s, Levels, items);
            values = [.. items.Children.Select(v => Value(s, Key, key, v))];
        }
        else
        {
            StudySection named = s.Section(Levels);
            names = [.. named.Keys];
            foreach (string level in names)
                CheckName(named, level, level);
            values =
            [
                .. names.Select(level =>
                    key is null ? Several(named, level, source) : Value(s, Key, key, named.Node(level) ?? new YamlScalarNode("none"))
                ),
            ];
            named.Finish();
        }
        if (names.Length < 2)
            throw s.Error(Levels, $"'{s.Path(Levels)}' has {names.Length} level{(names.Length == 1 ? "" : "s")}; expected at least two");
        s.Finish();
        return new(new FactorSpec { Name = name, Levels = names }, values);
    }

    private static IReadOnlyList<(string[], YamlNode)> Value(StudySection s, string at, string key, YamlNode value) =>
        [(Split(s, at, key), value)];

    private static (string[], YamlNode)[] Several(StudySection levels, string level, StudySource source)
    {
        if (levels.Node(level) is not YamlMappingNode mapping)
            throw levels.Error(
                level,
                $"'{levels.Path(level)}' does not say what it sets; expected keys with values, such as {{model.norm: layernorm}}, or "
                    + $"'key' beside 'levels'"
            );
        StudySection inner = new(source, mapping, levels.Path(level));
        return [.. inner.Keys.Select(key => (Split(inner, key, key), inner.Node(key) ?? new YamlScalarNode("none")))];
    }

    private static string[] Split(StudySection s, string at, string key)
    {
        string[] keys = key.Split('.');
        bool below = keys.Length > 1 && keys.All(k => k.Length > 0) && Sections.Contains(keys[0]);
        if (!below && !Whole.Contains(key))
            throw s.Error(
                at,
                $"'{key}' is no key that a factor can switch; expected one below {string.Join(", ", Sections)}, or "
                    + $"{ForeignKeys.Listed(Whole, "or")}, such as model.activation or optimizers.*.clip"
            );
        return keys;
    }

    private static string[] Names(StudySection s, string key, YamlSequenceNode items)
    {
        string[] names =
        [
            .. items.Children.Select(v =>
                v is YamlScalarNode { Value: { Length: > 0 } text }
                    ? text
                    : throw s.Error(
                        key,
                        $"'{s.Path(key)}' holds a level that is no single value; give levels names: {{first: …, second: …}}"
                    )
            ),
        ];
        foreach (string name in names)
            CheckName(s, key, name);
        if (names.Length < 2)
            throw s.Error(key, $"'{s.Path(key)}' has {names.Length} level{(names.Length == 1 ? "" : "s")}; expected at least two");
        foreach (var twice in names.GroupBy(n => n).Where(g => g.Count() > 1))
            throw s.Error(key, $"'{s.Path(key)}' holds {twice.Key} twice; expected each level once");
        return names;
    }

    // Names stand in keys of comparisons and in columns of tables.
    private static void CheckName(StudySection s, string key, string name)
    {
        if (name.Length > StudyFile.MostName || name.AsSpan().IndexOfAny(",=/\n\"") >= 0)
            throw s.Error(
                key,
                $"'{name}' cannot name a level; give levels names without ',', '=' and '/', of at most {StudyFile.MostName} characters: "
                    + $"{{first: …, second: …}}"
            );
    }
}
