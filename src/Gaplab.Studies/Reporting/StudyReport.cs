// A study's report: its sweep analysed, the learning curves of the tuned runs, and where every number comes from.
using System.Globalization;
using Gaplab.Learning.Training;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Results.Store;
using Gaplab.Studies.Measuring;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Reporting;

/// <summary>Analyses and reports the store of a study.</summary>
public sealed class StudyReport(PlanDocument document, RunStore store)
{
    private readonly Plan _plan = document.ToPlan();
    private StudyResults? _results;

    /// <summary>What is tuned is decided once for the whole page.</summary>
    public StudyResults Results => _results ??= new StudyResults(_plan, store);

    /// <summary>The pair compared when none is named.</summary>
    public (string First, string Second) DefaultPair()
    {
        (string first, string second) = OptimizerPair.Default([.. document.Study.Optimizers.Select(o => o.Name)]);
        return (first, second);
    }

    public GapAnalysis Analyse(AnalysisOptions options, string? metric = null)
    {
        SweepTable table = Results.Sweep(metric) with
        {
            Classes = _plan
                .Comparisons.Zip(document.Comparisons)
                .Where(c => c.Second.Classes is not null)
                .ToDictionary(c => c.First.Key, c => c.Second.Classes!),
            Floors = Floors(metric ?? document.Study.Metric),
        };
        GapAnalysis analysis = GapAnalysis.Analyse(table, options);
        return analysis with
        {
            Findings = [.. analysis.Findings, .. RunArithmetic.Findings(Chosen(analysis).Select(id => store.Run(id).ReadEnv()))],
            Factors = FactorAnalysis.Analyse(table, Factorial(document.Study), options),
            Explanations =
                document.Study.Comparisons.Select(c => c.Setting).Distinct().Count() > 1
                    ? Explained(StatedExplanations.Observations(_plan, analysis))
                    : null,
        };
    }

    /// <summary>What no loss can be below: the entropy rate of the data, which the excess over it has lost.</summary>
    private Dictionary<ComparisonKey, double> Floors(string metric) =>
        _plan
            .Comparisons.Zip(document.Comparisons)
            .Where(c => c.Second.EntropyRate is not null)
            .ToDictionary(c => c.First.Key, c => metric == Trainer.ExcessLoss ? 0 : c.Second.EntropyRate!.Value);

    private static ExplanationScores Explained(IReadOnlyList<GapObservation> observations) =>
        ExplanationScores.Of(observations, [.. observations.SelectMany(o => o.Values.Keys).Distinct()], ExplanationFits.Line);

    internal static FactorialStudy Factorial(StudySpec study) =>
        new([.. study.Factors.Select(f => new Factor(f.Name, f.Levels))], study.Design.Kind, study.Design.Generators);

