// The answer of gaplab python-helper: the module gaplab_probe.py, which measures inside a training script of PyTorch.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Studies.Python;

/// <summary>The text of the module, kept in this library; its lines are the file.</summary>
public sealed record PythonModule : IAnswer
{
    /// <summary>The name under which scripts import it, and of the resource that holds it.</summary>
    public const string FileName = "gaplab_probe.py";

    private static readonly Lazy<string> s_text = new(() =>
    {
        using Stream resource = typeof(PythonModule).Assembly.GetManifestResourceStream(FileName)!;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    });

    public static string Text => s_text.Value;

    public IEnumerable<string> Lines() => Text.TrimEnd('\n').Split('\n');

    public JsonNode Json() => new JsonObject { ["file"] = FileName, ["text"] = Text };
}
