// Everything that a store says at one moment: its runs one by one, its arms, its answer.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Serving;

/// <summary>One learning rate of an arm, over its seeds.</summary>
internal sealed record RateCell(double Rate, int Runs, int Done, int Diverged, double Mean);

/// <summary>One arm: the rates it tried and what the sentinel says of it.</summary>
internal sealed record ArmCells(Arm Arm, SentinelDecision Decision, IReadOnlyList<RateCell> Cells);

/// <param name="Study">The study's name.</param>
/// <param name="Metric">The study's own.</param>
/// <param name="Rows">Every run that was asked for so far, in the plan's order.</param>
/// <param name="Work">Samples of each run that has no result, by id.</param>
/// <param name="TotalWork">Samples of all rows.</param>
/// <param name="Page">The report, without what probes measured; empty where nothing can be analysed yet, which <paramref name="Problem"/>
/// explains.</param>
/// <param name="Analysis">What gaplab study report --json prints; null without a page.</param>
internal sealed record StudyReading(
    string Study,
    string Metric,
    bool HigherIsBetter,
    IReadOnlyList<RunRow> Rows,
    IReadOnlyDictionary<string, double> Work,
    double TotalWork,
    IReadOnlyList<ArmCells> Arms,
    PackedPage Page,
    PackedText? Analysis,
    string? Problem
)
{
    /// <summary>Reads a store; nothing is written. Of very many runs it keeps what a browser may ask for, and nothing that it can be made
    /// from.</summary>
    /// <param name="store">At one moment.</param>
    /// <exception cref="InputException">There is no plan, or it cannot be read.</exception>
    public static StudyReading Of(RunStore store, Catalogues catalogues, string source)
    {
        PlanDocument document =
            PlanDocument.TryLoad(store, catalogues) ?? throw new InputException("no plan.json yet: the study was not run in this store");
        var report = new StudyReport(document, store);
        Plan plan = report.Results.Plan;
        IReadOnlyList<(Arm Arm, SentinelDecision Decision)> decisions = report.Results.Decisions();
        StoreReading stored = store.Read();
        Settle(stored.Results.Count);
        ILookup<string, Damage> damaged = stored.Damaged.ToLookup(d => d.Run);
        Dictionary<string, (Attempt Last, int Count)> attempts = [];
        foreach (Attempt attempt in store.ReadAttempts().Values.SelectMany(a => a).OrderBy(a => a.Time))
        foreach (string run in attempt.Runs)
            attempts[run] = (attempt, attempts.TryGetValue(run, out var before) ? before.Count + 1 : 1);

        var rows = new List<RunRow>();
        var work = new Dictionary<string, double>(StringComparer.Ordinal);
        var arms = new List<ArmCells>();
        double total = 0;
        foreach ((Arm arm, SentinelDecision decision) in decisions)
        {
            var cells = new List<RateCell>();
            string comparison = arm.Comparison.Key.Heading;
            foreach (var rate in plan.Runs(arm, decision.Tried).GroupBy(r => r.Spec.Optimizer.LearningRate))
            {
                bool tuned = decision.Best is { } best && Close(best, rate.Key);
                int done = 0,
                    diverged = 0,
                    all = 0;
                double sum = 0;
                foreach (PlannedRun run in rate)
                {
                    all++;
                    RunResult? result = stored.Results.GetValueOrDefault(run.Id);
                    double samples = (double)run.Spec.Budget.Steps(arm.Batch, run.Spec.Task.Context) * arm.Batch;
                    total += samples;
                    if (result is null)
                        work[run.Id] = samples;
                    RunRow row = Row(run, arm, comparison, result, tuned, document.Study.Metric, damaged[run.Id], attempts);
                    rows.Add(row);
                    if (row.State == RunState.Completed)
                    {
                        done++;
                        sum += row.Value;
                    }
                    else if (row.State == RunState.Diverged)
                        diverged++;
                }
                cells.Add(new RateCell(rate.Key, all, done, diverged, done == 0 ? double.NaN : sum / done));
            }
            arms.Add(new ArmCells(arm, decision, cells));
        }

        (PackedPage page, PackedText? analysis, string? problem) = Answer(report, document, source, rows);
        return new StudyReading(
            document.Study.Name,
            document.Study.Metric,
            StudySpec.IsHigherBetter(document.Study.Metric),
            rows,
            work,
            total,
            arms,
            page,
            analysis,
            problem
        );
    }

    private static (PackedPage, PackedText?, string?) Answer(StudyReport report, PlanDocument document, string source, List<RunRow> rows)
    {
        if (!rows.Exists(r => r.State is RunState.Completed or RunState.Diverged))
            return (PackedPage.Empty, null, "No run has ended yet: the answer begins with the first.");
        try
        {
            (string first, string second) = report.DefaultPair();
            GapAnalysis analysis = report.Analyse(
                new AnalysisOptions
                {
                    First = first,
                    Second = second,
                    HigherIsBetter = StudySpec.IsHigherBetter(document.Study.Metric),
                }
            );
            Settle(rows.Count);
            PackedText json = PackedText.Of(analysis.ToJson());
            PackedPage page = PackedPage.Of(report.Build(analysis, source, probes: false));
            Settle(rows.Count);
            return (page, json, null);
        }
        catch (InputException error)
        {
            return (PackedPage.Empty, null, error.Message);
        }
    }

    /// <summary>Of very many runs each stage leaves as much behind as the next one needs: a server that stays gives it back.</summary>
    private static void Settle(int runs)
    {
        if (runs > ManyRuns)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private const int ManyRuns = 10_000;

    private static RunRow Row(
        PlannedRun run,
        Arm arm,
        string comparison,
        RunResult? result,
        bool tuned,
        string metric,
        IEnumerable<Damage> damaged,
        Dictionary<string, (Attempt Last, int Count)> attempts
    )
    {
        string reason = "";
        if (result is null)
            reason =
                damaged.FirstOrDefault() is { } damage ? $"damaged: {damage.File} {damage.Reason}"
                : attempts.TryGetValue(run.Id, out var tried)
                    ? $"{tried.Last.Outcome.Word()}: {tried.Last.Cause} ({tried.Count.ToString(CultureInfo.InvariantCulture)} "
                        + $"{(tried.Count == 1 ? "attempt" : "attempts")})"
                : RunRow.NotBegun;
        return new RunRow(
            run.Id,
            arm.Key,
            comparison,
            arm.Optimizer,
            arm.Batch,
            run.Spec.Optimizer.LearningRate,
            arm.Variant,
            run.Spec.Seed,
            result is null ? RunState.Missing
                : result.Outcome == Outcome.Completed ? RunState.Completed
                : RunState.Diverged,
            result is not null && result.Metrics.TryGetValue(metric, out double value) ? value : double.NaN,
            result is not null && result.Metrics.TryGetValue(StudyResults.ClipFraction, out double clip) ? clip : double.NaN,
            result?.Seconds ?? double.NaN,
            result?.Outcome == Outcome.Diverged ? result.Cause ?? "" : reason,
            tuned
        );
    }

    private static bool Close(double a, double b) => Math.Abs(a - b) <= 1e-6 * Math.Abs(b);
}
