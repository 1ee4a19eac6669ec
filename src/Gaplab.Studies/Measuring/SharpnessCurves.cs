// The training curves of tuned runs, each clipped optimizer beside its unclipped twin.
using Gaplab.Results.Report.Charts;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>Validation loss by samples, mean over the seeds, one panel per batch size.</summary>
internal static class SharpnessCurves
{
    public static IReadOnlyList<PanelPoint> Of(StudyResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        (Plan plan, RunStore store) = (results.Plan, results.Store);
        var points = new List<PanelPoint>();
        foreach ((Arm arm, SentinelDecision decision) in results.Decisions())
        {
            if (decision.Best is not { } rate)
                continue;
            string twin = arm.Template.UnclippedTwin(plan.Arms.Select(a => a.Template));
            var rows = plan.Runs(arm, [rate])
                .Where(r => store.TryRead(r.Id) is not null)
                .SelectMany(r => store.Run(r.Id).ReadMetrics().Where(m => m.Name == "validation-loss"))
                .GroupBy(m => m.Samples);
            points.AddRange(
                rows.OrderBy(g => g.Key)
                    .Select(g => new PanelPoint(
                        $"{arm.Comparison.Key.Prefix}B = {arm.Batch}",
                        twin,
                        g.Key,
                        g.Average(m => m.Value),
                        arm.Template.ClipTop > 0
                    ))
            );
        }
        return points;
    }
}
