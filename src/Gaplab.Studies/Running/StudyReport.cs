// A study's report: its sweep analysed, the learning curves of the tuned runs, and where every number comes from.
using System.Globalization;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Running;

/// <summary>Analyses and reports the store of a study.</summary>
public sealed class StudyReport(PlanDocument document, RunStore store)
{
    private readonly Plan _plan = document.ToPlan();

    /// <summary>The pair compared when none is named: SGD against Adam where the study has them under these names, else its first two.</summary>
    public (string First, string Second) DefaultPair()
    {
        string[] names = [.. document.Study.Optimizers.Select(o => o.Name)];
        if (names.Contains("sgd") && names.Contains("adam")) return ("sgd", "adam");
        return names.Length > 1 ? (names[0], names[1]) : (names[0], names[0] == "adam" ? "sgd" : "adam");
    }

    public GapAnalysis Analyse(AnalysisOptions options, string? metric = null) => GapAnalysis.Analyse(new StudyResults(_plan, store).Sweep(metric), options);

    /// <param name="analysis">Of this store.</param>
    /// <param name="source">The store as the user named it.</param>
    public Report Build(GapAnalysis analysis, string source, string generator)
    {
        StudySpec study = document.Study;
        var facts = new List<Fact>
        {
            new("task", Task(study)),
            new("model", string.Create(CultureInfo.InvariantCulture, $"{study.Model.Kind}, {study.Model.Layers} layers, width {study.Model.Width}, {study.Model.Heads} heads, {_plan.Parameters} parameters")),
            new("budget", string.Create(CultureInfo.InvariantCulture, $"{study.Budget.Amount} {study.Budget.Unit} a run, {study.Schedule.Kind} schedule")),
        };
        if (study.Question.Length > 0) facts.Insert(0, new Fact("question", study.Question));
        if (document.EntropyRate is { } entropy) facts.Add(new Fact("least possible loss", string.Create(CultureInfo.InvariantCulture, $"{entropy:g5} nats a token, the source's entropy rate")));
        return CrossoverReport.Build(new CrossoverReportInput
        {
            Analysis = analysis,
            Title = study.Name,
            Source = source,
            Command = document.Command,
            Facts = facts,
            Curves = Curves(),
            CurveMetric = "validation-loss",
            Findings = Environment(),
            Generator = generator,
        });
    }

    private static string Task(StudySpec study) => study.Task.Kind switch
    {
        "markov" => string.Create(CultureInfo.InvariantCulture, $"Zipf–Markov source, exponent {study.Task.Exponent}, dependence {study.Task.Dependence}, {study.Task.Tokens} tokens, context {study.Task.Context}"),
        "genome" => string.Create(CultureInfo.InvariantCulture, $"generated genome, order {study.Task.Order}, {study.Task.Motifs} motifs, {study.Task.Tokens} bases, context {study.Task.Context}"),
        "random-molecules" => string.Create(CultureInfo.InvariantCulture, $"{study.Task.GraphCount} generated graphs of at most {study.Task.GraphNodes} nodes"),
        "translation" => string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(study.Task.Source)} to {Path.GetFileName(study.Task.Target)} (translation, {study.Task.Tokenizer}), at most {(study.Task.SourceContext == 0 ? study.Task.Context : study.Task.SourceContext)} source and {study.Task.Context} target tokens, SHA-256 {study.Task.Content?[..12]}…"),
        _ => $"{Path.GetFileName(study.Task.Path)} ({study.Task.Kind}{(study.Task.Kind == "text" ? ", " + study.Task.Tokenizer : "")}), context {study.Task.Context}, SHA-256 {study.Task.Content?[..12]}…",
    };

    private List<(GroupKey, CurvePoint)> Curves()
    {
        var points = new List<(GroupKey, CurvePoint)>();
        foreach ((StudyGroup group, SentinelDecision decision) in new StudyResults(_plan, store).Decisions())
        {
            foreach (Learning.Specs.PlannedRun run in _plan.Runs(group, decision.Tried))
            {
                RunFolder folder = store.Run(run.Id);
                if (!folder.IsFinished) continue;
                foreach (MetricRow row in folder.ReadMetrics().Where(m => m.Name == "validation-loss"))
                    points.Add((GroupKey.Empty, new CurvePoint(group.Optimizer, group.Batch, run.Spec.Seed.ToString(CultureInfo.InvariantCulture), row.Samples, row.Value, run.Id)));
            }
        }
        return points;
    }

    // What the runs' own machine says against them.
    private List<Finding> Environment()
    {
        bool reference = store.Index().Any(r => store.Run(r.Id).ReadEnv() is { } env && env.Contains("\"blas\": \"reference\"", StringComparison.Ordinal));
        return reference ? [new Finding("slow-blas", Severity.Hint, "runs were made on the reference BLAS, which is many times slower than OpenBLAS; install libopenblas0-pthread")] : [];
    }
}
