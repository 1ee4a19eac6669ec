// The geometry that a study's probe measured, as it stands in probe.json.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Params;
using Gaplab.Theory.GapModel;

namespace Gaplab.Studies.Prediction;

/// <summary>From <see cref="GeometryProbe"/> to <see cref="ProbeGeometry"/>.</summary>
internal static class StudyGeometry
{
    /// <summary>Measures at a point; null where a product was not finite.</summary>
    /// <param name="curvature">Of all parameters.</param>
    /// <param name="layout">Of the model.</param>
    /// <param name="gradient">The mean gradient.</param>
    /// <param name="basis">Names the turned axes.</param>
    public static ProbeGeometry? Of(Curvature curvature, ParamLayout layout, double[] gradient, long basis)
    {
        static double? Positive(double value) => value > 0 && double.IsFinite(value) ? value : null;
        return GeometryProbe.Measure(curvature, layout, gradient, basis) is not var (own, turned)
            ? null
            : new ProbeGeometry
            {
                GradientDensity = Positive(own.Density),
                SignGain = Positive(own.SignGain),
                TurnedSignGain = Positive(turned.SignGain),
            };
    }
}
