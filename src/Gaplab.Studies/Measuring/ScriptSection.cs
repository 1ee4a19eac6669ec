// What a study's page shows of what its script logged besides its losses: noise scales, sharpness, norms, whatever it is.
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Logs;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;

namespace Gaplab.Studies.Measuring;

/// <summary>Series of a command's tuned runs, by the names that the script gives them.</summary>
internal static class ScriptSection
{
    private const int MostNames = 12;

    private sealed record Logged(Arm Arm, string Run, long Steps, string Name, MetricSeries Series);

    /// <summary>The sections; null where the scripts logged nothing else.</summary>
    /// <param name="results">Of a study of a command.</param>
    /// <param name="source">The store, as a provenance line names it.</param>
    /// <param name="command">The command that made it.</param>
    public static ProbePart? Read(StudyResults results, string source, string command)
    {
        if (!results.Plan.Study.IsOfCommand)
            return null;
        Logged[] all =
        [
            .. results.TunedRuns().Where(t => results.Store.Run(t.Run.Id).IsFinished).SelectMany(t => Of(results, t.Arm, t.Run)),
        ];
        string[] names = [.. all.Select(l => l.Name).Distinct().Take(MostNames)];
        string[] probed =
        [
            .. results
                .TunedRuns()
                .Select(t => Path.Combine(results.Store.Run(t.Run.Id).Folder, CommandAttempt.OutFolder, "probe.json"))
                .Where(File.Exists),
        ];
        if (names.Length == 0 && probed.Length == 0)
            return null;
        var sections = new List<Section>();
        foreach ((int index, string name) in names.Index())
        {
            Logged[] of = [.. all.Where(l => l.Name == name)];
            var from = new Provenance(source, command, [.. of.Select(l => l.Run).Distinct()]);
            sections.Add(
                new Section
                {
                    Id = $"script-{NumberText.Count(index + 1)}",
                    Title = index == 0 ? "What the script measured" : name,
                    Level = index == 0 ? 2 : 3,
                    Provenance = from,
                    Prose =
                        index == 0
                            ?
                            [
                                $"Logged by the script itself along the tuned runs, under its own names; first "
                                    + $"`{name}`. Means over the seeds.",
                            ]
                            : [],
                    Chart = Along(name, of),
                    Table = Ends(name, of),
                }
            );
        }
        if (probed.Length > 0)
            sections.Add(
                new Section
                {
                    Id = "script-curvature",
                    Title = "Curvature and noise for a prediction",
                    Level = names.Length == 0 ? 2 : 3,
                    Prose =
                    [
                        $"{NumberText.Count(probed.Length)} tuned runs left a probe.json in their folders, which `gaplab predict` reads: "
                            + $"`gaplab predict {probed[0]}`",
                    ],
                }
            );
        return new([], sections);
    }

    private static IEnumerable<Logged> Of(StudyResults results, Arm arm, PlannedRun run)
    {
        CommandSpec command = CommandModel.Command(run.Spec.Model);
        string folder = results.Store.Run(run.Id).Folder;
        RunMetrics metrics;
        try
        {
            // Asked for nothing, it reads all that there is.
            metrics = RunMetrics.Read(
                new()
                {
                    Folder = Path.Combine(folder, CommandAttempt.OutFolder),
                    StandardOutput = Path.Combine(folder, CommandAttempt.OutputName),
                    From = command.MetricsFrom,
                    Names = new Dictionary<string, string>(),
                }
            );
        }
        catch (InputException)
        {
            return []; // a file that was there when the run ended, and was deleted since
        }
        HashSet<string> shown = [.. command.Metrics.Values.Values.OfType<string>()];
        return metrics
            .All.Where(s => !shown.Contains(s.Name) && !MetricSource.IsUsual(s.Name) && s.Points.Any(p => double.IsFinite(p.Value)))
            .Select(s => new Logged(arm, run.Id, run.Spec.Budget.Steps(arm.Batch, 1), s.Name, s));
    }

    private static string Who(Arm arm) => arm.Optimizer + (arm.Variant.Length > 0 ? ", " + arm.Variant : "");

    private static string Where(Arm arm) =>
        $"{(arm.Comparison.Key.Heading.Length > 0 ? arm.Comparison.Key.Heading + ", " : "")}B = {NumberText.Count(arm.Batch)}";

    // Points whose step the log does not say are spread evenly.
    private static Chart Along(string name, IEnumerable<Logged> of) =>
        SeriesPanels.Make(
            [
                .. of.GroupBy(l => l.Arm.Key)
                    .SelectMany(arm =>
                        arm.SelectMany(l =>
                                l.Series.Points.Select(
                                    (p, i) =>
                                        (
                                            At: Math.Round(
                                                100
                                                    * Math.Min(
                                                        1,
                                                        (p.Position.Step ?? (i + 1.0) * l.Steps / l.Series.Points.Count) / l.Steps
                                                    ),
                                                3
                                            ),
                                            p.Value
                                        )
                                )
                            )
                            .Where(p => double.IsFinite(p.Value))
                            .GroupBy(p => p.At)
                            .OrderBy(g => g.Key)
                            .Select(g => new PanelPoint(
                                Where(arm.First().Arm),
                                Who(arm.First().Arm),
                                g.Key,
                                g.Average(p => p.Value),
                                Error: g.Count() > 1 ? SampleError.OfMean([.. g.Select(p => p.Value)]) : double.NaN
                            ))
                    ),
            ],
            new PanelAxis("per cent of the run"),
            new PanelAxis(name),
            true,
            $"{name} along the tuned runs.",
            "Bars: one standard error over the seeds."
        );

    private static Table Ends(string name, IEnumerable<Logged> of) =>
        new(
            $"{name} at the end of the tuned runs, one row per arm",
            [new("arm"), new("optimizer"), new("mean", true), new("standard error", true), new("seeds", true)],
            [
                .. of.GroupBy(l => l.Arm.Key)
                    .Select(arm =>
                    {
                        double[] ends = [.. arm.Select(l => l.Series.Points[^1].Value).Where(double.IsFinite)];
                        return new Row(
                            [
                                Where(arm.First().Arm),
                                Who(arm.First().Arm),
                                Cell.Of(ends.Length > 0 ? ends.Average() : null, NumberText.Short),
                                Cell.Of(ends.Length > 1 ? SampleError.OfMean(ends) : null, NumberText.Short),
                                new Cell(NumberText.Count(ends.Length), ends.Length),
                            ],
                            [.. arm.Select(l => l.Run)]
                        );
                    }),
            ]
        );
}
