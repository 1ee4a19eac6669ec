// The training curves of tuned runs, each clipped optimizer beside its unclipped twin.
using Gaplab.Learning.Specs;
using Gaplab.Results.Report.Charts;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Running;

/// <summary>Validation loss by samples, mean over the seeds, a panel a batch size.</summary>
public static class SharpnessCurves
{
    public static IReadOnlyList<PanelPoint> Of(StudyResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        (Plan plan, RunStore store) = (results.Plan, results.Store);
        var points = new List<PanelPoint>();
        foreach ((StudyGroup group, SentinelDecision decision) in results.Decisions())
        {
            if (decision.Best is not { } rate)
                continue;
            OptimizerSpec Bare(OptimizerSpec o) => o with { Name = "", ClipTop = 0, ClipTopAt = "gradient", ClipTopScope = "row" };
            string twin =
                plan.Groups.FirstOrDefault(g => g.Template.ClipTop == 0 && Bare(g.Template) == Bare(group.Template))?.Optimizer
                ?? group.Optimizer;
            var rows = plan.Runs(group, [rate])
                .Where(r => store.TryRead(r.Id) is not null)
                .SelectMany(r => store.Run(r.Id).ReadMetrics().Where(m => m.Name == "validation-loss"))
                .GroupBy(m => m.Samples);
            points.AddRange(
                rows.OrderBy(g => g.Key)
                    .Select(g => new PanelPoint(
                        $"{(plan.Cells.Count > 1 ? plan.CellOf(group).Key + ", " : "")}B = {group.Batch}",
                        twin,
                        g.Key,
                        g.Average(m => m.Value),
                        group.Template.ClipTop > 0
                    ))
            );
        }
        return points;
    }
}
