// One row of the catalogue of optimizers: which keys a kind of optimizer has, its defaults, its rule as links, its memory.
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Optim;

/// <summary>What of past gradients sizes the steps of a rule. Where the memory is short, in steps, small batches pay for it.</summary>
public enum StepMemory
{
    /// <summary>Nothing: steps are in proportion to an average of gradients, whole or tensor by tensor.</summary>
    None,

    /// <summary>A running average of squared gradients, which forgets at β₂.</summary>
    SecondMoment,

    /// <summary>The sign of a running average of gradients.</summary>
    Sign,

    /// <summary>Steps are sized coordinate by coordinate, by something that does not forget, or only ever more slowly.</summary>
    Endless,
}

/// <summary>A kind of optimizer. Every kind also has the keys <see cref="OptimizerKey.Shared"/>.</summary>
public sealed record OptimizerKind
{
    /// <summary>As study files write it.</summary>
    public required string Name { get; init; }

    /// <summary>Its update u as the documents write it.</summary>
    public required string Says { get; init; }

    /// <summary>Those of its rule, in the order in which they are read; shared ones left out.</summary>
    public required IReadOnlyList<OptimizerKey> Keys { get; init; }

    /// <summary>Of <see cref="Keys"/>, the averages that one β for every optimizer alike sets (<c>grid.beta</c>).</summary>
    public IReadOnlyList<OptimizerKey> Averages { get; init; } = [];

    /// <summary>Of <see cref="Keys"/>, the columns whose zeros leave out a link, or a buffer, of this kind alone.</summary>
    public IReadOnlyList<OptimizerKey> Switches { get; init; } = [];

    /// <summary>Numbers that stand where a study file gives none, where they differ from the spec's.</summary>
    public Func<OptimizerSpec, OptimizerSpec> Defaults { get; init; } = spec => spec;

    /// <summary>How weight decay is meant where a study file does not say; "none" obliges it to say.</summary>
    public string Decay { get; init; } = "none";

    /// <summary>Whether a spec that says "none" means <see cref="Decay"/> all the same.</summary>
    public bool AlwaysDecays { get; init; }

    /// <summary>The rule between gradient and rate, for the runs of a pack.</summary>
    public required Func<IReadOnlyList<OptimizerSpec>, IEnumerable<Link>> Rule { get; init; }

    /// <summary>What of the rule stands behind the decay by the rate.</summary>
    public Func<IReadOnlyList<OptimizerSpec>, IEnumerable<Link>> AfterDecay { get; init; } = _ => [];

    /// <summary>The learning rate outside the hidden matrices over the rule's own; null where there is one rate.</summary>
    public Func<IReadOnlyList<OptimizerSpec>, Hyper?> RestFactor { get; init; } = _ => null;

    /// <summary>Rows of P numbers that the rule keeps, about.</summary>
    public required Func<OptimizerSpec, double> StateRows { get; init; }

    /// <summary>Whether sizes of coordinates are lost in the rule: its update is ±1 everywhere.</summary>
    public bool GivesSigns { get; init; }

    /// <summary>What the rule remembers of past gradients to size its steps by, in the tuned limit of small batches.</summary>
    public StepMemory Memory { get; init; }

    /// <summary>How the tuned learning rate grows with the batch size while noise rules, lr ∝ B^exponent: a mean and a standard deviation
    /// from which a search starts. Where steps have a size of their own, between 0 and the root (Malladi et al. 2022).</summary>
    public (double Exponent, double Deviation) RateGrowth { get; init; } = (0.25, 0.25);

    /// <summary>Whether it has Adam's m and v, of which m alone can take a clipped gradient.</summary>
    public bool ClipsMean { get; init; }

    /// <summary>A setting that the others leave without effect in this kind of rule, and why; null when every setting is live.</summary>
    public Func<OptimizerSpec, (OptimizerKey Key, string Why)?> Objection { get; init; } = _ => null;

    /// <summary>Whether nothing is known of it but its name (<c>OptimizerCatalogue.Naming</c>).</summary>
    public bool IsNameOnly { get; init; }

    public bool Uses(OptimizerKey key) => Keys.Contains(key) || OptimizerKey.Shared.Contains(key);

    public bool HasMomentum(OptimizerSpec spec) => Keys.Contains(OptimizerKey.Momentum) && OptimizerKey.Momentum.Number(spec) > 0;

    /// <summary>A setting that the others leave without any effect, or that makes no sense with them, and why; null when every setting is
    /// live.</summary>
    public (OptimizerKey Key, string Why)? ObjectionTo(OptimizerSpec spec)
    {
        foreach (OptimizerKey key in Keys.Concat(OptimizerKey.Shared))
            if (key.Objection(this, spec) is { } why)
                return (key, why);
        return Objection(spec);
    }

    /// <summary>The spec with its columns made equal: what must agree for runs to share a chain, and of a column that switches a link only
    /// whether it is off.</summary>
    public OptimizerSpec Shape(OptimizerSpec spec) =>
        Keys.Concat(OptimizerKey.Shared)
            .Where(k => k.Column != KeyColumn.None)
            .Aggregate(
                spec,
                (shape, key) => key.With(shape, (key.Column == KeyColumn.Switch || Switches.Contains(key)) && key.Number(spec) > 0 ? 1 : 0)
            );

    /// <summary>β₂ of a running mean of squared gradients; null of a rule without one (Lion's β₂ averages gradients).</summary>
    public double? SecondMoment(OptimizerSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Keys.Contains(OptimizerKey.Beta2) && !GivesSigns ? spec.Beta2 : null;
    }

    /// <summary>The coefficient of the first average: momentum, else β₁, else 0.</summary>
    public double FirstMoment(OptimizerSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Keys.Contains(OptimizerKey.Momentum) ? spec.Momentum
            : Keys.Contains(OptimizerKey.Beta1) ? spec.Beta1
            : 0;
    }

    /// <summary>The coefficient at which <see cref="Memory"/> forgets: β₂, else the momentum; 1 where nothing is forgotten.</summary>
    public double Forgetting(OptimizerSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Memory is StepMemory.None or StepMemory.Endless ? 1
            : Keys.Contains(OptimizerKey.Beta2) ? spec.Beta2
            : spec.Momentum;
    }
}
