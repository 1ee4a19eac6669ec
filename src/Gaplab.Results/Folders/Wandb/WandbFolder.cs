// Finds the runs of Weights & Biases below a folder: the folder of each, its log, and the files beside it.
using System.Text.RegularExpressions;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Import;
using Gaplab.Results.Logs;

namespace Gaplab.Results.Folders.Wandb;

/// <summary>Where one run lies.</summary>
/// <param name="Place">Below the folder that is read, with slashes; messages name it so.</param>
/// <param name="Id">As the names of its folder or log say it.</param>
/// <param name="Log">Its .wandb file; null where it has none.</param>
/// <param name="Files">The folder of its config.yaml and wandb-summary.json; null where it has none.</param>
/// <param name="Sweeps">The folders of sweeps that lie beside its folder.</param>
internal sealed partial record WandbFolder(string Place, string Id, string? Log, string? Files, Lazy<string[]> Sweeps)
{
    /// <summary>Its own folder; null of a log that lies among others.</summary>
    public string? Folder { get; private init; }

    private const int MostLevels = 8;

    /// <summary>Runs below one folder.</summary>
    private const int MostRuns = 1_000_000;

    private static readonly FileLimit s_limit = new("file of a run of Weights & Biases", 64L << 20);

    /// <summary>Links are not followed: "latest-run" is one of the runs.</summary>
    private static readonly EnumerationOptions s_all = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };

    private static readonly Lazy<string[]> s_none = new([]);

    /// <summary>The runs below a folder, which may be the folder of one, in the order of their paths.</summary>
    /// <exception cref="InputException">There are too many.</exception>
    public static IReadOnlyList<WandbFolder> Below(string root)
    {
        WandbFolder[] all =
        [
            .. Within(root, MostLevels, SweepsBeside(root)).Take(MostRuns + 1).Select(r => r with { Place = Relative(root, r.Place) }),
        ];
        return all.Length <= MostRuns ? all : throw new InputException($"{root}: holds more than {MostRuns} runs of Weights & Biases");
    }

    /// <summary>The level at which the first run lies, 0 the folder itself; null where there is none.</summary>
    public static int? FirstLevel(string root) =>
        Within(root, MostLevels, SweepsBeside(root)).FirstOrDefault() is { } first
            ? Path.GetRelativePath(root, first.Place) is var below && below == "."
                ? 0
                : 1 + below.Count(c => c == Path.DirectorySeparatorChar)
            : null;

    /// <summary>A log that was named itself, with what lies beside it.</summary>
    public static WandbFolder OfLog(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return IsRun(folder, out string id)
            ? Of(folder, id, SweepsBeside(folder)) with
            {
                Place = Path.GetFileName(path),
                Log = path,
            }
            : new(Path.GetFileName(path), IdOf(path), path, null, s_none);
    }

    /// <summary>Folders of one id beside each other are one run that was resumed.</summary>
    public (string? Within, string Id) Key => (Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Folder ?? Log ?? Place)), Id);

    /// <summary>All that is known of the run.</summary>
    public WandbRun Read()
    {
        var run = new WandbRun(Place);
        Action<string, string> setAside = (file, why) => run.Problems.Add($"{file} {why}");
        if (Log is not null)
            WandbLog.Read(Log, run, why => setAside(Path.GetFileName(Log), why));
        if (run.Id.Length == 0)
            run.Id = Id;
        if (Files is not null)
        {
            Settings(Files, "config.yaml", run, setAside);
            if (Text(Files, "wandb-summary.json", setAside) is { } summary && !Summary(summary, run))
                setAside("wandb-summary.json", "is no JSON");
        }
        if (Files is not null && run.History.Series.Count == 0 && run.Summary.Keys.All(k => k[0] == '_'))
            Printed(Files, run);
        foreach (string sweep in Sweeps.Value)
            if (Settings(sweep, $"config-{run.Id}.yaml", run, setAside) && run.Sweep.Length == 0)
                run.Sweep = Path.GetFileName(sweep)["sweep-".Length..];
        if (Files is not null && Text(Files, "wandb-metadata.json", setAside) is { } metadata)
            run.DefaultArguments(WandbJson.Texts(metadata, "args"));
        return run;
    }

    /// <summary>The settings of a file in YAML, which stand under "value" below their names.</summary>
    /// <returns>Whether it is there.</returns>
    private static bool Settings(string folder, string name, WandbRun run, Action<string, string> setAside)
    {
        if (Text(folder, name, setAside) is not { } text)
            return false;
        try
        {
            foreach ((string key, string value) in RunConfig.Parse(text, name))
                if (key is not ['_', ..] && value.Length > 0)
                    run.Default(key, value);
        }
        catch (InputException e)
        {
            setAside(name, e.Message);
        }
        return true;
    }

    /// <summary>The file is written last: of a log that breaks off it has what the log lacks.</summary>
    private static bool Summary(string text, WandbRun run)
    {
        bool isNewer = run.IsDamaged || run.ExitCode is null;
        return WandbJson.Flatten(
            "",
            text,
            (name, value) =>
            {
                if (name.StartsWith("_wandb.", StringComparison.Ordinal))
                    run.HasEnded = true;
                else if (
                    (name[0] != '_' || name == "_step")
                    && (isNewer || !run.Summary.ContainsKey(name))
                    && SweepNumber.Parse(value) is { } number
                )
                    run.Summarise(name, number);
            }
        );
    }

    /// <summary>The last values that a script printed, of a run that logged nothing.</summary>
    private static void Printed(string folder, WandbRun run)
    {
        string path = Path.Combine(folder, Output);
        if (!File.Exists(path))
            return;
        RunMetrics printed = RunMetrics.Read(
            new MetricSource
            {
                Folder = folder,
                Files = [],
                StandardOutput = path,
                Names = new Dictionary<string, string>(),
            }
        );
        foreach (MetricSeries series in printed.All)
            run.Summarise(series.Name, series.Points[^1].Value);
        if (printed.All.Count > 0)
            run.Problems.Add($"nothing was logged: its values are the last that {Output} holds");
    }

    private const string Output = "output.log";

    private static string? Text(string folder, string name, Action<string, string> setAside)
    {
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
            return null;
        try
        {
            return RegularFile.ReadText(path, s_limit);
        }
        catch (InputException e)
        {
            setAside(name, e.Message);
            return null;
        }
    }

    private static IEnumerable<WandbFolder> Within(string folder, int levels, Lazy<string[]> sweeps)
    {
        if (IsRun(folder, out string id))
        {
            yield return Of(folder, id, sweeps);
            yield break;
        }
        foreach (string log in Logs(folder))
            yield return new(log, IdOf(log), log, null, s_none);
        if (levels == 0)
            yield break;
        Lazy<string[]> within = SweepsIn(folder);
        foreach (string below in Directory.EnumerateDirectories(folder, "*", s_all).Order(StringComparer.Ordinal))
            // Hidden folders are no runs, but for the one that is taken where "wandb" cannot be made.
            if (Path.GetFileName(below) is ".wandb" or not ['.', ..])
                foreach (WandbFolder run in Within(below, levels - 1, within))
                    yield return run;
    }

    private static WandbFolder Of(string folder, string id, Lazy<string[]> sweeps)
    {
        string files = Path.Combine(folder, "files");
        return new(folder, id, Logs(folder).FirstOrDefault(), Directory.Exists(files) ? files : folder, sweeps) { Folder = folder };
    }

    private static Lazy<string[]> SweepsIn(string? folder) =>
        folder is null ? s_none : new(() => [.. Directory.EnumerateDirectories(folder, "sweep-*", s_all).Order(StringComparer.Ordinal)]);

    private static Lazy<string[]> SweepsBeside(string run) => SweepsIn(Path.GetDirectoryName(Path.GetFullPath(run)));

    /// <summary>A folder named as those of runs are, or with a log and its files.</summary>
    private static bool IsRun(string folder, out string id)
    {
        string files = Path.Combine(folder, "files");
        Match name = RunName().Match(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)));
        string[] logs = name.Success || Directory.Exists(files) ? [.. Logs(folder)] : [];
        id =
            logs.Length > 0 ? IdOf(logs[0])
            : name.Success ? name.Groups[1].Value
            : "";
        return logs.Length > 0
            || (name.Success && File.Exists(Path.Combine(files, "config.yaml")))
            || (name.Success && File.Exists(Path.Combine(files, "wandb-metadata.json")));
    }

    private static IEnumerable<string> Logs(string folder) =>
        Directory.EnumerateFiles(folder, "*.wandb", s_all).Order(StringComparer.Ordinal);

    /// <summary>Of "run-3f2a.wandb" the id is 3f2a.</summary>
    private static string IdOf(string log)
    {
        string name = Path.GetFileNameWithoutExtension(log);
        int dash = name.LastIndexOf("run-", StringComparison.Ordinal);
        return dash < 0 ? name : name[(dash + "run-".Length)..];
    }

    private static string Relative(string root, string path) =>
        Path.GetRelativePath(root, path) is var relative && relative == "."
            ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)))
            : relative.Replace(Path.DirectorySeparatorChar, '/');

    [GeneratedRegex(@"^(?:offline-|dry)?run-[0-9]{8}_[0-9]{6}-(.+)$")]
    private static partial Regex RunName();
}
