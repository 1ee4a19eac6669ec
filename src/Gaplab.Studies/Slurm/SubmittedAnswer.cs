// The answer of gaplab study run --slurm: the jobs that were submitted.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Studies.Slurm;

/// <param name="Jobs">Id and tasks of each array.</param>
/// <param name="File">The batch file.</param>
/// <param name="Packs">That are to be made now; without any nothing is submitted.</param>
public sealed record SubmittedAnswer(IReadOnlyList<(string Job, int Tasks)> Jobs, string File, int Packs) : IAnswer
{
    /// <summary>Tasks of earlier submissions that are in the queue still, by state: they share the store with these.</summary>
    public IReadOnlyList<(string State, int Tasks)> Earlier { get; init; } = [];

    public IEnumerable<string> Lines()
    {
        if (Jobs.Count == 0)
        {
            yield return "nothing of the study is left to do, and nothing was submitted";
            yield break;
        }
        if (Earlier.Count > 0)
            yield return $"queue      {string.Join(", ", Earlier.Select(q => $"{q.Tasks} {q.State}"))} of an earlier submission; no run is "
                + "made twice for it";
        yield return $"file       {File}";
        foreach ((string job, int tasks) in Jobs)
            yield return $"job        {job}: {tasks} {(tasks == 1 ? "worker" : "workers")} for {Packs} packs at first";
        yield return "'gaplab study status STORE' tells how far they are, 'gaplab study report STORE' what they found";
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["file"] = File,
            ["packs"] = Packs,
            ["earlier"] = AnswerJson.Each(Earlier, q => new JsonObject { ["state"] = q.State, ["tasks"] = q.Tasks }),
            ["jobs"] = AnswerJson.Each(Jobs, j => new JsonObject { ["id"] = j.Job, ["tasks"] = j.Tasks }),
        };
}
