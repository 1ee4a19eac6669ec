// How often the classes that a task predicts occur: tokens, bases, kinds of images; in bins, as vocabularies are large.
using System.Text.Json.Serialization;

namespace Gaplab.Numerics.Statistics;

/// <summary>Classes of about one frequency.</summary>
/// <param name="Classes">How many they are.</param>
/// <param name="Mass">Their share of all targets together.</param>
public readonly record struct FrequencyBin(long Classes, double Mass)
{
    /// <summary>The share of one of them.</summary>
    [JsonIgnore]
    public double Each => Mass / Classes;
}

/// <summary>The frequencies p_k of the classes that occur, Σ p_k = 1, rarest bins last.</summary>
/// <param name="Bins">Of width 2^¼: a class's frequency is known within a tenth.</param>
/// <param name="PerSample">Targets that one sample holds: 1 of an image, the context of a text.</param>
public sealed record ClassFrequencies(IReadOnlyList<FrequencyBin> Bins, double PerSample)
{
    private const double PerOctave = 4;

    /// <summary>Of counts by class, zeros left out; null with fewer than two classes.</summary>
    /// <param name="counts">Of any scale, not negative.</param>
    /// <param name="perSample">Targets of a sample.</param>
    public static ClassFrequencies? Of(IReadOnlyList<double> counts, double perSample)
    {
        ArgumentNullException.ThrowIfNull(counts);
        double[] present = [.. counts.Where(c => c > 0)];
        if (present.Length < 2)
            return null;
        double total = present.Sum();
        return new(
            [
                .. present
                    .Select(c => c / total)
                    .GroupBy(p => Math.Round(PerOctave * Math.Log2(p)))
                    .OrderByDescending(bin => bin.Key)
                    .Select(bin => new FrequencyBin(bin.LongCount(), bin.Sum())),
            ],
            perSample
        );
    }

    /// <summary>K.</summary>
    [JsonIgnore]
    public long Count => Bins.Sum(b => b.Classes);

    /// <summary>The frequency of the rarest classes.</summary>
    [JsonIgnore]
    public double Rarest => Bins.Min(b => b.Each);
}
