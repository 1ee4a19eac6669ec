// What a study is: the question, what is trained, the grid, and how it is tuned; StudyFile reads it from YAML.
using System.Text.Json.Serialization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Studies;

/// <summary>A study, complete: every default is written out. Paths are absolute.</summary>
public sealed record StudySpec
{
    /// <summary>Names the store; one word.</summary>
    public required string Name { get; init; }

    /// <summary>What the study is to answer, in the user's words.</summary>
    public string Question { get; init; } = "";

    /// <summary>What its kinds are the names of, in this program. No part of the study, and not written.</summary>
    [NotHashed, JsonIgnore]
    public Catalogues Catalogues { get; init; } = Catalogues.BuiltIn;
    public TaskSpec Task { get; init; } = new();
    public ModelSpec Model { get; init; } = new();

    /// <summary>In the order of the file; names differ.</summary>
    public required IReadOnlyList<OptimizerChoice> Optimizers { get; init; }
    public required GridSpec Grid { get; init; }
    public required BudgetSpec Budget { get; init; }
    public ScheduleSpec Schedule { get; init; } = new();
    public EvaluationSpec Evaluation { get; init; } = new();

    /// <summary>The metric that is tuned and compared, one of <see cref="Metrics"/>.</summary>
    public string Metric { get; init; } = "validation-loss";
    public string Precision { get; init; } = "float32";

    /// <summary>Where its runs train. No part of any id: a device changes a run as another processor does, in rounding.</summary>
    [NotHashed, OmittedAtDefault]
    public string Device { get; init; } = "cpu";
    public double DivergenceFactor { get; init; } = 4;
    public SentinelSpec Sentinel { get; init; } = new();
    public CheckpointSpec Checkpoint { get; init; } = new();
    public LimitsSpec Limits { get; init; } = new();

    /// <summary>What is measured along every run; null is nothing. No part of any id.</summary>
    public ProbesSpec? Probes { get; init; }

    /// <summary>What is compared separately, at least one: a study without settings and factors is its own only comparison.</summary>
    [NotHashed, JsonIgnore]
    public IReadOnlyList<Comparison> Comparisons => Listed.Count > 0 ? Listed : [new Comparison { Study = this }];

    /// <summary>The comparisons that the file lists by its settings and factors; empty where it has neither. The keys above are then those
    /// of the first.</summary>
    [HashedAs("cells"), JsonPropertyName("comparisons")]
    public IReadOnlyList<Comparison> Listed { get; init; } = [];

    public IReadOnlyList<FactorSpec> Factors { get; init; } = [];

    public DesignSpec Design { get; init; } = new();

    /// <summary>Most runs of a pack: limits.max-replicas, or what pays on the device. On a CPU a replica beyond the eighth gains little; a
    /// GPU is idle without many.</summary>
    [NotHashed, JsonIgnore]
    public int MostReplicas =>
        Limits.MaxReplicas > 0 ? Limits.MaxReplicas
        : Torch.Device.TryParse(Device) is { IsCuda: true } ? 1024
        : 8;

    /// <summary>Whether its runs are those of a command, not of a model of Gaplab's.</summary>
    [NotHashed, JsonIgnore]
    public bool IsOfCommand => Model.Command is not null;

    /// <summary>The study as a program with these kinds has it, its comparisons with it.</summary>
    internal StudySpec Among(Catalogues catalogues) =>
        this with
        {
            Catalogues = catalogues,
            Listed = [.. Listed.Select(c => c with { Study = c.Study.Among(catalogues) })],
        };

    /// <summary>The optimizer of this name.</summary>
    /// <exception cref="InputException">The study has none.</exception>
    public OptimizerChoice Optimizer(string name) =>
        Optimizers.FirstOrDefault(o => o.Name == name)
        ?? throw new InputException(
            $"the study has no optimizer '{name}'; expected two of {Shown.List(Optimizers.Select(o => o.Name), 20)}: name them with --pair"
        );

    /// <summary>Whether a metric is better when it is higher.</summary>
    public static bool IsHigherBetter(string metric) => metric is "validation-bleu" or "validation-accuracy";

    /// <summary>BLEU of translated validation sentences; share of validation images classified rightly; validation loss at the end; loss
    /// over the training set at the end; mean, and (biased by batch size) minimum, of the last 1% of steps' training losses.</summary>
    /// <summary>What other programs call them, in plain letters.</summary>
    internal static IReadOnlyDictionary<string, string> MetricsElsewhere { get; } =
        new Dictionary<string, string>
        {
            ["accuracy"] = "validation-accuracy",
            ["acc"] = "validation-accuracy",
            ["valacc"] = "validation-accuracy",
            ["valaccuracy"] = "validation-accuracy",
            ["testaccuracy"] = "validation-accuracy",
            ["testacc"] = "validation-accuracy",
            ["top1"] = "validation-accuracy",
            ["evalaccuracy"] = "validation-accuracy",
            ["loss"] = "validation-loss",
            ["valloss"] = "validation-loss",
            ["evalloss"] = "validation-loss",
            ["testloss"] = "validation-loss",
            ["validloss"] = "validation-loss",
            ["trainingloss"] = "train-loss",
            ["bleu"] = "validation-bleu",
            ["sacrebleu"] = "validation-bleu",
            ["perplexity"] = "validation-loss",
            ["ppl"] = "validation-loss",
            ["f1"] = "",
            ["auc"] = "",
        };

