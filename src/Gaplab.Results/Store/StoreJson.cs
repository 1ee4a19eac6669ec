// How the store writes JSON: readable, and the same bytes for the same content on every machine.
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gaplab.Results.Store;

/// <summary>The JSON options of the store's files.</summary>
internal static class StoreJson
{
    // Relaxed escaping keeps μ, ² and apostrophes readable; the files are never put into a web page as they are.
    internal static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static readonly JsonSerializerOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
