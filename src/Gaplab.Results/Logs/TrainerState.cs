// Reads trainer_state.json, in which the Trainer of Hugging Face keeps what it logged.
using Gaplab.Numerics;

namespace Gaplab.Results.Logs;

/// <summary>The reader of <c>log_history</c>: objects with step, epoch and metrics.</summary>
internal static class TrainerState
{
    private const string FileName = "trainer_state.json",
        History = "log_history";

    /// <summary>The name that the Trainer gives it, or one that somebody put before it.</summary>
    public static bool IsOne(string name) => name.EndsWith(FileName, StringComparison.Ordinal);

    private static void Read(LogFile file, MetricLogBuilder log)
    {
        if (JsonLog.Document(file) is not LogLiteral.Object document || document[History] is not LogLiteral.List history)
            throw new InputException($"{file.Relative}: no list '{History}'; expected what the Trainer of Hugging Face writes");
        foreach ((int number, LogLiteral item) in history.Items.Index())
            if (item is LogLiteral.Object entry)
                log.Add([.. LogLiteral.Numbers(entry)]);
            else
                log.SetAside($"entry {number + 1}", "no object");
    }

    /// <summary>Every checkpoint has the whole history up to it: the last is all that the run has. It is the one of most steps, or the
    /// one that stands in the run's folder itself when training has ended.</summary>
    private static IEnumerable<LogFile> Choose(IReadOnlyList<LogFile> files) =>
        files.OrderByDescending(f => (Step(f), -f.Relative.Length)).Take(1);

    private static double Step(LogFile file)
    {
        try
        {
            return
                JsonLog.Document(file) is LogLiteral.Object document
                && document["global_step"] is LogLiteral.Number { Value: var step }
                && double.IsFinite(step)
                ? step
                : -1;
        }
        catch (InputException)
        {
            // Killed while it wrote: the checkpoint before it counts. One that alone is there is refused when it is read.
            return -2;
        }
    }

    public static LogFormat Format { get; } =
        new(file => IsOne(file.Name), Read)
        {
            Name = "trainer-state",
            Says = "the history of Hugging Face's Trainer; of several checkpoints the one of most steps",
            KnownBy = $"its name, which ends with `{FileName}`",
            Patterns = ["*" + FileName],
            Choose = Choose,
            ChoosesOfAll = true,
        };
}
