// What sharpness and noise share: run a study, then measure its tuned runs with some probes, in the same store.
using System.CommandLine;
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Running;
using Gaplab.Torch;

namespace Gaplab.Cli;

/// <summary>Tuned runs whose probe files are all there.</summary>
internal sealed record TunedMeasurement(Plan Plan, RunStore Store, PlanDocument Document, IReadOnlyList<PackSpec> Packs, string[] Optimizers, string Folder, string Command, TextWriter Words)
{
    /// <summary>What is measured along the tuned runs of one batch size.</summary>
    public delegate ProbesSpec ProbesOf(PlanDocument document, Plan plan, RunStore store, int batch);

    /// <summary>Runs and measures; null where an exit code says why there is nothing to report.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="arguments">Its study options.</param>
    /// <param name="geometry">Names of the optimizers along whose runs to measure, by comma; null for sgd and adam where the study has them.</param>
    /// <param name="json">Whether standard output is for JSON alone.</param>
    /// <param name="probes">By batch size.</param>
    /// <param name="from">A store that holds all of it already: nothing is trained; null to train what is missing.</param>
    /// <param name="exit">The exit code.</param>
    /// <param name="check">Refuses, before anything is trained, what the probes could not do.</param>
    public static TunedMeasurement? Make(ParseResult parsed, StudyArguments arguments, string? geometry, bool json, ProbesOf probes, string? from, out int exit, Action<PreparedStudy>? check = null)
    {
        TextWriter words = json ? Console.Error : Console.Out;
        string command = StudyRunCommand.CommandText();
        exit = CommandRunner.Done;
        if (from is not null) return Read(parsed, arguments, geometry, probes, from, command, words);
        using PreparedStudy study = arguments.Prepare(parsed);
        CheckCells(parsed, arguments, study.Plan);
        string[] optimizers = Geometries(geometry, study.Plan);
        _ = TorchRuntime.Version;
        if (study.Findings.FirstOrDefault(f => f.Severity == Severity.Error) is { } error) throw new InputException(error.Message);
        check?.Invoke(study);
        string folder = arguments.StorePath(parsed, study.Plan.Study);
        RunStore store = RunStore.Open(folder, create: true);
        store.Bind(study.Plan.Study.Name, RunId.OfStudy(study.Plan.Study), study.Yaml);
        PlanDocument document = study.ToDocument(command);
        document.Save(store);
        words.WriteLine($"store      {folder}");

        // Only tuned runs are measured, and which these are is known at the end.
        Plan plan = WithoutProbes(document);
        var options = new RunnerOptions { Workers = arguments.WorkerCount(parsed), Worker = WorkerCommand.Self() };
        RunnerEnd end;
        IReadOnlyList<PackSpec> packs = [];
        using (var live = LiveProgress.Create(json))
        {
            end = StudyRunCommand.UntilStopped(new StudyRunner(plan, store, options, live).Run);
            if (!end.Interrupted && end.Missing.Count == 0)
            {
                packs = PacksOf(plan, store, optimizers, document, probes);
                words.WriteLine($"measuring  {packs.Sum(p => p.ProbedRuns!.Count)} tuned runs");
                if (packs.Count > 0 && packs[0].Probes!.Noise is { } noise)
                    words.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory     {packs.Max(p => (p.ProbedRuns!.Count * p.Probes!.Noise!.Memory(plan.Parameters, p.Probes.At.Count)) >> 20) + 1} MiB at most for the noise of one pack, beside its training; {noise.Draws} mini-batches a point, windows of {noise.Settling} + {noise.Window} steps"));
                end = StudyRunCommand.UntilStopped(stop => new StudyRunner(plan, store, options, live).Measure(packs, stop));
            }
        }
        if (end.Interrupted)
        {
            Console.Error.WriteLine($"interrupted; what was running is checkpointed. Go on with: {command}");
            exit = CommandRunner.Interrupted;
            return null;
        }
        foreach ((PackSpec pack, PackEnd last) in end.Missing)
            Console.Error.WriteLine($"missing    {pack.Runs.Count} runs of {pack.Runs[0].Spec.Optimizer.Name}, B={pack.Runs[0].Spec.Batch}: {last.Kind}: {last.Cause}; the same command tries them again");
        if (end.Missing.Count > 0)
        {
            exit = CommandRunner.Incomplete;
            return null;
        }
        return new TunedMeasurement(plan, store, document, packs, optimizers, folder, command, words);
    }

    /// <summary>Fractions of the run, ascending; null where the option was not given.</summary>
    public static double[]? Fractions(string? text)
    {
        if (text is null) return null;
        return [.. text.Split(',').Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double f) && f is >= 0 and <= 1 ? f
            : throw new InputException($"--at got '{part.Trim()}'; expected fractions of the run from 0 to 1, for example --at 0,0.1,0.5,1")).Distinct().Order()];
    }

    private static TunedMeasurement Read(ParseResult parsed, StudyArguments arguments, string? geometry, ProbesOf probes, string from, string command, TextWriter words)
    {
        (RunStore store, PlanDocument document) = StudyArguments.OpenStore(from);
        string named = StudyFile.Load(parsed.GetRequiredValue(arguments.File), arguments.Overrides(parsed)).Name;
        if (named != document.Study.Name) throw new InputException($"--from got {from}, which is the store of the study '{document.Study.Name}'; expected that of '{named}'");
        Plan plan = WithoutProbes(document);
        CheckCells(parsed, arguments, plan);
        string[] optimizers = Geometries(geometry, plan);
        IReadOnlyList<PackSpec> packs = PacksOf(plan, store, optimizers, document, probes);
        if (packs.Count == 0 || packs.Any(p => ProbeFiles.AnyMissing(store, p)))
            throw new InputException($"--from got {from}, whose tuned runs were not measured with these options; expected a store that the same command has measured: leave --from out to measure them");
        return new TunedMeasurement(plan, store, document, packs, optimizers, from, command, words);
    }

    private static Plan WithoutProbes(PlanDocument document) => (document with { Study = document.Study with { Probes = null } }).ToPlan();

    private static IReadOnlyList<PackSpec> PacksOf(Plan plan, RunStore store, string[] optimizers, PlanDocument document, ProbesOf probes) =>
        new StudyResults(plan, store).TunedPacks(optimizers, batch => probes(document, plan, store, batch));

    private static void CheckCells(ParseResult parsed, StudyArguments arguments, Plan plan)
    {
        if (plan.Cells.Count > 1) throw new InputException($"{parsed.GetRequiredValue(arguments.File)} has settings or factors; expected a study of one task and model: this measures along one set of tuned runs");
    }

    private static string[] Geometries(string? text, Plan plan)
    {
        string[] names = [.. plan.Study.Optimizers.Select(o => o.Name)];
        if (text is null) return names.Where(n => n is "sgd" or "adam").ToArray() is { Length: > 0 } usual ? usual : names;
        string[] asked = [.. text.Split(',').Select(n => n.Trim()).Distinct()];
        foreach (string name in asked)
            if (!names.Contains(name)) throw new InputException($"--geometry got '{name}', but the study has no such optimizer; expected of {string.Join(", ", names)}");
        return asked;
    }
}
