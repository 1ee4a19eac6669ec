// The catalogue of findings that only a study makes.
using Gaplab.Results.Analysis;

namespace Gaplab.Studies.Planning;

/// <summary>Kinds of findings about a study before it starts, about its machine and about how it ran. A new one is one row here.</summary>
internal static class StudyFindingKinds
{
    private static readonly FindingRows s_rows = new();

    /// <summary>Every kind of finding there is: those of analyses, then a study's own.</summary>
    public static IReadOnlyList<FindingKind> All => [.. FindingKinds.All, .. s_rows.All];

    public static FindingKind SentinelBound { get; } =
        s_rows.Add("sentinel-bound", FindingTopic.Running, "the sentinel stopped at its bound");
    public static FindingKind AllDiverged { get; } =
        s_rows.Add("all-diverged", FindingTopic.Running, "no learning rate survived, down to the sentinel's bound");
    public static FindingKind Unfinished { get; } = s_rows.Add("unfinished", FindingTopic.Running, "runs are still to be made");
    public static FindingKind ConflictingResults { get; } =
        s_rows.Add("conflicting-results", FindingTopic.Running, "runs that were made twice have different results; the first is used");
    public static FindingKind SlowBlas { get; } =
        s_rows.Add("slow-blas", FindingTopic.Running, "runs were made on the slow reference BLAS");
    public static FindingKind MixedArithmetic { get; } =
        s_rows.Add("mixed-arithmetic", FindingTopic.Running, "runs were made with different libtorches or kernels");
    public static FindingKind MixedDevices { get; } =
        s_rows.Add("mixed-devices", FindingTopic.Running, "runs that are compared were made on different kinds of device");

    public static FindingKind OneOptimizer { get; } =
        s_rows.Add("one-optimizer", FindingTopic.Design, "one optimizer: there is nothing to compare");
    public static FindingKind OneBatchSize { get; } =
        s_rows.Add("one-batch-size", FindingTopic.Design, "one batch size: there is no crossover to see");
    public static FindingKind FewRates { get; } =
        s_rows.Add("few-rates", FindingTopic.Design, "too few learning rates to bracket a best, and no sentinel");
    public static FindingKind NoMomentum { get; } = s_rows.Add("no-momentum", FindingTopic.Design, "SGD runs without momentum");
    public static FindingKind UnequalTuning { get; } =
        s_rows.Add("unequal-tuning", FindingTopic.Design, "the optimizers are not tuned alike");
    public static FindingKind FewSteps { get; } = s_rows.Add("few-steps", FindingTopic.Design, "runs of few steps");
    public static FindingKind BudgetBelowStep { get; } =
        s_rows.Add("budget-below-step", FindingTopic.Design, "a budget of less than one step");
    public static FindingKind VoidWarmup { get; } = s_rows.Add("void-warmup", FindingTopic.Design, "a warm-up shorter than a step");
    public static FindingKind BatchAboveData { get; } = s_rows.Add("batch-above-data", FindingTopic.Design, "batches larger than the data");
    public static FindingKind ManyEpochs { get; } = s_rows.Add("many-epochs", FindingTopic.Design, "many passes over the data");
    public static FindingKind ShortValidation { get; } =
        s_rows.Add("short-validation", FindingTopic.Design, "fewer validation samples than were asked for");

    public static FindingKind NotWatched { get; } =
        s_rows.Add("not-watched", FindingTopic.Design, "code, data or versions of a command that no run's id depends on");

    public static FindingKind Memory { get; } = s_rows.Add("memory", FindingTopic.Machine, "the study needs more memory than it may use");
    public static FindingKind Disk { get; } =
        s_rows.Add("disk", FindingTopic.Machine, "the study may write more than there is room for, or than half of it");
}