    /// <param name="analysis">Of this store.</param>
    /// <param name="source">The store as the user named it.</param>
    /// <param name="probes">Whether what probes measured is part of it.</param>
    public Report Build(GapAnalysis analysis, string source, bool probes = true)
    {
        source = store.Integrity().Describe(source);
        // The page stands on these: of the many others neither the curves nor the machines are read.
        HashSet<string> chosen = Chosen(analysis);
        StudySpec study = document.Study;
        var facts =
            _plan.Comparisons.Count == 1
                ? new List<Fact> { new("task", Task(study)), new("model", Model(study, _plan.Parameters)), new("budget", Budget(study)) }
                : Settings();
        if (study.Question.Length > 0)
            facts.Insert(0, new Fact("question", study.Question));
        if (document.Comparisons is [{ EntropyRate: { } entropy }])
            facts.Add(
                new Fact(
                    "least possible loss",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{entropy:g5} {study.Catalogues.Tasks.Of(study.Task.Kind).Samples.LossUnit}, known of the source"
                    )
                )
            );
        Report report = CrossoverReport.Build(
            new CrossoverReportInput
            {
                Analysis = analysis,
                Title = study.Name,
                Source = source,
                Command = document.Command,
                Facts = facts,
                Curves = Curves(chosen),
                CurveMetric = "validation-loss",
                Findings = [.. Watched()],
            }
        );
        ProbePart[] measured = probes
            ? [.. ProbeSections.OfPage.Select(s => s.Read(Results, source, document.Command)).OfType<ProbePart>()]
            : [];
        if (ScriptSection.Read(Results, source, document.Command) is { } logged)
            measured = [.. measured, logged];
        // Before the explanation of how to read the page, which stands last; what the page shows already is not shown twice.
        return report with
        {
            Summary = [.. report.Summary, .. measured.SelectMany(m => m.Claims)],
            Sections =
            [
                .. report.Sections.SkipLast(1).Concat(measured.SelectMany(m => m.Sections)).DistinctBy(s => s.Id),
                report.Sections[^1],
            ],
        };
    }

    // One fact a setting: its first comparison; the factors say what the others change.
    private List<Fact> Settings()
    {
        var facts = new List<Fact>();
        foreach (var setting in document.Study.Comparisons.Zip(_plan.Comparisons).GroupBy(c => c.First.Setting))
            facts.Add(
                new Fact(
                    setting.Key.Length > 0 ? setting.Key : "task and model",
                    $"{Task(setting.First().Second.Study)}; {Model(setting.First().Second.Study, setting.First().Second.Parameters)}; "
                        + $"{Budget(setting.First().Second.Study)}"
                )
            );
        facts.AddRange(document.Study.Factors.Select(f => new Fact($"factor {f.Name}", string.Join(", ", f.Levels))));
        return facts;
    }

    private static string Model(StudySpec study, long parameters) =>
        string.Join(
            ", ",
            [
                study.Model.Kind,
                .. study.Catalogues.Models.Facts(study.Model).Select(f => f.Words),
                .. study.IsOfCommand ? [] : (string[])[string.Create(CultureInfo.InvariantCulture, $"{parameters:#,0} parameters")],
            ]
        );

    private static string Budget(StudySpec study) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{study.Budget.Amount:#,0} {study.Budget.Unit} a run"
                + $"{(study.IsOfCommand ? "" : $", {study.Schedule.Rate().Description} schedule")}"
        );

    private static string Task(StudySpec study) => string.Join(", ", study.Catalogues.Tasks.Facts(study.Task).Select(f => f.Words));

    private List<(ComparisonKey, CurvePoint)> Curves(HashSet<string> chosen)
    {
        var points = new List<(ComparisonKey, CurvePoint)>();
        foreach ((Arm arm, SentinelDecision decision) in Results.Decisions())
        {
            foreach (Learning.Specs.PlannedRun run in _plan.Runs(arm, decision.Tried).Where(r => chosen.Contains(r.Id)))
            {
                if (store.TryRead(run.Id) is null)
                    continue;
                foreach (MetricRow row in store.Run(run.Id).StreamMetrics().Where(m => m.Name == "validation-loss"))
                    points.Add(
                        (
                            arm.Comparison.Key,
                            new CurvePoint(
                                arm.Optimizer,
                                arm.Batch,
                                run.Spec.Seed.ToString(CultureInfo.InvariantCulture),
                                row.Samples,
                                row.Value,
                                run.Id
                            )
                        )
                    );
            }
        }
        return points;
    }

    // What the runs' own machine says against them.
    private IEnumerable<Finding> Watched() =>
        document.Study.Comparisons.Where(c => c.Study.IsOfCommand).SelectMany(c => StudyChecks.Watched(c.Study)).Distinct();

    // The runs at the learning rates that were chosen: what every gap is of.
    private static HashSet<string> Chosen(GapAnalysis analysis) =>
        [.. analysis.Comparisons.SelectMany(c => c.Tuned).SelectMany(t => t.Best.Runs).Where(r => r.Length > 0)];
}
