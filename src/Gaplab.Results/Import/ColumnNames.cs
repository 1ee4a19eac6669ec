// The names by which each role of a column is known, and how a column's own name is compared with them.
namespace Gaplab.Results.Import;

/// <summary>The names of each role, in lower case without anything but letters and digits.</summary>
internal static class ColumnNames
{
    private static readonly string[] s_prefixes =
    [
        "config",
        "summary",
        "params",
        "param",
        "hparams",
        "hparam",
        "hyperparameters",
        "metrics",
        "args",
        "user_attrs",
        "train_loop_config",
    ];

    /// <summary>Last parts of a name that say which kind of thing its parent is: optimizer.name, optim._target_.</summary>
    private static readonly string[] s_selectors = ["name", "target", "type", "class", "classname", "classpath", "cls", "kind"];

    /// <summary>Parts of a model or a schedule whose own numbers are called as the optimizer's are: scheduler.step_size,
    /// batchnorm.momentum.</summary>
    private static readonly string[] s_apart = ["sched", "norm", "bn", "ema"];

    private static readonly string[] s_times = ["time", "timestamp", "duration", "created", "runtime", "elapsed", "seconds", "date"];

    /// <summary>By role, the most telling name first.</summary>
    public static IReadOnlyDictionary<ColumnRole, string[]> Known { get; } =
        new Dictionary<ColumnRole, string[]>
        {
            [ColumnRole.Optimizer] =
            [
                "optimizer",
                "optimiser",
                "opt",
                "optim",
                "optimizername",
                "optimisername",
                "optname",
                "optimname",
                "optimizertype",
                "opttype",
                "optimizerclass",
                "optimizercls",
                "optimclass",
                "optimtype",
                "optimizertarget",
            ],
            [ColumnRole.LearningRate] =
            [
                "lr",
                "learningrate",
                "optimizerlr",
                "optimlr",
                "baselr",
                "peaklr",
                "maxlr",
                "initiallr",
                "initlr",
                "lr0",
                "stepsize",
                "baselearningrate",
                "peaklearningrate",
                "maxlearningrate",
                "initiallearningrate",
                "learningrateinit",
            ],
            [ColumnRole.Batch] =
            [
                "batch",
                "batchsize",
                "bs",
                "bsz",
                "bsize",
                .. GlobalBatches,
                "trainbatchsize",
                "minibatch",
                "minibatchsize",
                .. DeviceBatches,
                "b",
            ],
            [ColumnRole.Seed] =
            [
                "seed",
                "randomseed",
                "rngseed",
                "seedid",
                "randomstate",
                "globalseed",
                "runseed",
                "trialseed",
                "replicate",
                "repetition",
                "repeat",
            ],
            [ColumnRole.Momentum] =
            [
                "momentum",
                "mom",
                "momentumorbeta1",
                "beta1",
                "adambeta1",
                "beta",
                "mu",
                "b1",
                "adamb1",
                .. BetaPairs.Columns.Select(pair => pair + "0"),
                .. BetaPairs.Columns.Select(pair => pair + "1"),
            ],
            // Of a pair numbered from 1 its second member, which is looked for first, leaves the other to the momentum.
            [ColumnRole.Beta2] =
            [
                "beta2",
                "adambeta2",
                "b2",
                "adamb2",
                "secondmomentdecay",
                .. BetaPairs.Columns.Select(pair => pair + "2"),
                .. BetaPairs.Columns.Select(pair => pair + "1"),
            ],
            [ColumnRole.State] =
            [
                "state",
                "status",
                "runstate",
                "runstatus",
                "trialstate",
                "trialstatus",
                "jobstate",
                "jobstatus",
                "outcome",
                "done",
            ],
            [ColumnRole.Clip] = ["clipfraction", "clipfrac", "fractionclipped", "clippedfraction", "cliprate"],
            [ColumnRole.Run] =
            [
                "runid",
                "trialid",
                "runuuid",
                "jobid",
                "taskid",
                "id",
                "runname",
                "run",
                "trial",
                "trialname",
                "number",
                "name",
                "expname",
                "experiment",
            ],
            [ColumnRole.Step] =
            [
                "step",
                "globalstep",
                "trainstep",
                "trainerglobalstep",
                "iteration",
                "iter",
                "iters",
                "trainingiteration",
                "update",
                "updates",
                "epoch",
                "epochnumber",
                "samples",
                "samplesseen",
                "tokens",
                "tokensseen",
                "walltime",
                "relativetime",
                "time",
                "timestamp",
            ],
            [ColumnRole.Group] =
            [
                "group",
                "data",
                "dataset",
                "datasetname",
                "testproblem",
                "problem",
                "task",
                "taskname",
                "model",
                "modelname",
                "arch",
                "architecture",
                "network",
                "net",
                "mlflowexperiment",
                "optunastudy",
            ],
            [ColumnRole.Metric] = ["metric", .. Losses, .. Scores, .. Objectives],
            [ColumnRole.Ignore] = ["ignore"],
        };

