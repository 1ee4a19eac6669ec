// gaplab sharpness: runs a study, then measures the updates of many optimizers along its tuned runs.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Running;
using Gaplab.Torch;

namespace Gaplab.Cli;

internal static class SharpnessCommand
{
    private static readonly string[] Probes = ["sharpness", "attribution", "histogram", "landscape"];

    private static readonly JsonSerializerOptions JsonText = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var arguments = new StudyArguments();
        var at = new Option<string?>("--at") { Description = "where to measure, fractions of the run: 0,0.1,0.5,1" };
        var geometry = new Option<string?>("--geometry") { Description = "the study's optimizers along whose tuned runs to measure (default sgd,adam where it has them, else all)" };
        var json = new Option<bool>("--json") { Description = "one JSON document on standard output, everything else on standard error" };
        var html = new Option<string?>("--html") { Description = "the page to write (default sharpness.html in the store)" };
        var command = new Command("sharpness", "run a study, then measure sharpness and progress of many optimizers' updates along its tuned runs") { arguments.File, at, geometry, arguments.Set, arguments.Text, arguments.Store, arguments.Workers, json, html };
        command.SetAction(parsed => Run(parsed, arguments, Fractions(parsed.GetValue(at)), parsed.GetValue(geometry), parsed.GetValue(json), parsed.GetValue(html)));
        return command;
    }

    private static int Run(ParseResult parsed, StudyArguments arguments, IReadOnlyList<double>? at, string? geometry, bool json, string? html)
    {
        TextWriter words = json ? Console.Error : Console.Out;
        using PreparedStudy study = arguments.Prepare(parsed);
        if (study.Plan.Cells.Count > 1) throw new InputException($"{parsed.GetRequiredValue(arguments.File)} has settings or factors; expected a study of one task and model: this measures along one set of tuned runs");
        string[] optimizers = Geometries(geometry, [.. study.Plan.Study.Optimizers.Select(o => o.Name)]);
        _ = TorchRuntime.Version;
        if (study.Findings.FirstOrDefault(f => f.Severity == Severity.Error) is { } error) throw new InputException(error.Message);
        string folder = arguments.StorePath(parsed, study.Plan.Study), command = StudyRunCommand.CommandText();
        RunStore store = RunStore.Open(folder, create: true);
        store.Bind(study.Plan.Study.Name, RunId.OfStudy(study.Plan.Study), study.Yaml);
        PlanDocument document = study.ToDocument(command);
        document.Save(store);
        words.WriteLine($"store      {folder}");

        // Only tuned runs are measured, and which these are is known at the end.
        Plan plan = (document with { Study = document.Study with { Probes = null } }).ToPlan();
        var options = new RunnerOptions { Workers = arguments.WorkerCount(parsed), Worker = WorkerCommand.Self() };
        RunnerEnd end;
        IReadOnlyList<PackSpec> packs = [];
        using (var live = LiveProgress.Create(json))
        {
            end = StudyRunCommand.UntilStopped(new StudyRunner(plan, store, options, live).Run);
            if (!end.Interrupted && end.Missing.Count == 0)
            {
                ProbesSpec asked = document.Study.Probes ?? new ProbesSpec { Names = Probes };
                asked = asked with { Names = Probes, At = at ?? asked.At };
                var decisions = new StudyResults(plan, store).Decisions();
                ProbesSpec At(int batch) => asked.Shadows.Count > 0 ? asked : asked with
                {
                    Shadows = SharpnessShadows.Of([.. decisions.Where(d => d.Group.Batch == batch && d.Decision.Best is not null).Select(d => d.Group.Template with { LearningRate = d.Decision.Best!.Value })]),
                };
                packs = new StudyResults(plan, store).TunedPacks(optimizers, At);
                words.WriteLine($"measuring  {packs.Sum(p => p.ProbedRuns!.Count)} tuned runs");
                end = StudyRunCommand.UntilStopped(stop => new StudyRunner(plan, store, options, live).Measure(packs, stop));
            }
        }
        if (end.Interrupted)
        {
            Console.Error.WriteLine($"interrupted; what was running is checkpointed. Go on with: {command}");
            return CommandRunner.Interrupted;
        }
        foreach ((PackSpec pack, PackEnd last) in end.Missing)
            Console.Error.WriteLine($"missing    {pack.Runs.Count} runs of {pack.Runs[0].Spec.Optimizer.Name}, B={pack.Runs[0].Spec.Batch}: {last.Kind}: {last.Cause}; the same command tries them again");
        if (end.Missing.Count > 0) return CommandRunner.Incomplete;
        IReadOnlyList<SharpnessRow> rows = SharpnessRows.Read(plan, store, packs);
        string page = html ?? Path.Combine(folder, "sharpness.html");
        Report report = SharpnessReport.Build(document.Study.Name, [new("model", string.Create(CultureInfo.InvariantCulture, $"{document.Study.Model.Kind}, {plan.Parameters} parameters")), new("trajectories", string.Join(", ", optimizers))], rows, Curves(plan, store), folder, command, $"Gaplab {RunEnvironment.Version}");
        ReportWriter.Write(page, report, ReportBundle.Load());
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(new { study = document.Study.Name, claims = SharpnessReport.Claims(rows), points = rows.Select(r => r with { Histogram = [], Landscape = [] }) }, JsonText));
        else foreach (string claim in SharpnessReport.Claims(rows)) Console.WriteLine(claim.Replace("**", "", StringComparison.Ordinal));
        words.WriteLine($"report: {page}");
        return CommandRunner.Done;
    }

    private static List<PanelPoint> Curves(Plan plan, RunStore store)
    {
        var points = new List<PanelPoint>();
        foreach ((StudyGroup group, SentinelDecision decision) in new StudyResults(plan, store).Decisions())
        {
            if (decision.Best is not { } rate) continue;
            OptimizerSpec Bare(OptimizerSpec o) => o with { Name = "", ClipTop = 0, ClipTopAt = "gradient", ClipTopScope = "row" };
            string twin = plan.Groups.FirstOrDefault(g => g.Template.ClipTop == 0 && Bare(g.Template) == Bare(group.Template))?.Optimizer ?? group.Optimizer;
            var rows = plan.Runs(group, [rate]).SelectMany(r => store.Run(r.Id).ReadMetrics().Where(m => m.Name == "validation-loss")).GroupBy(m => m.Samples);
            points.AddRange(rows.OrderBy(g => g.Key).Select(g => new PanelPoint($"B = {group.Batch}", twin, g.Key, g.Average(m => m.Value), group.Template.ClipTop > 0)));
        }
        return points;
    }

    private static double[]? Fractions(string? text)
    {
        if (text is null) return null;
        return [.. text.Split(',').Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double f) && f is >= 0 and <= 1 ? f
            : throw new InputException($"--at got '{part.Trim()}'; expected fractions of the run from 0 to 1, for example --at 0,0.1,0.5,1")).Distinct().Order()];
    }

    private static string[] Geometries(string? text, string[] names)
    {
        if (text is null) return names.Where(n => n is "sgd" or "adam").ToArray() is { Length: > 0 } usual ? usual : names;
        string[] asked = [.. text.Split(',').Select(n => n.Trim()).Distinct()];
        foreach (string name in asked)
            if (!names.Contains(name)) throw new InputException($"--geometry got '{name}', but the study has no such optimizer; expected of {string.Join(", ", names)}");
        return asked;
    }
}
