// Slope and curvature of the loss along several updates at one point, the first backward graph of each batch shared by all of them.
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Statistics;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>What is measured beyond slope and sharpness.</summary>
internal sealed record SharpnessOptions
{
    /// <summary>Blocks that partition the row, each with its diagonal part (one more product a block and direction); null for
    /// none.</summary>
    public IReadOnlyList<ParamBlock>? Layers { get; init; }

    /// <summary>Token classes (one more first backward per class, and one product per class and direction); null for none.</summary>
    public TokenClasses? Classes { get; init; }

    /// <summary>The diagonal D [P] of the preconditioned metric; null for none.</summary>
    public double[]? Metric { get; init; }

    /// <summary>Cross-check by finite differences of gradients and of losses.</summary>
    public bool CrossCheck { get; init; }

    /// <summary>h of the gradients' differences along the unit direction.</summary>
    public double GradientStep { get; init; } = 1e-3;

    /// <summary>h of the losses' second differences.</summary>
    public double LossStep { get; init; } = 1e-2;

    /// <summary>Of the exact products; the cross-checks are always in double.</summary>
    public ScalarType Type { get; init; } = ScalarType.Float64;
}

/// <summary>Directional sharpness vᵀ∇²f(θ)v of updates (Pan and Li 2023), f the mean loss over an evaluation set, by exact Hessian–vector
/// products.</summary>
internal static class DirectionalSharpness
{
    /// <summary>One measure an update, in order. A zero or non-finite update is a typed absence and costs no other.</summary>
    /// <param name="model">Of one replica.</param>
    /// <param name="theta">θ [P], the point before the step.</param>
    /// <param name="set">The batches of f; gᵀv and vᵀHv are of the same f.</param>
    /// <param name="updates">Δ of each optimizer.</param>
    /// <param name="options">What else.</param>
    public static IReadOnlyList<DirectionMeasure> Measure(
        IModel model,
        ReadOnlySpan<double> theta,
        EvaluationSet set,
        IReadOnlyList<NamedUpdate> updates,
        SharpnessOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(set);
        options ??= new SharpnessOptions();
        double pointSquared = TensorPrimitives.Dot<double>(theta, theta);
        Direction[] all = [.. updates.Select(u => new Direction(u, set.Count, options, pointSquared))];
        Direction[] measured = [.. all.Where(d => d.Status == DirectionStatus.Measured)];
        double[] gradient = new double[theta.Length];
        if (measured.Length > 0)
        {
            using var scope = new TensorScope();
            Tensor point = Tensor.From(theta, 1, theta.Length).ToType(options.Type).Clone();
            point.RequiresGrad = true;
            Tensor[] vectors = [.. measured.Select(d => Tensor.From<double>(d.V, 1, d.V.Length).ToType(options.Type))];
            for (int b = 0; b < set.Count; b++)
                Batch(model, point, set, b, measured, vectors, gradient, options);
            if (options.CrossCheck)
                foreach (Direction d in measured)
                    Check(model, theta, set, d, options);
        }
        double gradientNorm = TensorPrimitives.Norm<double>(gradient);
        return [.. all.Select(d => d.Summary(set, gradientNorm, options))];
    }

    private static void Batch(
        IModel model,
        Tensor point,
        EvaluationSet set,
        int b,
        Direction[] directions,
        Tensor[] vectors,
        double[] gradient,
        SharpnessOptions options
    )
    {
        using var scope = new TensorScope();
        Tensor batch = set.Batch(b);
        Tensor first = Autograd.Gradient(model.Loss(point, batch).Sum(), point, createGraph: true);
        double[] g = first.ToDoubles();
        TensorPrimitives.MultiplyAdd(g, set.Weights[b], gradient, gradient);
        for (int k = 0; k < directions.Length; k++)
        {
            Direction d = directions[k];
            double[] hv = Curve(first, point, vectors[k], last: k == directions.Length - 1 && options.Layers is null);
            d.Slopes[b] = TensorPrimitives.Dot<double>(g, d.V);
            d.Curvatures[b] = TensorPrimitives.Dot<double>(hv, d.V);
            for (int l = 0; l < (options.Layers?.Count ?? 0); l++)
            {
                ParamBlock layer = options.Layers![l];
                double[] part = new double[layer.Count],
                    masked = new double[d.V.Length];
                layer.Gather(d.V, part);
                layer.Scatter(part, masked);
                using var inner = new TensorScope();
                double[] own = Curve(first, point, Tensor.From<double>(masked, 1, masked.Length).ToType(options.Type), last: false);
                d.Diagonals[l][b] = layer.Dot(own, d.V);
                d.Crosses[l][b] = layer.Dot(hv, d.V) - d.Diagonals[l][b];
            }
        }
        if (options.Classes is { } classes)
            ByClass(model, point, batch, b, directions, vectors, classes);
    }

