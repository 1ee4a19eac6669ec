// The catalogue of optimizers, under the names that study files use.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Training;

/// <summary>The kinds of optimizer that there are. It never changes: <see cref="With"/> gives another one, with a row more.</summary>
public sealed class OptimizerCatalogue
{
    private OptimizerCatalogue(IReadOnlyList<OptimizerKind> all)
    {
        (All, Kinds) = (all, [.. all.Select(k => k.Name)]);
        Keys = [.. ((OptimizerKey[])[OptimizerKey.LearningRate, .. all.SelectMany(k => k.Keys), .. OptimizerKey.Shared]).Distinct()];
    }

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

    /// <summary>Those of Gaplab. A new one is one file in Optim/, which ends with its row, and one line here.</summary>
    public static OptimizerCatalogue BuiltIn { get; } =
        new([
            Momentum.Sgd,
            ScaleByAdam.Adam,
            ScaleByAdam.AdamW,
            NormaliseRow.Kind,
            Sign.Signum,
            ScaleByAdagrad.Kind,
            ScaleByRms.Kind,
            ScaleByAdafactor.Kind,
            ScaleByLion.Kind,
            ScaleByMuon.Kind,
            ScaleByTrust.Lamb,
            Lars.Kind,
        ]);

    public IReadOnlyList<OptimizerKind> All { get; }

    public IReadOnlyList<string> Kinds { get; }

    /// <summary>Every key of every kind, the learning rate first and what all of them share last.</summary>
    public IReadOnlyList<OptimizerKey> Keys { get; }

    /// <summary>These and one more.</summary>
    /// <exception cref="ArgumentException">Its name is taken or cannot stand in a study file, or its keys are not as they must
    /// be.</exception>
    public OptimizerCatalogue With(OptimizerKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        RowCheck.Check("optimizer", kind.Name, Kinds, kind.Keys.Concat(OptimizerKey.Shared).Select(k => k.Name));
        return new([.. All, kind]);
    }

    /// <summary>These, and where none has the name a row that can be named but not built: what does not need the rule goes on.</summary>
    public OptimizerCatalogue Naming(string name) =>
        Kinds.Contains(name)
            ? this
            : new([
                .. All,
                new OptimizerKind
                {
                    Name = name,
                    Says = "",
                    IsNameOnly = true,
                    Keys = [],
                    RateGrowth = (0.5, 0.5), // anything between
                    ClipsMean = true, // the program that wrote the spec has looked
                    Rule = replicas => throw Unknown(replicas[0]),
                    StateRows = spec => throw Unknown(spec),
                },
            ]);

    /// <summary>The kind of a spec.</summary>
    /// <exception cref="InputException">There is none of that name.</exception>
    public OptimizerKind Of(OptimizerSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return All.FirstOrDefault(k => k.Name == spec.Kind) ?? throw Unknown(spec);
    }

    private InputException Unknown(OptimizerSpec spec) =>
        new(
            $"optimizer '{spec.Name}' is of kind '{spec.Kind}', which this program does not have; expected one of "
                + $"{string.Join(", ", Kinds.Where(k => k != spec.Kind))}"
        );
}
