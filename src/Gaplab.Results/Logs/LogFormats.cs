// The formats of logs by name.
using Gaplab.Numerics;

namespace Gaplab.Results.Logs;

/// <summary>Every format that a run's metrics are read from, the most telling first. A new one is one file, which ends with its row, and
/// one line here.</summary>
public static class LogFormats
{
    public static IReadOnlyList<LogFormat> All { get; } =
    [TrainerState.Format, TensorBoardLog.Format, JsonLinesLog.Format, CsvLog.Format, JsonLog.Format, StandardOutputLog.Format];

    /// <summary>The format of a name; null when none has it.</summary>
    internal static LogFormat? Named(string name) => All.FirstOrDefault(f => f.Name == name);

    /// <summary>The format of a file by its content.</summary>
    /// <exception cref="InputException">It is no text and no format that is known.</exception>
    internal static LogFormat Of(LogFile file) =>
        All.FirstOrDefault(f => f.Recognise(file))
        ?? throw new InputException(
            $"{file.Relative}: is of an unknown format; expected one of {string.Join(", ", All.Select(f => f.Name))}"
        );
}
