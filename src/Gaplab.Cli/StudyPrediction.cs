// The part of gaplab predict that takes a study: runs its probe in this process and keeps probe.json in the store.
using System.CommandLine;
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Theory.GapModel;
using Gaplab.Torch;

namespace Gaplab.Cli;

/// <summary>Options and run of a study's probe.</summary>
internal sealed class StudyPrediction
{
    private readonly Option<string?> _pair = PairOptions.Pair("of a study: ");
    private readonly Option<string?> _at = new("--at")
    {
        Description = "of a study: predict from curvature and noise at the 'start', or 'after' the probe's steps (default after)",
    };

    // An interruption ends the command; any other failure ends one comparison.
    private bool _stopped;

    public StudyArguments Study { get; } = new();

    public StudyMiniature Miniature { get; }

    public StudyPrediction() => Miniature = new(Study);

    public IReadOnlyList<Option> Options => [_pair, _at, Study.Set, Study.Text, Study.Store, .. Miniature.Options];

    /// <summary>The pair as the user named it; null: not named.</summary>
    public string? PairOf(ParseResult parsed) => parsed.GetValue(_pair);

    /// <exception cref="InputException">--at, which only a probe has.</exception>
    public void RefuseAt(ParseResult parsed)
    {
        if (parsed.GetResult(_at) is { Implicit: false })
            throw new InputException("--at is for the gap model's probe; a miniature has no use for it");
    }

    /// <summary>Refuses the options that only a study has.</summary>
    public void Refuse(ParseResult parsed, string what)
    {
        if (Options.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option)
            throw new InputException($"{option.Name} is for a study; {what} has no use for it");
    }

    /// <summary>Probes every comparison of the study and writes each probe into the store. One that cannot be probed is told and left out;
    /// if none can be, that is an error.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="oneFile">Where a single prediction is to go too.</param>
    /// <param name="words">Told what happens.</param>
    public IReadOnlyList<(ComparisonKey Key, Probe Probe, PredictionFiles Files)> Run(ParseResult parsed, string? oneFile, TextWriter words)
    {
        string at = parsed.GetValue(_at) ?? "after";
        if (at is not ("start" or "after"))
            throw new InputException($"--at got '{at}'; expected start or after");
        using PreparedStudy study = PreparedStudy.Read(
            parsed.GetRequiredValue(Study.File),
            Study.Overrides(parsed),
            Environment.ProcessorCount,
            s => Study.StorePath(parsed, s)
        );
        StudySpec spec = study.Plan.Study;
        (string First, string Second) pair = Pair(parsed.GetValue(_pair), [.. spec.Optimizers.Select(o => o.Name)]);
        RefuseUnpredictable(study);
        if (study.Plan.Comparisons.Count > 1 && oneFile is not null)
            throw new InputException(
                $"--out got '{oneFile}', but the study has {study.Plan.Comparisons.Count} comparisons; their predictions go to the store, "
                    + $"beside their probes"
            );
        foreach (PlannedComparison comparison in study.Plan.Comparisons)
        foreach (string name in (string[])[pair.First, pair.Second])
            _ = ModelledStudy.Optimizer(comparison.Study, name);
        _ = TorchRuntime.Version;
        TorchRuntime.Threads = 1;

        string folder = Study.StorePath(parsed, spec);
        var made = new List<(ComparisonKey, Probe, PredictionFiles)>();
        InputException? failed = null;
        foreach ((PlannedComparison comparison, ITask task) in study.Plan.Comparisons.Zip(study.Tasks))
        {
            if (comparison.Key.Heading.Length > 0)
                words.WriteLine($"[{comparison.Key}]");
            StudyProbeResult found;
            // What the model cannot be fitted to is left out here, with its reason, and not after all others are measured.
            try
            {
                found = Probed(study, comparison, task, pair, words);
                _ = (at == "start" ? found.Start : found.After).Setting();
            }
            catch (InputException e) when (study.Plan.Comparisons.Count > 1 && !_stopped)
            {
                words.WriteLine($"left out   {comparison.Key}: {e.Message}");
                failed = e;
                continue;
            }
            PredictionFiles files = PredictionFiles.Of(OpenStore(study, folder), comparison.Key);
            Directory.CreateDirectory(files.Folder);
            (Probe chosen, Probe other, string beside) =
                at == "start" ? (found.Start, found.After, files.After) : (found.After, found.Start, files.Start);
            ProbeJson.Write(files.Probe, chosen);
            ProbeJson.Write(beside, other);
            foreach (string line in Lines(found, task.EntropyRate is not null, files.Probe, beside))
                words.WriteLine(line);
            words.WriteLine();
            made.Add((comparison.Key, chosen, files));
        }
        return made.Count > 0 ? made : throw failed!;
    }

