// The posterior of the efficiency model: draws of all parameters, and what follows from them.
namespace Gaplab.Theory.Efficiency;

/// <summary>Draws of equal weight.</summary>
public sealed class EfficiencyPosterior
{
    private readonly double _noiseDegrees;

    internal EfficiencyPosterior(EfficiencyModel model, TemperedDraws draws)
    {
        Context = model.Context;
        Draws = [.. draws.All.Select(z => model.At(z))];
        MemoryProbability = Draws.Count(d => d.HasMemory) / (double)Draws.Count;
        PriorMemoryProbability = 1 - model.NoMemory;
        _noiseDegrees = model.NoiseDegrees;
        Quality = SamplingQuality.Of([.. Coordinates(draws), .. Context.Batches.Select(b => Curve(draws, b))]);
    }

    public EfficiencyContext Context { get; }

    public IReadOnlyList<EfficiencyParameters> Draws { get; }

    /// <summary>Whether the sampler's populations agree.</summary>
    public SamplingQuality Quality { get; }

    /// <summary>P(either optimizer has a memory branch) after the pilot.</summary>
    public double MemoryProbability { get; }

    /// <summary>The same before it.</summary>
    public double PriorMemoryProbability { get; }

    /// <summary>What makes the memory long, in words; "" where no setting does.</summary>
    public string Remedy =>
        Context.First is GradientMemory.SecondMoment { Beta2: < EfficiencyModel.LongBeta2 }
        || Context.Second is GradientMemory.SecondMoment { Beta2: < EfficiencyModel.LongBeta2 }
            ? FormattableString.Invariant($"β₂ = {EfficiencyModel.LongBeta2}")
            : "";

    /// <summary>[draw][batch]: ln of the ratio of both losses above the floor after N samples.</summary>
    public IReadOnlyList<double[]> Gaps(IReadOnlyList<double> batches) => Gaps(batches, 1, 1);

    /// <summary>The same with β₂ of at least <see cref="EfficiencyModel.LongBeta2"/>, and without the memory branch of a sign, which has no
    /// such setting; null where neither optimizer has a branch.</summary>
    public IReadOnlyList<double[]>? LongMemoryGaps(IReadOnlyList<double> batches) =>
        Context.First.Shortness == 0 && Context.Second.Shortness == 0
            ? null
            : Gaps(batches, Lengthened(Context.First), Lengthened(Context.Second));

    /// <summary>[draw]: the loss that it expects of a cell, and the standard deviation of what would be measured.</summary>
    public IReadOnlyList<(double Loss, double Deviation)> Expected(PairSide side, double batch, double samples, int seeds)
    {
        // The variance of a t with ν₀ degrees of freedom.
        double factor = Math.Sqrt(_noiseDegrees / (_noiseDegrees - 2) / seeds);
        return
        [
            .. Draws.Select(d =>
            {
                double excess = d.Excess(side, batch, samples);
                return (d.Floor + excess, d.Noise * excess * factor);
            }),
        ];
    }

    private static double Lengthened(GradientMemory memory) =>
        memory switch
        {
            GradientMemory.SecondMoment => memory.Longer(EfficiencyModel.LongBeta2).Shortness / memory.Shortness,
            _ => 0,
        };

    private double[][] Gaps(IReadOnlyList<double> batches, double firstMemory, double secondMemory) =>
        [
            .. Draws.Select(d =>
            {
                EfficiencyParameters own = d.WithMemory(firstMemory, secondMemory);
                return (double[])[.. batches.Select(b => own.Gap(b, Context.Samples))];
            }),
        ];

    private static IEnumerable<double[][]> Coordinates(TemperedDraws draws) =>
        Enumerable
            .Range(0, EfficiencyModel.Dimension)
            .Select(i => (double[][])[.. draws.Points.Select(p => (double[])[.. p.Select(z => z[i])])]);

    private double[][] Curve(TemperedDraws draws, double batch)
    {
        int size = draws.Points[0].Length;
        return
        [
            .. Enumerable
                .Range(0, draws.Points.Length)
                .Select(k => (double[])[.. Enumerable.Range(k * size, size).Select(i => Draws[i].Gap(batch, Context.Samples))]),
        ];
    }
}
