// What the probes of sharpness add to a study's page.
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>The sections and claims of gaplab sharpness, of whatever the store holds.</summary>
internal static class SharpnessSection
{
    private static ProbePart? Read(StudyResults results, string source, string command)
    {
        IReadOnlyList<SharpnessRow> rows = SharpnessRows.OfStore(results);
        if (rows.Count == 0)
            return null;
        IReadOnlyList<PanelPoint> curves = SharpnessCurves.Of(results);
        return new([.. SharpnessReport.Claims(rows, curves)], SharpnessReport.Sections(rows, curves, source, command));
    }

    public static ProbeSection Row { get; } =
        new()
        {
            Title = "Directional sharpness of each optimizer's update",
            Says = "sharpness and progress of many optimizers' updates along the tuned runs, as `gaplab sharpness` shows them",
            Probes = SharpnessProbes.Names,
            View = "sharpness",
            Read = Read,
        };
}
