// The models a study can name; a new one is one new file, which ends with its row, and one line here.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Models;

/// <summary>The kinds of model that there are. It never changes: <see cref="With"/> gives another one, with a row more.</summary>
public sealed class ModelCatalogue
{
    private ModelCatalogue(IReadOnlyList<ModelKind> all) => (All, Kinds) = (all, [.. all.Select(k => k.Name).Distinct()]);

    /// <summary>Those of Gaplab.</summary>
    public static ModelCatalogue BuiltIn { get; } =
        new([
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
            CommandModel.Kind,
        ]);

    /// <summary>The rows. Of those that read the same samples the first is what a study gets that names none.</summary>
    public IReadOnlyList<ModelKind> All { get; }

    /// <summary>Names, each once.</summary>
    public IReadOnlyList<string> Kinds { get; }

    /// <summary>These and one more.</summary>
    /// <exception cref="ArgumentException">Its name is taken or cannot stand in a study file, or its keys or defaults are not as they must
    /// be.</exception>
    public ModelCatalogue With(ModelKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        RowCheck.Check("model", kind.Name, Kinds, kind.Keys.Select(k => k.Name), kind.Defaults.Kind);
        return new([.. All, kind]);
    }

    /// <summary>These, and where none has the name a row that can be named but not built: what does not need the model goes on.</summary>
    public ModelCatalogue Naming(string name) =>
        Kinds.Contains(name)
            ? this
            : new([
                .. All,
                new ModelKind
                {
                    Name = name,
                    Says = "",
                    Reads = [],
                    Defaults = new ModelSpec { Kind = name },
                    Keys = [],
                    Build = (spec, _) => throw Unknown(spec),
                    Numbers = (spec, _) => throw Unknown(spec),
                    Facts = _ => [new("kind", "a kind of model that this program does not have")],
                },
            ]);

    /// <summary>The kinds that read these samples.</summary>
    public IReadOnlyList<ModelKind> Reading(SampleKind samples) => [.. All.Where(k => k.Reads.Contains(samples))];

    /// <summary>The kind of a spec for a task whose loaded spec is in <paramref name="input"/>.</summary>
    /// <exception cref="InputException">An unknown kind, or one that is for other tasks.</exception>
    public ModelKind Of(ModelSpec spec, ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(input);
        ModelKind[] named = [.. All.Where(k => k.Name == spec.Kind && k.Reads.Count > 0)],
            fitting = [.. All.Where(k => k.Reads.Any(r => r.Holds(input.Task)))];
        return fitting.FirstOrDefault(named.Contains)
            ?? throw (
                named.Length == 0 || fitting.Length == 0
                    ? Unknown(spec)
                    : new InputException(
                        $"model.kind is '{spec.Kind}', but the task's samples are {fitting[0].Reads.First(r => r.Holds(input.Task))}; "
                            + $"expected one of {string.Join(", ", fitting.Select(k => k.Name))}"
                    )
            );
    }

    /// <summary>A model for a task whose loaded spec is <paramref name="task"/>.</summary>
    /// <exception cref="InputException">An unknown kind, sizes that do not fit together, or a model that is for other tasks.</exception>
    public IModel Build(ModelSpec spec, int vocabulary, TaskSpec task) => Build(spec, ModelInput.Of(task, vocabulary));

    /// <summary>A model of sequences.</summary>
    /// <exception cref="InputException">An unknown kind or sizes that do not fit together.</exception>
    public IModel Build(ModelSpec spec, int vocabulary, int context, TokenRows rows = TokenRows.Shifted) =>
        Build(spec, new ModelInput(vocabulary, new TaskSpec { Context = context }, rows));

    /// <summary>A model of graphs.</summary>
    /// <exception cref="InputException">A model for other tasks, or sizes that do not fit together.</exception>
    public IModel Build(ModelSpec spec, GraphShape graphs)
    {
        ArgumentNullException.ThrowIfNull(graphs);
        return Build(spec, ModelInput.Of(new TaskSpec { Graphs = graphs }, graphs.Outputs));
    }

    /// <summary>P, without libtorch.</summary>
    public long ParameterCount(ModelSpec spec, int vocabulary, int context) => Build(spec, vocabulary, context).Layout.Count;

    /// <summary>P, without libtorch.</summary>
    public long ParameterCount(ModelSpec spec, int vocabulary, TaskSpec task) => Build(spec, vocabulary, task).Layout.Count;

    /// <summary>Numbers that the graph of a sample holds for its backward pass, in the run's precision: the packs' sizes follow from
    /// them.</summary>
    public double SampleNumbers(RunSpec run, int vocabulary)
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
    public IReadOnlyList<SpecFact> Facts(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelKind kind = All.FirstOrDefault(k => k.Name == model.Kind) ?? throw Unknown(model);
        return model.Weights is { } file
            ?
            [
                .. kind.Facts(model),
                new("weights", $"every seed starts from {Path.GetFileName(file)} (SHA-256 {model.WeightsContent?[..12] ?? "not known"}…)"),
            ]
            : kind.Facts(model);
    }

    /// <summary>The spec with the content of its file of weights filled in, which must fit the model; as it is where it has none.</summary>
    /// <exception cref="InputException">A file that is missing, broken or another model's.</exception>
    public ModelSpec WithContent(ModelSpec spec, int vocabulary, TaskSpec task)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Weights is null)
            return spec;
        IModel model = Build(spec, vocabulary, task);
        using (model as IDisposable)
            return spec with { WeightsContent = GivenWeights.Read(spec.Weights, model).Content };
    }

    private IModel Build(ModelSpec spec, ModelInput input) => Of(spec, input).Build(spec, input);

    private InputException Unknown(ModelSpec spec) =>
        new(
            $"model.kind is '{spec.Kind}', which this program does not have; expected one of "
                + $"{string.Join(", ", All.Where(k => k.Reads.Count > 0).Select(k => k.Name).Distinct())}"
        );
}
