// The part of gaplab predict that runs a study's miniature: trains it in a store inside the study's and reads the gap of the whole from it.
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Running;
using Gaplab.Torch;

namespace Gaplab.Cli;

/// <summary>--miniature, --scale, --workers.</summary>
internal sealed class StudyMiniature(StudyArguments study)
{
    private readonly Option<bool> _asked = new("--miniature")
    {
        Description = "of a study: instead of the gap model, train it with smaller batches and fewer steps and read the gap from that",
    };
    private readonly Option<int?> _scale = new("--scale")
    {
        Description =
            "of a miniature: what batch sizes and steps are divided by (default the least of 2, 4, 8, 16 that costs at most 2% of "
            + "the sweep)",
    };

    public IReadOnlyList<Option> Options => [_asked, _scale, study.Workers];

    /// <summary>Whether a miniature is wanted.</summary>
    /// <exception cref="InputException">An option that only a miniature has, without one.</exception>
    public bool Asked(ParseResult parsed)
    {
        if (parsed.GetValue(_asked))
            return true;
        return new Option[] { _scale, study.Workers }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option
            ? throw new InputException($"{option.Name} is for a miniature; add --miniature, or leave it out")
            : false;
    }

    /// <summary>Trains what the miniature lacks, predicts every comparison, and keeps the predictions in the study's store.</summary>
    /// <returns>The exit code.</returns>
    public int Run(ParseResult parsed, string? pair, DocumentOutput output)
    {
        TextWriter words = output.Words(parsed);
        int workers = study.WorkerCount(parsed);
        using PreparedStudy whole = study.Prepare(parsed);
        (string First, string Second) compared = StudyPrediction.Pair(pair, [.. whole.Plan.Study.Optimizers.Select(o => o.Name)]);
        StudyPrediction.RefuseUnpredictable(whole);
        Miniature miniature = Miniature.Of(whole.Plan, compared, parsed.GetValue(_scale));
        Plan plan = miniature.Plan;
        _ = TorchRuntime.Version;
        words.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"miniature  at 1:{miniature.Scale}, batch sizes {Batches(plan.Comparisons.SelectMany(c => c.Study.Grid.Batches))}, "
                    + $"{plan.Study.Grid.Seeds.Count} seeds; {PlanEstimate.Of(plan).Runs} runs at first"
            )
        );
        if (miniature.LeftOut(whole.Plan) is { Count: > 0 } left)
            words.WriteLine($"left out   batch sizes {Batches(left)}: no multiples of {miniature.Scale}");

        string folder = study.StorePath(parsed, whole.Plan.Study),
            command = StudyRunCommand.CommandText();
        RunStore store = StudyPrediction.OpenStore(whole, folder),
            inner = RunStore.Open(Path.Combine(folder, "miniature"), create: true);
        inner.Bind(plan.Study.Name, RunId.OfStudy(plan.Study), whole.Yaml);
        PlanDocument document = whole.ToDocument(command, plan);
        document.Save(inner);
        words.WriteLine($"store      {inner.Root}");

        RunnerEnd end;
        using (var live = LiveProgress.Create(parsed.GetValue(output.Json)))
            end = StudyRunCommand.UntilStopped(
                new StudyRunner(plan, inner, new RunnerOptions { Workers = workers, Worker = WorkerCommand.Self() }, live).Run
            );
        if (StudyRunCommand.TellUnfinished(end, command) is { } stopped && (end.Interrupted || !inner.Index().Any()))
            return stopped;
        // Those that the sentinel added included; a diverged run counts whole.
        double spent = new StudyResults(plan, inner)
            .Decisions()
            .SelectMany(d => plan.Runs(d.Arm, d.Decision.Tried))
            .DistinctBy(r => r.Id)
            .Sum(r => (double)r.Spec.Budget.Steps(r.Spec.Batch, r.Spec.Task.Context) * r.Spec.Batch);
        words.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"cost       {spent:0} training samples, {100 * spent / miniature.Sweep:0.0#}% of the {miniature.Sweep} of the sweep's "
                    + $"first round{(miniature.Samples > ProbePlan.Share * miniature.Sweep ? "; at this scale it costs more than 2% from the start" : "")}"
            )
        );

        GapAnalysis analysis = new StudyReport(document, inner).Analyse(
            new AnalysisOptions { First = compared.First, Second = compared.Second }
        );
        Tell(analysis.Findings, words);
        var made = new List<GapPrediction>();
        foreach (PlannedComparison comparison in plan.Comparisons)
        {
            string file = PredictionFiles.Of(store, comparison.Key).Miniature,
                of = comparison.Key.Heading;
            ComparisonAnalysis? measured = analysis.Of(comparison.Key);
            if (
                measured is null
                || MiniatureReading.Of(measured, miniature.Scale, compared.First, compared.Second, of) is not { } prediction
            )
            {
                words.WriteLine($"left out   {of}: no batch size has losses above zero of both optimizers");
                continue;
            }
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            prediction.Write(file);
            words.WriteLine($"prediction: {file}");
            Tell(measured.Findings, words);
            made.Add(prediction);
        }
        if (made.Count == 0)
            throw new InputException($"the miniature's runs gave no losses to compare; see them with gaplab study report {inner.Root}");
        string source = Path.GetFileName(parsed.GetRequiredValue(study.File));
        if (output.Html.Of(parsed) is { } page)
        {
            ReportWriter.Write(
                page,
                MiniatureReport.Build(made, miniature.Scale, source, $"Gaplab {RunEnvironment.Version}"),
                ReportBundle.Load()
            );
            words.WriteLine($"report: {page.Path}");
        }
        if (parsed.GetValue(output.Json))
            Console.Out.WriteLine(
                new JsonObject
                {
                    ["scale"] = miniature.Scale,
                    ["samples"] = spent,
                    ["sweepSamples"] = miniature.Sweep,
                    ["comparisons"] = new JsonArray([.. made.Select(p => (JsonNode?)p.ToJson())]),
                }.ToJsonString(DocumentOutput.Format)
            );
        else
            foreach (GapPrediction prediction in made)
                MiniatureReport.Print(prediction, miniature.Scale);
        return StoreCheck.Tell(end.Missing.Count > 0 ? CommandRunner.Incomplete : CommandRunner.Done, inner);
    }

    private static readonly FindingKind[] s_doubts =
    [
        FindingKinds.GridEdge,
        FindingKinds.OneSidedGap,
        FindingKinds.DivergedEverywhere,
        FindingKinds.MissingRuns,
        FindingKinds.SeedsIntersected,
    ];

    /// <summary>What makes the reading doubtful; few seeds and unrefined grids are as they were planned, and its report has the
    /// rest.</summary>
    private static void Tell(IEnumerable<Finding> findings, TextWriter words)
    {
        foreach (Finding finding in findings.Where(f => s_doubts.Contains(f.Kind)))
            words.WriteLine(FindingText.Line(finding));
    }

    private static string Batches(IEnumerable<int> batches) => string.Join(", ", batches.Distinct().Order());
}
