// How JSON that others wrote is parsed: no key twice, no deeper than a document can mean.
using System.Text.Json;

namespace Gaplab.Numerics.Files;

/// <summary>Options for documents that users hand over.</summary>
public static class StrictJson
{
    /// <summary>Levels of arrays and objects in each other.</summary>
    public const int MostLevels = 64;

    /// <summary>A key that stands twice is an error: which of its values is meant cannot be told.</summary>
    public static JsonDocumentOptions Options { get; } = new() { AllowDuplicateProperties = false, MaxDepth = MostLevels };
}
