// What a short probe of a real task measured, and the quadratic that it stands for.
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Theory.GapModel;

/// <summary>A measured number and its standard error (0: exact).</summary>
public readonly record struct Measured(double Value, double Error = 0);

/// <summary>One block of parameters, such as a tensor: its spectrum, noise and gradient. Arrays have one number per node.</summary>
public sealed record ProbeBlock
{
    public required string Name { get; init; }

    /// <summary>Number of parameters n.</summary>
    public required double Parameters { get; init; }

    /// <summary>Curvatures at which the block's spectral density was measured, such as Ritz values.</summary>
    public required IReadOnlyList<double> Nodes { get; init; }

    /// <summary>Share of the block's eigenvalues at each node, adding up to 1, with errors.</summary>
    public required IReadOnlyList<Measured> Weights { get; init; }

    /// <summary>Variance of one sample's gradient per parameter: one number for all nodes, or one each.</summary>
    public required IReadOnlyList<Measured> NoiseVariance { get; init; }

    /// <summary>Norm of the block's mean gradient at the start.</summary>
    public Measured? GradientNorm { get; init; }

    /// <summary>Share of the squared gradient norm at each node (a quadrature started at the gradient gives it); null: as if the minimum
    /// were equally far along every eigenvector.</summary>
    public IReadOnlyList<double>? GradientShares { get; init; }

    /// <summary>Squared distance from the minimum per parameter, where it is known instead of the gradient: one number, or one a
    /// node.</summary>
    public IReadOnlyList<Measured>? Displacement { get; init; }

    /// <summary>How far eigenvectors lie along parameter axes, 1 fully, 0 not at all; null: not measured. The model does not use
    /// it.</summary>
    public double? Alignment { get; init; }
}

/// <summary>A short run whose losses the model is to reproduce.</summary>
/// <param name="Rate">Peak learning rate; the schedule is the probe's, over these steps.</param>
/// <param name="Batch">Batch size.</param>
/// <param name="Steps">K of this run.</param>
/// <param name="Losses">Validation loss after so many steps.</param>
public sealed record ProbeRun(double Rate, double Batch, int Steps, IReadOnlyList<(int Step, double Loss)> Losses);

/// <summary>What <c>probe.json</c> holds; docs/predict.md tells each key.</summary>
public sealed record Probe
{
    public string Title { get; init; } = "probe";

    public required IReadOnlyList<ProbeBlock> Blocks { get; init; }

    /// <summary>The same measured in Adam's metric (<see cref="AdamInstance"/>); null: Adam is computed as if eigenvectors lay along the
    /// axes.</summary>
    public IReadOnlyList<ProbeBlock>? Preconditioned { get; init; }

    /// <summary>Σ Pⱼ of that metric.</summary>
    public double? PreconditionerTrace { get; init; }

    /// <summary>Parts of the whole measured by themselves, to compare them; the model does not use them, so that they may lack a
    /// spectrum.</summary>
    public IReadOnlyList<ProbeBlock>? Layers { get; init; }

    /// <summary>A short run of the first optimizer; null: none.</summary>
    public ProbeRun? FirstTrial { get; init; }

    /// <summary>A short run of the second.</summary>
    public ProbeRun? SecondTrial { get; init; }

    /// <summary>What is done with nodes below zero: refuse, drop or absolute.</summary>
    public string Negative { get; init; } = "refuse";

    /// <summary>Loss at the start, and the least that training can reach; null: only the quadratic counts.</summary>
    public double? InitialLoss { get; init; }

    public double LossFloor { get; init; }

    public required Budget Budget { get; init; }

    public required IReadOnlyList<double> Batches { get; init; }

    public RateSchedule Schedule { get; init; } = RateSchedule.Cosine;

    public IReadOnlyList<ModelledOptimizer> First { get; init; } = [new HeavyBall(0), new HeavyBall(0.9)];

    public IReadOnlyList<ModelledOptimizer> Second { get; init; } = [new AdamClosure(0.9, 0.999)];

    /// <summary>What the comparison calls the first optimizer; null: the family of its candidates.</summary>
    public string? FirstName { get; init; }

