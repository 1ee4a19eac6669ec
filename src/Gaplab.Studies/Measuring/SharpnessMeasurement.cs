// The answer of gaplab sharpness, read from a store: along tuned runs, or at saved checkpoints.
using System.Globalization;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>Both read the same rows; only tuned runs have curves.</summary>
public static class SharpnessMeasurement
{
    /// <summary>Along the tuned runs.</summary>
    public static SharpnessAnswer Answer(TunedMeasurement measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        return Of(
            measured.Document,
            measured.Store,
            measured.Command,
            new("trajectories", string.Join(", ", measured.Optimizers)),
            SharpnessRows.Read(measured.Results, measured.Packs),
            SharpnessCurves.Of(measured.Results)
        ) with
        {
            Spectra = SpectrumSection.Of(measured),
        };
    }

    internal static SharpnessAnswer Of(
        PlanDocument document,
        RunStore store,
        string command,
        Fact where,
        IReadOnlyList<SharpnessRow> rows,
        IReadOnlyList<PanelPoint> curves
    ) =>
        new()
        {
            Study = document.Study.Name,
            Facts =
            [
                new(
                    "model",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{document.Study.Model.Kind}, {document.ToPlan().Parameters:#,0} parameters"
                    )
                ),
                where,
            ],
            Rows = rows,
            Curves = curves,
            Source = store.Integrity().Describe(store.Root),
            Command = command,
        };
}
