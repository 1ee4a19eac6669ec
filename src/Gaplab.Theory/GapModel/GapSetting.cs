// What a gap curve is computed for: instance, optimizers, schedule, budget and batch sizes.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>The training budget: the same number of steps at every batch size, or the same number of samples.</summary>
public sealed record Budget(long? Steps, long? Samples)
{
    /// <summary>K at batch size B: the steps, or ⌊N/B⌋ and at least 1.</summary>
    public int StepsAt(double batch) => (int)(Steps ?? Math.Max(1, (long)Math.Floor(Samples!.Value / batch)));
}

/// <summary>A comparison of two optimizers on a quadratic.</summary>
public sealed record GapSetting
{
    private Binned? _own,
        _metric;

    private GapSetting(GapSetting other)
    {
        // A copy may differ in the instance: what was derived from it is derived anew.
        (Quadratic, Adam, Rotation, First, Second, Schedule, Budget) = (
            other.Quadratic,
            other.Adam,
            other.Rotation,
            other.First,
            other.Second,
            other.Schedule,
            other.Budget
        );
        (Batches, Grid, RateTolerance, Bins, Floor, Fit, TieBand) = (
            other.Batches,
            other.Grid,
            other.RateTolerance,
            other.Bins,
            other.Floor,
            other.Fit,
            other.TieBand
        );
    }

    public GapSetting() { }

    public required Quadratic Quadratic { get; init; }

    /// <summary>The same problem in Adam's metric, where it was measured; null: Adam sees the axes of <see cref="Quadratic"/>.</summary>
    public AdamInstance? Adam { get; init; }

    /// <summary>Eigenvectors off the axes; null: along them.</summary>
    public Rotation? Rotation { get; init; }

    /// <summary>The first optimizer's candidates, such as momentum 0 and 0.9: the best of them counts.</summary>
    public IReadOnlyList<ModelledOptimizer> First { get; init; } = [new HeavyBall(0.9)];

    public IReadOnlyList<ModelledOptimizer> Second { get; init; } = [new AdamClosure(0.9, 0.999)];

    public RateSchedule Schedule { get; init; } = RateSchedule.Cosine;

    public required Budget Budget { get; init; }

    /// <summary>Ascending, at least 1.</summary>
    public required IReadOnlyList<double> Batches { get; init; }

    public RateGrid Grid { get; init; } = RateGrid.Extending;

    /// <summary>Width in ln η at which tuning stops.</summary>
    public double RateTolerance { get; init; } = 1e-6;

    /// <summary>Coordinates are grouped into this many where there are more (0: never); learning rates are then tuned to a few per cent,
    /// losses to within 1%.</summary>
    public int Bins { get; init; } = 128;

    /// <summary>Loss that <see cref="Quadratic"/> does not explain, such as the entropy of the data: added before comparing. 0 on a
    /// quadratic.</summary>
    public double Floor { get; init; }

    /// <summary>How the instance was fitted to trial runs; null: it was not.</summary>
    public ProbeRunFit? Fit { get; init; }

    /// <summary>Gaps nearer to zero than this are ties.</summary>
    public double TieBand { get; init; } = 0.02;

