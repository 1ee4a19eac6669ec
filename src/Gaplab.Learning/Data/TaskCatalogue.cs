// The tasks a study can name; a new one is one new file, which ends with its row, and one line here.
using Gaplab.Learning.Data.Arrays;
using Gaplab.Learning.Data.Genomes;
using Gaplab.Learning.Data.Graphs;
using Gaplab.Learning.Data.Images;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>The kinds of task that there are. It never changes: <see cref="With"/> gives another one, with a row more.</summary>
public sealed class TaskCatalogue
{
    private TaskCatalogue(IReadOnlyList<TaskKind> all)
    {
        (All, Kinds) = (all, [.. all.Select(k => k.Name)]);
        Elsewhere = all.SelectMany(k => k.Elsewhere.Select(other => (Other: other, k.Name))).ToDictionary(e => e.Other, e => e.Name);
    }

    /// <summary>Those of Gaplab.</summary>
    public static TaskCatalogue BuiltIn { get; } =
        new([
            TextFiles.Kind,
            MappedTokens.Kind,
            MarkovSource.Kind,
            ModularAddition.Kind,
            TranslationTask.Kind,
            IdxImages.Kind,
            CifarImages.Kind,
            ImageFolder.Kind,
            ShapeImages.Kind,
            BarcodeImages.Kind,
            LabelledArrays.Kind,
            TokenArrays.Kind,
            FastaFile.Kind,
            GenomeSource.Kind,
            MoleculeTable.Kind,
            TuFolder.Kind,
            RandomMolecules.Kind,
            CommandTask.Kind,
        ]);

    public IReadOnlyList<TaskKind> All { get; }

    public IReadOnlyList<string> Kinds { get; }

    /// <summary>Names of data sets and what other programs call such data, in plain letters, and the kind that reads them.</summary>
    public IReadOnlyDictionary<string, string> Elsewhere { get; }

    /// <summary>These and one more.</summary>
    /// <exception cref="ArgumentException">Its name is taken or cannot stand in a study file, or its keys or defaults are not as they must
    /// be.</exception>
    public TaskCatalogue With(TaskKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        RowCheck.Check("task", kind.Name, Kinds, kind.Keys.Select(k => k.Name), kind.Defaults.Kind);
        if (kind.Elsewhere.FirstOrDefault(Elsewhere.ContainsKey) is { } taken)
            throw new ArgumentException($"the task '{kind.Name}' is called '{taken}' elsewhere, as '{Elsewhere[taken]}' is", nameof(kind));
        return new([.. All, kind]);
    }

    /// <summary>These, and where none has the name a row that can be named but not loaded: what does not need the data goes on.</summary>
    public TaskCatalogue Naming(string name) =>
        Kinds.Contains(name)
            ? this
            : new([
                .. All,
                new TaskKind
                {
                    Name = name,
                    Says = "",
                    Samples = new SampleKind("samples", "nats per prediction", _ => false),
                    Defaults = new TaskSpec { Kind = name },
                    Keys = [],
                    Generated = true, // whatever content there was to hash, the plan that names it has
                    Load = spec => throw Unknown(spec.Kind),
                    Facts = _ => [new("kind", $"{name}, a kind of task that this program does not have")],
                },
            ]);

    /// <exception cref="InputException">There is none of that name.</exception>
    public TaskKind Of(string kind) => All.FirstOrDefault(k => k.Name == kind) ?? throw Unknown(kind);

    /// <exception cref="InputException">An unknown kind, or data that are missing, broken or too small.</exception>
    public ITask Load(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Of(spec.Kind).Load(spec);
    }

    /// <summary>What a page says of a task.</summary>
    /// <exception cref="InputException">An unknown kind.</exception>
    public IReadOnlyList<SpecFact> Facts(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Of(spec.Kind).Facts(spec);
    }

    private InputException Unknown(string kind) =>
        new($"task.kind is '{kind}', which this program does not have; expected one of {string.Join(", ", Kinds.Where(k => k != kind))}");
}
