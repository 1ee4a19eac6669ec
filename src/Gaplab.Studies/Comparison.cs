// A comparison: one setting under one combination of factor levels, a complete study of its own.
using Gaplab.Results.Analysis;

namespace Gaplab.Studies;

/// <summary>One comparison of a study: a setting (task and model) with each factor at one level.</summary>
public sealed record Comparison
{
    /// <summary>The setting's name; "" where the study has no settings.</summary>
    public string Setting { get; init; } = "";

    /// <summary>The level of each factor, in the order of <see cref="StudySpec.Factors"/>.</summary>
    public IReadOnlyList<string> Levels { get; init; } = [];

    /// <summary>The study of this comparison alone; it lists none.</summary>
    public required StudySpec Study { get; init; }

    /// <summary>What the file says of the setting beyond its keys, as "name=value": possible explanations of the gap.</summary>
    public IReadOnlyList<string> Traits { get; init; } = [];

    /// <summary>setting=…, then each factor's level; empty for a study without settings and factors.</summary>
    public ComparisonKey Key(IReadOnlyList<FactorSpec> factors) =>
        new([
            .. Setting.Length > 0 ? [new(ComparisonKey.Setting, Setting)] : Array.Empty<KeyValuePair<string, string>>(),
            .. factors.Zip(Levels, (f, level) => new KeyValuePair<string, string>(f.Name, level)),
        ]);
}

/// <summary>A factor: something that is switched while all else stays.</summary>
public sealed record FactorSpec
{
    public required string Name { get; init; }

    /// <summary>Level names in the order of the file; the first is the reference.</summary>
    public required IReadOnlyList<string> Levels { get; init; }
}

/// <summary>Which combinations of levels are run.</summary>
public sealed record DesignSpec
{
    /// <summary>"full", "fractional" (two-level factors) or "one-at-a-time" (from the first level of every factor).</summary>
    public string Kind { get; init; } = "full";

    /// <summary>Fractional: "D=ABC", …, with the factors lettered in the order of the file.</summary>
    public IReadOnlyList<string> Generators { get; init; } = [];
}