    /// <summary>Refuses what has no answer.</summary>
    /// <exception cref="InputException">Batch sizes below 1 or out of order, a budget under one step.</exception>
    public void Check()
    {
        if (Batches.Count == 0)
            throw new InputException("there are no batch sizes; expected at least one");
        foreach (double batch in Batches)
            if (!(batch >= 1) || !double.IsFinite(batch))
                throw new InputException(
                    string.Create(CultureInfo.InvariantCulture, $"batch size {batch}; expected a number of at least 1")
                );
        for (int i = 1; i < Batches.Count; i++)
            if (Batches[i] <= Batches[i - 1])
                throw new InputException("the batch sizes are not in rising order; expected each once, smallest first");
        if (Budget.Steps is null == Budget.Samples is null)
            throw new InputException("the budget needs either steps or samples");
        if (Budget.Steps is < 1 or > int.MaxValue)
            throw new InputException($"a budget of {Budget.Steps} steps; expected 1 to {int.MaxValue}");
        if (Budget.Samples is { } samples)
        {
            if (samples < Batches[^1])
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"a budget of {samples} samples is under one step at batch size {Batches[^1]}; raise the budget or leave the "
                            + $"largest batch sizes out"
                    )
                );
            if (samples / Batches[0] > int.MaxValue)
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{samples} samples at batch size {Batches[0]} are too many steps; expected at most {int.MaxValue}"
                    )
                );
        }
        if (Rotation is not null && First.Concat(Second).Any(o => o is SignClosure))
            throw new InputException("sign descent has no closed recursion under a rotation; use adam, or leave the rotation out");
    }

    /// <summary>Expected final loss of one optimizer at one rate.</summary>
    public double Loss(ModelledOptimizer optimizer, double batch, double[] factors, double rate, double bound = double.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return Rotation is not null && optimizer is AdamClosure adam
            ? RotatedAdam.Loss(adam, Quadratic, Rotation, batch, factors, rate, bound)
            : Run(Of(optimizer).Lanes, optimizer, batch, factors, rate, bound);
    }

    /// <summary>The loss that the instance of an optimizer does not explain.</summary>
    public double FloorOf(ModelledOptimizer optimizer) => optimizer is AdamClosure && Adam is { } adam ? adam.Floor : Floor;

    /// <summary>A tuned loss with what its instance does not explain: what gaps compare.</summary>
    public double WholeLoss(TunedRate tuned)
    {
        ArgumentNullException.ThrowIfNull(tuned);
        return tuned.Loss + FloorOf(tuned.Optimizer);
    }

    /// <summary>The setting with its instance, or both of them, changed alike.</summary>
    public GapSetting Changed(Func<Quadratic, Quadratic> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with
        {
            Quadratic = change(Quadratic),
            Adam = Adam is { } adam ? adam with { Quadratic = change(adam.Quadratic) } : null,
        };
    }

    /// <summary>Expected loss before the first and after every step.</summary>
    public double[] Curve(ModelledOptimizer optimizer, double batch, double rate)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        double[] factors = Schedule.Factors(Budget.StepsAt(batch));
        double[] curve = new double[factors.Length + 1];
        if (Rotation is not null && optimizer is AdamClosure adam)
            RotatedAdam.Loss(adam, Quadratic, Rotation, batch, factors, rate, double.PositiveInfinity, curve);
        else if (Adam is not null && optimizer is AdamClosure)
            Run(Of(optimizer).Lanes, optimizer, batch, factors, rate, double.PositiveInfinity, curve);
        else
            return optimizer.Curve(Of(optimizer).Quadratic, batch, factors, rate);
        return curve;
    }

    /// <summary>The best candidate at its best rate.</summary>
    public TunedRate Tune(IReadOnlyList<ModelledOptimizer> candidates, double batch)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        double[] factors = Schedule.Factors(Budget.StepsAt(batch));
        TunedRate? best = null;
        foreach (ModelledOptimizer optimizer in candidates)
        {
            (double rate, double loss, RateEdge edge) = Minimise(optimizer, batch, factors);
            if (best is null || loss < best.Loss)
                best = new TunedRate(optimizer, rate, loss, edge);
        }
        return best!;
    }

    /// <summary>The instance as it is computed with: binned where it is large.</summary>
    public Quadratic Computed => (_own ??= new Binned(Quadratic, Rotation is null ? Bins : 0)).Quadratic;

    /// <summary>Derives what tuning needs, once, before several threads ask for it.</summary>
    internal void Prepare()
    {
        foreach (ModelledOptimizer optimizer in First.Concat(Second))
            Of(optimizer).Prepare();
    }

    private Binned Of(ModelledOptimizer optimizer) =>
        optimizer is AdamClosure && Adam is { } adam
            ? _metric ??= new Binned(adam.Quadratic, Bins)
            : _own ??= new Binned(Quadratic, Rotation is null ? Bins : 0);

    private double Run(
        CoordinateLanes lanes,
        ModelledOptimizer optimizer,
        double batch,
        double[] factors,
        double rate,
        double bound,
        double[]? curve = null
    ) =>
        optimizer is AdamClosure adam && Adam is { } metric
            ? PreconditionedAdam.Run(adam, lanes, metric.Trace, batch, factors, rate, curve)
            : optimizer.Run(lanes, batch, factors, rate, bound, curve);

    private (double Rate, double Loss, RateEdge Edge) Minimise(ModelledOptimizer optimizer, double batch, double[] factors)
    {
        if (Rotation is not null && optimizer is AdamClosure)
            return RateTuning.Minimise((rate, bound) => Loss(optimizer, batch, factors, rate, bound), Grid, RateTolerance);
        Func<double, double, double> At(CoordinateLanes lanes) => (rate, bound) => Run(lanes, optimizer, batch, factors, rate, bound);
        Binned binned = Of(optimizer);
        return binned.Coarse is { } coarse
            ? RateTuning.Minimise(At(coarse), At(binned.Middle), At(binned.Lanes), Grid)
            : RateTuning.Minimise(At(binned.Lanes), Grid, RateTolerance);
    }

    /// <summary>An instance as it is computed with, and coarser ones that find where its best learning rate lies.</summary>
    private sealed class Binned(Quadratic quadratic, int bins)
    {
        private const int CoarseBins = 16,
            MiddleBins = 48;
        private CoordinateLanes? _lanes,
            _middle,
            _coarse;

        /// <summary>Binned where it is large.</summary>
        public Quadratic Quadratic { get; } = bins > 0 && quadratic.Count > bins ? CoordinateBins.Of(quadratic, bins) : quadratic;

        public CoordinateLanes Lanes => _lanes ??= CoordinateLanes.Of(Quadratic);

        public CoordinateLanes Middle => _middle ??= CoordinateLanes.Of(CoordinateBins.Of(Quadratic, MiddleBins));

        /// <summary>Null where nothing was binned.</summary>
        public CoordinateLanes? Coarse =>
            ReferenceEquals(Quadratic, quadratic) ? null : _coarse ??= CoordinateLanes.Of(CoordinateBins.Of(Quadratic, CoarseBins));

        public void Prepare() => _ = (Lanes, Middle, Coarse);
    }
}
