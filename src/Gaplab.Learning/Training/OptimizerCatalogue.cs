// The catalogue of optimizers, under the names that study files use.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using S = Gaplab.Learning.Specs.OptimizerSpec;

namespace Gaplab.Learning.Training;

/// <summary>Every kind of optimizer there is. A new one is one row here and one file in Optim/.</summary>
public static class OptimizerCatalogue
{
    /// <summary>Keys that every kind uses.</summary>
    public static IReadOnlyList<string> SharedKeys { get; } =
    [
        nameof(S.LearningRate),
        nameof(S.WeightDecay),
        nameof(S.Decay),
        nameof(S.ClipNorm),
        nameof(S.ClipTop),
        nameof(S.ClipTopAt),
        nameof(S.ClipTopScope),
        nameof(S.Rotation),
    ];

    /// <summary>What PyTorch, Keras and optax call optimizers, in plain letters, and the kind that is the same; "" has none.</summary>
    public static IReadOnlyDictionary<string, string> Elsewhere { get; } =
        new Dictionary<string, string>
        {
            ["momentum"] = "sgd",
            ["heavyball"] = "sgd",
            ["nesterov"] = "sgd",
            ["gd"] = "sgd",
            ["signsgd"] = "signum",
            ["sign"] = "signum",
            ["ngd"] = "normalised-sgd",
            ["normalizedsgd"] = "normalised-sgd",
            ["fusedadam"] = "adam",
            ["adamwtorch"] = "adamw",
            ["adamwhf"] = "adamw",
            ["nadam"] = "",
            ["radam"] = "",
            ["adamax"] = "",
            ["adadelta"] = "",
            ["lamb"] = "",
            ["lars"] = "",
            ["sophia"] = "",
            ["shampoo"] = "",
            ["soap"] = "",
            ["ftrl"] = "",
            ["rprop"] = "",
            ["lbfgs"] = "",
            ["asgd"] = "",
            ["sparseadam"] = "",
            ["yogi"] = "",
            ["adabelief"] = "",
            ["prodigy"] = "",
            ["schedulefree"] = "",
        };

    public static IReadOnlyList<OptimizerKind> Kinds { get; } =
    [
        new()
        {
            Name = "sgd",
            Keys = [nameof(S.Momentum), nameof(S.Nesterov)],
            Averages = [nameof(S.Momentum)],
            Rule = MomentumOf,
            StateRows = o => o.Momentum > 0 ? 1 : 0,
        },
        new()
        {
            Name = "adam",
            Keys = [nameof(S.Beta1), nameof(S.Beta2), nameof(S.Epsilon)],
            Averages = [nameof(S.Beta1), nameof(S.Beta2)],
            Rule = Adam,
            StateRows = _ => 2,
        },
        new()
        {
            Name = "adamw",
            Keys = [nameof(S.Beta1), nameof(S.Beta2), nameof(S.Epsilon)],
            Averages = [nameof(S.Beta1), nameof(S.Beta2)],
            Defaults = o => o with { WeightDecay = 0.01 },
            Decay = "lr",
            Rule = Adam,
            StateRows = _ => 2,
        },
        new()
        {
            Name = "normalised-sgd",
            Keys = [nameof(S.Momentum), nameof(S.Nesterov)],
            Averages = [nameof(S.Momentum)],
            Rule = o => [.. MomentumOf(o), new NormaliseRow()],
            StateRows = o => o.Momentum > 0 ? 1 : 0,
        },
        new()
        {
            Name = "signum",
            Keys = [nameof(S.Momentum), nameof(S.Nesterov)],
            Averages = [nameof(S.Momentum)],
            GivesSigns = true,
            Rule = o => [.. MomentumOf(o), new Sign()],
            StateRows = o => o.Momentum > 0 ? 1 : 0,
        },
        new()
        {
            Name = "adagrad",
            Keys = [nameof(S.Epsilon), nameof(S.InitialAccumulator)],
            Defaults = o => o with { Epsilon = 1e-10 },
            Rule = o => [new ScaleByAdagrad(o[0].Epsilon, o[0].InitialAccumulator)],
            StateRows = _ => 1,
        },
        new()
        {
            Name = "rmsprop",
            Keys = [nameof(S.Beta2), nameof(S.Epsilon), nameof(S.Centered), nameof(S.Momentum)],
            Averages = [nameof(S.Beta2)],
            Defaults = o => o with { Beta2 = 0.99 },
            Rule = o =>
                [
                    new ScaleByRms(Column(o, s => s.Beta2), o[0].Epsilon, o[0].Centered),
                    .. MomentumOf([.. o.Select(s => s with { Nesterov = false })]),
                ],
            StateRows = o => 1 + (o.Centered ? 1 : 0) + (o.Momentum > 0 ? 1 : 0),
        },
        new()
        {
            Name = "adafactor",
            Averages = [nameof(S.Beta1)],
            Keys =
            [
                nameof(S.Beta1),
                nameof(S.Epsilon),
                nameof(S.DecayRate),
                nameof(S.UpdateClip),
                nameof(S.RelativeStep),
                nameof(S.Epsilon2),
            ],
            Defaults = o => o with { Epsilon = 1e-30, Beta1 = 0 },
            Rule = o =>
                [
                    new ScaleByAdafactor(
                        o[0].DecayRate,
                        o[0].UpdateClip,
                        o[0].Epsilon,
                        o[0].Epsilon2,
                        o[0].RelativeStep,
                        Column(o, s => s.Beta1)
                    ),
                ],
            // Rows and columns of the matrices, and the vectors: some per cent of P.
            StateRows = o => 0.1 + (o.Beta1 > 0 ? 1 : 0),
        },
        new()
        {
            Name = "lion",
            Keys = [nameof(S.Beta1), nameof(S.Beta2)],
            Averages = [nameof(S.Beta1), nameof(S.Beta2)],
            GivesSigns = true,
            Defaults = o => o with { Beta2 = 0.99 },
            Decay = "lr",
            Rule = o => [new ScaleByLion(Column(o, s => s.Beta1), Column(o, s => s.Beta2))],
            StateRows = _ => 1,
        },
        new()
        {
            Name = "muon",
            Averages = [nameof(S.Momentum), nameof(S.Beta1), nameof(S.Beta2)],
            Keys =
            [
                nameof(S.Momentum),
                nameof(S.Nesterov),
                nameof(S.NewtonSchulz),
                nameof(S.AdamLearningRate),
                nameof(S.Beta1),
                nameof(S.Beta2),
                nameof(S.Epsilon),
            ],
            Defaults = o => o with { Momentum = 0.95, Nesterov = true, Beta2 = 0.95, Epsilon = 1e-10 },
            Decay = "lr",
            Rule = o =>
                [
                    new ScaleByMuon(
                        Column(o, s => s.Momentum),
                        o[0].Nesterov,
                        o[0].NewtonSchulz,
                        Column(o, s => s.Beta1),
                        Column(o, s => s.Beta2),
                        o[0].Epsilon,
                        RestFactor(o)!
                    ),
                ],
            StateRows = _ => 2,
        },
    ];

