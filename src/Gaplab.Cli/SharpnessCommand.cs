// gaplab sharpness: runs a study, then measures the updates of many optimizers along its tuned runs.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Running;
using Gaplab.Torch;

namespace Gaplab.Cli;

internal static class SharpnessCommand
{
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
        var from = new Option<string?>("--from") { Description = "measure the saved checkpoints of this store instead, without training" };
        var run = new Option<string?>("--run") { Description = "with --from: the checkpoints of this run (an id or its beginning) instead of those of the tuned runs" };
        arguments.File.Arity = ArgumentArity.ZeroOrOne;
        var command = new Command("sharpness", "run a study, then measure sharpness and progress of many optimizers' updates along its tuned runs") { arguments.File, at, geometry, from, run, arguments.Set, arguments.Text, arguments.Store, arguments.Workers, json, html };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(from) is { } store)
            {
                string? other = ((Option[])[at, geometry, arguments.Set, arguments.Text, arguments.Store]).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false })?.Name ?? (parsed.GetValue(arguments.File) is null ? null : "a study file");
                if (other is not null) throw new InputException($"--from measures the checkpoints of a store as they are and not with {other}; leave one of the two out");
                return FromStore(store, parsed.GetValue(run), parsed.GetValue(json), parsed.GetValue(html));
            }
            if (parsed.GetValue(run) is not null) throw new InputException("--run names a run of the store given by --from; give --from STORE too");
            if (parsed.GetValue(arguments.File) is null) throw new InputException("sharpness needs a study file (STUDY.yaml), or --from STORE to measure saved checkpoints");
            return Run(parsed, arguments, TunedMeasurement.Fractions(parsed.GetValue(at)), parsed.GetValue(geometry), parsed.GetValue(json), parsed.GetValue(html));
        });
        return command;
    }

    private static int Run(ParseResult parsed, StudyArguments arguments, IReadOnlyList<double>? at, string? geometry, bool json, string? html)
    {
        TunedMeasurement? measured = TunedMeasurement.Make(parsed, arguments, geometry, json, (document, plan, store, batch) => new SharpnessProbes(plan, store).Of(document.Study, batch, at), null, out int exit, CheckMemory);
        if (measured is null) return exit;
        Write(SharpnessRows.Read(measured.Plan, measured.Store, measured.Packs), SharpnessCurves.Of(measured.Plan, measured.Store), measured.Document, measured.Store, measured.Command, [new("trajectories", string.Join(", ", measured.Optimizers))], html ?? Path.Combine(measured.Folder, "sharpness.html"), json);
        return CommandRunner.Done;
    }

    private static int FromStore(string path, string? run, bool json, string? html)
    {
        TextWriter words = json ? Console.Error : Console.Out;
        (RunStore store, PlanDocument document) = StudyArguments.OpenStore(path);
        _ = TorchRuntime.Version;
        TorchRuntime.Threads = 1;
        var measurement = new CheckpointMeasurement(document, store);
        string command = StudyRunCommand.CommandText();
        if (StudyRunCommand.UntilStopped(stop => new RunnerEnd(!measurement.Measure(run, words.WriteLine, stop), [])).Interrupted)
        {
            Console.Error.WriteLine($"interrupted; what was measured is kept. Go on with: {command}");
            return CommandRunner.Interrupted;
        }
        IReadOnlyList<SharpnessRow> rows = measurement.Rows();
        string[] known = [.. rows.Where(r => !r.Moves).Select(r => r.Name).Distinct()];
        words.WriteLine($"shadows    {(known.Length == 0 ? "none" : string.Join(", ", known))}; an optimizer whose averages no checkpoint holds is left out");
        Write(rows, [], document, store, command, [new("points", "saved checkpoints")], html ?? Path.Combine(store.Root, "sharpness-checkpoints.html"), json);
        return CommandRunner.Done;
    }

    private static void Write(IReadOnlyList<SharpnessRow> rows, IReadOnlyList<PanelPoint> curves, PlanDocument document, RunStore store, string command, IEnumerable<Fact> facts, string page, bool json)
    {
        string[] claims = [.. SharpnessReport.Claims(rows, curves)];
        Report report = SharpnessReport.Build(document.Study.Name, [new("model", string.Create(CultureInfo.InvariantCulture, $"{document.Study.Model.Kind}, {document.ToPlan().Parameters} parameters")), .. facts], rows, curves, store.Root, command, $"Gaplab {RunEnvironment.Version}");
        ReportWriter.Write(page, report, ReportBundle.Load());
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(new { study = document.Study.Name, claims, points = rows.Select(r => r with { Histogram = [], Landscape = [] }) }, JsonText));
        else foreach (string claim in claims) Console.WriteLine(claim.Replace("**", "", StringComparison.Ordinal));
        (json ? Console.Error : Console.Out).WriteLine($"report: {page}");
    }

    // The probes come after the training: what they will need is counted before it.
    private static void CheckMemory(PreparedStudy study)
    {
        Plan plan = study.Plan;
        ProbesSpec probes = SharpnessProbes.Expected(plan.Study);
        foreach (PackSpec pack in plan.FirstRound())
        {
            RunSpec spec = pack.Runs[0].Spec;
            if (StudyChecks.MemoryRefusal(plan.Study, plan.Memory(spec, pack.Runs.Count, probes), plan.Memory(spec, pack.Runs.Count, null), study.AllowedMemory) is { } refusal) throw new InputException(refusal);
        }
    }
}
