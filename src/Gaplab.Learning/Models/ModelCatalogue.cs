// The models a study can name; a new one is one new file and one new row here.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Models;

/// <summary>Builds a model from its spec.</summary>
public static class ModelCatalogue
{
    public static IReadOnlyList<string> Kinds { get; } =
    ["gpt", "t5", "gcnn", "gated-delta-net", "lstm", "gat", "grit", "mlp", "alexnet", "resnet", "vit"];

    /// <summary>Those that classify images.</summary>
    public static IReadOnlyList<string> ImageKinds { get; } = ["mlp", "alexnet", "resnet", "vit", "lstm"];

    /// <summary>A model for a task whose loaded spec is <paramref name="task"/>.</summary>
    /// <exception cref="InputException">An unknown kind, sizes that do not fit together, or a model that is for other tasks.</exception>
    public static IModel Build(ModelSpec spec, int vocabulary, TaskSpec task) =>
        task.Graphs is { } graphs ? Build(spec, graphs)
        : task.Images is null ? Build(spec, vocabulary, task.Context, TokenRowForm.Of(task))
        : spec.Kind switch
        {
            "mlp" => new MlpClassifier(spec, task.Images),
            "alexnet" => new AlexNet(spec, task.Images),
            "resnet" => new ResNet(spec, task.Images),
            "vit" => new Vit(spec, task.Images),
            "lstm" => new LstmClassifier(spec, task.Images),
            _ => throw new InputException(
                $"model.kind is '{spec.Kind}', but the task's samples are images; expected one of {string.Join(", ", ImageKinds)}"
            ),
        };

    /// <summary>A model of sequences.</summary>
    /// <exception cref="InputException">An unknown kind or sizes that do not fit together.</exception>
    public static IModel Build(ModelSpec spec, int vocabulary, int context, TokenRows rows = TokenRows.Shifted) =>
        spec.Kind switch
        {
            "gpt" => new Gpt(spec, vocabulary, context, rows),
            "t5" => new T5(spec, vocabulary, context),
            "gcnn" => new Gcnn(spec, vocabulary, rows),
            "gated-delta-net" => new GatedDeltaNet(spec, vocabulary, rows),
            "lstm" => new Lstm(spec, vocabulary, rows),
            _ => throw new InputException($"model.kind is '{spec.Kind}'; expected one of {string.Join(", ", Kinds)}"),
        };

    /// <summary>A model of graphs.</summary>
    /// <exception cref="InputException">A model for other tasks, or sizes that do not fit together.</exception>
    public static IModel Build(ModelSpec spec, GraphShape graphs) =>
        spec.Kind switch
        {
            "gat" => new Gat(spec, graphs),
            "grit" => new Grit(spec, graphs),
            _ => throw new InputException($"model.kind is '{spec.Kind}', but the task's samples are graphs; expected gat or grit"),
        };

    /// <summary>P, without libtorch.</summary>
    public static long ParameterCount(ModelSpec spec, int vocabulary, int context) => Build(spec, vocabulary, context).Layout.Count;

    /// <summary>P, without libtorch.</summary>
    public static long ParameterCount(ModelSpec spec, int vocabulary, TaskSpec task) => Build(spec, vocabulary, task).Layout.Count;
}
