// The optimizers of a study file: name, recipe, learning-rate grid, momenta.
using System.Globalization;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Studies.Planning;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

internal static class OptimizerSection
{
    /// <summary>The name of an optimizer, as a regular expression.</summary>
    public static string NamePattern { get; } = $"^[a-z0-9_-]{{1,{StudyFile.MostName}}}$";

    public static IReadOnlyList<OptimizerChoice> ReadAll(StudySection root)
    {
        StudySection all = root.Section("optimizers");
        StudySection grid = root.Section("grid");
        if (all.Keys.Count() > StudyFile.MostNames)
            throw root.Error("optimizers", $"'optimizers' holds {all.Keys.Count()} names; expected at most {StudyFile.MostNames}");
        string? shared =
            grid.Has("beta") ? "grid.beta"
            : grid.Has("half-life") ? "grid.half-life"
            : null;
        bool ofCommand = CommandSections.Is(root);
        OptimizerChoice[] optimizers = [.. all.Keys.Select(name => Read(all.Section(name), name, shared, ofCommand))];
        if (optimizers.Length == 0)
            throw root.Missing("optimizers", "a mapping of names to optimizers, for instance 'sgd: {lr: {from: 0.01, to: 1, points: 5}}'");
        return optimizers;
    }

    /// <summary>A shadow: an optimizer with one learning rate and one momentum.</summary>
    public static OptimizerSpec ReadOne(StudySection s, string name)
    {
        OptimizerChoice choice = Read(s, name, null, ofCommand: false);
        (OptimizerKey Key, IReadOnlyList<double> Values)[] single =
        [
            (OptimizerKey.LearningRate, choice.Rates),
            (OptimizerKey.Momentum, choice.Momenta),
            (OptimizerKey.Beta1, choice.Beta1s),
            (OptimizerKey.Beta2, choice.Beta2s),
        ];
        foreach ((OptimizerKey key, IReadOnlyList<double> values) in single)
            if (values.Count > 1)
                throw s.Error(key.Name, $"'{s.Path(key.Name)}' holds {values.Count} values; expected one: a shadow is one optimizer");
        return choice.Template with
        {
            LearningRate = choice.Rates[0],
            Momentum = choice.Momenta[0],
            Beta1 = choice.Beta1s[0],
            Beta2 = choice.Beta2s[0],
        };
    }

    private static OptimizerChoice Read(StudySection s, string name, string? shared, bool ofCommand)
    {
        OptimizerCatalogue optimizers = s.Catalogues.Optimizers;
        IReadOnlyList<string> kinds = optimizers.Kinds;
        if (FullMatch.Of(NamePattern, name) && ofCommand)
            return CommandOptimizers.Read(s, name, Rates(s));
        if (!FullMatch.Of(NamePattern, name))
            throw s.Error(
                "",
                $"'optimizers' holds the name '{name}'; expected lower-case letters, digits, '-' and '_', at most {StudyFile.MostName} of "
                    + $"them{(s.Has("kind") ? "" : NearestName.Hint(name, kinds, OptimizerCatalogue.Elsewhere))}"
            );
        if (!s.Has("kind") && !kinds.Contains(name))
            throw s.Error(
                "kind",
                $"'optimizers.{name}.kind' is missing; expected {ForeignKeys.Listed(kinds, "or")}"
                    + $"{NearestName.Hint(name, kinds, OptimizerCatalogue.Elsewhere)}"
            );
        string kindName = s.Choice("kind", name, kinds, OptimizerCatalogue.Elsewhere);
        var bare = new OptimizerSpec
        {
            Name = name,
            Kind = kindName,
            LearningRate = 0,
        };
        OptimizerKind kind = optimizers.Of(bare);
        OptimizerSpec byDefault = kind.Defaults(bare);
        HashSet<string> own = [.. kind.Keys.Concat(OptimizerKey.Shared).Select(k => k.Name)];
        foreach (OptimizerKey key in optimizers.Keys.Where(k => !own.Contains(k.Name)))
            if (s.Has(key.Name))
                throw s.Error(key.Name, $"'{s.Path(key.Name)}' has no meaning for {kindName}; it belongs to {Owners(optimizers, key)}");
        if (shared is not null && kind.Averages.Count == 0)
            throw s.Error(
                "",
                $"'{shared}' sets the momentum of every optimizer alike, but '{s.Path("")[..^1]}' ({kindName}) averages nothing; leave it "
                    + $"out of this study, or give momenta one by one"
            );
        foreach (OptimizerKey key in kind.Averages)
            if (shared is not null && s.Has(key.Name))
                throw s.Error(key.Name, $"'{s.Path(key.Name)}' and '{shared}' are both given; expected one of them");
        var choice = new OptimizerChoice
        {
            Name = name,
            Template = kind.Keys.Concat(OptimizerKey.Shared).Select(k => k.Key).ReadAll(s, byDefault with { Decay = kind.Decay }),
            Rates = Rates(s),
            Momenta = Betas(s, OptimizerKey.Momentum, byDefault),
            Beta1s = Betas(s, OptimizerKey.Beta1, byDefault),
            Beta2s = Betas(s, OptimizerKey.Beta2, byDefault),
        };
        // With a shared β the momentum is not known here; the plan looks at each.
        if (shared is null)
        {
            foreach (double momentum in choice.Momenta)
                if (kind.ObjectionTo(choice.Template with { Momentum = momentum }) is { } dead)
                    throw s.Error(dead.Key.Name, $"'{s.Path(dead.Key.Name)}' {dead.Why}");
        }
        s.Finish();
        return choice;
    }

    private static string Owners(OptimizerCatalogue optimizers, OptimizerKey key) =>
        ForeignKeys.Listed([.. optimizers.All.Where(k => k.Keys.Any(o => o.Name == key.Name)).Select(k => k.Name)], "and");

    private static double[] Betas(StudySection s, OptimizerKey key, OptimizerSpec byDefault) =>
        [.. (s.Numbers(key.Name, key.Key.Least, key.Key.Most, key.Key.Open, key.Key.OpenAbove) ?? [key.Number(byDefault)]).Order()];

    private static double[] Rates(StudySection s)
    {
        SpecKey<OptimizerSpec> key = OptimizerKey.LearningRate.Key;
        YamlNode node = s.Node(key.Name) ?? throw s.Missing(key.Name, key.Required!);
        double[] rates =
            node is YamlMappingNode
                ? RateRange.Read(s.Section(key.Name))
                : [.. s.Numbers(key.Name, key.Least, key.Most, key.Open)!.Select(rate => SixDigits.Round(rate)).Order()];
        for (int i = 1; i < rates.Length; i++)
            if (LearningRates.Same(rates[i - 1], rates[i]))
                throw s.Error(
                    "lr",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"'{s.Path("lr")}' holds {rates[i]} twice to six digits; expected rates further apart"
                    )
                );
        return rates;
    }
}
