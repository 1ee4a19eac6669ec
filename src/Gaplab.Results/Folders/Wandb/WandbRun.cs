// One run as a folder of Weights & Biases tells of it: settings, what was logged, and how it ended.
using System.Globalization;
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders.Wandb;

/// <summary>Filled from the run's log first, then from the files beside it.</summary>
internal sealed class WandbRun(string place)
{
    /// <summary>Settings with fewer keys than this are those of a sweep alone; the command line has the others.</summary>
    private const int FewSettings = 3;

    /// <summary>Where it lies, below the folder that is read.</summary>
    public string Place { get; } = place;

    public string Id { get; set; } = "";

    /// <summary>The date and time in the name of its folder; of a log alone its name.</summary>
    public string Began => Place[Math.Max(0, Place.IndexOf("run-", StringComparison.Ordinal))..];

    public string Name { get; set; } = "";

    public string Project { get; set; } = "";

    public string Sweep { get; set; } = "";

    /// <summary>Seconds since 1970; 0 where it is not known.</summary>
    public double Started { get; set; }

    /// <summary>By dotted name, as a table writes it.</summary>
    public Dictionary<string, string> Config { get; } = new(StringComparer.Ordinal);

    /// <summary>What the run says of itself as a whole: of what it logged the last value, unless the script said otherwise.</summary>
    public Dictionary<string, double> Summary { get; } = new(StringComparer.Ordinal);

    public WandbHistory History { get; } = new();

    /// <summary>What the process ended with; null where the log does not say.</summary>
    public int? ExitCode { get; set; }

    /// <summary>The summary's file was written when the run had ended, whatever its log says.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Whether something of its log could not be read.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>What of its files could not be read, each with its place.</summary>
    public List<string> Problems { get; } = [];

    public bool IsEmpty => Config.Count == 0 && Summary.Count == 0 && History.Series.Count == 0;

    /// <summary>In the words of Weights &amp; Biases, and "diverged" of a run that is not finished and whose loss was no number at last.
    /// Empty where it ended, but how is not known.</summary>
    public string State =>
        ExitCode == 0 ? "finished"
        : IsDiverged ? "diverged"
        : ExitCode switch
        {
            null => HasEnded ? "" : "unfinished",
            254 => "crashed",
            255 => "killed",
            _ => "failed",
        };

    private bool IsDiverged =>
        RunStates.HaveDiverged(
            History
                .Series.Select(s => (s.Key, s.Value.Last?.Value))
                .Concat(Summary.Where(s => !History.Series.ContainsKey(s.Key)).Select(s => (s.Key, (double?)s.Value)))
        );

    /// <summary>False when there are too many names already, or this one is too long.</summary>
    public bool Summarise(string key, double value)
    {
        if (key.Length > TableHeader.LongestName || (!Summary.ContainsKey(key) && Summary.Count >= WandbHistory.MostNames))
            return false;
        Summary[key] = value;
        return true;
    }

    /// <summary>A setting that nothing said before.</summary>
    public void Default(string key, string value)
    {
        if (Config.Count < WandbHistory.MostNames)
            Config.TryAdd(key, value);
    }

    /// <summary>What the command line sets, where the run logged hardly a setting, as runs of sweeps do.</summary>
    public void DefaultArguments(IReadOnlyList<string> arguments)
    {
        if (Config.Count >= FewSettings)
            return;
        HashSet<string> known = [.. Config.Keys.Select(k => ColumnNames.Simplify(k))];
        foreach ((string key, string value) in CommandLine.Settings(arguments))
            if (!known.Contains(ColumnNames.Simplify(key)))
                Default(key, value);
    }

    /// <summary>Whether a later run of its id can be the same, started again.</summary>
    public bool MayGoOnAs(WandbRun later)
    {
        RunSettings before = RunSettings.Of(Config),
            now = RunSettings.Of(later.Config);
        return Agree(Project, later.Project)
            && Agree(before.Optimizer, now.Optimizer)
            && Agree(before.LearningRate, now.LearningRate)
            && Agree(before.Batch, now.Batch)
            && Agree(before.Seed, now.Seed);

        static bool Agree(string one, string other) => one.Length == 0 || other.Length == 0 || one == other;
    }

    /// <summary>The same run, started again: where both say something, the later counts.</summary>
    public void Continue(WandbRun later)
    {
        Name = Later(later.Name, Name);
        Project = Later(later.Project, Project);
        Sweep = Later(later.Sweep, Sweep);
        foreach ((string key, string value) in later.Config)
            Config[key] = value;
        foreach ((string key, double value) in later.Summary)
            Summary[key] = value;
        History.Continue(later.History);
        (ExitCode, HasEnded) = (later.ExitCode, later.HasEnded);
        IsDamaged |= later.IsDamaged;
        Problems.AddRange(later.Problems);

        static string Later(string now, string before) => now.Length > 0 ? now : before;
    }

    /// <summary>Why nothing is known of it.</summary>
    public string WhyEmpty =>
        Problems.Count > 0 ? Problems[0]
        : ExitCode is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"a run without settings and values that ended with exit code {code}")
        : "a run without settings and values";
}
