// The Hessian's outermost eigenvalues and trace at a point, as a probe.
using Gaplab.Learning.Training;
using Gaplab.Numerics;

namespace Gaplab.Learning.Diagnostics;

/// <summary>"largest" and "smallest" [k] with "-residual", "-converged" (1 or 0) and "-data-error"; the trace with its two errors. Streams are named by (seed, "probe/…", step).</summary>
internal sealed class SpectrumProbe(EvaluationSet set, int count) : IPointProbe
{
    private const int TraceProducts = 30, MostProducts = 80;
    private const double Tolerance = 1e-3;

    public string Name => "spectrum";

    public ProbeResult Measure(ProbePoint point)
    {
        using var hessian = new Hessian(point.Model, point.Theta, set);
        CurvatureEnds ends = CurvatureSpectrum.Ends(hessian, count, RandomStream.For(point.Seed, "probe/spectrum", point.Step), Tolerance, MostProducts);
        SampledNumber trace = CurvatureSpectrum.Trace(hessian, () => RandomStream.For(point.Seed, "probe/trace", point.Step), TraceProducts);
        var arrays = new Dictionary<string, ProbeArray>();
        foreach ((string name, IReadOnlyList<CurvatureEigenpair> pairs) in ((string, IReadOnlyList<CurvatureEigenpair>)[])[("largest", ends.Largest), ("smallest", ends.Smallest)])
        {
            arrays[name] = ProbeArray.Vector(pairs.Select(p => p.Pair.Value));
            arrays[name + "-residual"] = ProbeArray.Vector(pairs.Select(p => p.Pair.Residual));
            arrays[name + "-converged"] = ProbeArray.Vector(pairs.Select(p => p.Pair.Converged ? 1.0 : 0));
            arrays[name + "-data-error"] = ProbeArray.Vector(pairs.Select(p => p.DataError));
        }
        return new ProbeResult
        {
            Numbers = new Dictionary<string, double> { ["trace"] = trace.Value, ["trace-probe-error"] = trace.ProbeError, ["trace-data-error"] = trace.DataError },
            Arrays = arrays,
            Facts = new Dictionary<string, string> { ["finite"] = ends.Finite ? "true" : "false" },
        };
    }
}
