// The probes by name.
using Gaplab.Learning.Data;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Builds the probes of a study over one evaluation set.</summary>
public static class ProbeCatalogue
{
    public static IReadOnlyList<string> Names { get; } =
    ["sharpness", "attribution", "histogram", "landscape", "spectrum", "noise", "adam-noise", "basin", "losses"];

    /// <summary>The curvature matrices of the spectrum.</summary>
    public static IReadOnlyList<string> Matrices { get; } = ["hessian", "gauss-newton"];

    /// <summary>Refuses what a model cannot answer, before anything is trained.</summary>
    /// <exception cref="InputException">A block that is none of its parameters'.</exception>
    public static void Check(ProbesSpec spec, ParamLayout layout)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Names.Contains("spectrum"))
            _ = SpectrumProbe.BlocksOf(spec, layout);
    }

    /// <summary>The probes in the order of their names in the spec.</summary>
    /// <exception cref="InputException">An unknown name.</exception>
    public static IReadOnlyList<IProbe> Build(ProbesSpec spec, ITask task)
    {
        ArgumentNullException.ThrowIfNull(spec);
        EvaluationSet set = EvaluationSet.Validation(task, spec.Samples, spec.Batch);
        var directions = new PointDirections(spec, set, task.Vocabulary);
        NoiseSpec noise = spec.Noise ?? new NoiseSpec();
        var subset = new Lazy<TrainingSubset>(() => TrainingSubset.Of(task, noise.Samples));
        return
        [
            .. spec.Names.Select(name =>
                (IProbe)(
                    name switch
                    {
                        "sharpness" => new SharpnessProbe(directions),
                        "attribution" => new AttributionProbe(directions, set),
                        "histogram" => new HistogramProbe(),
                        "landscape" => new LandscapeProbe(set, spec.LandscapePoints),
                        "spectrum" => new SpectrumProbe(spec, set),
                        "noise" => new NoiseProbe(subset.Value, noise),
                        "adam-noise" => new AdamNoiseProbe(subset.Value, noise),
                        "basin" => new BasinProbe(subset.Value, noise),
                        "losses" => new LossesProbe(subset.Value, set),
                        _ => throw new InputException($"probes.names holds '{name}'; expected {string.Join(", ", Names)}"),
                    }
                )
            ),
        ];
    }
}
