// The keys that several kinds of optimizer have, and what a key of an optimizer is.
using Gaplab.Learning.Specs;
using S = Gaplab.Learning.Specs.OptimizerSpec;

namespace Gaplab.Learning.Optim;

/// <summary>Whether the runs of a pack may differ in a number of their optimizer.</summary>
public enum KeyColumn
{
    /// <summary>No: it is one number of the chain.</summary>
    None,

    /// <summary>Yes: it is a column, one number per run.</summary>
    Free,

    /// <summary>A column whose zeros leave a link out: 0 for all runs of a pack, or for none.</summary>
    Switch,
}

/// <summary>A key of a recipe.</summary>
/// <param name="Key">How it is named, read and documented.</param>
public sealed record OptimizerKey(SpecKey<S> Key)
{
    public string Name => Key.Name;

    public KeyColumn Column { get; init; }

    /// <summary>Of a column: its number in a recipe, and a recipe with another one.</summary>
    public Func<S, double> Number { get; init; } = _ => throw new InvalidOperationException("the key is no column");

    /// <inheritdoc cref="Number"/>
    public Func<S, double, S> With { get; init; } = (_, _) => throw new InvalidOperationException("the key is no column");

    /// <summary>Why what a recipe says of it has no effect or makes no sense; null where it does.</summary>
    public Func<OptimizerKind, S, string?> Objection { get; init; } = (_, _) => null;

    /// <summary>The column of a pack's runs.</summary>
    public Hyper Of(IReadOnlyList<S> replicas) => new([.. replicas.Select(Number)]);

    /// <summary>A column of numbers above 0.</summary>
    public static OptimizerKey Positive(string name, Func<S, double> get, Func<S, double, S> set, string says) =>
        new(SpecKey.Positive(name, get, set, says))
        {
            Column = KeyColumn.Free,
            Number = get,
            With = set,
        };

    /// <summary>A column of a kind's own: each run of a pack may have another number.</summary>
    public static OptimizerKey Own(OwnKey<S, double> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new(key.Key)
        {
            Column = KeyColumn.Free,
            Number = key.Of,
            With = key.With,
        };
    }

    public static OptimizerKey LearningRate { get; } =
        new(
            new SpecKey<S>
            {
                Name = "lr",
                Says =
                    "a number, a list, `{from, to, points}` (evenly spaced in the logarithm) or `{from, to, factor}`. Rounded to six "
                    + "significant digits",
                Form = KeyForm.Number,
                Least = 0,
                Open = true,
                IsList = true,
                DefaultText = "",
                Required = "a number, a list, {from, to, points} or {from, to, factor}",
                Reads = (_, _, spec) => spec, // a grid of its own, which the study reads
                Value = spec => spec.LearningRate,
            }
        )
        {
            Column = KeyColumn.Free,
            Number = spec => spec.LearningRate,
            With = (spec, value) => spec with { LearningRate = value },
        };

    public static OptimizerKey Momentum { get; } =
        Average(
            "momentum",
            s => s.Momentum,
            (s, v) => s with { Momentum = v },
            "v ← μv + g, as in PyTorch; of a list each value is tried, with its own learning rates",
            KeyColumn.Switch
        );

    public static OptimizerKey Nesterov { get; } =
        new(SpecKey.Flag<S>("nesterov", s => s.Nesterov, (s, v) => s with { Nesterov = v }, "u = g + μv"))
        {
            Objection = (kind, spec) => spec.Nesterov && !kind.HasMomentum(spec) ? "needs a momentum above 0" : null,
        };

    public static OptimizerKey Beta1 { get; } =
        Average("beta1", s => s.Beta1, (s, v) => s with { Beta1 = v }, "β₁; lists are tried in every combination");

    public static OptimizerKey Beta2 { get; } =
        Average("beta2", s => s.Beta2, (s, v) => s with { Beta2 = v }, "β₂; lists are tried in every combination");

    public static OptimizerKey Epsilon { get; } =
        new(SpecKey.Positive<S>("epsilon", s => s.Epsilon, (s, v) => s with { Epsilon = v }, "ε, outside the root"));

    public static OptimizerKey WeightDecay { get; } =
        new(
            SpecKey.Number<S>(
                "weight-decay",
                0,
                double.PositiveInfinity,
                s => s.WeightDecay,
                (s, v) => s with { WeightDecay = v },
                "needs `decay`, unless the kind has a default for it"
            )
        )
        {
            Column = KeyColumn.Switch,
            Number = spec => spec.WeightDecay,
            With = (spec, value) => spec with { WeightDecay = value },
        };

    /// <summary>Behind <see cref="WeightDecay"/>, which it says the meaning of.</summary>
    public static OptimizerKey Decay { get; } =
        new(
            new SpecKey<S>
            {
                Name = "decay",
                Says = "`coupled`: added to the gradient; `lr`: p ← p·(1 − lr_t·wd); `schedule`: p ← p·(1 − wd·lr_t/lr_max)",
                Form = KeyForm.Word,
                Words = ["none", "coupled", "lr", "schedule"],
                Reads = (s, key, spec) =>
                {
                    string decay = s.Choice(key.Name, spec.Decay, key.Words);
                    if (spec.WeightDecay > 0 && decay == key.Words[0])
                        throw s.Error(
                            WeightDecay.Name,
                            $"'{s.Path(WeightDecay.Name)}' is given, but 'decay' does not say how; expected coupled (added to the "
                                + $"gradient), lr (as AdamW) or schedule (fully decoupled)"
                        );
                    return spec with { Decay = spec.WeightDecay == 0 ? key.Words[0] : decay };
                },
                Value = spec => spec.Decay,
            }
        );

