// The options by which a user says what a table of runs does not say itself.
using System.CommandLine;
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Cli;

/// <summary>--map, --metric, --group and the like: one list for every command that takes a table.</summary>
internal sealed class TableArguments
{
    private readonly Option<string[]> _map = new("--map")
    {
        Description = "column=name: the file's column is our optimizer, lr, batch, seed, momentum, metric, …; may be repeated",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _metric = new("--metric")
    {
        Description = "the metric's column; a history column takes :tail, :min or :last",
    };
    private readonly Option<string?> _group = new("--group")
    {
        Description = "columns to compare separately, a,b (default: data, model, task and the like)",
    };
    private readonly Option<string?> _optimizer = new("--optimizer") { Description = "the optimizer of a table that has no such column" };
    private readonly Option<bool> _maximize = new("--maximize") { Description = "higher is better" };
    private readonly Option<bool> _minimize = new("--minimize")
    {
        Description = "lower is better, even of a metric that is called a score",
    };
    private readonly Option<string?> _take = new("--take")
    {
        Description = "of a table with a row per epoch or step: the last row of each run (default) or the best",
    };
    private readonly Option<string?> _blank = new("--blank") { Description = "what a run without a metric is: missing or diverged" };
    private readonly Option<string?> _short = new("--short") { Description = "what a run is whose history ends early: counted or missing" };
    private readonly Option<string?> _repeats = new("--repeats")
    {
        Description = "what the rows of one setting are without a seed column: numbered (replicates) or mean",
    };

    private readonly Option<string[]> _default = new("--default")
    {
        Description = "key=value: what runs have that do not say it themselves, e.g. batch=64; may be repeated",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string[]> _where = new("--where")
    {
        Description = "key=value: only the runs with this value; may be repeated",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _equal = new("--equal")
    {
        Description = "samples=N: compare at so many samples of training instead of at the end of each run",
    };

    private Option[] All =>
        [_map, _metric, _group, _optimizer, _maximize, _minimize, _take, _blank, _short, _repeats, _default, _where, _equal];

    public void AddTo(Command command)
    {
        foreach (Option option in All)
            command.Add(option);
    }

    public bool Maximize(ParseResult parsed) => parsed.GetValue(_maximize);

    /// <summary>The first of these options that was given; null when none was.</summary>
    public string? Given(ParseResult parsed) => All.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false })?.Name;

    /// <exception cref="InputException">The table cannot be read, or an option has no such value.</exception>
    public SweepTable Read(ParseResult parsed, string path) => SweepImport.Read(path, Options(parsed));

    /// <inheritdoc cref="Read"/>
    public ImportedRuns Runs(ParseResult parsed, IReadOnlyList<string> paths) => SweepImport.Runs(paths, Options(parsed));

    private ImportOptions Options(ParseResult parsed) =>
        new()
        {
            Map = parsed.GetValue(_map) ?? [],
            Metric = parsed.GetValue(_metric),
            Groups = parsed.GetValue(_group)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            HigherIsBetter = parsed.GetValue(_maximize),
            LowerIsBetter = parsed.GetValue(_minimize),
            Optimizer = parsed.GetValue(_optimizer),
            Take = OneOf<HistoryValue>(parsed, _take),
            Blank = OneOf<BlankMetric>(parsed, _blank),
            Short = OneOf<ShortRun>(parsed, _short),
            Repeats = OneOf<TrialRepeats>(parsed, _repeats),
            Defaults = parsed.GetValue(_default) ?? [],
            Where = parsed.GetValue(_where) ?? [],
            EqualSamples = Equal(parsed),
            Progress = new FolderProgress().Read,
        };

    private double? Equal(ParseResult parsed)
    {
        if (parsed.GetValue(_equal) is not { } text)
            return null;
        string[] parts = text.Split('=');
        return
            parts is ["samples", var number]
            && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double samples)
            && samples > 0
            && double.IsFinite(samples)
            ? samples
            : throw new InputException($"--equal got '{Shown.Of(text)}'; expected samples=N, the samples of training at which to compare");
    }

    private static T? OneOf<T>(ParseResult parsed, Option<string?> option)
        where T : struct, Enum
    {
        if (parsed.GetValue(option) is not { } word)
            return null;
        string[] names = [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];
        return names.Contains(word.ToLowerInvariant())
            ? Enum.Parse<T>(word, ignoreCase: true)
            : throw new InputException($"{option.Name} got '{Shown.Of(word)}'; expected {string.Join(" or ", names)}");
    }
}