    /// <summary>The kind of a spec.</summary>
    /// <param name="spec">Names its kind.</param>
    /// <param name="kinds">The kinds there are; null is <see cref="Kinds"/>.</param>
    /// <exception cref="InputException">There is none of that name.</exception>
    public static OptimizerKind Of(OptimizerSpec spec, IReadOnlyList<OptimizerKind>? kinds = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        kinds ??= Kinds;
        return kinds.FirstOrDefault(k => k.Name == spec.Kind)
            ?? throw new InputException(
                $"optimizer '{spec.Name}' is of kind '{spec.Kind}'; expected one of {string.Join(", ", kinds.Select(k => k.Name))}"
            );
    }

    /// <summary>A setting that the others leave without any effect, or that makes no sense with them: the property and why. Null when every
    /// setting is live.</summary>
    public static (string Property, string Why)? Dead(OptimizerSpec spec)
    {
        OptimizerKind kind = Of(spec);
        bool momentum = kind.Uses(nameof(S.Momentum)) && spec.Momentum > 0;
        if (spec.Nesterov && !momentum)
            return (nameof(S.Nesterov), "needs a momentum above 0");
        if (spec.ClipTop == 0 && spec.ClipTopAt != "gradient")
            return (nameof(S.ClipTopAt), "says where to clip, but clip-top is 0 (off)");
        if (spec.ClipTop == 0 && spec.ClipTopScope != "row")
            return (nameof(S.ClipTopScope), "says over what to clip, but clip-top is 0 (off)");
        if (spec.ClipTopAt == "gradient-m" && spec.ClipTop > 0 && kind.Name is not ("adam" or "adamw"))
            return (nameof(S.ClipTopAt), "is gradient-m, which clips what Adam's m takes; expected gradient or update for this kind");
        if (spec.ClipTop > 0 && kind.GivesSigns && spec.ClipTopAt == "update")
            return (
                nameof(S.ClipTopAt),
                $"is update, but every coordinate of {kind.Name}'s update has the same size, so nothing would be clipped; expected gradient"
            );
        if (spec.ClipTop > 0 && kind.Name == "signum" && !momentum)
            return (
                nameof(S.ClipTop),
                "clips sizes, but signum without momentum takes the sign of each gradient alone; expected a momentum above 0, or "
                    + "no clip-top"
            );
        if (spec.ClipNorm > 0 && kind.Name is "signum" or "normalised-sgd" && !momentum && spec.Decay != "coupled")
            return (
                nameof(S.ClipNorm),
                $"scales the gradient, which {kind.Name} without momentum forgets; expected a momentum above 0, or no clip"
            );
        if (
            kind.Name == "adafactor"
            && !spec.RelativeStep
            && spec.Epsilon2
                != new OptimizerSpec
                {
                    Name = "",
                    Kind = "",
                    LearningRate = 0,
                }.Epsilon2
        )
            return (nameof(S.Epsilon2), "bounds relative steps, but relative-step is false");
        return null;
    }

    /// <summary>For Muon, its Adam's learning rate over its own; null for the others.</summary>
    internal static Hyper? RestFactor(IReadOnlyList<OptimizerSpec> replicas) =>
        replicas[0].Kind == "muon" ? Column(replicas, o => o.AdamLearningRate / o.LearningRate) : null;

    internal static Hyper Column(IReadOnlyList<OptimizerSpec> replicas, Func<OptimizerSpec, double> value) =>
        new([.. replicas.Select(value)]);

    private static IEnumerable<Link> MomentumOf(IReadOnlyList<OptimizerSpec> replicas)
    {
        Hyper momentum = Column(replicas, o => o.Momentum);
        if (!momentum.IsZero)
            yield return new Momentum(momentum, replicas[0].Nesterov);
    }

    private static IEnumerable<Link> Adam(IReadOnlyList<OptimizerSpec> replicas)
    {
        OptimizerSpec first = replicas[0];
        Hyper beta1 = Column(replicas, o => o.Beta1),
            beta2 = Column(replicas, o => o.Beta2),
            clip = Column(replicas, o => o.ClipTop);
        yield return first.ClipTopAt == "gradient-m" && !clip.IsZero
            ? new ScaleByAdamClippedMean(beta1, beta2, clip, first.ClipTopScope == "tensor", first.Epsilon)
            : new ScaleByAdam(beta1, beta2, first.Epsilon);
    }
}
