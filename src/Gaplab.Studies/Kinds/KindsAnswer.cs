// The answer of gaplab list: what a study file can name, and what a report can say, from the rows of the catalogues.
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Tails;
using Gaplab.Results.Answers;
using Gaplab.Results.Folders;
using Gaplab.Results.Logs;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Kinds;

/// <summary>One row of a catalogue.</summary>
/// <param name="Name">As files and pages write it.</param>
/// <param name="Says">What the row says of it in a few words; "" where its name is all.</param>
/// <param name="Keys">Of a study file, those that are its own.</param>
public sealed record KindRow(string Name, string Says, IReadOnlyList<string> Keys)
{
    public KindRow(string name, string says = "")
        : this(name, says, []) { }
}

/// <summary>Catalogues by their names.</summary>
public sealed record KindsAnswer(IReadOnlyList<(string Name, IReadOnlyList<KindRow> Rows)> Catalogues) : IAnswer
{
    // A new catalogue is one line here.
    private static readonly (string Name, Func<Catalogues, IEnumerable<KindRow>> Rows)[] s_all =
    [
        ("tasks", c => c.Tasks.All.Select(k => new KindRow(k.Name, k.Says, KeysOf(k.Keys)))),
        ("models", c => c.Models.All.Select(k => new KindRow(k.Name, k.Says, KeysOf(k.Keys)))),
        // Their own keys; what all optimizers share is in docs/study.md.
        ("optimizers", c => c.Optimizers.All.Select(k => new KindRow(k.Name, k.Says, [.. k.Keys.Select(key => key.Name)]))),
        ("schedules", _ => RateSchedule.Kinds.Select(name => new KindRow(name))),
        ("metrics", _ => StudySpec.Metrics.Select(name => new KindRow(name))),
        ("probes", c => c.Probes.All.Select(k => new KindRow(k.Name, k.Says))),
        ("tail-estimators", _ => TailEstimators.All.Select(e => new KindRow(e.Id, e.Title))),
        ("formats", _ => SweepFormats.All.Select(f => new KindRow(f.Name, f.Says))),
        ("log-formats", _ => LogFormats.All.Select(f => new KindRow(f.Name, f.Says))),
        ("pages", _ => PageCatalogue.All.Select(p => new KindRow(p.Name, p.Says))),
        ("findings", _ => StudyFindingKinds.All.Select(f => new KindRow(f.Id, f.Meaning))),
    ];

    /// <summary>The names that <see cref="Of(string?, Catalogues)"/> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(c => c.Name)];

    /// <param name="name">Of a catalogue; null: all of them.</param>
    /// <param name="catalogues">Of this program.</param>
    /// <exception cref="InputException">No catalogue has that name.</exception>
    public static KindsAnswer Of(string? name, Catalogues catalogues)
    {
        if (name is not null && !Names.Contains(name))
            throw new InputException(
                $"there is no list of '{Shown.Of(name)}'; expected one of {string.Join(", ", Names)}; nearest valid name "
                    + $"'{NearestName.Of(name, Names)}'"
            );
        return new([
            .. s_all.Where(c => name is null || c.Name == name).Select(c => (c.Name, (IReadOnlyList<KindRow>)[.. c.Rows(catalogues)])),
        ]);
    }

    public IEnumerable<string> Lines()
    {
        foreach ((string name, IReadOnlyList<KindRow> rows) in Catalogues)
        {
            if (Catalogues.Count > 1)
                yield return name;
            int width = rows.Max(r => r.Name.Length);
            foreach (KindRow row in rows)
            {
                string[] says = [.. ((string[])[row.Says, Keys(row)]).Where(s => s.Length > 0)];
                yield return $"  {row.Name.PadRight(width)}  {string.Join("; ", says)}".TrimEnd();
            }
        }
    }

    public JsonNode Json()
    {
        JsonObject json = [];
        foreach ((string name, IReadOnlyList<KindRow> rows) in Catalogues)
            json[name] = AnswerJson.Each(rows, Of);
        return json;
    }

    private static JsonObject Of(KindRow row) =>
        new()
        {
            ["name"] = row.Name,
            ["says"] = row.Says,
            ["keys"] = AnswerJson.Texts(row.Keys),
        };

    private static IReadOnlyList<string> KeysOf<T>(IEnumerable<SpecKey<T>> keys) => [.. keys.Select(k => k.Name)];

    private static string Keys(KindRow row) => row.Keys.Count == 0 ? "" : $"keys {string.Join(", ", row.Keys)}";
}
