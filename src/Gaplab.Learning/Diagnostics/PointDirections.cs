// The direction measures of the point at hand, made once for every probe that asks.
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Torch;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Remembers the last point only.</summary>
internal sealed class PointDirections(ProbesSpec spec, EvaluationSet set, int vocabulary)
{
    private ProbePoint? _point;
    private IReadOnlyList<DirectionMeasure> _measures = [];
    private TokenClasses? _classes;

    public IReadOnlyList<DirectionMeasure> At(ProbePoint point)
    {
        if (ReferenceEquals(point, _point))
            return _measures;
        if (spec.Classes > 0)
            _classes ??= ClassesOf(point.Model, point.Theta);
        _measures = DirectionalSharpness.Measure(
            point.Model,
            point.Theta,
            set,
            point.Updates,
            new SharpnessOptions
            {
                Layers = spec.Layers && spec.Names.Contains("sharpness") ? ParamBlock.Layers(point.Model.Layout) : null,
                Classes = spec.Names.Contains("sharpness") ? _classes : null,
                Metric = point.AdamMetric,
                CrossCheck = spec.CrossCheck && spec.Names.Contains("sharpness"),
            }
        );
        _point = point;
        return _measures;
    }

    // Frequencies are those of the evaluation set's own targets: the loss that is taken apart is theirs.
    private TokenClasses? ClassesOf(IModel model, double[] theta)
    {
        if (model is not ILogitModel logits)
            return null;
        long[] counts = new long[vocabulary];
        using NoGradScope _ = Autograd.NoGrad();
        for (int b = 0; b < set.Count; b++)
        {
            using var scope = new TensorScope();
            foreach (long id in logits.Predict(Tensor.From<double>(theta, 1, theta.Length), set.Batch(b)).Targets.ToArray<long>())
                counts[id]++;
        }
        return TokenClasses.ByFrequency(counts, spec.Classes);
    }
}
