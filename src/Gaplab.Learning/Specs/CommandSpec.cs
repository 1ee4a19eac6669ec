// Someone else's training as a run: the command, what it is told, and what of it a run's id depends on.
using System.Text.Json;

namespace Gaplab.Learning.Specs;

/// <summary>A command that trains. Its arguments are texts in which placeholders stand for what a run varies; what it reads enters a run's
/// id by the hash of its content.</summary>
public sealed record CommandSpec
{
    /// <summary>The name of the kind of model, and of the task that stands beside it.</summary>
    public const string Kind = "command";

    /// <summary>The program and its arguments, in groups. Those of <see cref="Optional"/> are given only where each of their placeholders
    /// has a value, the others, of one argument each, always.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Run { get; init; } = [];

    /// <summary>Places in <see cref="Run"/> of the groups that are written as lists of their own.</summary>
    public IReadOnlyList<int> Optional { get; init; } = [];

    /// <summary>Arguments of one's own that are the same for every optimizer, by name; factors switch them.</summary>
    public OwnKeys Args { get; init; } = OwnKeys.None;

    /// <summary>Variables of the environment beside those of the study's own process.</summary>
    public OwnKeys Env { get; init; } = OwnKeys.None;

    /// <summary>Where its metrics are read from: "auto", a format of logs, or a file below its folder.</summary>
    public string MetricsFrom { get; init; } = "auto";

    /// <summary>Which of its names is which of ours: "validation-loss" to "val/loss".</summary>
    public OwnKeys Metrics { get; init; } = OwnKeys.None;

    /// <summary>SHA-256 over the files of <see cref="Code"/>: names and content. Null where no code is watched.</summary>
    public string? CodeContent { get; init; }

    /// <summary>Likewise of <see cref="Data"/>, or the version that the study states.</summary>
    public string? DataContent { get; init; }

    /// <summary>SHA-256 over what <see cref="Environment"/> prints.</summary>
    public string? EnvironmentContent { get; init; }

    /// <summary>The working folder, absolute.</summary>
    [NotHashed]
    public string Folder { get; init; } = "";

    /// <summary>Globs of source files, relative to <see cref="Folder"/>.</summary>
    [NotHashed]
    public IReadOnlyList<string> Code { get; init; } = [];

    /// <summary>Globs of data files, likewise; empty where a version is stated or nothing is.</summary>
    [NotHashed]
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>A command whose output says with which versions the training runs, such as pip freeze.</summary>
    [NotHashed]
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>GPUs of one run; 0 is none, a fraction 1/n shares one GPU among n runs.</summary>
    [NotHashed]
    public double Gpus { get; init; }

    /// <summary>The signal that asks the command to end, without SIG: "TERM".</summary>
    [NotHashed]
    public string StopSignal { get; init; } = "TERM";

    /// <summary>Seconds from that signal until its process group is killed.</summary>
    [NotHashed]
    public double StopGrace { get; init; } = 30;

    public bool Equals(CommandSpec? other) => other is not null && (ReferenceEquals(this, other) || Text() == other.Text());

    public override int GetHashCode() => Text().GetHashCode(StringComparison.Ordinal);

    // Lists compare by reference; what is written compares by what it says.
    private string Text() => JsonSerializer.Serialize(this, SpecJson.Options);
}
