// The prior of B_m: where the output layer's own penalty reaches the branch's amplitude, or any size where nothing is known.
using Gaplab.Numerics.Distributions;

namespace Gaplab.Theory.Efficiency;

/// <summary>B_m of one optimizer as a function of its amplitude and a standard normal.</summary>
internal sealed class MemoryOnset
{
    private const int PerOctave = 2;

    private static readonly double s_logHalving = Math.Log(Math.Log(2));

    private readonly double _shortness,
        _logShortness,
        _logLength;

    // ln penalty, falling, at ln B; null: nothing is known of the classes, or they are uniform.
    private readonly (double LogBatch, double LogPenalty)[]? _penalties;

    private MemoryOnset(double shortness, double logLength, (double, double)[]? penalties, double greatest) =>
        (_shortness, _logShortness, _logLength, _penalties, Greatest) = (shortness, Math.Log(shortness), logLength, penalties, greatest);

    /// <summary>The output layer's greatest penalty at the sweep's batch sizes, in nats.</summary>
    public double Greatest { get; }

    public static MemoryOnset Of(GradientMemory memory, EfficiencyContext context)
    {
        double length = Math.Log(Math.Max(2, context.Samples));
        if (context.ClassFrequencies is not { } frequencies || memory.Shortness == 0)
            return new MemoryOnset(memory.Shortness, length, null, 0);
        var layer = OutputLayer.Of(frequencies, memory);
        double greatest = layer.Penalty(context.Batches[0]);
        if (!(greatest > 1e-12))
            return new MemoryOnset(memory.Shortness, length, null, 0);
        var penalties = new List<(double, double)>();
        int octaves = (int)Math.Ceiling(Math.Log2(context.Batches[^1])) + 1;
        for (int i = 0; i <= octaves * PerOctave; i++)
        {
            double batch = Math.Pow(2, (double)i / PerOctave),
                penalty = layer.Penalty(batch);
            if (penalty > 1e-15)
                penalties.Add((Math.Log(batch), Math.Log(penalty)));
        }
        return new MemoryOnset(memory.Shortness, length, [.. penalties], greatest);
    }

    /// <summary>ln B_m(N): the batch size whose penalty is amplitude·ln 2, times a log-normal factor; without classes Shortness·M_c with
    /// M_c anywhere between 1 and N, evenly in its logarithm; −∞ of an optimizer without a memory branch.</summary>
    public double LogAt(double logAmplitude, double z, NormalPrior factor)
    {
        if (_shortness == 0)
            return double.NegativeInfinity;
        if (_penalties is null)
            return _logShortness + _logLength * NormalDistribution.Cumulative(z);
        double wanted = logAmplitude + s_logHalving;
        int above = 1;
        while (above + 1 < _penalties.Length && _penalties[above].LogPenalty > wanted)
            above++;
        // Beyond the ends, the last two points' line.
        ((double b0, double p0), (double b1, double p1)) = (_penalties[above - 1], _penalties[above]);
        double slope = Math.Min((p1 - p0) / (b1 - b0), -0.25);
        return b0 + (wanted - p0) / slope + factor.At(z);
    }
}
