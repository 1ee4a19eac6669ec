// What sharpness and noise share: run a study, then measure its tuned runs with some probes, in the same store.
using System.CommandLine;
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Studies.Yaml;
using Gaplab.Torch;

namespace Gaplab.Cli;

/// <summary>Tuned runs whose probe files are all there.</summary>
internal sealed record TunedMeasurement(
    Plan Plan,
    RunStore Store,
    PlanDocument Document,
    IReadOnlyList<PackSpec> Packs,
    string[] Optimizers,
    string Folder,
    string Command,
    TextWriter Words
)
{
    /// <summary>What its runs came to, decided once for all that is read of them.</summary>
    public StudyResults Results { get; } = new(Plan, Store);

    /// <summary>What is measured along the tuned runs of one batch size.</summary>
    public delegate ProbesSpec ProbesOf(PlanDocument document, StudyResults results, int batch);

    /// <summary>Runs and measures; null where an exit code says why there is nothing to report.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="arguments">Its options.</param>
    /// <param name="probes">By batch size.</param>
    /// <param name="from">A store that holds all of it already: nothing is trained; null to train what is missing.</param>
    /// <param name="exit">The exit code.</param>
    /// <param name="check">Refuses, before anything is trained, what the probes could not do.</param>
    public static TunedMeasurement? Make(
        ParseResult parsed,
        MeasurementArguments arguments,
        ProbesOf probes,
        string? from,
        out int exit,
        Action<PreparedStudy>? check = null
    )
    {
        TextWriter words = arguments.Output.Words(parsed);
        string command = StudyRunCommand.CommandText();
        exit = CommandRunner.Done;
        if (from is not null)
            return Read(parsed, arguments, probes, from, command, words);
        using PreparedStudy study = arguments.Study.Prepare(parsed);
        CheckComparisons(parsed, arguments.Study, study.Plan);
        string[] optimizers = arguments.Geometries(parsed, Names(study.Plan));
        _ = TorchRuntime.Version;
        if (study.Findings.FirstOrDefault(f => f.Severity == Severity.Error) is { } error)
            throw new InputException(error.Message);
        check?.Invoke(study);
        string folder = arguments.Study.StorePath(parsed, study.Plan.Study);
        RunStore store = RunStore.Open(folder, create: true);
        store.Bind(study.Plan.Study.Name, RunId.OfStudy(study.Plan.Study), study.Yaml);
        PlanDocument document = study.ToDocument(command);
        document.Save(store);
        words.WriteLine($"store      {folder}");

        // Only tuned runs are measured, and which these are is known at the end.
        Plan plan = WithoutProbes(document);
        var options = new RunnerOptions { Workers = arguments.Study.WorkerCount(parsed), Worker = WorkerCommand.Self() };
        RunnerEnd end;
        IReadOnlyList<PackSpec> packs = [];
        using (var live = LiveProgress.Create(parsed.GetValue(arguments.Output.Json)))
        {
            end = StudyRunCommand.UntilStopped(new StudyRunner(plan, store, options, live).Run);
            if (!end.Interrupted && end.Missing.Count == 0)
            {
                packs = PacksOf(plan, store, optimizers, document, probes);
                words.WriteLine($"measuring  {packs.Sum(p => p.ProbedRuns!.Count)} tuned runs");
                if (packs.Count > 0 && packs[0].Probes!.Noise is { } noise)
                    words.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"memory     {packs.Max(p => (p.ProbedRuns!.Count * p.Probes!.Noise!.Memory(plan.Parameters, p.Probes.At.Count)) >> 20) + 1} MiB at most for the noise of one pack, beside its training; {noise.Draws} mini-batches a point, windows of {noise.Settling} + {noise.Window} steps"
                        )
                    );
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
            Console.Error.WriteLine(
                $"missing    {pack.Runs.Count} runs of {pack.Runs[0].Spec.Optimizer.Name}, B={pack.Runs[0].Spec.Batch}: "
                    + $"{last.Kind.Word()}: {last.Cause}; the same command tries them again"
            );
        if (end.Missing.Count > 0)
        {
            exit = CommandRunner.Incomplete;
            return null;
        }
        return new TunedMeasurement(plan, store, document, packs, optimizers, folder, command, words);
    }

    private static TunedMeasurement Read(
        ParseResult parsed,
        MeasurementArguments arguments,
        ProbesOf probes,
        string from,
        string command,
        TextWriter words
    )
    {
        (RunStore store, PlanDocument document) = StudyArguments.OpenStore(from);
        string named = StudyFile.Load(parsed.GetRequiredValue(arguments.Study.File), arguments.Study.Overrides(parsed)).Name;
        if (named != document.Study.Name)
            throw new InputException(
                $"--from got {from}, which is the store of the study '{document.Study.Name}'; expected that of '{named}'"
            );
        Plan plan = WithoutProbes(document);
        CheckComparisons(parsed, arguments.Study, plan);
        string[] optimizers = arguments.Geometries(parsed, Names(plan));
        IReadOnlyList<PackSpec> packs = PacksOf(plan, store, optimizers, document, probes);
        if (packs.Count == 0 || packs.Any(p => ProbeFiles.AnyMissing(store, p, store.Tell)))
            throw new InputException(
                $"--from got {from}, whose tuned runs were not measured with these options; expected a store that the same command has "
                    + $"measured: leave --from out to measure them{Damage(store)}"
            );
        return new TunedMeasurement(plan, store, document, packs, optimizers, from, command, words);
    }

    private static string Damage(RunStore store) =>
        store.Integrity().Damaged is [var first, ..] all
            ? $" (damaged: {first}{(all.Count > 1 ? $", and {all.Count - 1} more files" : "")})"
            : "";

    private static Plan WithoutProbes(PlanDocument document) => (document with { Study = document.Study with { Probes = null } }).ToPlan();

    private static IReadOnlyList<PackSpec> PacksOf(Plan plan, RunStore store, string[] optimizers, PlanDocument document, ProbesOf probes)
    {
        var results = new StudyResults(plan, store);
        return results.TunedPacks(optimizers, batch => probes(document, results, batch));
    }

    private static string[] Names(Plan plan) => [.. plan.Study.Optimizers.Select(o => o.Name)];

    private static void CheckComparisons(ParseResult parsed, StudyArguments arguments, Plan plan)
    {
        if (plan.Comparisons.Count > 1)
            throw new InputException(
                $"{parsed.GetRequiredValue(arguments.File)} has settings or factors; expected a study of one task and model: this "
                    + $"measures along one set of tuned runs"
            );
    }
}
