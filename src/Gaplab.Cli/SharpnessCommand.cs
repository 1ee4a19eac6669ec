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
            return Run(parsed, arguments, Fractions(parsed.GetValue(at)), parsed.GetValue(geometry), parsed.GetValue(json), parsed.GetValue(html));
        });
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
        CheckMemory(study);
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
                var questions = new SharpnessProbes(plan, store);
                packs = new StudyResults(plan, store).TunedPacks(optimizers, batch => questions.Of(document.Study, batch, at));
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
        Write(SharpnessRows.Read(plan, store, packs), SharpnessCurves.Of(plan, store), document, store, command, [new("trajectories", string.Join(", ", optimizers))], html ?? Path.Combine(folder, "sharpness.html"), json);
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
