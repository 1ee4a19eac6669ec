// The schema of a section that is a row.
using System.Text.Json.Nodes;
using Gaplab.Studies.Yaml;

namespace Gaplab.Studies.Schema;

internal static class SectionSchema
{
    /// <summary>Its keys, none of them required: what a study cannot do without, <see cref="StudySchema"/> says where it holds.</summary>
    public static JsonObject Of<T>(KeySection<T> section) =>
        SchemaForms.Mapping(section.Says, section.Keys.Select(key => (key.Name, KeySchema.Of(key, section.Defaults))), [], nullable: true);
}
