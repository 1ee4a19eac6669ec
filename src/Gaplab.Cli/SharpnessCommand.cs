// gaplab sharpness: runs a study, then measures the updates of many optimizers along its tuned runs.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gaplab.Learning.Specs;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Running;

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
        command.SetAction(parsed => Run(parsed, arguments, TunedMeasurement.Fractions(parsed.GetValue(at)), parsed.GetValue(geometry), parsed.GetValue(json), parsed.GetValue(html)));
        return command;
    }

    private static int Run(ParseResult parsed, StudyArguments arguments, IReadOnlyList<double>? at, string? geometry, bool json, string? html)
    {
        TunedMeasurement? measured = TunedMeasurement.Make(parsed, arguments, geometry, json, (document, tuned, batch) =>
        {
            ProbesSpec asked = document.Study.Probes ?? new ProbesSpec { Names = Probes };
            asked = asked with { Names = Probes, At = at ?? asked.At };
            return asked.Shadows.Count > 0 ? asked : asked with { Shadows = SharpnessShadows.Of([.. tuned.Where(t => t.Batch == batch).Select(t => t.Recipe)]) };
        }, null, out int exit);
        if (measured is null) return exit;
        (Plan plan, RunStore store, PlanDocument document) = (measured.Plan, measured.Store, measured.Document);
        IReadOnlyList<SharpnessRow> rows = SharpnessRows.Read(plan, store, measured.Packs);
        string page = html ?? Path.Combine(measured.Folder, "sharpness.html");
        Report report = SharpnessReport.Build(document.Study.Name, [new("model", string.Create(CultureInfo.InvariantCulture, $"{document.Study.Model.Kind}, {plan.Parameters} parameters")), new("trajectories", string.Join(", ", measured.Optimizers))], rows, Curves(plan, store), measured.Folder, measured.Command, $"Gaplab {RunEnvironment.Version}");
        ReportWriter.Write(page, report, ReportBundle.Load());
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(new { study = document.Study.Name, claims = SharpnessReport.Claims(rows), points = rows.Select(r => r with { Histogram = [], Landscape = [] }) }, JsonText));
        else foreach (string claim in SharpnessReport.Claims(rows)) Console.WriteLine(claim.Replace("**", "", StringComparison.Ordinal));
        measured.Words.WriteLine($"report: {page}");
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
}
