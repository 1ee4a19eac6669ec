// Where the metrics of one run are to be found, and under which names.
using System.IO.Enumeration;
using Gaplab.Numerics;

namespace Gaplab.Results.Logs;

/// <summary>A run's folder, its captured output, and the metrics that are wanted of it.</summary>
public sealed record MetricSource
{
    /// <summary>Look everywhere, the most telling format first and the captured output last.</summary>
    public const string Auto = "auto";

    /// <summary>The folder into which the script wrote; it need not be there.</summary>
    public required string Folder { get; init; }

    /// <summary>The file with what the script printed; null where it was not kept.</summary>
    public string? StandardOutput { get; init; }

    /// <summary><see cref="Auto"/>, the name of a format, or a path or pattern below the folder ("logs/*.csv").</summary>
    public string From { get; init; } = Auto;

    /// <summary>By the metric's name here ("validation-loss") the script's name for it ("val/loss"); "" for the names that scripts
    /// commonly use. What <c>step</c> and <c>samples</c> name is taken as the position of the values it stands beside.</summary>
    public required IReadOnlyDictionary<string, string> Names { get; init; }

    /// <summary>The files that are the run's, by their paths below the folder with slashes; null where all of them are.</summary>
    internal IReadOnlyList<string>? Files { get; init; }

    /// <summary>The metrics that may be wanted without a name: train-loss, validation-loss, validation-accuracy, …</summary>
    public static IReadOnlyList<string> Conventional => MetricLookup.Conventional;

    /// <summary>Whether a name is of a loss, an accuracy or a count of the run's progress, by what scripts commonly call them.</summary>
    public static bool IsUsual(string name) => MetricNames.CountOf(name) is not null || MetricNames.MeaningOf(name) is not null;

    /// <summary>Refuses a choice that could match nothing.</summary>
    /// <exception cref="InputException">One line.</exception>
    public static void CheckFrom(string from)
    {
        ArgumentNullException.ThrowIfNull(from);
        if (from == Auto || LogFormats.Named(from) is not null)
            return;
        string[] names = [Auto, .. LogFormats.All.Select(f => f.Name)];
        string expected = $"{string.Join(", ", names)}, or a path or pattern below the run's folder (logs/*.csv)";
        if (from.IndexOfAny(['.', '*', '?', '/']) < 0)
            throw new InputException($"metrics from '{from}': expected {expected}{NearestName.Hint(from, names)}");
        if (Path.IsPathRooted(from) || from.Split('/').Contains(".."))
            throw new InputException($"metrics from '{from}': lies outside the run's folder; expected {expected}");
    }

    internal static bool Matches(string pattern, string relative) =>
        FileSystemName.MatchesSimpleExpression(
            pattern.StartsWith("./", StringComparison.Ordinal) ? pattern[2..] : pattern,
            relative,
            false
        );
}