    /// <exception cref="InputException">A score as metric, or what would keep the study from running.</exception>
    internal static void RefuseUnpredictable(PreparedStudy study)
    {
        if (study.Plan.Study.Metric is var metric && StudySpec.IsHigherBetter(metric))
            throw new InputException($"the study's metric is {metric}, a score; a prediction is of losses: --set metric=validation-loss");
        if (study.Findings.FirstOrDefault(f => f.Severity == Severity.Error) is { } error)
            throw new InputException(error.Message);
    }

    /// <summary>The study's store, made where it is not there; a plan in it stays.</summary>
    internal static RunStore OpenStore(PreparedStudy study, string folder)
    {
        RunStore store = RunStore.Open(folder, create: true);
        store.Bind(study.Plan.Study.Name, RunId.OfStudy(study.Plan.Study), study.Yaml);
        if (PlanDocument.TryLoad(store) is null)
            study.ToDocument(StudyRunCommand.CommandText()).Save(store);
        return store;
    }

    private StudyProbeResult Probed(
        PreparedStudy study,
        PlannedComparison comparison,
        ITask task,
        (string First, string Second) pair,
        TextWriter words
    )
    {
        Plan only = study.Plan.Only(comparison);
        IModel model = ModelCatalogue.Build(comparison.Study.Model, comparison.Vocabulary, comparison.Study.Task);
        using var _model = model as IDisposable;
        ProbePlan plan = ProbePlan.Of(only, task, model, pair);
        var asked = new ProbesSpec
        {
            Names = ["spectrum"],
            Samples = plan.Curvature,
            Batch = StudyProbe.CurvatureBatch,
            SpectrumProducts = ProbePlan.Lanczos,
            DensitySteps = ProbePlan.Lanczos,
        };
        if (
            StudyChecks.MemoryRefusal(
                comparison.Study,
                comparison.Memory(plan.First, 1, asked),
                comparison.Memory(plan.First, 1, null),
                study.AllowedMemory
            ) is
            { } refusal
        )
            throw new InputException(refusal);
        StudyProbeResult? found = null;
        _stopped = StudyRunCommand
            .UntilStopped(stop =>
            {
                try
                {
                    found = StudyProbe.Run(only.Study, plan, task, model, pair, words.WriteLine, stop);
                }
                catch (OperationCanceledException)
                {
                    return new RunnerEnd(true, []);
                }
                return new RunnerEnd(false, []);
            })
            .Interrupted;
        return _stopped ? throw new InputException("interrupted; a probe starts anew the next time, nothing of it was written") : found!;
    }

    /// <exception cref="InputException">As --pair's, or a study of one optimizer.</exception>
    internal static (string First, string Second) Pair(string? asked, string[] names)
    {
        (string first, string second) = asked is null ? OptimizerPair.Default(names) : OptimizerPair.Parse(asked, names);
        return (first, second);
    }

    private static IReadOnlyList<string> Lines(StudyProbeResult found, bool known, string path, string other)
    {
        ProbePlan plan = found.Plan;
        double cost = found.Start.Cost!.Value,
            share = cost / plan.Sweep;
        static string Losses(IReadOnlyList<double> all) =>
            string.Join(' ', all.Select(l => l.ToString("g4", CultureInfo.InvariantCulture)));
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"probe      {path} (and {other})"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"cost       {cost} sample gradients, {100 * share:0.0#}% of the {plan.Sweep} of the sweep's first "
                    + $"round{(cost > plan.Cost ? "; with trial runs repeated because they diverged" : share > ProbePlan.Share ? "; the least probe of so short a sweep costs more than 2%" : "")}"
            ),
            string.Create(
                CultureInfo.InvariantCulture,
                $"losses     {Losses(found.Losses.First)} of {found.Start.FirstName}, {Losses(found.Losses.Second)} of "
                    + $"{found.Start.SecondName}; least possible {found.Start.LossFloor:g5} "
                    + $"({(known ? "known of the data" : "estimated from these")})"
            ),
        ];
    }
}
