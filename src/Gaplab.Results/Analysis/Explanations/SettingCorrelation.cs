// How a quantity goes with the gap across settings: rank correlation with an interval and a p-value, whose unit is the setting.
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Results.Analysis;

/// <summary>A quantity beside a gap. Those of one setting stand in the order of their factor levels and batch sizes.</summary>
public readonly record struct SettingValue(string Setting, double Value, double Gap);

/// <summary>Spearman's correlation of one quantity with the gap. The gaps of one setting are one curve, not so many independent numbers:
/// settings are resampled and change places whole.</summary>
/// <param name="Settings">Settings in which the quantity is known.</param>
/// <param name="Gaps">Gaps beside it.</param>
/// <param name="Value">ρ; null with fewer than three gaps, or where either does not vary.</param>
/// <param name="Interval">95%, by a percentile bootstrap over settings; none with fewer than three.</param>
/// <param name="PValue">By permutation of settings (<see cref="RankCorrelation.PValue"/>).</param>
/// <param name="Adjusted">The same after Holm's correction for all quantities asked about together.</param>
public sealed record SettingCorrelation(int Settings, int Gaps, double? Value, Interval Interval, double? PValue, double? Adjusted)
{
    private const int Resamples = 2000,
        FewestSettings = 3;

    /// <summary>One correlation per quantity, in order; Holm's correction is over those that could be tested.</summary>
    /// <param name="quantities">Each with its name, which names its random streams, and its values where it is known.</param>
    public static IReadOnlyList<SettingCorrelation> Of(IReadOnlyList<(string Name, IReadOnlyList<SettingValue> Values)> quantities)
    {
        ArgumentNullException.ThrowIfNull(quantities);
        SettingCorrelation[] found = [.. quantities.Select(q => One(q.Name, q.Values))];
        int[] tested = [.. Enumerable.Range(0, found.Length).Where(i => found[i].PValue is not null)];
        double[] adjusted = Holm.Adjust([.. tested.Select(i => found[i].PValue!.Value)]);
        for (int k = 0; k < tested.Length; k++)
            found[tested[k]] = found[tested[k]] with { Adjusted = adjusted[k] };
        return found;
    }

    /// <summary>The least p-value that so many settings allow a quantity with one number each: one order of S! agrees fully. Where all have
    /// as many gaps the opposite order does too, and it is twice that.</summary>
    public static double LeastPValue(int settings) => 1 / MathNet.Numerics.SpecialFunctions.Factorial(settings);

    private static SettingCorrelation One(string name, IReadOnlyList<SettingValue> values)
    {
        double[] x = [.. values.Select(v => v.Value)],
            gap = [.. values.Select(v => v.Gap)];
        int[][] members =
        [
            .. Enumerable.Range(0, x.Length).GroupBy(i => values[i].Setting, StringComparer.Ordinal).Select(g => g.ToArray()),
        ];
        var none = new SettingCorrelation(members.Length, x.Length, null, Interval.None, null, null);
        if (x.Length < 3 || RankCorrelation.Spearman(x, gap) is not (var rho and not double.NaN))
            return none;
        if (members.Length < FewestSettings)
            return none with { Value = rho };
        int[] block = new int[x.Length];
        for (int s = 0; s < members.Length; s++)
            foreach (int i in members[s])
                block[i] = s;
        double p = RankCorrelation.PValue(x, gap, RandomStream.For(1, "settings/permutation/" + name), blocks: block);
        return none with
        {
            Value = rho,
            Interval = Bootstrap(x, gap, members, RandomStream.For(1, "settings/bootstrap/" + name)).Holding(rho),
            PValue = p,
        };
    }

    private static Interval Bootstrap(double[] x, double[] gap, int[][] members, RandomStream random)
    {
        var values = new List<double>();
        for (int r = 0; r < Resamples; r++)
        {
            int[] drawn = [.. Enumerable.Range(0, members.Length).SelectMany(_ => members[random.NextIndex(members.Length)])];
            double rho = RankCorrelation.Spearman([.. drawn.Select(i => x[i])], [.. drawn.Select(i => gap[i])]);
            if (!double.IsNaN(rho))
                values.Add(rho);
        }
        if (values.Count == 0)
            return Interval.None;
        double[] sorted = [.. values.Order()];
        return new Interval(Quantiles.Type7(sorted, 0.025), Quantiles.Type7(sorted, 0.975));
    }
}
