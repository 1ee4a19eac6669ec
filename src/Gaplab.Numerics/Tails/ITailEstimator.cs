// What an estimator of the tail index is: the extension point of the panel.
namespace Gaplab.Numerics.Tails;

/// <summary>What an estimator looks at.</summary>
public enum TailEvidence
{
    /// <summary>The largest magnitudes alone.</summary>
    Extremes,

    /// <summary>The whole law, read as if it were stable.</summary>
    WholeLaw,
}

/// <summary>An estimator of the tail index. A new one is one file and one row in <see cref="TailEstimators.All"/>; the panel, its
/// bootstrap, its control and its contract tests then take it by themselves.</summary>
public interface ITailEstimator
{
    /// <summary>Short name in lower case, as in the JSON.</summary>
    string Id { get; }

    /// <summary>Name as in the literature.</summary>
    string Title { get; }

    /// <summary>What it looks at: the verdict asks for one of each kind.</summary>
    TailEvidence Evidence { get; }

    /// <summary>Whether it needs signed values about a centre; such an estimator is left out for norms.</summary>
    bool NeedsSigns { get; }

    /// <summary>The estimate, or null where the sample does not allow one (too few values, no spread).</summary>
    TailEstimate? Estimate(TailData data);
}
