// How specs are written as JSON: the study file's own kebab-case keys, nothing unknown and nothing required left out.
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gaplab.Learning.Specs;

/// <summary>JSON of <see cref="RunSpec"/> and <see cref="PackSpec"/>, for workers and for the store's spec.json.</summary>
public static class SpecJson
{
    /// <summary>One line, kebab-case keys, null left out; strict when reading.</summary>
    public static JsonSerializerOptions Options { get; } = Make(indented: false);

    /// <summary>The same, for people to read.</summary>
    public static JsonSerializerOptions Indented { get; } = Make(indented: true);

    public static string Write(PackSpec pack) => JsonSerializer.Serialize(pack, Options);

    public static string Write(RunSpec run, bool indented = true) => JsonSerializer.Serialize(run, indented ? Indented : Options);

    /// <exception cref="JsonException">Not such a document.</exception>
    public static PackSpec ReadPack(string json) =>
        JsonSerializer.Deserialize<PackSpec>(json, Options) ?? throw new JsonException("null is not a pack");

    /// <exception cref="JsonException">Not such a document.</exception>
    public static RunSpec ReadRun(string json) =>
        JsonSerializer.Deserialize<RunSpec>(json, Options) ?? throw new JsonException("null is not a run");

    private static JsonSerializerOptions Make(bool indented) =>
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { OmitAtDefault } },
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            RespectRequiredConstructorParameters = true,
            RespectNullableAnnotations = true,
            AllowDuplicateProperties = false,
            WriteIndented = indented,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };

    // Those that are marked stand behind the others, by name: the files that declare them come in no order.
    private static void OmitAtDefault(JsonTypeInfo type)
    {
        JsonPropertyInfo[] marked =
        [
            .. type
                .Properties.Where(p => p.AttributeProvider?.IsDefined(typeof(OmittedAtDefaultAttribute), false) == true)
                .OrderBy(p => p.Name, StringComparer.Ordinal),
        ];
        if (marked.Length == 0)
            return;
        object defaults = Activator.CreateInstance(type.Type)!;
        for (int i = 0; i < marked.Length; i++)
        {
            object? byDefault = marked[i].Get!(defaults);
            marked[i].ShouldSerialize = (_, value) => !Equals(value, byDefault);
            marked[i].Order = i + 1;
        }
    }
}
