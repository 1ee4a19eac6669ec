// How the coordinates of every optimizer's update are spread, in logarithmic bins.
using Gaplab.Learning.Training;
using Gaplab.Numerics.Files;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Counts of |Δ_i|/rms(Δ) in bins of a fifth of a decade from 1e-10 to 1e5: scale-free, so that optimizers of different learning
/// rates compare.</summary>
/// <remarks>"edges" [B+1]; "counts" [updates, B], the outermost bins taking what lies beyond them; "zeros", "non-finite" and "rms"
/// [updates]. A row and its zeros and non-finite add up to P. Of an update with a non-finite coordinate the rms is over the finite
/// ones.</remarks>
internal sealed class HistogramProbe : IPointProbe
{
    private const int PerDecade = 5,
        Lowest = -10,
        Highest = 5,
        Bins = (Highest - Lowest) * PerDecade;

    internal const string Edges = "edges",
        Counts = "counts",
        Zeros = "zeros",
        NonFinite = "non-finite",
        Rms = "rms";

    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "histogram",
            Says = "how the coordinates of each optimizer's update are spread",
            ByDefault = true,
            Command = "sharpness",
            Build = _ => new HistogramProbe(),
        };

    public string Name => Kind.Name;

    public ProbeResult Measure(ProbePoint point)
    {
        int rows = point.Updates.Count;
        double[] counts = new double[rows * Bins],
            zeros = new double[rows],
            nonFinite = new double[rows],
            rms = new double[rows];
        for (int k = 0; k < rows; k++)
        {
            double[] delta = point.Updates[k].Delta;
            double squares = 0;
            foreach (double d in delta)
            {
                if (double.IsFinite(d))
                    squares += d * d;
                else
                    nonFinite[k]++;
            }
            rms[k] = Math.Sqrt(squares / (delta.Length - nonFinite[k]));
            foreach (double d in delta)
            {
                if (d == 0)
                    zeros[k]++;
                else if (double.IsFinite(d))
                    counts[k * Bins + Bin(Math.Abs(d) / rms[k])]++;
            }
        }
        return new ProbeResult
        {
            Arrays = new Dictionary<string, ProbeArray>
            {
                [Edges] = ProbeArray.Vector(Enumerable.Range(0, Bins + 1).Select(i => Math.Pow(10, Lowest + i / (double)PerDecade))),
                [Counts] = new([rows, Bins], counts),
                [Zeros] = ProbeArray.Vector(zeros),
                [NonFinite] = ProbeArray.Vector(nonFinite),
                [Rms] = ProbeArray.Vector(rms),
            },
        };
    }

    private static int Bin(double value) => (int)Math.Clamp(Math.Floor((Math.Log10(value) - Lowest) * PerDecade), 0, Bins - 1);
}

/// <summary>What a file of the probe "histogram" says.</summary>
public static class HistogramReading
{
    public static string Probe => HistogramProbe.Kind.Name;

    /// <summary>For each update, in the order of the fact "updates", the bins: their middle, and their share of all coordinates, zeros and
    /// non-finite ones among them.</summary>
    public static IReadOnlyList<(double Middle, double Share)[]> Of(SafetensorsReader file)
    {
        ArgumentNullException.ThrowIfNull(file);
        double[] edges = file.Read<double>(HistogramProbe.Edges),
            counts = file.Read<double>(HistogramProbe.Counts),
            zeros = file.Read<double>(HistogramProbe.Zeros),
            odd = file.Read<double>(HistogramProbe.NonFinite);
        int bins = edges.Length - 1;
        return
        [
            .. zeros.Select(
                (zero, k) =>
                {
                    double[] mine = counts[(k * bins)..((k + 1) * bins)];
                    double all = mine.Sum() + zero + odd[k];
                    return mine.Select((c, i) => (Math.Sqrt(edges[i] * edges[i + 1]), c / all)).ToArray();
                }
            ),
        ];
    }
}
