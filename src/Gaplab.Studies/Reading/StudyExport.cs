// A store's runs to export: rows of the sweep with their final numbers, how they ended, and every key of their specs.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Export;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Reading;

/// <summary>What <c>study export</c> writes.</summary>
public sealed class StudyExport
{
    /// <summary>Keys of a spec that have a column of their own.</summary>
    private static readonly HashSet<string> s_own = ["specVersion", "task.kind", "model.kind", "batch", "seed", "optimizer.learning-rate"];

    private readonly RunStore _store;
    private readonly StoreReading _read;
    private readonly StudySpec _study;

    public StudyExport(PlanDocument document, RunStore store)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(store);
        (_store, _read, _study) = (store, store.Read(), document.Study);
        var results = new StudyResults(document.ToPlan(), store);
        Dictionary<string, Attempt> attempts = [];
        foreach (Attempt attempt in store.ReadAttempts().Values.SelectMany(a => a).OrderBy(a => a.Time))
        foreach (string run in attempt.Runs)
            attempts[run] = attempt;
        Dictionary<string, IReadOnlyList<KeyValuePair<string, string>>> keys = Keys(results);
        Rows =
        [
            .. results
                .Sweep()
                .Rows.Select(row =>
                    row.Provenance is { } id && _read.Results.TryGetValue(id, out RunResult? result)
                        // The clip's fraction has a column of its own, under the name that tables of runs know.
                        ? new ExportRow(row, result.Metrics.Where(m => m.Key != StudyResults.ClipFraction).ToDictionary())
                        {
                            Verified = result.HasDigest,
                            Outcome = result.Outcome,
                            Steps = result.Step,
                            Ended = Time(result.Wall, "finished"),
                            Took = TimeSpan.FromSeconds(Number(result.Wall, RunResult.PackSeconds)),
                            Keys = keys[id],
                        }
                        : new ExportRow(row, new Dictionary<string, double>())
                        {
                            Damaged = [.. _read.Damaged.Where(d => d.Run == row.Provenance && !d.IsStray)],
                            Outcome = attempts.TryGetValue(row.Provenance!, out Attempt? last) ? last.Outcome : null,
                            Ended = last?.Time ?? LastWritten(row.Provenance!),
                            Keys = keys[row.Provenance!],
                        }
                ),
        ];
    }

    /// <summary>In the order of the plan.</summary>
    public IReadOnlyList<ExportRow> Rows { get; }

    /// <summary>Writes event files of the runs into a folder.</summary>
    /// <returns>How many runs it holds.</returns>
    public int WriteEvents(string folder) => EventFolders.Write(folder, _study.Name, _study.Metric, Rows, History);

    /// <summary>The measurements of a run one after another. Of a finished run all are read, which its digest vouches for; of another
    /// those before the first that cannot be read; of a damaged one none.</summary>
    public IEnumerable<MetricRow> History(string id)
    {
        bool finished = _read.Results.ContainsKey(id);
        if (!finished && _read.Damaged.Any(d => d.Run == id))
            yield break;
        using IEnumerator<MetricRow> rows = _store.Run(id).StreamMetrics().GetEnumerator();
        while (true)
        {
            try
            {
                if (!rows.MoveNext())
                    yield break;
            }
            catch (InputException) when (!finished)
            {
                yield break;
            }
            yield return rows.Current;
        }
    }

    /// <summary>By run, what it was made with. Every run has the keys that any run has: one that stands at its default in the specs of some
    /// runs alone has its value in all.</summary>
    private static Dictionary<string, IReadOnlyList<KeyValuePair<string, string>>> Keys(StudyResults results)
    {
        var stated = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        var runs = new List<(Arm Arm, PlannedRun Run)>();
        foreach ((Arm arm, SentinelDecision decision) in results.Decisions())
        foreach (PlannedRun run in results.Plan.Runs(arm, decision.Tried))
        {
            runs.Add((arm, run));
            stated[run.Id] = Flat(JsonNode.Parse(RunId.Canonical(run.Spec))!);
        }
        string[] names = [.. stated.Values.SelectMany(s => s.Keys).Distinct(StringComparer.Ordinal).Where(n => !s_own.Contains(n))];
        // Levels of factors stand under the factors' names, which may be any.
        HashSet<string> taken = [.. results.Plan.Comparisons.SelectMany(c => c.Key.Pairs.Select(p => p.Key))];
        string Free(string name) => taken.Contains(name) ? $"spec.{name}" : name;
        var keys = new Dictionary<string, IReadOnlyList<KeyValuePair<string, string>>>(StringComparer.Ordinal);
        foreach ((Arm arm, PlannedRun run) in runs)
        {
            Dictionary<string, string> whole = Flat(JsonSerializer.SerializeToNode(run.Spec, SpecJson.Options)!),
                own = stated[run.Id];
            keys[run.Id] =
            [
                new(Free(ExportRow.Task), run.Spec.Task.Kind),
                new(Free(ExportRow.Model), run.Spec.Model.Kind),
                new(Free("arm"), arm.Key),
                .. names.Select(n => new KeyValuePair<string, string>(Free(n), own.GetValueOrDefault(n) ?? whole.GetValueOrDefault(n, ""))),
            ];
        }
        return keys;
    }

    /// <summary>Keys joined with dots; lists as JSON.</summary>
    private static Dictionary<string, string> Flat(JsonNode spec)
    {
        var flat = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("", spec);
        return flat;

        void Add(string at, JsonNode? node)
        {
            if (node is JsonObject inner)
                foreach ((string key, JsonNode? value) in inner)
                    Add(at.Length == 0 ? key : $"{at}.{key}", value);
            else if (node is not null)
                flat[at] = node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();
        }
    }

    /// <summary>Of a run that goes on, when it measured last.</summary>
    private DateTimeOffset? LastWritten(string id)
    {
        var metrics = new FileInfo(Path.Combine(_store.Run(id).Folder, RunFolder.Metrics));
        return metrics.Exists ? metrics.LastWriteTimeUtc : null;
    }

    private static DateTimeOffset? Time(IReadOnlyDictionary<string, JsonNode?> wall, string key) =>
        wall.GetValueOrDefault(key) is JsonValue value
        && value.TryGetValue(out string? text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : null;

    private static double Number(IReadOnlyDictionary<string, JsonNode?> wall, string key) =>
        wall.GetValueOrDefault(key) is JsonValue value && value.TryGetValue(out double number) && number is >= 0 and < 1e9 ? number : 0;
}
