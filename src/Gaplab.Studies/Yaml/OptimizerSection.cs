// The optimizers of a study file: name, recipe, learning-rate grid, momenta.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Studies.Planning;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

internal static class OptimizerSection
{
    private const int MostRates = 1000;

    private static readonly IReadOnlyList<string> Kinds = OptimizerChains.Kinds;

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
        OptimizerChoice[] optimizers = [.. all.Keys.Select(name => Read(all.Section(name), name, shared))];
        if (optimizers.Length == 0)
            throw root.Missing("optimizers", "a mapping of names to optimizers, for instance 'sgd: {lr: {from: 0.01, to: 1, points: 5}}'");
        return optimizers;
    }

    /// <summary>A shadow: an optimizer with one learning rate and one momentum.</summary>
    public static OptimizerSpec ReadOne(StudySection s, string name)
    {
        OptimizerChoice choice = Read(s, name, null);
        (string Key, IReadOnlyList<double> Values)[] single =
        [
            ("lr", choice.Rates),
            ("momentum", choice.Momenta),
            ("beta1", choice.Beta1s),
            ("beta2", choice.Beta2s),
        ];
        foreach ((string key, IReadOnlyList<double> values) in single)
            if (values.Count > 1)
                throw s.Error(key, $"'{s.Path(key)}' holds {values.Count} values; expected one: a shadow is one optimizer");
        return choice.Template with
        {
            LearningRate = choice.Rates[0],
            Momentum = choice.Momenta[0],
            Beta1 = choice.Beta1s[0],
            Beta2 = choice.Beta2s[0],
        };
    }

    private static OptimizerChoice Read(StudySection s, string name, string? shared)
    {
        if (
            name.Length is 0 or > StudyFile.MostName
            || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_')
        )
            throw s.Error(
                "",
                $"'optimizers' holds the name '{name}'; expected lower-case letters, digits, '-' and '_', at most {StudyFile.MostName} of "
                    + $"them{(s.Has("kind") ? "" : NearestName.Hint(name, Kinds, OptimizerCatalogue.Elsewhere))}"
            );
        if (!s.Has("kind") && !Kinds.Contains(name))
            throw s.Error(
                "kind",
                $"'optimizers.{name}.kind' is missing; expected {string.Join(", ", Kinds.SkipLast(1))} or "
                    + $"{Kinds[^1]}{NearestName.Hint(name, Kinds, OptimizerCatalogue.Elsewhere)}"
            );
        string kindName = s.Choice("kind", name, Kinds, OptimizerCatalogue.Elsewhere);
        var bare = new OptimizerSpec
        {
            Name = name,
            Kind = kindName,
            LearningRate = 0,
        };
        OptimizerKind kind = OptimizerCatalogue.Of(bare);
        OptimizerSpec byDefault = kind.Defaults(bare);
        foreach ((string property, string key) in OptimizerKeys.Of.Where(k => !kind.Uses(k.Key)))
            if (s.Has(key))
                throw s.Error(key, $"'{s.Path(key)}' has no meaning for {kindName}; it belongs to {Owners(property)}");
        if (shared is not null && kind.Averages.Count == 0)
            throw s.Error(
                "",
                $"'{shared}' sets the momentum of every optimizer alike, but '{s.Path("")[..^1]}' ({kindName}) averages nothing; leave it "
                    + $"out of this study, or give momenta one by one"
            );
        foreach (string property in kind.Averages)
            if (shared is not null && s.Has(OptimizerKeys.Of[property]))
                throw s.Error(
                    OptimizerKeys.Of[property],
                    $"'{s.Path(OptimizerKeys.Of[property])}' and '{shared}' are both given; expected one of them"
                );
        double weightDecay = s.Number("weight-decay", byDefault.WeightDecay, 0, double.PositiveInfinity);
        string decay = s.Choice("decay", kind.Decay, OptimizerChains.Decays);
        if (weightDecay > 0 && decay == "none")
            throw s.Error(
                "weight-decay",
                $"'optimizers.{name}.weight-decay' is given, but 'decay' does not say how; expected coupled (added to the gradient), lr "
                    + $"(as AdamW) or schedule (fully decoupled)"
            );
        foreach (string key in (string[])["clip-top-at", "clip-top-scope"])
            if (s.Has(key) && !s.Has("clip-top"))
                throw s.Error(
                    key,
                    $"'{s.Path(key)}' is given, but 'clip-top' does not say what fraction to clip; expected for instance clip-top: 0.1"
                );
        if (s.Has("epsilon2") && !s.Flag("relative-step", byDefault.RelativeStep))
            throw s.Error("epsilon2", $"'{s.Path("epsilon2")}' bounds relative steps, but 'relative-step' is not true");
        double top = s.Number("clip-top", 0, 0, 1);
        double Positive(string key, double value) => s.Number(key, value, 0, double.PositiveInfinity, open: true);
        var choice = new OptimizerChoice
        {
            Name = name,
            Template = byDefault with
            {
                Nesterov = s.Flag("nesterov", byDefault.Nesterov),
                Epsilon = Positive("epsilon", byDefault.Epsilon),
                WeightDecay = weightDecay,
                Decay = weightDecay == 0 ? "none" : decay,
                ClipNorm = s.Node("clip") is YamlScalarNode { Value: "none" } ? 0 : Positive("clip", 0),
                ClipTop = top,
                // Off is off, however it would have been done: the unclipped run is the same run.
                ClipTopAt =
                    s.Choice("clip-top-at", byDefault.ClipTopAt, OptimizerChains.ClipTopPlaces) is var place && top > 0
                        ? place
                        : byDefault.ClipTopAt,
                ClipTopScope =
                    s.Choice("clip-top-scope", byDefault.ClipTopScope, OptimizerChains.ClipTopScopes) is var scope && top > 0
                        ? scope
                        : byDefault.ClipTopScope,
                Rotation = s.Integer("rotation", byDefault.Rotation, 0),
                Centered = s.Flag("centered", byDefault.Centered),
                InitialAccumulator = s.Number("initial-accumulator", byDefault.InitialAccumulator, 0, double.PositiveInfinity),
                DecayRate = Positive("decay-rate", byDefault.DecayRate),
                UpdateClip = Positive("update-clip", byDefault.UpdateClip),
                RelativeStep = s.Flag("relative-step", byDefault.RelativeStep),
                Epsilon2 = Positive("epsilon2", byDefault.Epsilon2),
                NewtonSchulz = (int)s.Integer("newton-schulz", byDefault.NewtonSchulz, 1, 100),
                AdamLearningRate = Positive("adam-lr", byDefault.AdamLearningRate),
            },
            Rates = Rates(s),
            Momenta = Betas(s, "momentum", byDefault.Momentum),
            Beta1s = Betas(s, "beta1", byDefault.Beta1),
            Beta2s = Betas(s, "beta2", byDefault.Beta2),
        };
        // With a shared β the momentum is not known here; the plan looks at each.
        if (shared is null)
        {
            foreach (double momentum in choice.Momenta)
                if (OptimizerCatalogue.Dead(choice.Template with { Momentum = momentum }) is { } dead)
                    throw s.Error(OptimizerKeys.Of[dead.Property], $"'{OptimizerKeys.Path(name, dead.Property)}' {dead.Why}");
        }
        s.Finish();
        return choice;
    }

    private static string Owners(string property)
    {
        string[] owners = [.. OptimizerCatalogue.Kinds.Where(k => k.Uses(property)).Select(k => k.Name)];
        return owners.Length == 1 ? owners[0] : $"{string.Join(", ", owners.SkipLast(1))} and {owners[^1]}";
    }

    private static double[] Betas(StudySection s, string key, double byDefault)
    {
        double[] values = s.Numbers(key, 0, 1) ?? [byDefault];
        return values.Contains(1) ? throw s.Error(key, $"'{s.Path(key)}' is 1; expected a value from 0 to below 1") : [.. values.Order()];
    }

    private static double[] Steps(StudySection range, double from, double to)
    {
        double factor = range.Number("factor", 0, 1.01, 1e6),
            count = (Math.Log(to) - Math.Log(from)) / Math.Log(factor);
        return count < MostRates
            ? LearningRates.Steps(from, to, factor)
            : throw range.Error(
                "factor",
                $"'{range.Path("factor")}' {factor} makes {count:0} learning rates from {from} to {to}; expected at most {MostRates}: a "
                    + $"larger factor or a shorter range"
            );
    }

    private static double[] Rates(StudySection s)
    {
        const string expected = "a number, a list, {from, to, points} or {from, to, factor}";
        YamlNode node = s.Node("lr") ?? throw s.Missing("lr", expected);
        double[] rates;
        if (node is YamlMappingNode)
        {
            StudySection range = s.Section("lr");
            foreach (string end in (string[])["from", "to"])
                if (!range.Has(end))
                    throw range.Missing(end, "a learning rate");
            double from = range.Number("from", 0, 0, double.PositiveInfinity, open: true),
                to = range.Number("to", 0, 0, double.PositiveInfinity, open: true);
            if (!double.IsFinite(to / from))
                throw range.Error("to", $"'{s.Path("lr")}' goes from {from} to {to}; expected rates that are nearer to each other");
            if (!(from < to))
                throw range.Error(
                    "to",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"'{range.Path("to")}' is {to}, not above 'from' {from}; expected an " + $"ascending range"
                    )
                );
            if (range.Has("points") == range.Has("factor"))
                throw range.Error("points", $"'{s.Path("lr")}' needs either points or factor beside from and to");
            rates = range.Has("points")
                ? LearningRates.Range(from, to, (int)range.Integer("points", 0, 2, MostRates))
                : Steps(range, from, to);
            range.Finish();
        }
        else
        {
            rates = [.. s.Numbers("lr", 0, double.PositiveInfinity, open: true)!.Select(rate => SixDigits.Round(rate)).Order()];
        }
        for (int i = 1; i < rates.Length; i++)
            if (LearningRates.Same(rates[i - 1], rates[i]))
                throw s.Error(
                    "lr",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"'{s.Path("lr")}' holds {rates[i]} twice to six digits; expected rates " + $"further apart"
                    )
                );
        return rates;
    }
}
