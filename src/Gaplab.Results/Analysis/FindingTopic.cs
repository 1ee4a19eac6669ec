// What a finding is about.
namespace Gaplab.Results.Analysis;

/// <summary>The part of an answer that a finding speaks of. A page shows a finding beside that part.</summary>
public enum FindingTopic
{
    /// <summary>How the learning rate of each optimizer was chosen.</summary>
    Tuning,

    /// <summary>How many settings and runs each optimizer had.</summary>
    Budgets,

    /// <summary>What the norm clip did.</summary>
    Clipping,

    /// <summary>A gap and its interval.</summary>
    Gap,

    /// <summary>Where the gap changes sign.</summary>
    Crossover,

    /// <summary>What the intervals rest on.</summary>
    Seeds,

    /// <summary>What is compared.</summary>
    Metric,

    /// <summary>How a table was read.</summary>
    Table,

    /// <summary>Effects of factors.</summary>
    Factors,

    /// <summary>How a study's runs came about.</summary>
    Running,

    /// <summary>A study before it starts: its grid, its budget and its data.</summary>
    Design,

    /// <summary>What a study needs of its machine.</summary>
    Machine,
}
