// The factors of a study file, and the design: which combinations of their levels are run.
using Gaplab.Numerics;
using Gaplab.Numerics.Statistics;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

/// <summary>A factor with what each level sets: keys of the study file and their values.</summary>
internal sealed record FactorKeys(FactorSpec Spec, IReadOnlyList<IReadOnlyList<(string[] Key, YamlNode Value)>> Values);

internal static class FactorSection
{
    private static readonly string[] s_sections = ["task", "model", "optimizers", "schedule", "budget", "precision"];

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
        string? key = s.Text("key");
        YamlNode levels = s.Node("levels") ?? throw s.Missing("levels", "a list of values, or a mapping of level names to what each sets");
        IReadOnlyList<IReadOnlyList<(string[], YamlNode)>> values;
        string[] names;
        if (levels is YamlSequenceNode items)
        {
            if (key is null)
                throw s.Missing("key", "the key of the study that the levels are values of, such as model.activation");
            names = Names(s, "levels", items);
            values = [.. items.Children.Select(v => Value(s, "key", key, v))];
        }
        else
        {
            StudySection named = s.Section("levels");
            names = [.. named.Keys];
            foreach (string level in names)
                CheckName(named, level, level);
            values =
            [
                .. names.Select(level =>
                    key is null ? Several(named, level, source) : Value(s, "key", key, named.Node(level) ?? new YamlScalarNode("none"))
                ),
            ];
            named.Finish();
        }
        if (names.Length < 2)
            throw s.Error(
                "levels",
                $"'{s.Path("levels")}' has {names.Length} level{(names.Length == 1 ? "" : "s")}; expected at least two"
            );
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
        bool momentum = key is "grid.beta" or "grid.half-life";
        if (keys.Any(k => k.Length == 0) || (!s_sections.Contains(keys[0]) && !momentum) || (keys.Length < 2 && keys[0] != "precision"))
            throw s.Error(
                at,
                $"'{key}' is no key that a factor can switch; expected one below {string.Join(", ", s_sections)}, or grid.beta or "
                    + $"grid.half-life, such as model.activation or optimizers.*.clip"
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

    /// <summary>The design and its treatments: for each, the level of every factor. One treatment without levels where there are no
    /// factors.</summary>
    public static (DesignSpec Design, IReadOnlyList<int[]> Treatments) Design(StudySection root, IReadOnlyList<FactorKeys> factors)
    {
        int[] levels = [.. factors.Select(f => f.Spec.Levels.Count)];
        YamlNode? node = root.Node("design");
        StudySection s = node is YamlMappingNode ? root.Section("design") : root;
        string at = node is YamlMappingNode ? "kind" : "design";
        if (node is not null && factors.Count == 0)
            throw root.Error("design", "'design' is given, but the study has no factors; expected factors");
        string kind = s.Choice(
            at,
            node is YamlMappingNode && (s.Has("generators") || s.Has("runs") || s.Has("resolution")) ? "fractional" : "full",
            "full",
            "fractional",
            "one-at-a-time"
        );
        if (kind != "fractional")
        {
            if (node is YamlMappingNode)
                s.Finish();
            CheckCount(root, kind, levels);
            return (new DesignSpec { Kind = kind }, kind == "full" ? Full(levels) : OneAtATime(levels));
        }
        if (factors.FirstOrDefault(f => f.Spec.Levels.Count != 2) is { } other)
            throw root.Error(
                "design",
                $"a fractional design has factors of two levels, '{other.Spec.Name}' has {other.Spec.Levels.Count}; expected two, or "
                    + $"design: full or one-at-a-time"
            );
        if (factors.Count is < 3 or > FractionalFactorial.MostFactors)
            throw root.Error(
                "design",
                $"a fractional design of {factors.Count} factors; expected 3 to {FractionalFactorial.MostFactors} (design: full needs no "
                    + $"more runs for fewer)"
            );
        FractionalFactorial design = Fraction(root, node, s, factors.Count);
        if (node is YamlMappingNode)
            s.Finish();
        return (
            new DesignSpec { Kind = kind, Generators = design.Generators },
            [
                .. Enumerable
                    .Range(0, design.Runs)
                    .Select(run => (int[])[.. Enumerable.Range(0, design.Factors).Select(f => design.IsHigh(run, f) ? 1 : 0)]),
            ]
        );
    }

    private static FractionalFactorial Fraction(StudySection root, YamlNode? node, StudySection s, int factors)
    {
        try
        {
            string[] given = node is YamlMappingNode ? [.. ((string[])["generators", "runs", "resolution"]).Where(s.Has)] : [];
            if (given.Length > 1)
                throw s.Error(given[1], $"'design' gives both {given[0]} and {given[1]}; expected one of them");
            return given switch
            {
                ["generators"] => FractionalFactorial.Of(factors, s.Texts("generators")!),
                ["runs"] => FractionalFactorial.MinimumAberration(
                    factors,
                    (int)s.Integer("runs", 0, 2, 1 << FractionalFactorial.MostFactors)
                ),
                _ => FractionalFactorial.OfResolution(
                    factors,
                    node is YamlMappingNode ? (int)s.Integer("resolution", 4, 3, FractionalFactorial.MostFactors) : 4
                ),
            };
        }
        catch (InputException e) when (!e.Message.Contains(':', StringComparison.Ordinal))
        {
            throw root.Error("design", e.Message);
        }
    }

    // Counted before anything is multiplied out.
    private static void CheckCount(StudySection root, string kind, int[] levels)
    {
        double count = kind == "full" ? levels.Aggregate(1.0, (product, l) => product * l) : 1 + levels.Sum(l => l - 1.0);
        if (count <= ComparisonSections.MostComparisons)
            return;
        string design =
            kind == "full"
                ? string.Join(" x ", levels.Take(12)) + (levels.Length > 12 ? " x …" : "")
                : $"{levels.Length} factors one at a time";
        throw root.Error(
            "factors",
            $"{design} are {count:0} combinations of levels; expected at most {ComparisonSections.MostComparisons}: a fractional design, "
                + "or one-at-a-time"
        );
    }

    private static List<int[]> Full(int[] levels)
    {
        var all = new List<int[]> { Array.Empty<int>() };
        foreach (int count in levels)
            all = [.. all.SelectMany(t => Enumerable.Range(0, count).Select(l => (int[])[.. t, l]))];
        return all;
    }

    private static List<int[]> OneAtATime(int[] levels)
    {
        var all = new List<int[]> { new int[levels.Length] };
        for (int f = 0; f < levels.Length; f++)
        for (int l = 1; l < levels[f]; l++)
        {
            var one = new int[levels.Length];
            one[f] = l;
            all.Add(one);
        }
        return all;
    }
}
