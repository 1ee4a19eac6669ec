// What the probes along a store's tuned runs say at the middle of the run, by comparison, optimizer and batch size.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Measuring;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Prediction;

/// <summary>Noise and sharpness of a store. Of each run the measured point nearest to its middle is read; numbers are means over the
/// seeds.</summary>
internal sealed class TunedProbes(StudyResults results)
{
    private const double Middle = 0.5;

    private readonly (Arm Arm, PlannedRun Run)[] _tuned = [.. results.TunedRuns()];
    private readonly IReadOnlyList<SharpnessRow> _sharpness = SharpnessRows.OfStore(results);
    private readonly Dictionary<(ComparisonKey, string, long), (double, double)> _tails = [];

    /// <summary>McCandlish's simple noise scale, in samples; null where there is none.</summary>
    public double? NoiseScale(PlannedComparison comparison, string optimizer, long batch) =>
        Mean(
            Noise(comparison, optimizer, batch)
                .Select(path =>
                {
                    using SafetensorsReader file = Safetensors.Open(path);
                    return NoiseScaleReading.Of(file) is { Scale: > 0 and var scale } ? scale : double.NaN;
                })
        );

    /// <summary>1/α̂ of the pooled noise of mini-batches of the run's size, and its excess over the Gaussian control; NaN where there is
    /// none.</summary>
    public (double Inverse, double Excess) Tail(PlannedComparison comparison, string optimizer, long batch)
    {
        if (_tails.TryGetValue((comparison.Key, optimizer, batch), out (double, double) known))
            return known;
        (double Inverse, double Excess)[] found =
        [
            .. Noise(comparison, optimizer, batch).Select(path => NoiseReading.PooledTail(path, (int)batch)).OfType<(double, double)>(),
        ];
        return _tails[(comparison.Key, optimizer, batch)] = (
            Mean(found.Select(t => t.Inverse)) ?? double.NaN,
            Mean(found.Select(t => t.Excess)) ?? double.NaN
        );
    }

    /// <summary>Directional sharpness of one optimizer's update over that of SGD's, along another optimizer's runs; null where that is not
    /// positive or not measured.</summary>
    public double? SharpnessRatio(PlannedComparison comparison, string along, string of, long batch)
    {
        string name = comparison.Key.Heading;
        return _sharpness
            .Where(r => r.Comparison == name && r.Batch == batch && r.Geometry == along && r.Name == of && !r.Clipped && r.Ratio > 0)
            .MinBy(r => Math.Abs(r.Fraction - Middle))
            ?.Ratio;
    }

    private IEnumerable<string> Noise(PlannedComparison comparison, string optimizer, long batch)
    {
        RunStore store = results.Store;
        foreach ((Arm arm, PlannedRun run) in _tuned)
        {
            if (arm.Batch != batch || arm.Optimizer != optimizer || !ReferenceEquals(arm.Comparison, comparison))
                continue;
            double middle = Middle * run.Spec.Budget.Steps(run.Spec.Batch, run.Spec.Task.Context);
            if (ProbeFiles.Steps(store.Run(run.Id), NoiseFile.AtPoint, store.Tell) is { Count: > 0 } steps)
                yield return store.Run(run.Id).ProbePath(NoiseFile.AtPoint, steps.MinBy(at => Math.Abs(at.Step - middle)).Step);
        }
    }

    private static double? Mean(IEnumerable<double> values) =>
        values.Where(double.IsFinite).ToArray() is { Length: > 0 } finite ? finite.Average() : null;
}
