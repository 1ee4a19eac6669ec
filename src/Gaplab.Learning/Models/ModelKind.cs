// One row of the catalogue of models: what a kind reads, its keys and defaults, how it is built, its memory, what a page says of it.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Models;

/// <summary>A kind of model. The file of the model ends with it; two rows may share a name where a kind reads samples of two families in
/// two ways.</summary>
public sealed record ModelKind
{
    /// <summary>As study files write it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a few words, and where it is from, for the documents.</summary>
    public required string Says { get; init; }

    /// <summary>Samples that it can read.</summary>
    public required IReadOnlyList<SampleKind> Reads { get; init; }

    /// <summary>Without options; <see cref="ModelSpec.Kind"/> is <see cref="Name"/>.</summary>
    public required ModelSpec Defaults { get; init; }

    /// <summary>Every key of "model" that it has, beside "kind"; a file of weights to start from is every model's, and is added.</summary>
    public required IReadOnlyList<SpecKey<ModelSpec>> Keys
    {
        get;
        init => field = [.. value, ModelKey.WeightsFile];
    }

    /// <exception cref="InputException">Sizes that do not fit together.</exception>
    public required Func<ModelSpec, ModelInput, IModel> Build { get; init; }

    /// <summary>Numbers that the graph of one sample holds until its backward pass, counted layer by layer, roughly.</summary>
    public required Func<ModelSpec, ModelInput, double> Numbers { get; init; }

    /// <summary>What a page says of it: what sets the size of the model.</summary>
    public required Func<ModelSpec, IReadOnlyList<SpecFact>> Facts { get; init; }

    /// <summary>The error of keys that do not go together, or with the task; null where they do.</summary>
    public Func<IKeys, ModelSpec, TaskSpec, InputException?> Objection { get; init; } = (_, _, _) => null;

    /// <summary>Whether it predicts hidden tokens from both sides.</summary>
    public bool SeesBothSides { get; init; }
}

/// <summary>What a model must know of its task.</summary>
/// <param name="Vocabulary">V, the number of classes, or of numbers predicted.</param>
/// <param name="Task">Loaded, so that the shape of its samples is in it.</param>
/// <param name="Rows">Of sequences, the form of their rows.</param>
public sealed record ModelInput(int Vocabulary, TaskSpec Task, TokenRows Rows)
{
    /// <summary>T.</summary>
    public int Context => Task.Context;

    /// <exception cref="InvalidOperationException">A task without images.</exception>
    public ImageShape Images => Task.Images ?? throw new InvalidOperationException("the task's samples are no images");

    /// <summary>Images whose neighbouring pixels are neighbours, for models that see them so.</summary>
    /// <exception cref="InputException">The samples are vectors.</exception>
    public ImageShape Plane =>
        Images.Flat
            ? throw new InputException(
                $"{Task.Inputs ?? "the task"} holds vectors of {Images.Channels} numbers, which have neither height nor width; expected "
                    + $"model.kind mlp, or images [N, C, H, W]"
            )
            : Images;

    /// <exception cref="InvalidOperationException">A task without graphs.</exception>
    public GraphShape Graphs => Task.Graphs ?? throw new InvalidOperationException("the task's samples are no graphs");

    public static ModelInput Of(TaskSpec task, int vocabulary) => new(vocabulary, task, TokenRowForm.Of(task));
}