    public static OptimizerKey ClipNorm { get; } =
        new(
            new SpecKey<S>
            {
                Name = "clip",
                Says = "clip the 2-norm of the whole gradient to this",
                Form = KeyForm.Number,
                Least = 0,
                Open = true,
                Words = ["none"],
                DefaultText = "`none`",
                Reads = (s, key, spec) =>
                    spec with
                    {
                        ClipNorm = s.IsWord(key.Name, key.Words[0]) ? 0 : s.Number(key.Name, 0, key.Least, key.Most, key.Open),
                    },
                Value = spec => spec.ClipNorm,
            }
        )
        {
            Column = KeyColumn.Switch,
            Number = spec => spec.ClipNorm,
            With = (spec, value) => spec with { ClipNorm = value },
        };

    public static OptimizerKey ClipTop { get; } =
        new(
            SpecKey.Number<S>(
                "clip-top",
                0,
                1,
                s => s.ClipTop,
                (s, v) => s with { ClipTop = v },
                "clip the largest coordinates, this fraction of them, to the size of the next; 0 is off"
            )
        )
        {
            Column = KeyColumn.Switch,
            Number = spec => spec.ClipTop,
            With = (spec, value) => spec with { ClipTop = value },
        };

    /// <summary>Before the accumulators, before Adam's m alone, or after the rule.</summary>
    public static OptimizerKey ClipTopAt { get; } =
        OfClipTop(
            "clip-top-at",
            ["gradient", "gradient-m", "update"],
            s => s.ClipTopAt,
            (s, v) => s with { ClipTopAt = v },
            "`gradient`: before the accumulators; `gradient-m`: Adam's m takes the clipped, its v the raw gradient; `update`: after the "
                + "rule"
        ) with
        {
            Objection = (kind, spec) =>
                spec.ClipTop == 0
                    ? spec.ClipTopAt == "gradient"
                        ? null
                        : "says where to clip, but clip-top is 0 (off)"
                    : spec.ClipTopAt == "gradient-m" && !kind.ClipsMean
                        ? "is gradient-m, which clips what Adam's m takes; expected gradient or update for this kind"
                        : spec.ClipTopAt == "update" && kind.GivesSigns
                            ? $"is update, but every coordinate of {kind.Name}'s update has the same size, so nothing would be clipped; "
                                + "expected gradient"
                            : null,
        };

    /// <summary>One threshold over the row, or one for each tensor.</summary>
    public static OptimizerKey ClipTopScope { get; } =
        OfClipTop(
            "clip-top-scope",
            ["row", "tensor"],
            s => s.ClipTopScope,
            (s, v) => s with { ClipTopScope = v },
            "`row`: one threshold for all parameters; `tensor`: one per tensor"
        ) with
        {
            Objection = (_, spec) =>
                spec.ClipTop == 0 && spec.ClipTopScope != "row" ? "says over what to clip, but clip-top is 0 (off)" : null,
        };

    public static OptimizerKey Rotation { get; } =
        new(
            SpecKey.Long<S>(
                "rotation",
                0,
                long.MaxValue,
                s => s.Rotation,
                (s, v) => s with { Rotation = v },
                "0: the rule works coordinate by coordinate in the parameters' own basis; another number selects random orthogonal bases "
                    + "in which it works instead"
            )
        );

    /// <summary>Those that every kind has, in the order in which they are read.</summary>
    public static IReadOnlyList<OptimizerKey> Shared { get; } =
    [LearningRate, WeightDecay, Decay, ClipNorm, ClipTop, ClipTopAt, ClipTopScope, Rotation];

    // A column whose values a study may list: it reads them as it reads learning rates.
    private static OptimizerKey Average(
        string name,
        Func<S, double> get,
        Func<S, double, S> set,
        string says,
        KeyColumn column = KeyColumn.Free
    ) =>
        new(
            new SpecKey<S>
            {
                Name = name,
                Says = says,
                Form = KeyForm.Number,
                Least = 0,
                Most = 1,
                OpenAbove = true,
                IsList = true,
                Reads = (_, _, spec) => spec,
                Value = spec => get(spec),
            }
        )
        {
            Column = column,
            Number = get,
            With = set,
        };

    // Off is off, however it would have been done: the unclipped run is the same run.
    private static OptimizerKey OfClipTop(
        string name,
        IReadOnlyList<string> words,
        Func<S, string> get,
        Func<S, string, S> set,
        string says
    ) =>
        new(
            new SpecKey<S>
            {
                Name = name,
                Says = says,
                Form = KeyForm.Word,
                Words = words,
                Reads = (s, key, spec) =>
                {
                    if (s.Has(key.Name) && !s.Has(ClipTop.Name))
                        throw s.Error(
                            key.Name,
                            $"'{s.Path(key.Name)}' is given, but 'clip-top' does not say what fraction to clip; expected for instance "
                                + $"clip-top: 0.1"
                        );
                    string word = s.Choice(key.Name, get(spec), key.Words);
                    return spec.ClipTop > 0 ? set(spec, word) : spec;
                },
                Value = get,
            }
        );
}
