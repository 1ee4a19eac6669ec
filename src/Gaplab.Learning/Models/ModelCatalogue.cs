// The models a study can name; a new one is one new file, which ends with its row, and one line here.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Models;

/// <summary>Every kind of model there is.</summary>
public static class ModelCatalogue
{
    /// <summary>The rows. Of those that read the same samples the first is what a study gets that names none.</summary>
    public static IReadOnlyList<ModelKind> All { get; } =
    [
        Gpt.Kind,
        T5.Kind,
        Gcnn.Kind,
        GatedDeltaNet.Kind,
        Lstm.Kind,
        Gru.Kind,
        Gat.Kind,
        Grit.Kind,
        MlpClassifier.Kind,
        AlexNet.Kind,
        ResNet.Kind,
        Vit.Kind,
        LstmClassifier.Kind,
    ];

    /// <summary>Names, each once.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. All.Select(k => k.Name).Distinct()];

    /// <summary>The kinds that read these samples.</summary>
    public static IReadOnlyList<ModelKind> Reading(SampleKind samples) => [.. All.Where(k => k.Reads.Contains(samples))];

    /// <summary>The kind of a spec for a task whose loaded spec is in <paramref name="input"/>.</summary>
    /// <exception cref="InputException">An unknown kind, or one that is for other tasks.</exception>
    public static ModelKind Of(ModelSpec spec, ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(input);
        ModelKind[] fitting = [.. All.Where(k => k.Reads.Any(r => r.Holds(input.Task)))];
        return fitting.FirstOrDefault(k => k.Name == spec.Kind)
            ?? throw new InputException(
                input.Task is { Images: null, Graphs: null }
                    ? $"model.kind is '{spec.Kind}'; expected one of {string.Join(", ", Kinds)}"
                    : $"model.kind is '{spec.Kind}', but the task's samples are "
                        + $"{fitting[0].Reads.First(r => r.Holds(input.Task))}; expected one of "
                        + $"{string.Join(", ", fitting.Select(k => k.Name))}"
            );
    }

    /// <summary>A model for a task whose loaded spec is <paramref name="task"/>.</summary>
    /// <exception cref="InputException">An unknown kind, sizes that do not fit together, or a model that is for other tasks.</exception>
    public static IModel Build(ModelSpec spec, int vocabulary, TaskSpec task) => Build(spec, ModelInput.Of(task, vocabulary));

    /// <summary>A model of sequences.</summary>
    /// <exception cref="InputException">An unknown kind or sizes that do not fit together.</exception>
    public static IModel Build(ModelSpec spec, int vocabulary, int context, TokenRows rows = TokenRows.Shifted) =>
        Build(spec, new ModelInput(vocabulary, new TaskSpec { Context = context }, rows));

    /// <summary>A model of graphs.</summary>
    /// <exception cref="InputException">A model for other tasks, or sizes that do not fit together.</exception>
    public static IModel Build(ModelSpec spec, GraphShape graphs)
    {
        ArgumentNullException.ThrowIfNull(graphs);
        return Build(spec, ModelInput.Of(new TaskSpec { Graphs = graphs }, graphs.Outputs));
    }

    /// <summary>P, without libtorch.</summary>
    public static long ParameterCount(ModelSpec spec, int vocabulary, int context) => Build(spec, vocabulary, context).Layout.Count;

    /// <summary>P, without libtorch.</summary>
    public static long ParameterCount(ModelSpec spec, int vocabulary, TaskSpec task) => Build(spec, vocabulary, task).Layout.Count;

    /// <summary>Numbers that the graph of a sample holds for its backward pass, in the run's precision: the packs' sizes follow from
    /// them.</summary>
    public static double SampleNumbers(RunSpec run, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(run);
        ModelInput input = ModelInput.Of(run.Task, vocabulary);
        // Before its data are loaded, a task's samples have no shape: then a transformer's over its context stand in.
        ModelKind? kind = All.FirstOrDefault(k => k.Name == run.Model.Kind && k.Reads.Any(r => r.Holds(run.Task)));
        double numbers = (kind?.Numbers ?? SequenceModel.TransformerNumbers)(run.Model, input);
        // Mixing holds a second image on the way.
        return numbers * (run.Task.Images is { Mixed: true } ? 1.1 : 1);
    }

    /// <summary>What a page says of a model.</summary>
    /// <exception cref="InputException">An unknown kind.</exception>
    public static IReadOnlyList<SpecFact> Facts(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelKind kind =
            All.FirstOrDefault(k => k.Name == model.Kind)
            ?? throw new InputException($"model.kind is '{model.Kind}'; expected one of {string.Join(", ", Kinds)}");
        return kind.Facts(model);
    }

    private static IModel Build(ModelSpec spec, ModelInput input) => Of(spec, input).Build(spec, input);
}
