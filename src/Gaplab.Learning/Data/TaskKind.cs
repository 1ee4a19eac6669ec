// One row of the catalogue of tasks: its samples, keys and defaults, how its data are loaded, what a page says of it.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>A kind of task. The file of what makes or reads its data ends with it.</summary>
public sealed record TaskKind
{
    /// <summary>As study files write it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a few words, for the documents.</summary>
    public required string Says { get; init; }

    public required SampleKind Samples { get; init; }

    /// <summary>Without options; <see cref="TaskSpec.Kind"/> is <see cref="Name"/>.</summary>
    public required TaskSpec Defaults { get; init; }

    /// <summary>Every key of "task" that it has, beside "kind".</summary>
    public required IReadOnlyList<SpecKey<TaskSpec>> Keys { get; init; }

    /// <summary>Whether its numbers define it: it reads nothing, so it has no content to hash.</summary>
    public bool Generated { get; init; }

    /// <summary>Whether a sample is one of several classes, so that accuracy can be measured.</summary>
    public bool Classifies { get; init; }

    /// <exception cref="InputException">Data that are missing, broken, too small or not those planned.</exception>
    public required Func<TaskSpec, ITask> Load { get; init; }

    /// <summary>What a page says of it, from the spec alone: neither data nor libtorch is needed.</summary>
    public required Func<TaskSpec, IReadOnlyList<SpecFact>> Facts { get; init; }

    /// <summary>The error of keys that do not go together; null where they do.</summary>
    public Func<IKeys, TaskSpec, InputException?> Objection { get; init; } = (_, _) => null;

    /// <summary>Keys that mean this kind in a study that names none.</summary>
    public IReadOnlyList<string> ImpliedBy { get; init; } = [];

    /// <summary>Data sets of this kind and what other programs call it, in plain letters (<see cref="NearestName.Plain"/>).</summary>
    public IReadOnlyList<string> Elsewhere { get; init; } = [];
}
