// The answer of gaplab study run --slurm: the jobs that were submitted.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Studies.Slurm;

/// <param name="Jobs">Id and tasks of each array.</param>
/// <param name="File">The batch file.</param>
/// <param name="Packs">That are to be made now.</param>
public sealed record SubmittedAnswer(IReadOnlyList<(string Job, int Tasks)> Jobs, string File, int Packs) : IAnswer
{
    public IEnumerable<string> Lines()
    {
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
            ["jobs"] = AnswerJson.Each(Jobs, j => new JsonObject { ["id"] = j.Job, ["tasks"] = j.Tasks }),
        };
}
