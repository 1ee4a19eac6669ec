// The efficiency model: priors, likelihood of a pilot's cells, and the posterior.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Streams;

namespace Gaplab.Theory.Efficiency;

/// <summary>Two curves of tuned loss against batch size, each with a steps branch (too few steps at large B) and, for optimizers that scale
/// coordinates by their past, a memory branch (too few samples remembered at small B); fitted to a pilot by sampling.</summary>
public sealed class EfficiencyModel
{
    /// <summary>A memory of so many steps is long.</summary>
    public const double LongBeta2 = 0.999;

    // Where τ is integrated: standard deviations of its logarithm's prior.
    private const int NoisePoints = 12;

    private const double NoiseStep = 0.3;

    /// <summary>Coordinates of the sampled space.</summary>
    internal const int BaseAt = 0,
        LengthExponentAt = 1,
        LeadAt = 2,
        LeadExponentAt = 3,
        LeadDriftAt = 4,
        StepsAmplitudeAt = 5,
        StepsBatchAt = 6,
        StepsBatchRatioAt = 7,
        StepsExponentAt = 8,
        StepsLengthExponentAt = 9,
        NoiseAt = 10,
        HasMemoryAt = 11,
        MemoryBatchAt = 12,
        MemoryAmplitudeAt = 13,
        MemoryExponentAt = 14,
        MemoryLengthExponentAt = 15,
        Parameters = 16;

    private readonly PilotCell[] _cells;
    private readonly double[] _logBatches;
    private readonly (double Z, double Tau)[] _noises;
    private readonly int _counted;
    private readonly EfficiencyPriors _priors;

    internal EfficiencyModel(IReadOnlyList<PilotCell> cells, EfficiencyContext context, EfficiencyPriors? priors = null)
    {
        context.Check();
        foreach (PilotCell cell in cells)
            Check(cell);
        (Context, _priors) = (context, priors ?? new EfficiencyPriors());
        _cells = [.. cells.OrderBy(c => c.Side).ThenBy(c => c.Samples)];
        _logBatches = [.. _cells.Select(c => Math.Log(c.Batch))];
        _counted = _cells.Sum(Counted);
        _noises =
        [
            .. Enumerable.Range(-NoisePoints, 2 * NoisePoints + 1).Select(i => (i * NoiseStep, Math.Exp(_priors.Noise.At(i * NoiseStep)))),
        ];
        Scale = context.Scale ?? ScaleOf(cells, context.Floor);
        (FirstMemory, SecondMemory) = (MemoryOnset.Of(context.First, context), MemoryOnset.Of(context.Second, context));
        Direction = (context.Second.Adaptive ? 1 : 0) - (context.First.Adaptive ? 1 : 0);
        bool relevant = Math.Max(FirstMemory.Greatest, SecondMemory.Greatest) >= context.Relevance * Scale;
        NoMemory =
            context.First.Shortness == 0 && context.Second.Shortness == 0 ? 1
            : relevant ? 0
            : _priors.NoMemory;
        HasMemoryAbove = NoMemory <= 0 ? double.NegativeInfinity : NormalDistribution.Quantile(NoMemory);
    }

    public EfficiencyContext Context { get; }

    /// <summary>Prior probability that neither optimizer has a memory branch.</summary>
    internal double NoMemory { get; }

    internal EfficiencyPriors Priors => _priors;

    internal double NoiseDegrees => _priors.NoiseDegrees;

    /// <summary>Cells of one curve beside each other.</summary>
    internal IReadOnlyList<PilotCell> Cells => _cells;

    /// <summary>Where τ is integrated.</summary>
    internal IReadOnlyList<(double Z, double Tau)> Noises => _noises;

    /// <summary>Unit of losses above the floor.</summary>
    internal double Scale { get; }

    /// <summary>1 where the second optimizer alone scales coordinates, −1 where the first alone does, else 0.</summary>
    internal int Direction { get; }

    internal MemoryOnset FirstMemory { get; }

    internal MemoryOnset SecondMemory { get; }

    /// <summary>The coordinate of the branch's presence above which it is there.</summary>
    internal double HasMemoryAbove { get; }

    /// <summary>Coordinates of the sampled space, each standard normal in the prior.</summary>
    internal static int Dimension => Parameters;

