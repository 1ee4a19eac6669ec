// Which folders of a tree are runs: those with a config beside or above metrics.
using Gaplab.Results.Import;
using Gaplab.Results.Logs;

namespace Gaplab.Results.Folders;

/// <summary>A run and its files, none of them read yet.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Configs">Paths of its config files, the nearest first.</param>
/// <param name="Logs">Its files of metrics, below its folder with slashes.</param>
/// <param name="Output">The path of what its script printed; null where it was not kept.</param>
internal sealed record FoundRun(FolderNode Folder, IReadOnlyList<string> Configs, IReadOnlyList<string> Logs, string? Output)
{
    /// <summary>Files by which a trial says that it failed.</summary>
    public string? Failed { get; init; }
}

internal sealed class RunFinder
{
    /// <summary>Names of configs without their endings, the most telling first.</summary>
    private static readonly string[] s_configs =
    [
        "config",
        "hparams",
        "params",
        "args",
        "arguments",
        "hyperparameters",
        "hyperparams",
        "hyper_parameters",
        "cfg",
        "conf",
        "flags",
        "options",
        "opts",
        "settings",
        "run_config",
        "train_config",
        "training_config",
        "training_args",
        "exp_config",
        "experiment_config",
        "experiment",
        "commandline_args",
    ];

    private static readonly string[] s_configEndings = [".yaml", ".yml", ".json", ".txt"];

    private static readonly string[] s_failures = ["error.txt", "error.pkl"];

    private static readonly string[] s_outputs = ["*.log", "*.out", "log.txt", "output.txt", "stdout.txt", "stdout", "train.txt"];

    private const string Events = "tfevents";

    private readonly Dictionary<FolderNode, string[]> _configs = [];
    private readonly Dictionary<FolderNode, string[]> _logs = [];
    private readonly List<(string Where, string Why)> _aside = [];

    /// <summary>What may have been runs and is none, and why.</summary>
    public IReadOnlyList<(string Where, string Why)> SetAside => _aside;

    private RunFinder(FolderNode root)
    {
        foreach (FolderNode folder in root.All)
        {
            if (folder.Name == FolderTree.HydraFolder)
                continue;
            if (ConfigsOf(folder) is { Length: > 0 } configs && !IsCheckpoint(folder))
                _configs[folder] = configs;
            if (LogsOf(folder) is { Length: > 0 } logs)
                _logs[folder] = logs;
        }
    }

    /// <summary>Whether a run is among the first files of a folder.</summary>
    public static bool HasRuns(string path)
    {
        const int Looked = 2000;
        FolderNode root = FolderTree.Of(path, Looked);
        var finder = new RunFinder(root);
        return finder._logs.Keys.Any(f => finder.Owner(f) is not null);
    }

    /// <summary>The runs below a folder, in the order of their names.</summary>
    public static IReadOnlyList<FoundRun> Find(FolderNode root, out IReadOnlyList<(string Where, string Why)> setAside)
    {
        var finder = new RunFinder(root);
        setAside = finder._aside;
        return finder.Runs(root);
    }

    private List<FoundRun> Runs(FolderNode root)
    {
        var owned = new Dictionary<FolderNode, List<FolderNode>>();
        foreach (FolderNode folder in root.All.Where(_logs.ContainsKey))
            if (Owner(folder) is { } owner)
            {
                if (!owned.TryGetValue(owner, out List<FolderNode>? folders))
                    owned[owner] = folders = [];
                folders.Add(folder);
            }
            else if (_logs[folder].Any(IsTelling))
                _aside.Add((folder.Shown, $"{_logs[folder].First(IsTelling)} without a config beside or above it"));
        var runs = new List<FoundRun>();
        foreach (FolderNode folder in root.All)
        {
            if (!owned.TryGetValue(folder, out List<FolderNode>? folders))
            {
                if (_configs.TryGetValue(folder, out string[]? idle) && !folder.All.Any(owned.ContainsKey) && folder.Parent is not null)
                    _aside.Add((folder.Shown, $"{Path.GetFileName(idle[0])} without metrics"));
                continue;
            }
            // What a launcher printed beside the folders of its runs is no run.
            if (folders.TrueForAll(f => !_logs[f].Any(IsTelling)) && folder.Folders.Any(f => f.All.Any(owned.ContainsKey)))
                continue;
            FolderNode[] apart = [.. Apart(folder, folders)];
            if (apart is [var one])
                runs.Add(Run(one, folders));
            else
                foreach (FolderNode run in apart)
                    runs.Add(Run(run, [.. run.All.Where(f => _logs.ContainsKey(f) && Owner(f) == folder)]));
        }
        return runs;
    }

    private FoundRun Run(FolderNode folder, IReadOnlyList<FolderNode> folders)
    {
        var configs = new List<string>();
        for (FolderNode? at = folder; at is not null; at = at.Parent)
            if (_configs.TryGetValue(at, out string[]? own))
                configs.AddRange(own);
        var logs = new List<string>();
        string? output = null;
        foreach (FolderNode at in folders)
        foreach (string file in _logs[at])
            if (IsTelling(file))
                logs.Add(Below(at, folder, file));
            else
                output ??= Path.Combine(at.Path, file);
        return new(folder, configs, logs, output) { Failed = folder.Files.FirstOrDefault(s_failures.Contains) };
    }

    /// <summary>The folder whose config is nearest to metrics: their own, or one above. Event files hold settings themselves, and a
    /// folder's name may.</summary>
    private FolderNode? Owner(FolderNode folder)
    {
        for (FolderNode? at = folder; at is not null; at = at.Parent)
            if (_configs.ContainsKey(at))
                return at;
        for (FolderNode? at = folder; at is not null; at = at.Parent)
            if (ArgumentText.OfFolder(at.Name).Any())
                return at;
        if (!_logs[folder].Any(f => f.Contains(Events, StringComparison.Ordinal)))
            return null;
        // The summary writer of PyTorch puts hyper-parameters into a folder of their own, which is named by the time.
        return folder.Parent is { } above && SweepNumber.Parse(folder.Name) is > 1e8 ? above : folder;
    }

