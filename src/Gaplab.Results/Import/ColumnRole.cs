// The roles that a sweep table's columns can play, and the names by which each is known.
namespace Gaplab.Results.Import;

/// <summary>What a column means.</summary>
internal enum ColumnRole { Optimizer, LearningRate, Batch, Seed, Momentum, Metric, State, Clip, Run, Group, Ignore }

/// <summary>The names of each role. Names are compared in lower case without spaces, underscores, hyphens, dots and slashes.</summary>
internal static class ColumnNames
{
    /// <summary>By role, the most telling name first.</summary>
    public static IReadOnlyDictionary<ColumnRole, string[]> Known { get; } = new Dictionary<ColumnRole, string[]>
    {
        [ColumnRole.Optimizer] = ["optimizer", "optimiser", "opt", "optim", "optimizername", "optimisername", "optname", "optimname", "optimizertype", "opttype"],
        [ColumnRole.LearningRate] = ["lr", "learningrate", "optimizerlr", "optimlr", "baselr", "peaklr", "maxlr", "initiallr", "initlr", "lr0", "stepsize"],
        [ColumnRole.Batch] = ["batch", "batchsize", "bs", "bsz", "bsize", "globalbatchsize", "totalbatchsize", "trainbatchsize", "minibatch", "minibatchsize", "b"],
        [ColumnRole.Seed] = ["seed", "randomseed", "rngseed", "seedid"],
        [ColumnRole.Momentum] = ["momentum", "mom", "momentumorbeta1", "beta1", "beta", "mu", "b1"],
        [ColumnRole.State] = ["state", "status", "runstate", "outcome"],
        [ColumnRole.Clip] = ["clipfraction", "clipfrac", "fractionclipped", "clippedfraction", "cliprate"],
        [ColumnRole.Run] = ["runid", "id", "runname", "run", "name", "expname", "experiment"],
        [ColumnRole.Group] = ["group", "data", "dataset", "datasetname", "testproblem", "problem", "task", "taskname", "model", "modelname", "arch", "architecture", "network", "net"],
        [ColumnRole.Metric] = ["metric", .. Losses, .. Scores],
        [ColumnRole.Ignore] = ["ignore"],
    };

    /// <summary>Losses, evaluation before training.</summary>
    public static string[] Losses => ["valloss", "vlloss", "validationloss", "evalloss", "finalvalloss", "vallossfinal", "testlossfinal", "finaltestloss", "testloss",
        "loss", "val", "finalloss", "smoothloss", "trainlossfinal", "finaltrainloss", "trainloss", "trainingloss", "trloss", "perplexity", "ppl", "valppl", "error", "testerror", "valerror"];

    /// <summary>Scores, for which higher is better.</summary>
    public static string[] Scores => ["valacc", "valaccuracy", "validationaccuracy", "evalacc", "evalaccuracy", "testaccfinal", "testacc", "testaccuracy", "accuracy", "acc", "score", "trainaccfinal", "trainacc"];

    /// <summary>Lower case without separators: "Learning-Rate" and "learning_rate" are one name.</summary>
    public static string Simplify(string column) => new([.. column.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c))]);

    /// <summary>The column's name without where a tracker put it: "config.lr", "config/lr" and "summary.loss" become "lr" and "loss".</summary>
    public static string WithoutPrefix(string column)
    {
        foreach (string prefix in new[] { "config", "summary", "params", "param", "hparams", "hyperparameters", "metrics", "args" })
            if (column.Length > prefix.Length + 1 && column.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && column[prefix.Length] is '.' or '/' or ':' or '_')
                return column[(prefix.Length + 1)..];
        return column;
    }

    /// <summary>The place of a column in the names of a role, −1 when it is none of them.</summary>
    public static int Rank(ColumnRole role, string column)
    {
        int rank = Array.IndexOf(Known[role], Simplify(column));
        return rank >= 0 ? rank : Array.IndexOf(Known[role], Simplify(WithoutPrefix(column)));
    }

    /// <summary>The role that a user's word names ("lr", "learning_rate", "batch_size", …); null when none.</summary>
    public static ColumnRole? RoleNamed(string word)
    {
        foreach (ColumnRole role in Known.Keys)
            if (Rank(role, word) >= 0) return role;
        return null;
    }

    /// <summary>Name of a role in messages and in --map.</summary>
    public static string Name(ColumnRole role) => role switch
    {
        ColumnRole.LearningRate => "lr",
        _ => role.ToString().ToLowerInvariant(),
    };

    /// <summary>The candidate with the fewest edits to a word; null when none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        string simple = Simplify(word);
        var best = candidates.Select(c => (Name: c, Edits: Edits(simple, Simplify(c)))).OrderBy(c => c.Edits).FirstOrDefault();
        return best.Name is not null && best.Edits <= Math.Max(1, simple.Length / 3) ? best.Name : null;
    }

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
