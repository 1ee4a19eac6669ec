// The answer of an import: every run that was found, and what became of it.
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;

namespace Gaplab.Results.Folders;

/// <summary>Of files and folders of runs.</summary>
public sealed record ImportAnswer(ImportedRuns Import) : IAnswer
{
    private const int MostShown = 40;

    public IEnumerable<string> Lines()
    {
        SweepTable table = Import.Table;
        string[] states = [ImportedRun.Finished, ImportedRun.Diverged, ImportedRun.Missing, ImportedRun.Censored, ImportedRun.SetAside];
        string counts = string.Join(
            ", ",
            states
                .Select(s => (State: s, Count: Import.Runs.Count(r => r.State == s)))
                .Where(s => s.Count > 0)
                .Select(s => $"{s.Count} {s.State}")
        );
        yield return $"{Import.Runs.Count} {(Import.Runs.Count == 1 ? "run" : "runs")}: {counts}";
        yield return $"metric {Shown.Of(table.Metric)}; optimizers {Shown.List(table.Optimizers)}; batch sizes "
            + Shown.List(table.Rows.Select(r => r.Batch).Distinct().Order().Select(b => $"{b}"), 12);
        foreach (string caveat in table.Caveats)
            yield return $"  ({caveat})";
        yield return "";
        ImportedRun[] shown = [.. Import.Runs.OrderBy(r => r.State == ImportedRun.Finished).Take(MostShown)];
        int width = shown.Max(r => r.State.Length);
        foreach (ImportedRun run in shown)
        {
            string why = run.Reason is { } reason ? $": {Shown.Of(reason, 200)}" : "";
            yield return $"{run.State.PadRight(width)}  {Shown.Of(run.Path, Shown.MostWord)}{why}";
        }
        if (Import.Runs.Count > shown.Length)
            yield return $"… and {Import.Runs.Count - shown.Length} more; --json lists all";
        foreach (Finding finding in table.Findings ?? [])
            yield return $"  {finding.Severity.ToString().ToLowerInvariant()} {finding.Id}: {finding.Message}";
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["metric"] = Import.Table.Metric,
            ["counts"] = new JsonObject(
                Import
                    .Runs.GroupBy(r => r.State)
                    .OrderBy(g => g.Key, StringComparer.Ordinal)
                    .Select(g => KeyValuePair.Create(g.Key, (JsonNode?)g.Count()))
            ),
            ["caveats"] = AnswerJson.Texts(Import.Table.Caveats),
            ["findings"] = AnswerJson.Each(
                Import.Table.Findings ?? [],
                f => new JsonObject
                {
                    ["id"] = f.Id,
                    ["severity"] = f.Severity.ToString().ToLowerInvariant(),
                    ["message"] = f.Message,
                }
            ),
            ["beside"] = AnswerJson.Each(Import.Beside, b => new JsonObject { ["path"] = b.Path, ["format"] = b.Format }),
            ["runs"] = AnswerJson.Each(
                Import.Runs,
                r => new JsonObject
                {
                    ["path"] = r.Path,
                    ["format"] = r.Format,
                    ["state"] = r.State,
                    ["reason"] = r.Reason,
                    ["values"] = new JsonObject(r.Values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value))),
                }
            ),
        };
}
