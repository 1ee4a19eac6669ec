// The identity of a run: a hash of its canonical JSON.
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Planning;

/// <summary>Canonical JSON of a spec and the ids made from it.</summary>
/// <remarks>Canonical: one line, keys in ordinal order, keys at their default left out, <c>specVersion</c> in it, numbers as the
/// shortest text that reads back the same, and without what is marked <see cref="NotHashedAttribute"/> (paths, names); an
/// input enters by the hash of its content. A key added later, at its default, changes no id.</remarks>
internal static class RunId
{
    private static readonly ConcurrentDictionary<Type, Member[]> s_members = new();

    /// <summary>The first 16 hex digits of SHA-256 over <see cref="Canonical"/>.</summary>
    /// <param name="run">With the content hash of a task that reads files filled in, as a <see cref="Plan"/> makes sure.</param>
    public static string Of(RunSpec run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return ContentId.Of(Canonical(run));
    }

    /// <summary>The id of a pack: over its members' ids, in order.</summary>
    public static string OfPack(IEnumerable<string> runIds) => ContentId.Of(string.Join('\n', runIds));

    /// <summary>The id of a study: over everything in it but its name, question, paths and limits.</summary>
    public static string OfStudy(StudySpec study)
    {
        ArgumentNullException.ThrowIfNull(study);
        // A comparison's name, paths and limits are the study's.
        study = study with
        {
            Listed =
            [
                .. study.Listed.Select(c =>
                    c with
                    {
                        Study = c.Study with { Name = "", Question = "", Limits = new(), Checkpoint = new(), Probes = null },
                    }
                ),
            ],
        };
        JsonObject json = Compact(study);
        foreach (string key in (string[])["name", "question", "limits", "checkpoint", "probes"])
            json.Remove(key);
        json["specVersion"] = RunSpec.SpecVersion;
        return ContentId.Of(Sorted(json).ToJsonString(SpecJson.Options));
    }

    /// <summary>The text that is hashed.</summary>
    public static string Canonical(RunSpec run)
    {
        JsonObject json = Compact(run);
        json["specVersion"] = RunSpec.SpecVersion;
        return Sorted(json).ToJsonString(SpecJson.Options);
    }

    /// <summary>The same for people: indented, ending with a newline.</summary>
    public static string Document(RunSpec run) => JsonNode.Parse(Canonical(run))!.ToJsonString(SpecJson.Indented) + "\n";

    private static JsonObject Compact(object record)
    {
        var json = new JsonObject();
        foreach (Member member in s_members.GetOrAdd(record.GetType(), MembersOf))
        {
            JsonNode? value = Node(member.Property.GetValue(record));
            if (value is null || (!member.IsRequired && JsonNode.DeepEquals(value, member.Default)))
                continue;
            json[member.Key] = value;
        }
        return json;
    }

    // What is known of a type is the same for every run; a study has many.
    private static Member[] MembersOf(Type type)
    {
        // Required members have no default: the instance made here holds null or 0 for them, so they are kept always.
        object defaults = Activator.CreateInstance(type)!;
        return
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.GetCustomAttribute<NotHashedAttribute>() is null)
                .Select(p => new Member(
                    p,
                    p.GetCustomAttribute<HashedAsAttribute>()?.Key ?? JsonNamingPolicy.KebabCaseLower.ConvertName(p.Name),
                    p.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null,
                    Node(p.GetValue(defaults))
                )),
        ];
    }

    private sealed record Member(PropertyInfo Property, string Key, bool IsRequired, JsonNode? Default);

    private static JsonNode? Node(object? value) =>
        value switch
        {
            null => null,
            double number => JsonValue.Create(number == 0 ? 0.0 : number), // -0 is 0
            string or bool or int or long => JsonSerializer.SerializeToNode(value, value.GetType(), SpecJson.Options),
            OwnKeys own => own.ToJson(),
            System.Collections.IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(Node)]),
            _ when value.GetType().Namespace is "Gaplab.Learning.Specs" or "Gaplab.Studies" => Compact(value),
            _ => throw new NotSupportedException($"a spec holds a {value.GetType()}, which has no canonical form"),
        };

    private static JsonObject Sorted(JsonObject json)
    {
        var sorted = new JsonObject();
        foreach ((string key, JsonNode? value) in json.OrderBy(p => p.Key, StringComparer.Ordinal).ToArray())
            sorted[key] =
                value is JsonObject inner ? Sorted(inner)
                : value is JsonArray list ? new JsonArray([.. list.Select(item => item is JsonObject o ? Sorted(o) : item?.DeepClone())])
                : value?.DeepClone();
        return sorted;
    }
}
