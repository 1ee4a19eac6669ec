// The catalogue of findings about tables, gaps and effects.
namespace Gaplab.Results.Analysis;

/// <summary>Every kind of finding that an analysis makes; those of studies alone are listed there. A new one is one row here.</summary>
public static class FindingKinds
{
    private static readonly FindingRows s_rows = new();

    /// <summary>In the order of docs/statistics.md.</summary>
    public static IReadOnlyList<FindingKind> All => s_rows.All;

    public static FindingKind GridEdge { get; } =
        s_rows.Add("grid-edge", FindingTopic.Tuning, "the best learning rate is the smallest or the largest of those tried");
    public static FindingKind CoarseLearningRates { get; } =
        s_rows.Add("coarse-learning-rates", FindingTopic.Tuning, "the learning rates next to the best are more than a factor 2 away");
    public static FindingKind MomentumUntuned { get; } =
        s_rows.Add("momentum-untuned", FindingTopic.Tuning, "an optimizer has one momentum throughout, or none in the table");
    public static FindingKind Beta2Untuned { get; } =
        s_rows.Add("beta2-untuned", FindingTopic.Tuning, "an optimizer has one β₂ over batch sizes that span a factor of 8 or more");
    public static FindingKind TiedBeta { get; } =
        s_rows.Add("tied-beta", FindingTopic.Tuning, "an optimizer's β₁ and β₂ are one number, and only one was tried");
    public static FindingKind ShortMemory { get; } =
        s_rows.Add("short-memory", FindingTopic.Tuning, "β₂ is too short at some batch sizes, for the data's rare classes or by itself");
    public static FindingKind TakenAsTuned { get; } =
        s_rows.Add("taken-as-tuned", FindingTopic.Tuning, "no learning rates at all: the values are taken as tuned");
    public static FindingKind DivergedRuns { get; } =
        s_rows.Add("diverged-runs", FindingTopic.Tuning, "trials that diverged for some seed are never chosen");
    public static FindingKind DivergedEverywhere { get; } =
        s_rows.Add("diverged-everywhere", FindingTopic.Tuning, "every trial of an arm has a diverged seed: there is no gap");

    public static FindingKind UnequalBudgets { get; } =
        s_rows.Add("unequal-budgets", FindingTopic.Budgets, "the two were tuned over grids of different size");
    public static FindingKind MissingRuns { get; } =
        s_rows.Add(
            "missing-runs",
            FindingTopic.Budgets,
            "runs that were killed, ran out of memory or of time, or are still to be made; they count against no optimizer"
        );

    public static FindingKind AlwaysClipped { get; } =
        s_rows.Add(
            "always-clipped",
            FindingTopic.Clipping,
            "the norm clip acted on more than 90% of the steps of a tuned run: SGD under an always-active clip is normalised SGD"
        );

    public static FindingKind OneSidedGap { get; } =
        s_rows.Add("one-sided-gap", FindingTopic.Gap, "a tuned value at the edge of its grid bounds the gap on one side or on neither");
    public static FindingKind OneSidedInterval { get; } =
        s_rows.Add(
            "one-sided-interval",
            FindingTopic.Gap,
            "the percentiles of the resamples lie on one side of the gap itself: that end of the interval is the gap"
        );
    public static FindingKind SelectionBias { get; } =
        s_rows.Add("selection-bias", FindingTopic.Gap, "the two corrections disagree on the sign of the gap");
    public static FindingKind OutsideThePair { get; } =
        s_rows.Add("outside-the-pair", FindingTopic.Gap, "another optimizer of the table is better than both of the pair");

    public static FindingKind ShortBatchRange { get; } =
        s_rows.Add("short-batch-range", FindingTopic.Crossover, "fewer than four batch sizes, or over less than a factor of 8");
    public static FindingKind SeveralSignChanges { get; } =
        s_rows.Add("several-sign-changes", FindingTopic.Crossover, "the gap changes sign more than once over the batch sizes");
    public static FindingKind CrossoverNotDetermined { get; } =
        s_rows.Add("crossover-not-determined", FindingTopic.Crossover, "too few resamples have a crossing in range");

