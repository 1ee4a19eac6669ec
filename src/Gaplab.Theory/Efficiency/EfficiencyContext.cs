// What is known of a comparison before any run: optimizers, length, batch sizes, floor, class frequencies.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Theory.Efficiency;

/// <summary>A comparison as the efficiency model sees it.</summary>
public sealed record EfficiencyContext
{
    public required GradientMemory First { get; init; }

    public required GradientMemory Second { get; init; }

    /// <summary>N, samples a run of the sweep trains on.</summary>
    public required double Samples { get; init; }

    /// <summary>The sweep's batch sizes, rising.</summary>
    public required IReadOnlyList<double> Batches { get; init; }

    /// <summary>The least that the loss can be, such as the data's entropy rate; 0 where it is not known.</summary>
    public double Floor { get; init; }

    /// <summary>p_k, frequencies of the classes or tokens that are predicted; null: not known, or nothing is classified.</summary>
    public IReadOnlyList<double>? ClassFrequencies { get; init; }

    /// <summary>δ: gaps below this part of the loss above the floor do not matter.</summary>
    public double Relevance { get; init; } = 0.01;

    /// <summary>Loss above the floor in whose units the priors are written; null: the median over the cells.</summary>
    public double? Scale { get; init; }

    public GradientMemory Of(PairSide side) => side == PairSide.First ? First : Second;

    /// <exception cref="InputException">A length, batch size, frequency or decay that is none.</exception>
    internal void Check()
    {
        First.Check();
        Second.Check();
        if (!(Samples >= 1) || !double.IsFinite(Samples))
            throw Refused($"training on {Samples} samples; expected at least 1");
        if (Batches.Count == 0)
            throw Refused($"there are no batch sizes; expected at least one");
        for (int i = 0; i < Batches.Count; i++)
            if (!(Batches[i] >= 1) || !double.IsFinite(Batches[i]) || (i > 0 && Batches[i] <= Batches[i - 1]))
                throw Refused($"batch size {Batches[i]} in place {i + 1}; expected rising numbers of at least 1");
        if (!double.IsFinite(Floor))
            throw Refused($"a floor of {Floor}; expected a number");
        if (!(Relevance > 0) || !double.IsFinite(Relevance))
            throw Refused($"a relevance of {Relevance}; expected a part of the loss above 0, such as 0.01");
        if (ClassFrequencies is { } p && (p.Count < 2 || p.Any(f => !(f > 0) || !double.IsFinite(f)) || Math.Abs(p.Sum() - 1) > 1e-6))
            throw Refused($"frequencies of {p.Count} classes that sum to {p.Sum()}; expected at least two, each above 0, with sum 1");
    }

    private static InputException Refused(FormattableString message) => new(message.ToString(CultureInfo.InvariantCulture));
}
