// The study file's "budget": how long a run is, in one of three units.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Studies.Yaml;

internal static class BudgetSection
{
    private static readonly string[] s_epochs = ["epochs", "epoch", "numepochs", "maxepochs", "numtrainepochs"];

    /// <summary>Exactly one of its keys is given.</summary>
    public static KeySection<BudgetSpec> Section { get; } =
        new(
            "budget",
            "how long a run is: one of samples, tokens, steps; steps of a run = ⌊N / (samples or tokens per step)⌋, at least 1",
            new BudgetSpec { Amount = 0 },
            Unit("samples", "samples of a run"),
            Unit("tokens", "tokens of a run: samples times the context"),
            Unit("steps", "steps of a run, as many at every batch size")
        );

    public static BudgetSpec Read(StudySection root)
    {
        StudySection s = root.Section(Section.Name);
        string[] given = [.. Section.Keys.Select(k => k.Name).Where(s.Has)];
        if (s.Keys.FirstOrDefault(k => s_epochs.Contains(NearestName.Plain(k))) is { } epochs)
            throw s.Error(
                epochs,
                $"'{s.Path(epochs)}' depends on the size of the data; a budget is given in samples, tokens or steps: samples = epochs x "
                    + $"training samples, which 'gaplab study plan' prints"
            );
        if (given.Length > 1)
            throw s.Error(given[1], $"'budget' gives both {given[0]} and {given[1]}; expected one of them");
        BudgetSpec budget = Section.Read(s, Section.Defaults);
        return given.Length > 0
            ? budget
            : throw root.Missing(Section.Name, "one of samples, tokens, steps, for instance 'budget: {samples: 20000}'");
    }

    private static SpecKey<BudgetSpec> Unit(string name, string says) =>
        new()
        {
            Name = name,
            Says = says,
            Form = KeyForm.Integer,
            Least = 1,
            Reads = (s, key, budget) =>
                s.Has(key.Name) ? budget with { Unit = key.Name, Amount = s.Integer(key.Name, 0, (long)key.Least) } : budget,
            Value = budget => budget.Unit == name && budget.Amount > 0 ? budget.Amount : null,
        };
}
