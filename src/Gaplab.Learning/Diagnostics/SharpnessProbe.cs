// Directional sharpness of every optimizer's update at a point, as a probe.
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Files;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Writes <see cref="DirectionMeasure"/>s: vectors with one entry per update, in the order of the fact "updates"; tables [updates,
/// layers] and [updates, classes].</summary>
internal sealed class SharpnessProbe(PointDirections directions) : IPointProbe
{
    internal const string Length = "length",
        Cosine = "cosine",
        Sharpness = "sharpness",
        Error = "-error";

    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "sharpness",
            Says = "how sharp the loss is along each optimizer's update, whole, by layer and by class of tokens",
            ByDefault = true,
            Command = "sharpness",
            Options =
            [
                new(
                    "",
                    SpecKey.Flag<ProbesSpec>("layers", s => s.Layers, (s, v) => s with { Layers = v }, "sharpness by layer"),
                    SpecKey.Whole<ProbesSpec>(
                        "classes",
                        0,
                        1000,
                        s => s.Classes,
                        (s, v) => s with { Classes = v },
                        "sharpness by so many classes of token frequency; 0 is off"
                    ),
                    SpecKey.Flag<ProbesSpec>(
                        "cross-check",
                        s => s.CrossCheck,
                        (s, v) => s with { CrossCheck = v },
                        "sharpness once more by finite differences"
                    )
                ),
            ],
            DifferentiatesTwice = true,
            Build = material => new SharpnessProbe(material.Directions),
        };

    public string Name => Kind.Name;

    public ProbeResult Measure(ProbePoint point)
    {
        IReadOnlyList<DirectionMeasure> all = directions.At(point);
        var arrays = new Dictionary<string, ProbeArray>
        {
            [Length] = ProbeArray.Vector(all.Select(m => m.Length)),
            [Cosine] = ProbeArray.Vector(all.Select(m => m.Cosine)),
        };
        void Add(string name, Func<DirectionMeasure, Estimate?> number)
        {
            if (all.All(m => number(m) is null))
                return;
            arrays[name] = ProbeArray.Vector(all.Select(m => number(m)?.Value ?? double.NaN));
            arrays[name + Error] = ProbeArray.Vector(all.Select(m => number(m)?.StandardError ?? double.NaN));
        }
        Add("slope", m => m.Slope);
        Add(Sharpness, m => m.Sharpness);
        Add("preconditioned", m => m.Preconditioned);
        if (all.Any(m => m.FiniteDifference is not null))
        {
            arrays["finite-difference"] = ProbeArray.Vector(all.Select(m => m.FiniteDifference ?? double.NaN));
            arrays["forward-only"] = ProbeArray.Vector(all.Select(m => m.ForwardOnly ?? double.NaN));
        }
        var facts = new Dictionary<string, string> { ["directions"] = ProbeFacts.OfLines(all.Select(Word)) };
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
            facts["layers"] = ProbeFacts.OfLines(layered.Layers.Select(l => l.Name));
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

/// <summary>What a file of the probe "sharpness" says of one update.</summary>
public readonly record struct SharpnessReading(double Length, double Cosine, double Sharpness, double SharpnessError)
{
    public static string Probe => SharpnessProbe.Kind.Name;

    /// <summary>In the order of the fact "updates".</summary>
    public static IReadOnlyList<SharpnessReading> Of(SafetensorsReader file)
    {
        ArgumentNullException.ThrowIfNull(file);
        double[] length = file.Read<double>(SharpnessProbe.Length),
            cosine = file.Read<double>(SharpnessProbe.Cosine),
            sharpness = file.Read<double>(SharpnessProbe.Sharpness),
            error = file.Read<double>(SharpnessProbe.Sharpness + SharpnessProbe.Error);
        return [.. length.Select((l, k) => new SharpnessReading(l, cosine[k], sharpness[k], error[k]))];
    }
}
