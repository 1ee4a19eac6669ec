// The efficiency model: priors, likelihood of a pilot's cells, and the posterior.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Numerics.Distributions;

namespace Gaplab.Theory.Efficiency;

/// <summary>Two curves of tuned loss against batch size, each with a steps branch (too few steps at large B) and, for optimizers that scale
/// coordinates by their past, a memory branch (too few samples remembered at small B); fitted to a pilot by sampling.</summary>
public sealed class EfficiencyModel
{
    /// <summary>A memory of so many steps is long.</summary>
    public const double LongBeta2 = 0.999;

    private const int BaseAt = 0,
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
    private readonly EfficiencyPriors _priors;
    private readonly double _scale;
    private readonly MemoryOnset _firstMemory,
        _secondMemory;

    internal EfficiencyModel(IReadOnlyList<PilotCell> cells, EfficiencyContext context, EfficiencyPriors? priors = null)
    {
        context.Check();
        foreach (PilotCell cell in cells)
            Check(cell);
        (_cells, Context, _priors) = ([.. cells], context, priors ?? new EfficiencyPriors());
        _scale = context.Scale ?? Scale(cells, context.Floor);
        (_firstMemory, _secondMemory) = (Onset(context.First), Onset(context.Second));
        bool relevant = Math.Max(_firstMemory.Greatest, _secondMemory.Greatest) >= context.Relevance * _scale;
        NoMemory =
            context.First.Shortness == 0 && context.Second.Shortness == 0 ? 1
            : relevant ? 0
            : _priors.NoMemory;
        HasMemoryAbove = NoMemory <= 0 ? double.NegativeInfinity : NormalDistribution.Quantile(NoMemory);
    }

    public EfficiencyContext Context { get; }

    /// <summary>Prior probability that neither optimizer has a memory branch.</summary>
    internal double NoMemory { get; }

    internal double NoiseDegrees => _priors.NoiseDegrees;

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
            LogLikelihood = z => LogLikelihood(At(z)),
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
        return new EfficiencyPosterior(this, draws);
    }

    /// <summary>The parameters at a point of the sampled space.</summary>
    internal EfficiencyParameters At(ReadOnlySpan<double> z)
    {
        int direction = (Context.Second.Adaptive ? 1 : 0) - (Context.First.Adaptive ? 1 : 0);
        double least = _scale * Math.Exp(_priors.Base.At(z[BaseAt])),
            alpha = Math.Exp(_priors.LengthExponent.At(z[LengthExponentAt])),
            tail = _priors.LeadTail,
            lead = direction * _priors.Lead.Mean + _priors.Lead.Deviation * Math.Sinh(tail * z[LeadAt]) / tail,
            firstSteps = Context.Samples * Math.Exp(_priors.StepsBatch.At(z[StepsBatchAt])),
            ratio = direction * _priors.StepsBatchRatio.Mean + _priors.StepsBatchRatio.Deviation * z[StepsBatchRatioAt],
            amplitude = least * Math.Exp(_priors.MemoryAmplitude.At(z[MemoryAmplitudeAt]));
        // The batch size of the prior is that of the optimizer that does not scale coordinates.
        if (direction < 0)
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
            has ? _firstMemory.At(amplitude, z[MemoryBatchAt], _priors.MemoryBatch) : 0,
            has ? _secondMemory.At(amplitude, z[MemoryBatchAt], _priors.MemoryBatch) : 0,
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
        double sum = 0,
            degrees = _priors.NoiseDegrees;
        foreach (PilotCell cell in _cells)
        {
            double excess = parameters.Excess(cell.Side, cell.Batch, cell.Samples),
                t = degrees * Math.Pow(parameters.Noise * excess, 2),
                miss = cell.Loss - parameters.Floor - excess,
                scatter = cell.StandardError is { } e ? (cell.Seeds - 1) * cell.Seeds * e * e : 0;
            int counted = cell.StandardError is null ? 1 : cell.Seeds;
            sum += 0.5 * (degrees * Math.Log(t) - (degrees + counted) * Math.Log(t + scatter + cell.Seeds * miss * miss));
        }
        return sum;
    }

    private double HasMemoryAbove { get; }

    private MemoryOnset Onset(GradientMemory memory) => MemoryOnset.Of(memory, Context);

    private static double Scale(IReadOnlyList<PilotCell> cells, double floor)
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
                    $"a cell of {cell.Seeds} seeds at batch size {cell.Batch} over {cell.Samples} samples with loss {cell.Loss} and standard "
                        + $"error {cell.StandardError}; expected a finite loss, B of at least 1, at least one step, and an error only from "
                        + $"two seeds on"
                )
            );
    }
}
