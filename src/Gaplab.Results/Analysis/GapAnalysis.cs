// The whole analysis of a sweep for one pair of optimizers.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Results.Analysis;

/// <summary>The gap between two optimizers against batch size, per comparison of a sweep.</summary>
/// <param name="First">E.g. "sgd".</param>
/// <param name="Second">E.g. "adam": ahead where the gap is positive.</param>
/// <param name="Findings">About the table as a whole; each comparison has its own besides.</param>
public sealed record GapAnalysis(
    string First,
    string Second,
    string Metric,
    bool HigherIsBetter,
    IReadOnlyList<ComparisonAnalysis> Comparisons,
    IReadOnlyList<Finding> Findings
)
{
    /// <summary>How the verdicts were come by where the table lacks something; short clauses that stand with each verdict.</summary>
    public IReadOnlyList<string> Caveats { get; init; } = [];

    /// <summary>How many entries of the table could not be read as runs.</summary>
    public int SetAside { get; init; }

    /// <summary>A comparison's headline, and how many runs it rests on.</summary>
    public string Told(ComparisonAnalysis comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return $"{comparison.Headline} {comparison.Runs.Text(SetAside, Comparisons.Count == 1)}";
    }

    /// <summary>Of a study with factors; else null.</summary>
    public FactorAnalysis? Factors { get; init; }

    /// <summary>Of a study with several settings; else null.</summary>
    public ExplanationScores? Explanations { get; init; }

    /// <summary>How crossovers move with β₂ over all comparisons; empty with fewer than two that show it.</summary>
    public IReadOnlyList<JointLaw> MemoryLaws { get; } =
    [.. new[] { First, Second }.SelectMany(o => JointLaw.Of([.. Comparisons.SelectMany(c => c.Memory).Where(m => m.Optimizer == o)]))];

    /// <summary>The analysis of one comparison; null where the table has no runs of it.</summary>
    public ComparisonAnalysis? Of(ComparisonKey key) => Comparisons.FirstOrDefault(c => c.Key.Equals(key));

    /// <summary>Analyses a sweep (theory.md E).</summary>
    /// <exception cref="InputException">The table has no rows, the pair names one optimizer twice, or the answer hangs on what the table
    /// leaves open.</exception>
    public static GapAnalysis Analyse(SweepTable table, AnalysisOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        options ??= new AnalysisOptions();
        options = options with { First = options.First.ToLowerInvariant(), Second = options.Second.ToLowerInvariant() };
        if (options.First == options.Second)
            throw new InputException($"the pair names '{options.First}' twice; name two optimizers, e.g. --pair sgd,adam");
        if (table.Rows.Count == 0)
            throw new InputException("the table has no runs; expected at least one row");

        List<Finding> findings = [.. table.Findings ?? []];
        if (table.BiasedByBatchSize)
            findings.Add(DesignFindings.Biased(table.Metric));
        GapAnalysis analysis = Of(table.Rows);
        foreach (OpenReading open in table.Open)
            if (open.Settle(analysis, Of(open.Rows)) is { } agreed)
                findings.Add(agreed);
        return analysis;

        GapAnalysis Of(IEnumerable<SweepRow> rows) =>
            new(
                options.First,
                options.Second,
                table.Metric,
                options.HigherIsBetter,
                [
                    .. rows.GroupBy(r => options.GroupByMomentum ? WithMomentum(r) : r.Comparison)
                        .Select(g =>
                            new ComparisonAnalyser(
                                options,
                                table.Classes.GetValueOrDefault(g.First().Comparison),
                                table.Floors.TryGetValue(g.First().Comparison, out double floor) ? floor : null
                            ).Analyse(g.Key, [.. g])
                        ),
                ],
                findings
            )
            {
                Caveats = table.Caveats,
                SetAside = table.SetAside,
            };
    }

    private static ComparisonKey WithMomentum(SweepRow row) =>
        new([.. row.Comparison.Pairs, new("momentum", row.Momentum is { } m ? m.ToString("R", CultureInfo.InvariantCulture) : "none")]);
}
