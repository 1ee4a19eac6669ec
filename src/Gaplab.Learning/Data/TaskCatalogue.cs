// The tasks a study can name; a new one is one new file and one new row here.
using Gaplab.Learning.Data.Genomes;
using Gaplab.Learning.Data.Graphs;
using Gaplab.Learning.Data.Images;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>Loads the data of a task.</summary>
public static class TaskCatalogue
{
    public static IReadOnlyList<string> Kinds { get; } =
    [
        "text",
        "tokens",
        "markov",
        "translation",
        "idx",
        "cifar",
        "image-folder",
        "shapes",
        "barcodes",
        "fasta",
        "genome",
        "molecules",
        "tu",
        "random-molecules",
    ];

    /// <summary>Names of data sets and what other programs call such data, in plain letters, and the kind that reads them.</summary>
    public static IReadOnlyDictionary<string, string> Elsewhere { get; } =
        new Dictionary<string, string>
        {
            ["mnist"] = "idx",
            ["fashionmnist"] = "idx",
            ["kmnist"] = "idx",
            ["emnist"] = "idx",
            ["cifar10"] = "cifar",
            ["cifar100"] = "cifar",
            ["imagenet"] = "image-folder",
            ["imagefolder"] = "image-folder",
            ["images"] = "image-folder",
            ["png"] = "image-folder",
            ["jpeg"] = "image-folder",
            ["shakespeare"] = "text",
            ["tinyshakespeare"] = "text",
            ["wikitext"] = "text",
            ["enwik8"] = "text",
            ["txt"] = "text",
            ["language"] = "text",
            ["lm"] = "text",
            ["ptb"] = "text",
            ["openwebtext"] = "tokens",
            ["nanogpt"] = "tokens",
            ["bin"] = "tokens",
            ["wmt"] = "translation",
            ["wmt14"] = "translation",
            ["multi30k"] = "translation",
            ["iwslt"] = "translation",
            ["dna"] = "fasta",
            ["hg38"] = "fasta",
            ["fa"] = "fasta",
            ["zinc"] = "molecules",
            ["qm9"] = "molecules",
            ["smiles"] = "molecules",
            ["csv"] = "molecules",
            ["enzymes"] = "tu",
            ["proteins"] = "tu",
            ["mutag"] = "tu",
            ["tudataset"] = "tu",
            ["graphs"] = "tu",
            ["zipf"] = "markov",
            ["synthetic"] = "markov",
        };

    /// <summary>Those that their numbers define: they read nothing, so they have no content to hash.</summary>
    public static IReadOnlyList<string> Generated { get; } = ["markov", "genome", "random-molecules", "shapes", "barcodes"];

    /// <exception cref="InputException">An unknown kind, or data that are missing, broken or too small.</exception>
    public static ITask Load(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Kind switch
        {
            "text" or "tokens" or "markov" => LanguageTask.Load(spec),
            "translation" => TranslationTask.Load(spec),
            "idx" or "cifar" or "image-folder" or "shapes" or "barcodes" => ImageTask.Load(spec),
            "fasta" or "genome" => GenomeTask.Load(spec),
            "molecules" or "tu" or "random-molecules" => GraphTask.Load(spec),
            _ => throw new InputException($"task.kind is '{spec.Kind}'; expected one of {string.Join(", ", Kinds)}"),
        };
    }
}
