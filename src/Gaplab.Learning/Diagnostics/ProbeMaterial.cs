// What probes are made from: the question, and the sets of samples that several of them share.
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Each set is made when the first probe asks for it.</summary>
public sealed class ProbeMaterial
{
    private readonly Lazy<EvaluationSet> _evaluation;
    private readonly Lazy<TrainingSubset> _subset;
    private readonly Lazy<PointDirections> _directions;

    public ProbeMaterial(ProbesSpec spec, ITask task)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(task);
        (Spec, Noise) = (spec, spec.Noise ?? new NoiseSpec());
        _evaluation = new(() => EvaluationSet.Validation(task, spec.Samples, spec.Batch));
        _subset = new(() => TrainingSubset.Of(task, Noise.Samples));
        _directions = new(() => new PointDirections(spec, Evaluation, task.Vocabulary));
    }

    public ProbesSpec Spec { get; }

    /// <summary>The spec's, or its defaults.</summary>
    public NoiseSpec Noise { get; }

    /// <summary>Validation samples, whose mean loss is f.</summary>
    public EvaluationSet Evaluation => _evaluation.Value;

    /// <summary>Training samples, whose mean loss is F.</summary>
    public TrainingSubset Subset => _subset.Value;

    /// <summary>The direction measures of the point at hand.</summary>
    internal PointDirections Directions => _directions.Value;
}
