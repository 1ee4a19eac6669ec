// The answer of gaplab study plan: what a study will do and cost, and what speaks against it.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Data;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Running;

/// <param name="Study">The study, checked.</param>
/// <param name="Estimate">Of its plan.</param>
/// <param name="Time">How long it takes here; null: not measured.</param>
/// <param name="Timing">The same in words, or why it is not known; null: not spoken of.</param>
public sealed record PlanAnswer(PreparedStudy Study, PlanEstimate Estimate, PlanTime? Time = null, string? Timing = null) : IAnswer
{
    public IEnumerable<string> Lines()
    {
        StudySpec spec = Study.Plan.Study;
        static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
        if (spec.Question.Length > 0)
            yield return spec.Question;
        yield return $"study      {spec.Name}: {string.Join(", ", spec.Optimizers.Select(o => o.Name))} at batch sizes "
            + $"{string.Join(", ", spec.Grid.Batches)}, {NumberText.Count(spec.Grid.Seeds.Count, "seed")}";
        if (Study.Plan.Comparisons.Count == 1)
        {
            if (!spec.IsOfCommand)
                yield return Task("task       ", spec, Study.Task);
            yield return spec.IsOfCommand
                ? $"model      command: {Words(spec.Model.Command!)}"
                : $"model      {spec.Model.Kind}, {N(Estimate.Parameters)} parameters";
        }
        else
        {
            foreach (var setting in spec.Comparisons.Select((c, i) => (Comparison: c, Index: i)).GroupBy(c => c.Comparison.Setting))
            {
                (Comparison first, int index) = setting.First();
                string label = (setting.Key.Length > 0 ? setting.Key : "task").PadRight(10) + " ";
                yield return first.Study.IsOfCommand
                    ? $"{label}command: {first.Study.Catalogues.Models.Facts(first.Study.Model)[0].Words}"
                    : Task(label, first.Study, Study.Tasks[index])
                        + $"; {first.Study.Model.Kind}, {N(Study.Plan.Comparisons[index].Parameters)} parameters";
            }
            foreach (string line in StudyDesign.Describe(spec))
                yield return line;
        }
        yield return $"runs       {N(Estimate.Runs)} at first in {N(Estimate.Packs)} packs; the learning-rate sentinel may bring them to "
            + $"about {N(Estimate.MostRuns)}";
        yield return $"work       {N(Estimate.Steps)} steps, {N(Estimate.Samples)} "
            + $"samples{(spec.IsOfCommand ? "" : $", {N(Estimate.Tokens)} tokens")} at first";
        if (Timing is not null)
            yield return $"time       {Timing}";
        if (!spec.IsOfCommand)
            yield return $"memory     about {ByteSize.Format(Estimate.MemoryPerPack)} for the largest pack";
        yield return $"disk       about {ByteSize.Format(Estimate.Disk)}";
        foreach (Finding finding in Study.Findings)
            yield return FindingText.Line(finding);
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["study"] = Study.Plan.Study.Name,
            ["runs"] = Estimate.Runs,
            ["mostRuns"] = Estimate.MostRuns,
            ["packs"] = Estimate.Packs,
            ["steps"] = Estimate.Steps,
            ["samples"] = Estimate.Samples,
            ["tokens"] = Estimate.Tokens,
            ["parameters"] = Estimate.Parameters,
            ["seconds"] = Time?.First.TotalSeconds,
            ["mostSeconds"] = Time?.Most.TotalSeconds,
            ["memoryPerPack"] = Estimate.MemoryPerPack,
            ["disk"] = Estimate.Disk,
            ["design"] = AnswerJson.Texts(StudyDesign.Describe(Study.Plan.Study)),
            ["arms"] = AnswerJson.Each(
                Study.Plan.Arms,
                a => new JsonObject
                {
                    ["key"] = a.Key,
                    ["optimizer"] = a.Optimizer,
                    ["batch"] = a.Batch,
                    ["learningRates"] = AnswerJson.Each(a.Rates, r => r),
                    ["runs"] = AnswerJson.Each(Study.Plan.Runs(a, a.Rates), r => r.Id),
                }
            ),
            ["findings"] = AnswerJson.Each(
                Study.Findings,
                f => new JsonObject
                {
                    ["id"] = f.Id,
                    ["severity"] = FindingText.Word(f.Severity),
                    ["where"] = f.Where,
                    ["message"] = f.Message,
                }
            ),
        };

    // Groups in brackets, as the study file has them.
    private static string Words(Learning.Specs.CommandSpec command) =>
        string.Join(' ', command.Run.Select(g => g.Count == 1 ? g[0] : $"[{string.Join(' ', g)}]"));

    private static string Task(string label, StudySpec spec, ITask task)
    {
        string file = spec.Task.Path is { } path ? " " + Path.GetFileName(path) : "",
            context = spec.Catalogues.Tasks.Facts(spec.Task).Any(f => f.Key == "context") ? $", context {spec.Task.Context}" : "",
            entropy = task.EntropyRate is { } h ? string.Create(CultureInfo.InvariantCulture, $", entropy rate {h:f4} nats") : "";
        return $"{label}{spec.Task.Kind}{file}, {task.Description}{context}{entropy}";
    }
}
