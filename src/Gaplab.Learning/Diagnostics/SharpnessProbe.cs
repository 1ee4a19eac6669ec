// Directional sharpness of every optimizer's update at a point, as a probe.
using Gaplab.Learning.Training;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Writes <see cref="DirectionMeasure"/>s: vectors with one entry an update, in the order of the fact "updates"; tables [updates,
/// layers] and [updates, classes].</summary>
internal sealed class SharpnessProbe(PointDirections directions) : IPointProbe
{
    public string Name => "sharpness";

    public ProbeResult Measure(ProbePoint point)
    {
        IReadOnlyList<DirectionMeasure> all = directions.At(point);
        var arrays = new Dictionary<string, ProbeArray>
        {
            ["length"] = ProbeArray.Vector(all.Select(m => m.Length)),
            ["cosine"] = ProbeArray.Vector(all.Select(m => m.Cosine)),
        };
        void Add(string name, Func<DirectionMeasure, Estimate?> number)
        {
            if (all.All(m => number(m) is null))
                return;
            arrays[name] = ProbeArray.Vector(all.Select(m => number(m)?.Value ?? double.NaN));
            arrays[name + "-error"] = ProbeArray.Vector(all.Select(m => number(m)?.StandardError ?? double.NaN));
        }
        Add("slope", m => m.Slope);
        Add("sharpness", m => m.Sharpness);
        Add("preconditioned", m => m.Preconditioned);
        if (all.Any(m => m.FiniteDifference is not null))
        {
            arrays["finite-difference"] = ProbeArray.Vector(all.Select(m => m.FiniteDifference ?? double.NaN));
            arrays["forward-only"] = ProbeArray.Vector(all.Select(m => m.ForwardOnly ?? double.NaN));
        }
        var facts = new Dictionary<string, string> { ["directions"] = string.Join('\n', all.Select(Word)) };
        void Table<T>(
            string name,
            Func<DirectionMeasure, IReadOnlyList<T>> rows,
            params ReadOnlySpan<(string Suffix, Func<T, double> Value)> columns
        )
        {
            int width = all.Max(m => rows(m).Count);
            if (width == 0)
                return;
            foreach ((string suffix, Func<T, double> value) in columns)
                arrays[name + suffix] = new ProbeArray(
                    [all.Count, width],
                    [.. all.SelectMany(m => rows(m).Count > 0 ? rows(m).Select(value) : Enumerable.Repeat(double.NaN, width))]
                );
        }
        Table(
            "layer",
            m => m.Layers,
            ("-diagonal", l => l.Diagonal.Value),
            ("-diagonal-error", l => l.Diagonal.StandardError),
            ("-cross", l => l.Cross.Value),
            ("-cross-error", l => l.Cross.StandardError),
            ("-norm", l => l.Norm)
        );
        Table(
            "class",
            m => m.Classes,
            ("-sharpness", c => c.Sharpness.Value),
            ("-sharpness-error", c => c.Sharpness.StandardError),
            ("-share", c => c.Share)
        );
        if (all.FirstOrDefault(m => m.Layers.Count > 0) is { } layered)
            facts["layers"] = string.Join('\n', layered.Layers.Select(l => l.Name));
        return new ProbeResult { Arrays = arrays, Facts = facts };
    }

    /// <summary>"measured", "zero-update" or "non-finite".</summary>
    internal static string Word(DirectionMeasure measure) =>
        measure.Status switch
        {
            DirectionStatus.Measured => "measured",
            DirectionStatus.ZeroUpdate => "zero-update",
            _ => "non-finite",
        };
}