    public static FindingKind FewSeeds { get; } =
        s_rows.Add("few-seeds", FindingTopic.Seeds, "fewer than four seeds: the interval is wide, useless or none");
    public static FindingKind SeedsIntersected { get; } =
        s_rows.Add("seeds-intersected", FindingTopic.Seeds, "some seeds do not cover every trial and are left out");
    public static FindingKind NoCommonSeed { get; } =
        s_rows.Add("no-common-seed", FindingTopic.Seeds, "no seed covers every trial: nothing is paired and there is no interval");
    public static FindingKind ReplicatesNumbered { get; } =
        s_rows.Add("replicates-numbered", FindingTopic.Seeds, "runs without a seed are replicates, numbered in order");
    public static FindingKind DuplicateRuns { get; } =
        s_rows.Add("duplicate-runs", FindingTopic.Seeds, "runs that repeat a trial and seed were averaged with it");

    public static FindingKind BiasedMetric { get; } =
        s_rows.Add("biased-metric", FindingTopic.Metric, "the metric is lower by luck alone where there are more steps, or noisier ones");
    public static FindingKind MetricDirection { get; } =
        s_rows.Add("metric-direction", FindingTopic.Metric, "the metric's name does not say which way is better, or says the other way");
    public static FindingKind MetricChosen { get; } =
        s_rows.Add("metric-chosen", FindingTopic.Metric, "one of several columns was taken as the metric");

    public static FindingKind HistoryReduced { get; } =
        s_rows.Add("history-reduced", FindingTopic.Table, "the rows are a history of each run and were reduced to one value");
    public static FindingKind UnequalLengths { get; } =
        s_rows.Add("unequal-lengths", FindingTopic.Table, "some runs end earlier than others");
    public static FindingKind BlankMetric { get; } = s_rows.Add("blank-metric", FindingTopic.Table, "runs without a value of the metric");
    public static FindingKind SplitChosen { get; } =
        s_rows.Add("split-chosen", FindingTopic.Table, "one of several splits of the data was taken");
    public static FindingKind RepeatedRows { get; } =
        s_rows.Add("repeated-rows", FindingTopic.Table, "rows that repeat another in every field count once");
    public static FindingKind SummaryRows { get; } =
        s_rows.Add("summary-rows", FindingTopic.Table, "rows that summarise others are left out");
    public static FindingKind HistoryThinned { get; } =
        s_rows.Add("history-thinned", FindingTopic.Table, "of long histories not every value is kept");
    public static FindingKind SetAside { get; } =
        s_rows.Add("set-aside", FindingTopic.Table, "what may have been runs could not be read and is set aside");
    public static FindingKind DefaultFilled { get; } =
        s_rows.Add("default-filled", FindingTopic.Table, "what runs did not say was filled in as the user said");
    public static FindingKind FolderReading { get; } =
        s_rows.Add("folder-reading", FindingTopic.Table, "what was put together or chosen when folders of runs were read");
    public static FindingKind UnexplainedRepeats { get; } =
        s_rows.Add("unexplained-repeats", FindingTopic.Table, "rows repeat a setting and differ in a column that tells them apart");
    public static FindingKind ColumnChosen { get; } =
        s_rows.Add("column-chosen", FindingTopic.Table, "one of several columns that fit was taken");
    public static FindingKind ColumnPerOptimizer { get; } =
        s_rows.Add("column-per-optimizer", FindingTopic.Table, "each optimizer has its learning rate in a column of its own");
    public static FindingKind NoOptimizerColumn { get; } =
        s_rows.Add("no-optimizer-column", FindingTopic.Table, "no column says the optimizer");
    public static FindingKind BatchMultiplier { get; } =
        s_rows.Add("batch-multiplier", FindingTopic.Table, "a column multiplies the batch size");
    public static FindingKind UnknownState { get; } =
        s_rows.Add("unknown-state", FindingTopic.Table, "states of runs that are not known are taken as missing");
    public static FindingKind DecimalCommas { get; } = s_rows.Add("decimal-commas", FindingTopic.Table, "decimal commas are read as such");
    public static FindingKind TableEncoding { get; } = s_rows.Add("table-encoding", FindingTopic.Table, "the file is not UTF-8");

    public static FindingKind MissingComparisons { get; } =
        s_rows.Add("missing-comparisons", FindingTopic.Factors, "effects that need comparisons without results");
    public static FindingKind Aliased { get; } =
        s_rows.Add("aliased", FindingTopic.Factors, "the design cannot tell effects from their aliases");
    public static FindingKind OneAtATime { get; } =
        s_rows.Add("one-at-a-time", FindingTopic.Factors, "each factor was switched alone: interactions are unknown");
}
