// What is wrong with a file of a store, as every reader tells it.
using System.Text.Json.Nodes;
using Gaplab.Numerics;

namespace Gaplab.Results.Store;

/// <summary>A file that is not what was written, or that cannot be read. What it belongs to is left out of every number.</summary>
/// <param name="Run">Id of the run; empty for a file of the store itself.</param>
/// <param name="File">Relative to the run's folder, or to the store where <paramref name="Run"/> is empty.</param>
/// <param name="Reason">A few words: "has changed since the run finished".</param>
public sealed record Damage(string Run, string File, string Reason)
{
    /// <summary>Whether it is a copy of a run's folder in a place where no run is read from, and no part of the run itself.</summary>
    public bool IsStray { get; init; }

    /// <summary>"run 0123456789abcdef, metrics.jsonl: has changed since the run finished".</summary>
    public override string ToString() => $"{(Run.Length > 0 ? $"run {Run}, " : "")}{File}: {Reason}";

    /// <summary>Of a reader's error: its message without the path, which <paramref name="file"/> gives.</summary>
    public static Damage Of(string run, string file, string path, InputException error)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(error);
        string message = error.Message;
        return new Damage(
            run,
            file,
            message.StartsWith(path, StringComparison.Ordinal) ? message[path.Length..].TrimStart(' ', ':') : message
        );
    }

    public JsonObject ToJson() =>
        new()
        {
            ["run"] = Run,
            ["file"] = File,
            ["reason"] = Reason,
        };
}