    /// <summary>Samples the posterior of a pilot's cells.</summary>
    /// <param name="cells">At least one of either optimizer.</param>
    /// <param name="seed">Names the random streams; the same seed gives the same draws.</param>
    /// <param name="priors">Null: those of the product.</param>
    /// <exception cref="InputException">A cell without a finite loss, an optimizer without a cell, a context that is none.</exception>
    public static EfficiencyPosterior Fit(
        IReadOnlyList<PilotCell> cells,
        EfficiencyContext context,
        long seed = 0,
        EfficiencyPriors? priors = null
    )
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentNullException.ThrowIfNull(context);
        foreach (PairSide side in Enum.GetValues<PairSide>())
            if (cells.All(c => c.Side != side))
                throw new InputException(
                    $"the pilot has no cell of the {(side == PairSide.First ? "first" : "second")} optimizer; expected at least one of each"
                );
        return new EfficiencyModel(cells, context, priors).Sample(seed);
    }

    internal EfficiencyPosterior Sample(long seed, int populations = 8, int size = 256) => Sample(seed, populations, size, out _);

    internal EfficiencyPosterior Sample(long seed, int populations, int size, out TemperedDraws draws)
    {
        int[] memory = [HasMemoryAt, MemoryBatchAt, MemoryAmplitudeAt, MemoryExponentAt, MemoryLengthExponentAt];
        draws = new TemperedPopulations
        {
            Dimension = Parameters,
            LogLikelihood = () => new LaneLikelihood(this).Logs,
            Fresh =
                NoMemory < 1
                    ? [memory, memory[1..], [LeadExponentAt, StepsLengthExponentAt]]
                    :
                    [
                        [LeadExponentAt, StepsLengthExponentAt],
                    ],
            Populations = populations,
            Size = size,
        }.Sample(seed);
        for (int k = 0; k < draws.Points.Length; k++)
        {
            var stream = RandomStream.For(seed, "efficiency/noise", k);
            foreach (double[] z in draws.Points[k])
                z[NoiseAt] = NoiseGiven(At(z), stream);
        }
        return new EfficiencyPosterior(this, draws);
    }

    /// <summary>The parameters at a point of the sampled space.</summary>
    internal EfficiencyParameters At(ReadOnlySpan<double> z)
    {
        double least = Scale * Math.Exp(_priors.Base.At(z[BaseAt])),
            alpha = Math.Exp(_priors.LengthExponent.At(z[LengthExponentAt])),
            tail = _priors.LeadTail,
            lead = Direction * _priors.Lead.Mean + _priors.Lead.Deviation * Math.Sinh(tail * z[LeadAt]) / tail,
            firstSteps = Context.Samples * Math.Exp(_priors.StepsBatch.At(z[StepsBatchAt])),
            ratio = Direction * _priors.StepsBatchRatio.Mean + _priors.StepsBatchRatio.Deviation * z[StepsBatchRatioAt],
            amplitude = least * Math.Exp(_priors.MemoryAmplitude.At(z[MemoryAmplitudeAt]));
        // The batch size of the prior is that of the optimizer that does not scale coordinates.
        if (Direction < 0)
            firstSteps *= Math.Exp(-ratio);
        bool has = NoMemory < 1 && z[HasMemoryAt] > HasMemoryAbove;
        return new EfficiencyParameters(
            Context.Samples,
            Context.Floor,
            least,
            alpha,
            lead,
            _priors.LeadExponent.At(z[LeadExponentAt]),
            _priors.LeadDrift.At(z[LeadDriftAt]),
            alpha * Math.Exp(_priors.StepsAmplitude.At(z[StepsAmplitudeAt])),
            firstSteps,
            firstSteps * Math.Exp(ratio),
            Math.Exp(_priors.StepsExponent.At(z[StepsExponentAt])),
            _priors.StepsLengthExponent.At(z[StepsLengthExponentAt]),
            amplitude,
            has ? Math.Exp(FirstMemory.LogAt(Math.Log(amplitude), z[MemoryBatchAt], _priors.MemoryBatch)) : 0,
            has ? Math.Exp(SecondMemory.LogAt(Math.Log(amplitude), z[MemoryBatchAt], _priors.MemoryBatch)) : 0,
            Math.Exp(_priors.MemoryExponent.At(z[MemoryExponentAt])),
            _priors.MemoryLengthExponent.At(z[MemoryLengthExponentAt]),
            Math.Exp(_priors.Noise.At(z[NoiseAt]))
        );
    }

    /// <summary>ln p(cells | parameters), up to a constant.</summary>
    /// <remarks>One seed's loss is normal about L with a variance v of its own cell, v = (τ(L − floor))²·ν₀/χ²(ν₀) (an inverse gamma), so v
    /// integrates out: of k seeds with mean y and variance s²,
    /// <c>½ν₀ ln(ν₀T²) − ½(ν₀+k) ln(ν₀T² + (k−1)s² + k(y−L)²)</c>, T = τ(L − floor).</remarks>
    internal double LogLikelihood(in EfficiencyParameters parameters)
    {
        Span<double> squares = stackalloc double[_cells.Length];
        return LogLikelihood(Residuals(parameters, squares), squares, parameters.Noise);
    }

    /// <summary>τ as a draw given all else: the trapezia by their weight, evenly within.</summary>
    private double NoiseGiven(in EfficiencyParameters parameters, RandomStream stream)
    {
        Span<double> squares = stackalloc double[_cells.Length];
        double logs = Residuals(parameters, squares);
        double[] weights = new double[_noises.Length];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = LogLikelihood(logs, squares, _noises[i].Tau) - 0.5 * _noises[i].Z * _noises[i].Z;
        double top = weights.Max();
        for (int i = 0; i < weights.Length; i++)
            weights[i] = Math.Exp(weights[i] - top);
        double left = stream.NextDouble() * weights.Sum();
        int chosen = 0;
        while (chosen + 1 < weights.Length && (left -= weights[chosen]) > 0)
            chosen++;
        return _noises[chosen].Z + NoiseStep * (stream.NextDouble() - 0.5);
    }

    /// <summary>Σ k·ln(L − floor), and by cell ((k−1)s² + k(y−L)²)/(L − floor)².</summary>
    private double Residuals(in EfficiencyParameters parameters, Span<double> squares)
    {
        double logs = 0;
        EfficiencyParameters.Curve curve = default;
        for (int i = 0; i < _cells.Length; i++)
        {
            PilotCell cell = _cells[i];
            if (i == 0 || cell.Side != _cells[i - 1].Side || cell.Samples != _cells[i - 1].Samples)
                curve = parameters.At(cell.Side, cell.Samples);
            double excess = curve.Excess(_logBatches[i]),
                miss = cell.Loss - parameters.Floor - excess;
            squares[i] = (Scatter(cell) + cell.Seeds * miss * miss) / (excess * excess);
            logs += Counted(cell) * Math.Log(excess);
        }
        return logs;
    }

    private double LogLikelihood(double logs, ReadOnlySpan<double> squares, double tau)
    {
        double degrees = _priors.NoiseDegrees,
            t = degrees * tau * tau,
            sum = logs + _counted * 0.5 * Math.Log(t),
            product = 1;
        for (int i = 0; i < squares.Length; i++)
        {
            double term = 1 + squares[i] / t;
            int counted = Counted(_cells[i]);
            // Cells of one seed share an exponent: their terms are multiplied before the logarithm, a few at a time.
            if (counted == 1)
                product *= term;
            else
                sum += 0.5 * (degrees + counted) * Math.Log(term);
            if (product > 1e200 || i + 1 == squares.Length)
            {
                sum += 0.5 * (degrees + 1) * Math.Log(product);
                product = 1;
            }
        }
        return -sum;
    }

    /// <summary>Seeds whose scatter is known, or one.</summary>
    internal static int Counted(PilotCell cell) => cell.StandardError is null ? 1 : cell.Seeds;

    /// <summary>(k−1)·s² of a cell's k seeds.</summary>
    internal static double Scatter(PilotCell cell) => cell.StandardError is { } e ? (cell.Seeds - 1) * cell.Seeds * e * e : 0;

    private static double ScaleOf(IReadOnlyList<PilotCell> cells, double floor)
    {
        double[] above = [.. cells.Select(c => Math.Abs(c.Loss - floor)).Order()];
        double middle = above[above.Length / 2];
        return middle > 0 ? middle : throw new InputException("the pilot's losses lie at the floor; give a lower floor");
    }

    private static void Check(PilotCell cell)
    {
        if (
            !double.IsFinite(cell.Loss)
            || !(cell.Batch >= 1)
            || !(cell.Samples >= cell.Batch)
            || cell.Seeds < 1
            || cell.StandardError is not (null or (>= 0 and < double.PositiveInfinity))
            || (cell.StandardError is not null && cell.Seeds < 2)
        )
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a cell of {cell.Seeds} seeds at batch size {cell.Batch} over {cell.Samples} samples with loss {cell.Loss} and "
                        + $"standard error {cell.StandardError}; expected a finite loss, B of at least 1, at least one step, an error "
                        + $"only from two seeds on"
                )
            );
    }
}
