// Findings about a design that hold before a study runs and of its table after it: made here for both.
namespace Gaplab.Results.Analysis;

/// <summary>What the number of seeds and the metric of a comparison allow.</summary>
public static class DesignFindings
{
    /// <summary>Seeds from which an interval is worth reading.</summary>
    public const int EnoughSeeds = 4;

    /// <summary>What so few seeds leave of an interval; null of enough.</summary>
    public static Finding? Seeds(int seeds) =>
        seeds switch
        {
            < 1 or >= EnoughSeeds => null,
            1 => new(
                FindingKinds.FewSeeds,
                Severity.Warning,
                $"One seed gives no interval, and a gap of one seed may be the noise of the tuning; use at least {EnoughSeeds}."
            ),
            2 => new(
                FindingKinds.FewSeeds,
                Severity.Warning,
                "Two seeds: the interval is nine times the percentile interval and says practically nothing; use at least "
                    + $"{EnoughSeeds}."
            ),
            _ => new(
                FindingKinds.FewSeeds,
                Severity.Hint,
                "Three seeds: the interval is 2.7 times the percentile interval to cover 95%; 5 seeds would need a factor of 1.6."
            ),
        };

    /// <summary>That a minimum over steps favours whoever takes more, or noisier, steps.</summary>
    public static Finding Biased(string metric) =>
        new(
            FindingKinds.BiasedMetric,
            Severity.Warning,
            $"The metric {metric} is biased by batch size: the minimum over more steps, or noisier ones, is lower by luck alone. Prefer a "
                + "mean or an evaluation."
        );
}