    /// <summary>The runs among the folders with metrics below one config: several where folders side by side hold the same files, as those
    /// of seeds do; attempts of one run, and parts of the data, are one.</summary>
    private IEnumerable<FolderNode> Apart(FolderNode owner, List<FolderNode> folders)
    {
        if (folders.Contains(owner) && _logs[owner].Any(IsTelling))
            return [owner];
        (FolderNode Folder, List<FolderNode> Logs)[] sides = Sides(owner, folders);
        (FolderNode Folder, List<FolderNode> Logs)[] distinct =
        [
            .. sides
                .Where(s => MetricNames.SplitOf(s.Folder.Name) is null && !IsCheckpoint(s.Folder))
                .DistinctBy(s => LogFolder.Attempts().Replace(s.Folder.Name, "attempt")),
        ];
        if (distinct.Length < 2)
            return sides is [var only] && !only.Logs.Contains(only.Folder) ? Deeper(owner, only.Folder, only.Logs) : [owner];
        bool alike = distinct.SelectMany(s => Held(s.Folder, s.Logs)).GroupBy(h => h, StringComparer.Ordinal).Any(g => g.Skip(1).Any());
        return alike ? sides.SelectMany(s => Apart(s.Folder, s.Logs)) : [owner];
    }

    /// <summary>The folders directly in one, each with those of the logs that lie in or below it.</summary>
    private static (FolderNode Folder, List<FolderNode> Logs)[] Sides(FolderNode owner, List<FolderNode> folders)
    {
        var sides = new Dictionary<FolderNode, List<FolderNode>>();
        foreach (FolderNode folder in folders)
        {
            FolderNode? side = folder;
            while (side is not null && side.Parent != owner)
                side = side.Parent;
            if (side is null)
                continue;
            if (!sides.TryGetValue(side, out List<FolderNode>? logs))
                sides[side] = logs = [];
            logs.Add(folder);
        }
        return [.. owner.Folders.Where(sides.ContainsKey).Select(f => (f, sides[f]))];
    }

    /// <summary>Below a single folder, runs may lie side by side; if not, the folder of the config is the run.</summary>
    private IEnumerable<FolderNode> Deeper(FolderNode owner, FolderNode only, List<FolderNode> folders)
    {
        FolderNode[] runs = [.. Apart(only, folders)];
        return runs.Length > 1 ? runs : [owner];
    }

    /// <summary>The files of metrics below a folder, as far as they are the same for every run.</summary>
    private HashSet<string> Held(FolderNode side, List<FolderNode> folders) =>
        [
            .. folders.SelectMany(f =>
                _logs[f]
                    .Where(IsTelling)
                    .Select(l =>
                        LogFolder.Attempts().Replace(Below(f, side, l.Contains(Events, StringComparison.Ordinal) ? Events : l), "attempt")
                    )
            ),
        ];

    private static string Below(FolderNode at, FolderNode folder, string file) =>
        at == folder ? file
        : folder.Relative.Length == 0 ? $"{at.Relative}/{file}"
        : $"{at.Relative[(folder.Relative.Length + 1)..]}/{file}";

    /// <summary>A file of metrics, rather than what a script printed.</summary>
    private static bool IsTelling(string file) => !IsOutput(file) || LogFormats.All.Any(f => f.Has(file));

    private static bool IsOutput(string file) => s_outputs.Any(p => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(p, file));

    private static string[] LogsOf(FolderNode folder) =>
        [.. folder.Files.Where(f => !IsConfig(f) && (IsOutput(f) || LogFormats.All.Any(l => l.Has(f))))];

    /// <summary>The configs in a folder itself, Hydra's among them; a trainer's state holds settings as well as metrics.</summary>
    private static string[] ConfigsOf(FolderNode folder)
    {
        var found = new List<string>();
        if (folder.Folders.Find(f => f.Name == FolderTree.HydraFolder) is { } hydra)
            found.AddRange(
                ((string[])["config.yaml", "overrides.yaml"]).Where(hydra.Files.Contains).Take(1).Select(f => Path.Combine(hydra.Path, f))
            );
        string? trainer = StateIn(folder) ?? folder.Folders.Where(IsCheckpoint).Select(StateIn).LastOrDefault(s => s is not null);
        found.AddRange(
            folder
                // Of a Hugging Face model, config.json is the model's.
                .Files.Where(f => IsConfig(f) && !(trainer is not null && f == "config.json"))
                .OrderBy(f => Array.IndexOf(s_configs, Path.GetFileNameWithoutExtension(f).ToLowerInvariant()))
                .Select(f => Path.Combine(folder.Path, f))
        );
        if (trainer is not null)
            found.Add(trainer);
        return [.. found];
    }

    private static string? StateIn(FolderNode folder) =>
        folder.Files.Find(TrainerState.IsOne) is { } state ? Path.Combine(folder.Path, state) : null;

    private static bool IsConfig(string file) =>
        s_configs.Contains(Path.GetFileNameWithoutExtension(file).ToLowerInvariant())
        && s_configEndings.Contains(Path.GetExtension(file).ToLowerInvariant());

    /// <summary>checkpoint-500, epoch_3: states of one run.</summary>
    private static bool IsCheckpoint(FolderNode folder) =>
        folder.Name.StartsWith("checkpoint", StringComparison.OrdinalIgnoreCase)
        || folder.Name.StartsWith("ckpt", StringComparison.OrdinalIgnoreCase);
}
