// The tasks a study can name; a new one is one new file, which ends with its row, and one line here.
using Gaplab.Learning.Data.Genomes;
using Gaplab.Learning.Data.Graphs;
using Gaplab.Learning.Data.Images;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>Every kind of task there is.</summary>
public static class TaskCatalogue
{
    public static IReadOnlyList<TaskKind> All { get; } =
    [
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
        FastaFile.Kind,
        GenomeSource.Kind,
        MoleculeTable.Kind,
        TuFolder.Kind,
        RandomMolecules.Kind,
    ];

    public static IReadOnlyList<string> Kinds { get; } = [.. All.Select(k => k.Name)];

    /// <summary>Names of data sets and what other programs call such data, in plain letters, and the kind that reads them.</summary>
    public static IReadOnlyDictionary<string, string> Elsewhere { get; } =
        All.SelectMany(k => k.Elsewhere.Select(other => (Other: other, k.Name))).ToDictionary(e => e.Other, e => e.Name);

    /// <summary>Those that their numbers define: they read nothing, so they have no content to hash.</summary>
    public static IReadOnlyList<string> Generated { get; } = [.. All.Where(k => k.Generated).Select(k => k.Name)];

    /// <exception cref="InputException">There is none of that name.</exception>
    public static TaskKind Of(string kind) =>
        All.FirstOrDefault(k => k.Name == kind)
        ?? throw new InputException($"task.kind is '{kind}'; expected one of {string.Join(", ", Kinds)}");

    /// <exception cref="InputException">An unknown kind, or data that are missing, broken or too small.</exception>
    public static ITask Load(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Of(spec.Kind).Load(spec);
    }

    /// <summary>What a page says of a task.</summary>
    /// <exception cref="InputException">An unknown kind.</exception>
    public static IReadOnlyList<SpecFact> Facts(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Of(spec.Kind).Facts(spec);
    }
}