    public static IReadOnlyList<string> Metrics { get; } =
    ["validation-loss", "train-loss", "last-mean", "last-min", "validation-bleu", "validation-accuracy"];
}

/// <summary>An optimizer of a study: a recipe with its learning-rate grid and the momenta to try.</summary>
public sealed record OptimizerChoice
{
    public required string Name { get; init; }

    /// <summary>The recipe; its learning rate is to be filled in.</summary>
    public required OptimizerSpec Template { get; init; }

    /// <summary>The learning rates the sentinel starts from, ascending, six significant digits.</summary>
    public required IReadOnlyList<double> Rates { get; init; }

    /// <summary>Values of SGD's momentum, or of Adam's β₁ and β₂: their product is tried, each with its own learning rates.</summary>
    public IReadOnlyList<double> Momenta { get; init; } = [0];
    public IReadOnlyList<double> Beta1s { get; init; } = [0.9];
    public IReadOnlyList<double> Beta2s { get; init; } = [0.999];

    /// <summary>Of a command: what its lists of values come to, one combination each; empty where every key has one value.</summary>
    [OmittedAtDefault]
    public IReadOnlyList<OwnKeys> Variants { get; init; } = [];

    /// <summary>Of a study that was planned and not written: the rates at each batch size at which it is run at all; empty:
    /// <see cref="Rates"/> at every one.</summary>
    [OmittedAtDefault]
    public IReadOnlyList<BatchRates> ByBatch { get; init; } = [];

    /// <summary>The learning rates to start from at a batch size; none where it is not run there.</summary>
    public IReadOnlyList<double> RatesOf(int batch) =>
        ByBatch.Count == 0 ? Rates : ByBatch.FirstOrDefault(b => b.Batch == batch)?.Rates ?? [];
}

/// <summary>The learning rates of one batch size, ascending, six significant digits.</summary>
public sealed record BatchRates
{
    public required int Batch { get; init; }

    public required IReadOnlyList<double> Rates { get; init; }
}

/// <summary>What is varied for every optimizer alike.</summary>
public sealed record GridSpec
{
    /// <summary>Ascending.</summary>
    public required IReadOnlyList<int> Batches { get; init; }

    /// <summary>β = momentum = β₁ = β₂ (the protocol of the 2026 study); empty: each optimizer has its own.</summary>
    public IReadOnlyList<double> Betas { get; init; } = [];

    /// <summary>β = 2^(-B/H) for each half-life H in samples, so that optimizers forget alike at every batch size B; empty: not
    /// used.</summary>
    public IReadOnlyList<double> HalfLives { get; init; } = [];

    public IReadOnlyList<long> Seeds { get; init; } = [1, 2, 3, 4];
}

/// <summary>How far the learning-rate grid may extend itself, and how finely it is refined around the best.</summary>
public sealed record SentinelSpec
{
    public bool Enabled { get; init; } = true;

    /// <summary>Step of an extension; 0 is the ratio of the grid's outermost neighbours on that side, at least <see cref="RefineTo"/> (4
    /// for a grid of one).</summary>
    public double Factor { get; init; }

    /// <summary>Extensions of each side at most.</summary>
    public int MaxExtensions { get; init; } = 4;

    /// <summary>The best's neighbours end at most this factor away.</summary>
    public double RefineTo { get; init; } = 2;
}

/// <summary>When runs are saved, and what is kept of them once they have ended.</summary>
public sealed record CheckpointSpec
{
    public double EverySeconds { get; init; } = 60;

    /// <summary>"none", "last" or "all".</summary>
    public string Keep { get; init; } = "none";
}

/// <summary>What a study may use. None of it changes a number.</summary>
public sealed record LimitsSpec
{
    /// <summary>Bytes that all packs running at once may use; 0 is what the machine has free.</summary>
    public long Memory { get; init; }

    /// <summary>Seconds until a pack counts as timed out; 0 is no limit.</summary>
    public double TimePerPack { get; init; }

    /// <summary>Of a command: seconds without a sign of life until a run counts as silent; 0 is no limit.</summary>
    [OmittedAtDefault]
    public double Silence { get; init; }

    /// <summary>Most runs that train together in one pack; 0 is what the device asks for: <see cref="StudySpec.MostReplicas"/>.</summary>
    [OmittedAtDefault]
    public int MaxReplicas { get; init; }
}