    private static void ByClass(
        IModel model,
        Tensor point,
        Tensor batch,
        int b,
        Direction[] directions,
        Tensor[] vectors,
        TokenClasses classes
    )
    {
        if (model is not ILogitModel logitModel)
            throw new ArgumentException("the loss by token class needs a model with logits", nameof(model));
        (Tensor logits, Tensor targets) = logitModel.Predict(point, batch);
        long[] ids = targets.ToArray<long>();
        Tensor?[] gradients = new Tensor?[classes.Count];
        for (int c = 0; c < classes.Count; c++)
        {
            long[] places = [.. Enumerable.Range(0, ids.Length).Where(i => classes.Of[(int)ids[i]] == c).Select(i => (long)i)];
            if (places.Length == 0)
                continue;
            Tensor index = Tensor.From<long>(places, places.Length);
            Tensor loss =
                logits.IndexSelect(1, index).Contiguous().CrossEntropy(targets.IndexSelect(1, index).Contiguous()).Sum()
                * (places.Length / (double)ids.Length);
            gradients[c] = Autograd.Gradient(loss, point, createGraph: true);
        }
        for (int c = 0; c < classes.Count; c++)
        {
            if (gradients[c] is not { } gradient)
                continue;
            for (int k = 0; k < directions.Length; k++)
            {
                using var inner = new TensorScope();
                directions[k].ByClass[c][b] = TensorPrimitives.Dot<double>(
                    Curve(gradient, point, vectors[k], last: false),
                    directions[k].V
                );
            }
        }
    }

    private static double[] Curve(Tensor gradient, Tensor point, Tensor v, bool last)
    {
        using var scope = new TensorScope();
        return Autograd.Gradients([gradient], [point], [v], retainGraph: !last)[0].ToDoubles();
    }

    private static void Check(IModel model, ReadOnlySpan<double> theta, EvaluationSet set, Direction d, SharpnessOptions options)
    {
        double h = options.GradientStep,
            H = options.LossStep;
        d.FiniteDifference = (Slope(model, theta, set, d.V, h) - Slope(model, theta, set, d.V, -h)) / (2 * h);
        d.ForwardOnly =
            (Loss(model, theta, set, d.V, H) - 2 * Loss(model, theta, set, d.V, 0) + Loss(model, theta, set, d.V, -H)) / (H * H);
    }

    /// <summary>f(θ + h·v), forward only and in double.</summary>
    internal static double Loss(IModel model, ReadOnlySpan<double> theta, EvaluationSet set, ReadOnlySpan<double> v, double h)
    {
        double[] losses = Losses(model, theta, set, v, h);
        double sum = 0;
        for (int b = 0; b < losses.Length; b++)
            sum += set.Weights[b] * losses[b];
        return sum;
    }

    /// <summary>f_b(θ + h·v) of each batch.</summary>
    internal static double[] Losses(IModel model, ReadOnlySpan<double> theta, EvaluationSet set, ReadOnlySpan<double> v, double h)
    {
        using var scope = new TensorScope();
        using NoGradScope _ = Autograd.NoGrad();
        Tensor point = Moved(theta, v, h);
        double[] losses = new double[set.Count];
        for (int b = 0; b < set.Count; b++)
        {
            using var part = new TensorScope();
            losses[b] = model.Loss(point, set.Batch(b)).Item();
        }
        return losses;
    }