    /// <summary>Losses, evaluation before training.</summary>
    public static string[] Losses =>
        [
            "valloss",
            "vlloss",
            "validationloss",
            "evalloss",
            "devloss",
            "finalvalloss",
            "vallossfinal",
            "finalvalidationloss",
            "testlossfinal",
            "finaltestloss",
            "testloss",
            "loss",
            "val",
            "finalloss",
            "smoothloss",
            "trainlossfinal",
            "finaltrainloss",
            "trainloss",
            "trainingloss",
            "trloss",
            "valperplexity",
            "perplexity",
            "ppl",
            "valppl",
            "error",
            "testerror",
            "valerror",
        ];

    /// <summary>Scores, for which higher is better.</summary>
    public static string[] Scores =>
        [
            "valacc",
            "valaccuracy",
            "validationaccuracy",
            "validationacc",
            "evalacc",
            "evalaccuracy",
            "testaccfinal",
            "testacc",
            "testaccuracy",
            "accuracy",
            "acc",
            "score",
            "trainaccfinal",
            "trainacc",
        ];

    /// <summary>What a tuner calls the number it minimises or maximises.</summary>
    public static string[] Objectives => ["value", "values0", "objective", "objectivevalue"];

    /// <summary>What the batch of a whole step is called, whatever it is spread over.</summary>
    public static string[] GlobalBatches =>
        ["globalbatchsize", "globalbatch", "totalbatchsize", "totalbatch", "effectivebatchsize", "effectivebatch"];

    /// <summary>What the batch of one device and one pass is called.</summary>
    public static string[] DeviceBatches =>
        [
            "perdevicetrainbatchsize",
            "perdevicebatchsize",
            "pergputrainbatchsize",
            "trainmicrobatchsizepergpu",
            "microbatchsize",
            "microbatch",
            "batchsizepergpu",
            "batchsizeperdevice",
            "devicebatchsize",
            "localbatchsize",
            "batchpergpu",
        ];

    /// <summary>By how much a step's batch is larger than what one device sees at once.</summary>
    public static string[] Multipliers => [.. Accumulations, "worldsize", .. Devices, .. Nodes];

    /// <summary>Passes whose gradients are summed to one step.</summary>
    public static string[] Accumulations =>
        [
            "gradientaccumulationsteps",
            "gradientaccumulation",
            "gradaccum",
            "gradaccumsteps",
            "accumulationsteps",
            "accumulatesteps",
            "accumsteps",
            "accumulategradbatches",
        ];

    public static string[] Devices => ["numgpus", "ngpus", "ngpu", "numdevices", "devices", "gpuspernode", "nprocpernode"];

    public static string[] Nodes => ["numnodes", "nnodes"];

    /// <summary>Where a row says which part of the data it was measured on.</summary>
    public static string[] SplitColumns => ["split", "phase", "subset", "partition", "mode", "stage"];

    /// <summary>Parts of the data in the order in which they are preferred.</summary>
    public static string[] Splits => ["validation", "val", "valid", "dev", "test", "eval", "evaluation", "train", "training"];

    /// <summary>Counters that tell evaluations of one run apart by themselves; samples and times differ between finished runs
    /// too.</summary>
    public static bool CountsSteps(string column) =>
        Rank(ColumnRole.Step, column) is >= 0 and var rank
        && Known[ColumnRole.Step][rank % Form] is var name
        && Array.IndexOf(Known[ColumnRole.Step], name) < Array.IndexOf(Known[ColumnRole.Step], "samples");

    /// <summary>A clock or a duration: it describes a run and is never a setting.</summary>
    public static bool TellsTime(string column) =>
        Simplify(column) is var name && s_times.Any(t => name.EndsWith(t, StringComparison.Ordinal));

    /// <summary>Where a tracker puts what came out of a run, which is no setting of it.</summary>
    public static bool IsOutcome(string column) =>
        column.StartsWith("metrics.", StringComparison.OrdinalIgnoreCase)
        || column.StartsWith("summary.", StringComparison.OrdinalIgnoreCase);

    /// <summary>It names Adam: what it holds is nothing of an optimizer without a mean of squares.</summary>
    public static bool IsOfAdam(string column) => Simplify(column).Contains("adam", StringComparison.Ordinal);

    /// <summary>A column that holds an id of each run, rather than a name that runs may share.</summary>
    public static bool IdentifiesRuns(string column) =>
        Simplify(column) is var name && (name.EndsWith("id", StringComparison.Ordinal) || name is "trial" or "number");

