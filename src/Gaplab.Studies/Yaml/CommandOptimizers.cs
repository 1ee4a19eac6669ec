// The optimizers of a command: any name, any keys; what is written is passed on, and a known rule's keys are also known for what they are.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Studies.Commands;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads an optimizer whose rule is the script's.</summary>
internal static class CommandOptimizers
{
    // More products of lists are a slip.
    private const int MostVariants = 1000;

    /// <summary>The pattern of a kind's name.</summary>
    private const string KindPattern = "^[A-Za-z][A-Za-z0-9_.-]{0,99}$";

    /// <param name="s">The optimizer's section.</param>
    /// <param name="name">Its name.</param>
    /// <param name="rates">Its learning rates, read.</param>
    /// <exception cref="Numerics.InputException">A value that is not valid.</exception>
    public static OptimizerChoice Read(StudySection s, string name, double[] rates)
    {
        string kindName = s.Text("kind") ?? name;
        if (!FullMatch.Of(KindPattern, kindName))
            throw s.Error("kind", $"'{s.Path("kind")}' is '{kindName}'; expected the name that the script knows the optimizer by");
        OptimizerKind kind = KindOf(s.Catalogues.Optimizers, kindName);
        OptimizerKey[] typed = kind.IsNameOnly ? [] : [.. kind.Keys, .. OptimizerKey.Shared];
        var bare = new OptimizerSpec
        {
            Name = name,
            Kind = kindName,
            LearningRate = 0,
        };
        OptimizerSpec template = kind.IsNameOnly ? bare : kind.Defaults(bare) with { Decay = kind.Decay };
        List<(string Key, IReadOnlyList<object> Values)> lists = [];
        foreach (string key in s.Keys.Where(k => k is not "kind" && k != OptimizerKey.LearningRate.Name))
        {
            if (CommandTemplate.Reserved.Contains(key))
                throw s.Error(key, $"'{s.Path(key)}' is a name that every run has; expected another name for a key of an optimizer");
            if (s.Scalars(key) is not { } values)
                continue;
            OptimizerKey? known = typed.FirstOrDefault(t => t.Name == key);
            if (known is { Key.Form: KeyForm.Number or KeyForm.Integer } && s.IsList(key))
                _ = s.Numbers(key, known.Key.Least, known.Key.Most, known.Key.Open, known.Key.OpenAbove); // each in the rule's own range
            if (known is not null && !s.IsList(key))
            {
                template = known.Key.Read(s, template); // of the rule's own form and range
                if (
                    values[0] is double number
                    && (known == OptimizerKey.Momentum || known == OptimizerKey.Beta1 || known == OptimizerKey.Beta2)
                )
                    template = known.With(template, number);
            }
            if (s.IsList(key))
                lists.Add((key, values));
            else
                template = template.WithOwn(template.Own.With(key, values[0]));
        }
        s.Finish();
        double count = lists.Aggregate(1.0, (product, list) => product * list.Values.Count);
        if (count > MostVariants)
            throw s.Error("", $"'{s.Path("")[..^1]}' has lists whose values make {count:0} combinations; expected at most {MostVariants}");
        IEnumerable<OwnKeys> variants = lists.Aggregate(
            (IEnumerable<OwnKeys>)[OwnKeys.None],
            (some, list) => some.SelectMany(own => list.Values.Select(value => own.With(list.Key, value)))
        );
        return new OptimizerChoice
        {
            Name = name,
            Template = template,
            Rates = rates,
            Momenta = [template.Momentum],
            Beta1s = [template.Beta1],
            Beta2s = [template.Beta2],
            Variants = lists.Count == 0 ? [] : [.. variants],
        };
    }

    private static OptimizerKind KindOf(OptimizerCatalogue optimizers, string name) =>
        optimizers.Naming(name).All.First(k => k.Name == name);
}
