// McCulloch's quantile estimator, for symmetric laws.
using Gaplab.Numerics.Stable;

namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>ν = (q₉₅ − q₀₅)/(q₇₅ − q₂₅), which falls with α, inverted on exact quantiles: α linear in log ν on a grid of 0.05 from 0.5 to
/// 2, clipped there (McCulloch, Communications in Statistics 15, 1986).</summary>
internal sealed class McCullochEstimator : ITailEstimator
{
    private static readonly Lazy<(double[] Alpha, double[] LogRatio, double[] Quartile)> s_table = new(() =>
    {
        double[] alpha = [.. Enumerable.Range(0, 31).Select(i => 0.5 + 0.05 * i)];
        double[] quartile = [.. alpha.Select(a => new StableLaw(a).Quantile(0.75))];
        return (alpha, [.. alpha.Select((a, i) => Math.Log(new StableLaw(a).Quantile(0.95) / quartile[i]))], quartile);
    });

    public string Id => "mcculloch";

    public string Title => "McCulloch quantiles";

    public TailEvidence Evidence => TailEvidence.WholeLaw;

    public bool NeedsSigns => true;

    public TailEstimate? Estimate(TailData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Ratio(data.Ranked) is { } ratio ? new TailEstimate(Id, "", 1 / Alpha(ratio)) : null;
    }

    /// <summary>ν of a sample; null without spread between the quartiles.</summary>
    public static double? Ratio(RankedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        double quartiles = sample.Quantile(0.75) - sample.Quantile(0.25);
        return quartiles > 0 ? (sample.Quantile(0.95) - sample.Quantile(0.05)) / quartiles : null;
    }

    /// <summary>ν of symmetric stable laws.</summary>
    public static double RatioOf(double alpha)
    {
        var law = new StableLaw(alpha);
        return law.Quantile(0.95) / law.Quantile(0.75);
    }

    /// <summary>α by ν.</summary>
    public static double Alpha(double ratio)
    {
        (double[] alpha, double[] logRatio, _) = s_table.Value;
        double log = Math.Log(ratio);
        if (log >= logRatio[0])
            return alpha[0];
        for (int i = 1; i < alpha.Length; i++)
            if (log >= logRatio[i])
                return alpha[i] - (alpha[i] - alpha[i - 1]) * (log - logRatio[i]) / (logRatio[i - 1] - logRatio[i]);
        return 2;
    }

    /// <summary>The symmetric stable law with the sample's median, quartile range and α̂; null without spread.</summary>
    public static StableLaw? Fit(RankedSample sample)
    {
        if (Ratio(sample) is not { } ratio)
            return null;
        double alpha = Alpha(ratio);
        (double[] grid, _, double[] quartile) = s_table.Value;
        int i = Math.Clamp((int)((alpha - 0.5) / 0.05), 0, grid.Length - 2);
        double t = (alpha - grid[i]) / 0.05,
            upper = quartile[i] + t * (quartile[i + 1] - quartile[i]);
        return new StableLaw(alpha, 0, (sample.Quantile(0.75) - sample.Quantile(0.25)) / 2 / upper, sample.Quantile(0.5));
    }
}
