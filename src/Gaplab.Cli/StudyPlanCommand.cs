// gaplab study plan: what a study will do and cost, before anything starts. Needs libtorch for the time alone.
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;
using Gaplab.Results.Analysis;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class StudyPlanCommand
{
    public static Command Create()
    {
        var arguments = new StudyArguments();
        var json = new Option<bool>("--json") { Description = "one JSON document on standard output" };
        var untimed = new Option<bool>("--no-time") { Description = "do not train a few steps to tell how long the study will take" };
        var command = new Command("plan", "the runs, samples, time, memory and disk of a study, and what speaks against it")
        {
            arguments.File,
            arguments.Set,
            arguments.Text,
            arguments.Store,
            arguments.Workers,
            untimed,
            json,
        };
        command.SetAction(parsed =>
        {
            AtWork.On("reading the study and its data, planning its runs");
            using PreparedStudy study = arguments.Prepare(parsed);
            AtWork.On("counting the runs");
            PlanEstimate estimate = PlanEstimate.Of(study.Plan);
            AtWork.On("training a few steps to tell how long the study takes");
            bool mayStart = study.Findings.All(f => f.Severity != Severity.Error);
            PlanTime? time = mayStart && !parsed.GetValue(untimed) ? PlanTiming.Measure(study, arguments.WorkerCount(parsed)) : null;
            string timing =
                time?.ToString()
                ?? (
                    !mayStart ? "not estimated: the study cannot start"
                    : parsed.GetValue(untimed) ? "not estimated"
                    : "not estimated: it takes libtorch to time a few steps"
                );
            if (parsed.GetValue(json))
                Console.Out.WriteLine(ToJson(study, estimate, time).ToJsonString(SpecJson.Indented));
            else
                foreach (string line in ToLines(study, estimate, timing))
                    Console.Out.WriteLine(line);
            return study.Findings.Any(f => f.Severity == Severity.Error) ? CommandRunner.BadInput : CommandRunner.Done;
        });
        return command;
    }

    /// <param name="time">How long it will take, in words; null: no line.</param>
    public static IEnumerable<string> ToLines(PreparedStudy study, PlanEstimate estimate, string? time = null)
    {
        StudySpec spec = study.Plan.Study;
        static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
        if (spec.Question.Length > 0)
            yield return spec.Question;
        yield return $"study      {spec.Name}: {string.Join(", ", spec.Optimizers.Select(o => o.Name))} at batch sizes "
            + $"{string.Join(", ", spec.Grid.Batches)}, {spec.Grid.Seeds.Count} seeds";
        if (study.Plan.Comparisons.Count == 1)
        {
            yield return Task("task       ", spec, study.Task);
            yield return $"model      {spec.Model.Kind}, {N(estimate.Parameters)} parameters";
        }
        else
        {
            foreach (var setting in spec.Comparisons.Select((c, i) => (Comparison: c, Index: i)).GroupBy(c => c.Comparison.Setting))
                yield return Task(
                    $"{(setting.Key.Length > 0 ? setting.Key : "task").PadRight(10)} ",
                    setting.First().Comparison.Study,
                    study.Tasks[setting.First().Index]
                )
                    + $"; {setting.First().Comparison.Study.Model.Kind}, {N(study.Plan.Comparisons[setting.First().Index].Parameters)} parameters";
            foreach (string line in StudyDesign.Describe(spec))
                yield return line;
        }
        yield return $"runs       {N(estimate.Runs)} at first in {N(estimate.Packs)} packs; the learning-rate sentinel may bring them to "
            + $"about {N(estimate.MostRuns)}";
        yield return $"work       {N(estimate.Steps)} steps, {N(estimate.Samples)} samples, {N(estimate.Tokens)} tokens at first";
        if (time is not null)
            yield return $"time       {time}";
        yield return $"memory     about {ByteSize.Format(estimate.MemoryPerPack)} for the largest pack";
        yield return $"disk       about {ByteSize.Format(estimate.Disk)}";
        foreach (Finding finding in study.Findings)
            yield return FindingText.Line(finding);
    }

    private static string Task(string label, StudySpec spec, ITask task) =>
        $"{label}{spec.Task.Kind}{(spec.Task.Path is { } path ? " " + Path.GetFileName(path) : "")}, "
        + $"{task.Description}{(TaskFacts.Of(spec.Task).Any(f => f.Key == "context") ? $", context {spec.Task.Context}" : "")}{(task.EntropyRate is { } h ? string.Create(CultureInfo.InvariantCulture, $", entropy rate {h:f4} nats") : "")}";

    private static JsonObject ToJson(PreparedStudy study, PlanEstimate estimate, PlanTime? time) =>
        new()
        {
            ["study"] = study.Plan.Study.Name,
            ["runs"] = estimate.Runs,
            ["mostRuns"] = estimate.MostRuns,
            ["packs"] = estimate.Packs,
            ["steps"] = estimate.Steps,
            ["samples"] = estimate.Samples,
            ["tokens"] = estimate.Tokens,
            ["parameters"] = estimate.Parameters,
            ["seconds"] = time?.First.TotalSeconds,
            ["mostSeconds"] = time?.Most.TotalSeconds,
            ["memoryPerPack"] = estimate.MemoryPerPack,
            ["disk"] = estimate.Disk,
            ["design"] = new JsonArray([.. StudyDesign.Describe(study.Plan.Study).Select(l => (JsonNode)l)]),
            ["arms"] = new JsonArray([
                .. study.Plan.Arms.Select(g =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["key"] = g.Key,
                            ["optimizer"] = g.Optimizer,
                            ["batch"] = g.Batch,
                            ["learningRates"] = new JsonArray([.. g.Rates.Select(r => (JsonNode)r)]),
                            ["runs"] = new JsonArray([.. study.Plan.Runs(g, g.Rates).Select(r => (JsonNode)r.Id)]),
                        }
                ),
            ]),
            ["findings"] = FindingText.Json(study.Findings),
        };
}
