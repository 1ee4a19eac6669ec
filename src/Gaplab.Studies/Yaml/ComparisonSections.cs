// The settings of a study file: several tasks and models in one study, each crossed with the factors.
using Gaplab.Numerics;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads a study of several comparisons: the file once for each, with the setting's keys and the factors' levels laid over
/// it.</summary>
internal static class ComparisonSections
{
    /// <summary>More would be a mistake of the design, not a study.</summary>
    internal const int MostComparisons = 1024;

    // Characters that are parsed for all comparisons together: some seconds' work.
    private const long MostRead = 1L << 26;

    /// <summary>The top-level keys that make comparisons.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["settings", "factors", "design"];

    /// <summary>The name of a setting, as a regular expression.</summary>
    public static string NamePattern { get; } = $"^[A-Za-z0-9._-]{{1,{StudyFile.MostName}}}$";

    /// <summary>What a setting says of itself for explanations of the gap: names and words.</summary>
    public const string Traits = "traits";

    /// <summary>The keys of the study that a setting may change.</summary>
    public static IReadOnlyList<string> OfSetting { get; } =
    [
        "task",
        "model",
        "optimizers",
        "grid",
        "budget",
        "schedule",
        "evaluation",
        "sentinel",
        "precision",
        "divergence-factor",
        CommandSections.Args,
    ];

    public static bool Any(StudySource source) => new StudySection(source, source.Root, "") is var root && Keys.Any(root.Has);

    public static StudySpec Read(string path, string text, Catalogues catalogues, IReadOnlyList<string> overrides)
    {
        StudySource source = StudySource.Parse(path, text, catalogues, overrides);
        var root = new StudySection(source, source.Root, "");
        IReadOnlyList<FactorKeys> factors = FactorSection.Read(root, source);
        (DesignSpec design, IReadOnlyList<int[]> treatments) = DesignSection.Read(root, factors);
        string[] settings = Settings(root);
        CheckOverrides(overrides, factors);
        if ((long)settings.Length * treatments.Count > MostComparisons)
            throw root.Error(
                "factors",
                $"{settings.Length} settings and {treatments.Count} combinations of levels are {settings.Length * treatments.Count} "
                    + $"comparisons; expected at most {MostComparisons}: a fractional design, or one-at-a-time"
            );
        if ((long)text.Length * settings.Length * treatments.Count > MostRead)
            throw root.Error(
                "factors",
                $"{settings.Length * treatments.Count} comparisons of a file of {text.Length} characters, which is read once for each; "
                    + $"expected a shorter file or fewer of them"
            );
        var comparisons = new List<Comparison>();
        foreach (string setting in settings)
        foreach (int[] levels in treatments)
            comparisons.Add(One(path, text, catalogues, overrides, setting, levels));
        StudySpec first = comparisons[0].Study;
        foreach (Comparison comparison in comparisons)
            CheckAlike(root, first, comparison);
        return first with { Listed = comparisons, Factors = [.. factors.Select(f => f.Spec)], Design = design };
    }

    private static Comparison One(
        string path,
        string text,
        Catalogues catalogues,
        IReadOnlyList<string> overrides,
        string setting,
        int[] levels
    )
    {
        // The tree is read anew for every comparison, so that no comparison can change another's.
        StudySource source = StudySource.Parse(path, text, catalogues, overrides);
        var root = new StudySection(source, source.Root, "");
        IReadOnlyList<FactorKeys> factors = FactorSection.Read(root, source);
        var traits = new List<string>();
        if (setting.Length > 0)
        {
            StudySection own = root.Section("settings").Section(setting);
            StudySection said = own.Section(Traits);
            traits.AddRange(said.Keys.Select(k => $"{k}={said.Text(k, "")}"));
            foreach (string key in OfSetting)
                own.Has(key);
            own.Finish();
            if (root.Section("settings").Node(setting) is YamlMappingNode over)
            {
                over.Children.Remove(new YamlScalarNode(Traits));
                source.Overlay(over);
            }
        }
        foreach (string text1 in overrides.Where(o => !Keys.Contains(StudySource.KeysOf(o)[0])))
            source.Override(text1);
        string[] optimizers = [.. new StudySection(source, source.Root, "").Section("optimizers").Keys];
        foreach ((FactorKeys factor, int level) in factors.Zip(levels))
        foreach ((string[] key, YamlNode value) in factor.Values[level])
        foreach (string[] one in key is ["optimizers", "*", ..] ? optimizers.Select(o => (string[])["optimizers", o, .. key[2..]]) : [key])
            source.Set(one, value);
        foreach (string key in Keys)
            source.Root.Children.Remove(new YamlScalarNode(key));
        return new Comparison
        {
            Setting = setting,
            Levels = [.. factors.Zip(levels, (f, level) => f.Spec.Levels[level])],
            Study = StudyFile.Read(path, source),
            Traits = traits,
        };
    }

    private static string[] Settings(StudySection root)
    {
        if (!root.Has("settings"))
            return [""];
        StudySection all = root.Section("settings");
        string[] names = [.. all.Keys];
        if (names.Length == 0)
            throw root.Error(
                "settings",
                "'settings' is empty; expected names, each with the keys that it changes, such as 'gpt-text: {task: …, model: …}'"
            );
        foreach (string name in names.Where(n => !FullMatch.Of(NamePattern, n)))
            throw all.Error(
                name,
                $"'settings' holds the name '{name}'; expected letters, digits, '-', '_' and '.', at most {StudyFile.MostName} of them"
            );
        return names;
    }

    private static void CheckOverrides(IReadOnlyList<string> overrides, IReadOnlyList<FactorKeys> factors)
    {
        foreach (string text in overrides)
        {
            string[] keys = StudySource.KeysOf(text);
            foreach (FactorKeys factor in factors)
            foreach ((string[] key, _) in factor.Values.SelectMany(v => v))
                if (key.Length == keys.Length && key.Zip(keys).All(k => k.First == k.Second || k.First == "*"))
                    throw new InputException(
                        $"override '{text}' sets what the factor '{factor.Spec.Name}' switches; expected another key, or the factor's own "
                            + $"levels: --set \"factors.{factor.Spec.Name}={{key: {string.Join('.', key)}, levels: […]}}\""
                    );
        }
    }

    // What comparisons of one study must share: seeds and optimizers pair them, one metric and unit make their gaps one quantity.
    private static void CheckAlike(StudySection root, StudySpec first, Comparison comparison)
    {
        string where = comparison.Setting.Length > 0 ? $"setting '{comparison.Setting}'" : $"level {string.Join(", ", comparison.Levels)}";
        string at = comparison.Setting.Length > 0 ? "settings" : "factors";
        if (!first.Grid.Seeds.SequenceEqual(comparison.Study.Grid.Seeds))
            throw root.Error(
                at,
                $"{where} has other seeds than the first; expected the same for all, because comparisons are paired by seed"
            );
        if (
            !first
                .Optimizers.Select(o => o.Name)
                .Order(StringComparer.Ordinal)
                .SequenceEqual(comparison.Study.Optimizers.Select(o => o.Name).Order(StringComparer.Ordinal))
        )
            throw root.Error(
                at,
                $"{where} has the optimizers {Shown.List(comparison.Study.Optimizers.Select(o => o.Name))}, the first has "
                    + $"{Shown.List(first.Optimizers.Select(o => o.Name))}; expected the same names for all"
            );
        if (first.Metric != comparison.Study.Metric)
            throw root.Error(at, $"{where} has another metric than the first; expected one for all");
    }
}