    public string? SecondName { get; init; }

    /// <summary>Samples whose gradients, or products with the Hessian, the probe cost; null: not told.</summary>
    public double? Cost { get; init; }

    /// <summary>How steps by signs compare with steps by gradients at the point; null: not measured. The model has no use for it.</summary>
    public ProbeGeometry? Geometry { get; init; }

    /// <summary>The setting that the measured values stand for.</summary>
    /// <exception cref="InputException">Nothing to compute with.</exception>
    public GapSetting Setting() => Setting(_ => 0);

    /// <summary>The setting with every measured number moved by its error times a draw, positive ones in the logarithm.</summary>
    public GapSetting Resampled(long index)
    {
        RandomStream random = RandomStream.For(1, "probe/resample", index);
        return Setting(_ => random.NextGaussian()) with { RateTolerance = 1e-2, Bins = 64 };
    }

    private GapSetting Setting(Func<Measured, double> draw)
    {
        Quadratic own = Instance(Blocks, draw),
            metric = Preconditioned is { } blocks ? Instance(blocks, draw) : own;
        if (Preconditioned is not null && PreconditionerTrace is not > 0)
            throw new InputException("the probe has blocks in Adam's metric but no trace of it; expected preconditionerTrace above 0");
        // What a quadratic does not explain of the loss stays, for its optimizer.
        double Left(Quadratic quadratic) => InitialLoss is { } value ? Math.Max(0, value - quadratic.InitialLoss) : 0;
        GapSetting Of(Quadratic q, Quadratic adam) =>
            new()
            {
                Quadratic = q,
                Adam = Preconditioned is null ? null : new AdamInstance(adam, PreconditionerTrace!.Value, Left(adam)),
                Floor = Left(q),
                First = First,
                Second = Second,
                Schedule = Schedule,
                Budget = Budget,
                Batches = Batches,
            };
        if (FirstTrial is null && SecondTrial is null || InitialLoss is not { } initial)
            return Of(own, metric);

        // What there is to lose, over the nodes as a power of their curvature: the same at every node for tilt 0.
        Quadratic Leaning(Quadratic q, double floor, double tilt)
        {
            Quadratic leaning = q.With(startSquared: i =>
                q.Curvature[i] == 0 ? 0 : Math.Pow(q.Curvature[i] / q.LargestCurvature, -tilt) / (q.Weight[i] * q.Curvature[i])
            );
            double scale = (initial - floor) / leaning.InitialLoss;
            return leaning.With(startSquared: i => leaning.StartSquared[i] * scale);
        }
        Func<double, double, double[]> Losses(ModelledOptimizer optimizer, ProbeRun? trial) =>
            (floor, tilt) =>
                (
                    Of(Leaning(own, floor, tilt), Leaning(metric, floor, tilt)) with
                    {
                        Budget = new Budget(trial!.Steps, null),
                        Batches = [trial.Batch],
                    }
                ).Curve(optimizer, trial.Batch, trial.Rate);
        bool firstAdam = First[0] is AdamClosure,
            secondAdam = Second[0] is AdamClosure;
        ProbeRunFit fit = ProbeRunFit.Of(
            Losses(First[0], FirstTrial),
            FirstTrial,
            Losses(Second[0], SecondTrial),
            SecondTrial,
            LossFloor,
            initial,
            common: Preconditioned is null || firstAdam == secondAdam
        );
        double onOwn = firstAdam ? fit.SecondTilt : fit.FirstTilt,
            onMetric = secondAdam ? fit.SecondTilt : fit.FirstTilt;
        return Of(Leaning(own, fit.Floor, onOwn), Leaning(metric, fit.Floor, onMetric)) with { Fit = fit };
    }

