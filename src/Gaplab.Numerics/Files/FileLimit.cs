// How large a file of each kind may be: whatever is larger is another file than its reader takes it for.
namespace Gaplab.Numerics.Files;

/// <summary>A kind of file and the most bytes of it that are read.</summary>
/// <param name="What">As messages name it: "study file".</param>
/// <param name="Most">Bytes, unpacked where the file is packed.</param>
/// <param name="Otherwise">What to do about a larger one.</param>
public sealed record FileLimit(string What, long Most, string Otherwise = "is it the right file?")
{
    /// <summary>YAML that a user writes by hand.</summary>
    public static FileLimit Study { get; } = new("study file (.yaml)", 1L << 20);

    /// <summary>A probe, a prediction, reference rows.</summary>
    public static FileLimit Document { get; } = new("JSON document", 64L << 20);

    /// <summary>What a store keeps of itself and of each run: JSON documents, lines of metrics, its study.</summary>
    public static FileLimit Store { get; } = new("file of a store", 1L << 30);

    /// <summary>A table of runs.</summary>
    public static FileLimit Table { get; } = new("table of runs", 512L << 20);

    /// <summary>A text to train on.</summary>
    public static FileLimit Text { get; } = new("text", Array.MaxLength, "tokenize it to a .bin file and use task.kind: tokens");

    /// <summary>Data that are held in memory whole: images, sentences, graphs.</summary>
    public static FileLimit Data(string what) => new(what, Array.MaxLength);
}
