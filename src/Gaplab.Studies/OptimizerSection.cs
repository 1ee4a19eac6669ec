// The optimizers of a study file: name, recipe, learning-rate grid, momenta.
using Gaplab.Learning.Specs;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies;

internal static class OptimizerSection
{
    private static readonly string[] Kinds = ["sgd", "adam", "adamw"];

    public static IReadOnlyList<OptimizerChoice> ReadAll(StudySection root)
    {
        StudySection all = root.Section("optimizers");
        StudySection grid = root.Section("grid");
        string? shared = grid.Has("beta") ? "grid.beta" : grid.Has("half-life") ? "grid.half-life" : null;
        OptimizerChoice[] optimizers = [.. all.Keys.Select(name => Read(all.Section(name), name, shared))];
        if (optimizers.Length == 0) throw root.Missing("optimizers", "a mapping of names to optimizers, for instance 'sgd: {lr: {from: 0.01, to: 1, points: 5}}'");
        return optimizers;
    }

    private static OptimizerChoice Read(StudySection s, string name, string? shared)
    {
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
            throw s.Error("", $"'optimizers' holds the name '{name}'; expected lower-case letters, digits, '-' and '_'");
        if (!s.Has("kind") && !Kinds.Contains(name))
            throw s.Error("kind", $"'optimizers.{name}.kind' is missing; expected sgd, adam or adamw; nearest valid name '{NearestName.Of(name, Kinds)}'");
        string kind = s.Choice("kind", name, Kinds);
        bool sgd = kind == "sgd";
        var byDefault = new OptimizerSpec { Name = name, Kind = kind, LearningRate = 0 };
        double weightDecay = s.Number("weight-decay", kind == "adamw" ? 0.01 : 0, 0, double.PositiveInfinity);
        string decay = s.Choice("decay", kind == "adamw" ? "lr" : "none", "none", "coupled", "lr", "schedule");
        if (weightDecay > 0 && decay == "none")
            throw s.Error("weight-decay", $"'optimizers.{name}.weight-decay' is given, but 'decay' does not say how; expected coupled (added to the gradient), lr (as AdamW) or schedule (fully decoupled)");
        foreach (string key in (string[])(sgd ? ["beta1", "beta2", "epsilon"] : ["momentum", "nesterov"]))
            if (s.Has(key)) throw s.Error(key, $"'{s.Path(key)}' has no meaning for {kind}; it belongs to {(sgd ? "adam and adamw" : "sgd")}");
        foreach (string key in (string[])["momentum", "beta1", "beta2"])
            if (shared is not null && s.Has(key)) throw s.Error(key, $"'{s.Path(key)}' and '{shared}' are both given; expected one of them");
        var choice = new OptimizerChoice
        {
            Name = name,
            Template = byDefault with
            {
                Nesterov = s.Flag("nesterov", byDefault.Nesterov),
                Epsilon = s.Number("epsilon", byDefault.Epsilon, 0, double.PositiveInfinity, open: true),
                WeightDecay = weightDecay,
                Decay = weightDecay == 0 ? "none" : decay,
                ClipNorm = s.Node("clip") is YamlScalarNode { Value: "none" } ? 0 : s.Number("clip", 0, 0, double.PositiveInfinity, open: true),
            },
            Rates = Rates(s),
            Momenta = Betas(s, "momentum", byDefault.Momentum),
            Beta1s = Betas(s, "beta1", byDefault.Beta1),
            Beta2s = Betas(s, "beta2", byDefault.Beta2),
        };
        if (choice.Template.Nesterov && shared is null && choice.Momenta.Contains(0))
            throw s.Error("nesterov", $"'optimizers.{name}.nesterov' needs a momentum above 0");
        s.Finish();
        return choice;
    }

    private static double[] Betas(StudySection s, string key, double byDefault)
    {
        double[] values = s.Numbers(key, 0, 1) ?? [byDefault];
        return values.Contains(1) ? throw s.Error(key, $"'{s.Path(key)}' is 1; expected a value from 0 to below 1") : [.. values.Order()];
    }

    private static double[] Rates(StudySection s)
    {
        const string expected = "a number, a list, {from, to, points} or {from, to, factor}";
        YamlNode node = s.Node("lr") ?? throw s.Missing("lr", expected);
        double[] rates;
        if (node is YamlMappingNode)
        {
            StudySection range = s.Section("lr");
            foreach (string end in (string[])["from", "to"]) if (!range.Has(end)) throw range.Missing(end, "a learning rate");
            double from = range.Number("from", 0, 0, double.PositiveInfinity, open: true), to = range.Number("to", 0, 0, double.PositiveInfinity, open: true);
            if (!(from < to)) throw range.Error("to", FormattableString.Invariant($"'{range.Path("to")}' is {to}, not above 'from' {from}; expected an ascending range"));
            if (range.Has("points") == range.Has("factor")) throw range.Error("points", $"'{s.Path("lr")}' needs either points or factor beside from and to");
            rates = range.Has("points")
                ? LearningRates.Range(from, to, (int)range.Integer("points", 0, 2, 1000))
                : LearningRates.Steps(from, to, range.Number("factor", 0, 1.01, 1e6));
            range.Finish();
        }
        else
        {
            rates = [.. s.Numbers("lr", 0, double.PositiveInfinity, open: true)!.Select(LearningRates.Round).Order()];
        }
        for (int i = 1; i < rates.Length; i++)
            if (LearningRates.Same(rates[i - 1], rates[i])) throw s.Error("lr", FormattableString.Invariant($"'{s.Path("lr")}' holds {rates[i]} twice to six digits; expected rates further apart"));
        return rates;
    }
}