    private Quadratic Instance(IReadOnlyList<ProbeBlock> blocks, Func<Measured, double> draw)
    {
        // Positive quantities stay so: the error of ln x is error / x.
        double At(Measured m) => m.Error == 0 || m.Value == 0 ? m.Value : m.Value * Math.Exp(draw(m) * m.Error / m.Value);
        var curvature = new List<double>();
        var noise = new List<double>();
        var gradient = new List<double>();
        var known = new List<double>();
        var weight = new List<double>();
        foreach (ProbeBlock block in blocks)
        {
            double[] weights = [.. block.Weights.Select(At)],
                nodes = [.. block.Nodes];
            double[] noises = [.. block.NoiseVariance.Select(At)];
            double[]? displaced = block.Displacement is { } d ? [.. d.Select(At)] : null;
            double all = weights.Sum();
            for (int k = 0; k < nodes.Length; k++)
            {
                if (nodes[k] < 0 && Negative == "refuse")
                    throw new InputException(
                        $"block '{block.Name}' has the negative curvature {nodes[k]}; a quadratic with one has no minimum: say "
                            + $"\"negative\": \"drop\" or \"absolute\""
                    );
                if (nodes[k] < 0 && Negative == "absolute")
                    nodes[k] = -nodes[k];
            }
            int[] kept = [.. Enumerable.Range(0, nodes.Length).Where(k => nodes[k] >= 0 && weights[k] > 0)];
            double squares = kept.Sum(k => weights[k] * nodes[k] * nodes[k]);
            double norm = block.GradientNorm is { } g ? At(g) : 0;
            foreach (int k in kept)
            {
                double n = block.Parameters * weights[k] / all;
                double share =
                    block.GradientShares is { } shares ? shares[k]
                    : squares > 0 ? weights[k] * nodes[k] * nodes[k] / squares
                    : 0;
                curvature.Add(nodes[k]);
                noise.Add(noises.Length == 1 ? noises[0] : noises[k]);
                gradient.Add(share * norm * norm / n);
                known.Add(
                    displaced is null ? double.NaN
                    : displaced.Length == 1 ? displaced[0]
                    : displaced[k]
                );
                weight.Add(n);
            }
        }
        if (curvature.Count == 0)
            throw new InputException("the probe has no curvature of 0 or more; expected at least one positive node");
        double drop = InitialLoss is { } initial ? initial - LossFloor : double.PositiveInfinity;
        double[] start = Start([.. curvature], [.. gradient], [.. known], [.. weight], drop, Preconditioned is not null);
        return new Quadratic([.. curvature], [.. noise], start, [.. weight]);
    }

    /// <summary>
    /// a² per coordinate from its squared gradient: g²/(λ² + δ²), δ the least damping for which the quadratic's loss is no more than what
    /// there is to lose. Without it a gradient along a nearly flat direction would stand for a minimum far away.
    /// </summary>
    private static double[] Start(double[] curvature, double[] gradient, double[] known, double[] weight, double drop, bool all)
    {
        // A displacement that would lose more than there is to lose is as much too long all over; two instances of one problem lose alike.
        double lost = Enumerable
            .Range(0, curvature.Length)
            .Sum(i => double.IsNaN(known[i]) ? 0 : 0.5 * weight[i] * curvature[i] * known[i]);
        if (lost > drop || all && lost > 0 && double.IsFinite(drop))
            known = [.. known.Select(a => a * drop / lost)];
        double Of(int i, double damping) =>
            !double.IsNaN(known[i]) ? known[i]
            : gradient[i] == 0 ? 0
            : gradient[i] / (curvature[i] * curvature[i] + damping * damping);
        double Loss(double damping) =>
            Enumerable.Range(0, curvature.Length).Sum(i => curvature[i] == 0 ? 0 : 0.5 * weight[i] * curvature[i] * Of(i, damping));
        double delta = 0,
            largest = curvature.Max();
        if (Loss(0) > drop)
        {
            (double low, double high) = (largest * 1e-12, largest);
            while (Loss(high) > drop && high < largest * 1e12)
                high *= 10;
            for (int i = 0; i < 200; i++)
            {
                delta = Math.Sqrt(low * high);
                if (Loss(delta) > drop)
                    low = delta;
                else
                    high = delta;
            }
        }
        return [.. curvature.Select((c, i) => c == 0 && delta == 0 ? 0 : Of(i, delta))];
    }
}