    private static double Slope(IModel model, ReadOnlySpan<double> theta, EvaluationSet set, double[] v, double h)
    {
        using var scope = new TensorScope();
        Tensor point = Moved(theta, v, h);
        point.RequiresGrad = true;
        double sum = 0;
        for (int b = 0; b < set.Count; b++)
        {
            using var part = new TensorScope();
            sum +=
                set.Weights[b]
                * TensorPrimitives.Dot<double>(Autograd.Gradient(model.Loss(point, set.Batch(b)).Sum(), point).ToDoubles(), v);
        }
        return sum;
    }

    private static Tensor Moved(ReadOnlySpan<double> theta, ReadOnlySpan<double> v, double h)
    {
        double[] moved = new double[theta.Length];
        TensorPrimitives.MultiplyAdd(v, h, theta, moved);
        return Tensor.From<double>(moved, 1, moved.Length);
    }

    /// <summary>One direction while its batches are added up.</summary>
    private sealed class Direction
    {
        private readonly string _name;
        private readonly double _length;

        public Direction(NamedUpdate update, int batches, SharpnessOptions options, double pointSquared)
        {
            _name = update.Name;
            _length = TensorPrimitives.Norm<double>(update.Delta);
            Status =
                !double.IsFinite(_length) || !double.IsFinite(pointSquared) ? DirectionStatus.NonFinite
                : _length == 0 ? DirectionStatus.ZeroUpdate
                : DirectionStatus.Measured;
            V = new double[update.Delta.Length];
            if (Status == DirectionStatus.Measured)
                TensorPrimitives.Divide(update.Delta, _length, V);
            (Slopes, Curvatures) = (new double[batches], new double[batches]);
            Diagonals = [.. (options.Layers ?? []).Select(_ => new double[batches])];
            Crosses = [.. (options.Layers ?? []).Select(_ => new double[batches])];
            ByClass = [.. Enumerable.Range(0, options.Classes?.Count ?? 0).Select(_ => new double[batches])];
        }

        public DirectionStatus Status { get; }
        public double[] V { get; }
        public double[] Slopes { get; }
        public double[] Curvatures { get; }
        public double[][] Diagonals { get; }
        public double[][] Crosses { get; }
        public double[][] ByClass { get; }
        public double? FiniteDifference { get; set; }
        public double? ForwardOnly { get; set; }

        public DirectionMeasure Summary(EvaluationSet set, double gradientNorm, SharpnessOptions options)
        {
            if (Status != DirectionStatus.Measured)
                return new DirectionMeasure
                {
                    Name = _name,
                    Status = Status,
                    Length = _length,
                };
            double[] weights = [.. set.Weights];
            Estimate Mean(double[] values) => SampleError.OfMean(values, weights);
            Estimate slope = Mean(Slopes),
                sharpness = Mean(Curvatures);
            if (!double.IsFinite(slope.Value) || !double.IsFinite(sharpness.Value))
                return new DirectionMeasure
                {
                    Name = _name,
                    Status = DirectionStatus.NonFinite,
                    Length = _length,
                };
            Estimate? preconditioned = null;
            if (options.Metric is { } metric)
            {
                double size = 0;
                for (int i = 0; i < V.Length; i++)
                    size += V[i] * V[i] * metric[i];
                preconditioned = new Estimate(sharpness.Value / size, sharpness.StandardError / size);
            }
            return new DirectionMeasure
            {
                Name = _name,
                Status = DirectionStatus.Measured,
                Length = _length,
                Slope = slope,
                Cosine = slope.Value / gradientNorm,
                Sharpness = sharpness,
                Preconditioned = preconditioned,
                FiniteDifference = FiniteDifference,
                ForwardOnly = ForwardOnly,
                Layers =
                [
                    .. (options.Layers ?? []).Select(
                        (layer, l) => new LayerShare(layer.Name, Mean(Diagonals[l]), Mean(Crosses[l]), layer.Dot(V, V))
                    ),
                ],
                Classes = [.. ByClass.Select((values, c) => new ClassShare(c, options.Classes!.Share[c], Mean(values)))],
            };
        }
    }
}
