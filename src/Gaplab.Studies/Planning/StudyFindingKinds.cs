// The catalogue of findings that only a study makes.
using Gaplab.Results.Analysis;

namespace Gaplab.Studies.Planning;

/// <summary>Kinds of findings about a study before it starts, about its machine and about how it ran. A new one is one row here.</summary>
internal static class StudyFindingKinds
{
    private static readonly List<FindingKind> s_own = [];

    /// <summary>Every kind of finding there is: those of analyses, then a study's own.</summary>
    public static IReadOnlyList<FindingKind> All => [.. FindingKinds.All, .. s_own];

    public static FindingKind SentinelBound { get; } = Add("sentinel-bound", FindingTopic.Running, "the sentinel stopped at its bound");
    public static FindingKind AllDiverged { get; } =
        Add("all-diverged", FindingTopic.Running, "no learning rate survived, down to the sentinel's bound");
    public static FindingKind Unfinished { get; } = Add("unfinished", FindingTopic.Running, "runs are still to be made");
    public static FindingKind SlowBlas { get; } = Add("slow-blas", FindingTopic.Running, "runs were made on the slow reference BLAS");

    public static FindingKind OneOptimizer { get; } =
        Add("one-optimizer", FindingTopic.Design, "one optimizer: there is nothing to compare");
    public static FindingKind OneBatchSize { get; } =
        Add("one-batch-size", FindingTopic.Design, "one batch size: there is no crossover to see");
    public static FindingKind FewRates { get; } =
        Add("few-rates", FindingTopic.Design, "too few learning rates to bracket a best, and no sentinel");
    public static FindingKind NoMomentum { get; } = Add("no-momentum", FindingTopic.Design, "SGD runs without momentum");
    public static FindingKind UnequalTuning { get; } = Add("unequal-tuning", FindingTopic.Design, "the optimizers are not tuned alike");
    public static FindingKind FewSteps { get; } = Add("few-steps", FindingTopic.Design, "runs of few steps");
    public static FindingKind BudgetBelowStep { get; } = Add("budget-below-step", FindingTopic.Design, "a budget of less than one step");
    public static FindingKind VoidWarmup { get; } = Add("void-warmup", FindingTopic.Design, "a warm-up shorter than a step");
    public static FindingKind BatchAboveData { get; } = Add("batch-above-data", FindingTopic.Design, "batches larger than the data");
    public static FindingKind ManyEpochs { get; } = Add("many-epochs", FindingTopic.Design, "many passes over the data");
    public static FindingKind ShortValidation { get; } =
        Add("short-validation", FindingTopic.Design, "fewer validation samples than were asked for");

    public static FindingKind Memory { get; } = Add("memory", FindingTopic.Machine, "the study needs more memory than it may use");
    public static FindingKind Disk { get; } =
        Add("disk", FindingTopic.Machine, "the study may write more than there is room for, or than half of it");

    private static FindingKind Add(string id, FindingTopic topic, string meaning)
    {
        var kind = new FindingKind(id, topic, meaning);
        s_own.Add(kind);
        return kind;
    }
}
