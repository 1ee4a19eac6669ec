// The catalogue of optimizers, under the names that study files use.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Training;

/// <summary>Every kind of optimizer there is. A new one is one file in Optim/, which ends with its row, and one line here.</summary>
public static class OptimizerCatalogue
{
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

    public static IReadOnlyList<OptimizerKind> Kinds { get; } =
    [
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
    ];

    /// <summary>Every key of every kind, the learning rate first and what all of them share last.</summary>
    public static IReadOnlyList<OptimizerKey> Keys { get; } =
    [.. ((OptimizerKey[])[OptimizerKey.LearningRate, .. Kinds.SelectMany(k => k.Keys), .. OptimizerKey.Shared]).Distinct()];

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
}
