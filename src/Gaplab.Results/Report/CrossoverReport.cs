// The report of a comparison: from a gap analysis to headline, sections, charts and tables.
using Gaplab.Results.Analysis;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Report;

/// <summary>What the report of a comparison is made from.</summary>
public sealed record CrossoverReportInput
{
    public required GapAnalysis Analysis { get; init; }

    /// <summary>The page's title, e.g. the study's name.</summary>
    public required string Title { get; init; }

    /// <summary>The store or file as the user named it; no absolute path, so that the page is the same on every machine.</summary>
    public required string Source { get; init; }

    /// <summary>The command that made the runs, or that read the file.</summary>
    public required string Command { get; init; }

    /// <summary>Facts the analysis does not know: task, model, budget. They stand first.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];

    /// <summary>Learning curves by group; only those of tuned runs are drawn. Empty when there are none.</summary>
    public IReadOnlyList<(ComparisonKey Comparison, CurvePoint Point)> Curves { get; init; } = [];

    /// <summary>Name of the metric on the learning curves.</summary>
    public string CurveMetric { get; init; } = "loss";

    /// <summary>Findings beyond the analysis's own: missing runs, a slow BLAS, what a sentinel could not reach.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}

/// <summary>Builds the report of a comparison. Used for studies and for other people's sweep tables alike.</summary>
public static class CrossoverReport
{
    /// <summary>The whole report, a pure function of its input.</summary>
    public static Report Build(CrossoverReportInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GapAnalysis analysis = input.Analysis;
        bool single = analysis.Comparisons.Count == 1;
        long runs = Runs(analysis);
        bool thin = Thinned.IsDue(runs);
        var sections = new List<Section>();
        if (!single)
            sections.Add(CrossoverSections.Overview(input));
        sections.AddRange(MemorySections.Of(analysis));
        sections.AddRange(FactorSections.Of(analysis));
        for (int i = 0; i < analysis.Comparisons.Count; i++)
            sections.AddRange(CrossoverSections.Of(input, analysis.Comparisons[i], i, single, thin));
        sections.Add(CrossoverSections.HowToRead(analysis));
        var report = new Report
        {
            Title = input.Title,
            Headline = single ? analysis.Told(analysis.Comparisons[0]) : Headline(analysis),
            Opening = Opening(analysis),
            Summary = single ? [.. HowComeBy(analysis, analysis.Comparisons[0]), .. Needs(analysis.Comparisons[0])] : [],
            Facts = [.. input.Facts, .. Facts(analysis), .. thin ? [Thinned.Said(runs)] : (Fact[])[]],
            Findings = [.. input.Findings, .. analysis.Findings],
            Sections = sections,
            Command = input.Command,
        };
        return thin ? Thinned.Of(report) : report;
    }

    private static long Runs(GapAnalysis analysis) => analysis.Comparisons.SelectMany(g => g.Budgets).Sum(b => (long)b.Runs);

    /// <summary>The first screen: of one comparison its gap, of several who is ahead where.</summary>
    private static Opening? Opening(GapAnalysis analysis) =>
        analysis.Comparisons.Count == 0
            ? null
            : new()
            {
                Answer = PlainVerdict.Of(analysis),
                IsOpen = analysis.Comparisons.All(c => !PlainVerdict.IsSettled(c.Verdict)),
                Chart = analysis.Comparisons is [var only]
                    ? GapAgainstBatch.Make(only, analysis.First, analysis.Second, analysis.Metric, "gap")
                    : WhoIsAhead.Make(analysis),
                Causes = CrossingCauses.Of(analysis),
            };

    /// <summary>What it would take to know more, as one paragraph; nothing when all is determined.</summary>
    internal static IReadOnlyList<string> Needs(ComparisonAnalysis comparison) =>
        comparison.Needs.Count == 0
            ? []
            : ["**What it would take to know more:** " + string.Join("; ", comparison.Needs.Select(n => n.TrimEnd('.'))) + "."];

    /// <summary>What the verdict must say of itself, as one paragraph; nothing where nothing was missing.</summary>
    internal static IReadOnlyList<string> HowComeBy(GapAnalysis analysis, ComparisonAnalysis comparison) =>
        Caveats.Of(analysis, comparison) is { Count: > 0 } caveats ? ["**How this was come by:** " + string.Join("; ", caveats) + "."] : [];

    /// <summary>Optimizers in the order of their colours: the pair first, the others by name.</summary>
    internal static IReadOnlyList<string> Optimizers(GapAnalysis analysis) =>
        [
            analysis.First,
            analysis.Second,
            .. analysis
                .Comparisons.SelectMany(g => g.Tuned)
                .Select(t => t.Optimizer)
                .Where(o => o != analysis.First && o != analysis.Second)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];

    private static string Headline(GapAnalysis analysis)
    {
        int crossings = analysis.Comparisons.Count(g => g.Verdict is Verdict.Crossover or Verdict.SeveralCrossovers);
        int throughout = analysis.Comparisons.Count(g => g.Verdict is Verdict.FirstBetterThroughout or Verdict.SecondBetterThroughout);
        int part = analysis.Comparisons.Count(g => g.Verdict is Verdict.FirstBetterInPart or Verdict.SecondBetterInPart);
        int other = analysis.Comparisons.Count - crossings - throughout - part;
        return $"Of {analysis.Comparisons.Count} comparisons of {analysis.First} with {analysis.Second}, {crossings} "
            + $"{(crossings == 1 ? "has" : "have")} a crossover, in {throughout} one optimizer is ahead throughout, "
            + $"in {part} at some batch sizes with the others not decided, and {other} {(other == 1 ? "leaves" : "leave")} the "
            + $"question open.";
    }

    private static IEnumerable<Fact> Facts(GapAnalysis analysis)
    {
        yield return new Fact("compared", $"{analysis.First} with {analysis.Second}");
        yield return new Fact("metric", analysis.Metric + (analysis.HigherIsBetter ? ", higher is better" : ", lower is better"));
        long[] batches = [.. analysis.Comparisons.SelectMany(g => g.Tuned).Select(t => t.Batch).Distinct().Order()];
        if (batches.Length > 0)
            yield return new Fact(
                batches.Length == 1 ? "batch size" : $"{batches.Length} batch sizes",
                batches.Length == 1 ? NumberText.Count(batches[0]) : $"{NumberText.Count(batches[0])} to {NumberText.Count(batches[^1])}"
            );
        int[] seeds = [.. analysis.Comparisons.Select(g => g.Seeds.Count).Distinct().Order()];
        if (seeds.Length > 0)
            yield return new Fact("seeds", seeds.Length == 1 ? NumberText.Count(seeds[0]) : $"{seeds[0]} to {seeds[^1]}");
        yield return new Fact("runs", NumberText.Count(Runs(analysis)));
    }
}
