// One row of the catalogue of optimizers: which keys a kind of optimizer uses, its defaults, its rule as links, its memory.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Training;

/// <summary>A kind of optimizer. Every kind also uses <see cref="OptimizerCatalogue.SharedKeys"/>.</summary>
public sealed record OptimizerKind
{
    /// <summary>As study files write it.</summary>
    public required string Name { get; init; }

    /// <summary>The properties of <see cref="OptimizerSpec"/> that its rule uses, shared ones left out.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Of <see cref="Keys"/>, the averages that one β for every optimizer alike sets (<c>grid.beta</c>).</summary>
    public IReadOnlyList<string> Averages { get; init; } = [];

    /// <summary>Numbers that stand where a study file gives none, where they differ from the spec's.</summary>
    public Func<OptimizerSpec, OptimizerSpec> Defaults { get; init; } = spec => spec;

    /// <summary>How weight decay is meant where a study file does not say; "none" obliges it to say.</summary>
    public string Decay { get; init; } = "none";

    /// <summary>The rule between gradient and rate, for the runs of a pack.</summary>
    public required Func<IReadOnlyList<OptimizerSpec>, IEnumerable<Link>> Rule { get; init; }

    /// <summary>Rows of P numbers that the rule keeps, about.</summary>
    public required Func<OptimizerSpec, double> StateRows { get; init; }

    /// <summary>Whether sizes of coordinates are lost in the rule: its update is ±1 everywhere.</summary>
    public bool GivesSigns { get; init; }

    public bool Uses(string property) => Keys.Contains(property) || OptimizerCatalogue.SharedKeys.Contains(property);

    /// <summary>The coefficient of the first average: momentum, else β₁, else 0.</summary>
    public double FirstMoment(OptimizerSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Uses(nameof(OptimizerSpec.Momentum)) ? spec.Momentum
            : Uses(nameof(OptimizerSpec.Beta1)) ? spec.Beta1
            : 0;
    }
}