    /// <summary>Lower case without separators: "Learning-Rate" and "learning_rate" are one name.</summary>
    public static string Simplify(string column) => new([.. column.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c))]);

    /// <summary>The column's name without where a tracker put it: "config.lr", "config/lr" and "summary.loss" become "lr" and
    /// "loss".</summary>
    public static string WithoutPrefix(string column)
    {
        foreach (string prefix in s_prefixes)
            if (
                column.Length > prefix.Length + 1
                && column.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && column[prefix.Length] is '.' or '/' or ':' or '_'
            )
                return column[(prefix.Length + 1)..];
        return column;
    }

    /// <summary>How far apart in rank two forms of a name are.</summary>
    private const int Form = 1000;

    /// <summary>Of a column of a comparison, as exports of stores have them ("comparison.data", "config.comparison.data"), the key within
    /// it; null of any other.</summary>
    public static string? ComparisonOf(string column)
    {
        const string Part = "comparison.";
        int at = column.StartsWith(Part, StringComparison.Ordinal) ? 0 : column.IndexOf("." + Part, StringComparison.Ordinal) + 1;
        return (at > 0 || column.StartsWith(Part, StringComparison.Ordinal)) && at + Part.Length < column.Length
            ? column[(at + Part.Length)..]
            : null;
    }

    /// <summary>The place of a column in the names of a role, −1 when it is none of them; a name that fits whole comes before one whose
    /// last parts fit.</summary>
    public static int Rank(ColumnRole role, string column) =>
        Rank(Known[role], column, lastParts: role is not (ColumnRole.Run or ColumnRole.Group or ColumnRole.Step));

    /// <param name="lastParts">Whether "trainer.optim.lr" is known as "lr".</param>
    public static int Rank(string[] names, string column, bool lastParts = true)
    {
        int form = 0;
        foreach (string simple in Forms(column, lastParts))
        {
            int place = Array.IndexOf(names, simple);
            if (place >= 0)
                return place + form * Form;
            form++;
        }
        return -1;
    }

    /// <summary>What a column's name may stand for: itself, without its tracker's prefix, what "name" and the like are of, its last parts,
    /// the split before the quantity.</summary>
    public static IEnumerable<string> Forms(string column, bool lastParts = true)
    {
        yield return Simplify(column);
        string bare = WithoutPrefix(column);
        yield return Simplify(bare);
        string[] parts = bare.Split(['.', '/', ':', '\\'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length > 1 && s_selectors.Contains(Simplify(parts[^1])))
        {
            for (int from = 0; from < parts.Length - 1; from++)
                yield return Simplify(string.Concat(parts[from..^1]));
        }
        else if (
            lastParts
            && parts.Length > 1
            && !parts[..^1].Any(p => s_apart.Any(a => p.Contains(a, StringComparison.OrdinalIgnoreCase)))
        )
        {
            for (int from = 1; from < parts.Length; from++)
                if (Simplify(string.Concat(parts[from..])) is { Length: > 1 } last)
                    yield return last;
            // TensorBoard's "epoch_loss/validation" is the validation loss.
            if (Splits.Contains(Simplify(parts[^1])))
                yield return Simplify(parts[^1])
                    + (
                        Simplify(parts[^2]) is var quantity && quantity.StartsWith("epoch", StringComparison.Ordinal)
                            ? quantity["epoch".Length..]
                            : quantity
                    );
        }
    }

    /// <summary>The role that a user's word names ("lr", "learning_rate", "batch_size", …); null when none.</summary>
    public static ColumnRole? RoleNamed(string word)
    {
        foreach (ColumnRole role in Known.Keys)
            if (Array.IndexOf(Known[role], Simplify(word)) >= 0)
                return role;
        return null;
    }

    /// <summary>Name of a role in messages and in --map.</summary>
    public static string Name(ColumnRole role) =>
        role switch
        {
            ColumnRole.LearningRate => "lr",
            _ => role.ToString().ToLowerInvariant(),
        };

    /// <summary>The candidate with the fewest edits to a word; null when none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        string simple = Simplify(word);
        if (simple.Length > LongestCompared)
            return null;
        var best = candidates
            .Where(c => c.Length <= LongestCompared)
            .Select(c => (Name: c, Edits: Edits(simple, Simplify(c))))
            .OrderBy(c => c.Edits)
            .FirstOrDefault();
        return best.Name is not null && best.Edits <= Math.Max(1, simple.Length / 3) ? best.Name : null;
    }

    /// <summary>Words longer than this are no misspelt names, and comparing them takes time.</summary>
    private const int LongestCompared = 100;

    private static int Edits(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int up = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = up;
            }
        }
        return row[b.Length];
    }
}
