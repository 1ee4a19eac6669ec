// A range of learning rates in a study file: from, to, and how many or how far apart.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Yaml;

/// <summary>{from, to, points} or {from, to, factor}.</summary>
/// <param name="From">The least rate; 0 is not given, as for the others.</param>
/// <param name="To">The largest.</param>
/// <param name="Points">How many, evenly spaced in the logarithm.</param>
/// <param name="Factor">Ratio of neighbours.</param>
internal sealed record RateRange(double From, double To, int Points, double Factor)
{
    private const int MostRates = 1000;

    private static readonly RateRange s_none = new(0, 0, 0, 0);

    /// <summary>Of a range, <see cref="Count"/> besides.</summary>
    public static IReadOnlyList<SpecKey<RateRange>> Ends { get; } =
    [
        End("from", r => r.From, (r, v) => r with { From = v }, "the least learning rate"),
        End("to", r => r.To, (r, v) => r with { To = v }, "the largest learning rate"),
    ];

    /// <summary>Exactly one of them is given.</summary>
    public static IReadOnlyList<SpecKey<RateRange>> Count { get; } =
    [
        Given(
            SpecKey.Whole<RateRange>(
                "points",
                2,
                MostRates,
                r => r.Points,
                (r, v) => r with { Points = v },
                "how many, evenly spaced in the logarithm"
            )
        ),
        Given(SpecKey.Number<RateRange>("factor", 1.01, 1e6, r => r.Factor, (r, v) => r with { Factor = v }, "ratio of neighbours")),
    ];

    /// <summary>The rates, ascending, six significant digits.</summary>
    /// <exception cref="InputException">A value that is not valid, ends in the wrong order or too far apart, an unknown key.</exception>
    public static double[] Read(StudySection s)
    {
        foreach (SpecKey<RateRange> end in Ends)
            if (!s.Has(end.Name))
                throw s.Missing(end.Name, end.Required!);
        RateRange range = Ends.ReadAll(s, s_none);
        (double from, double to) = (range.From, range.To);
        if (!double.IsFinite(to / from))
            throw s.Error("to", $"'{s.Path("")[..^1]}' goes from {from} to {to}; expected rates that are nearer to each other");
        if (!(from < to))
            throw s.Error(
                "to",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{s.Path("to")}' is {to}, not above 'from' {from}; expected an ascending range"
                )
            );
        if (Count.Count(k => s.Has(k.Name)) != 1)
            throw s.Error("points", $"'{s.Path("")[..^1]}' needs either points or factor beside from and to");
        range = Count.ReadAll(s, range);
        double[] rates = range.Points > 0 ? LearningRates.Range(from, to, range.Points) : Steps(s, range);
        s.Finish();
        return rates;
    }

    private static double[] Steps(StudySection s, RateRange range)
    {
        double count = (Math.Log(range.To) - Math.Log(range.From)) / Math.Log(range.Factor);
        return count < MostRates
            ? LearningRates.Steps(range.From, range.To, range.Factor)
            : throw s.Error(
                "factor",
                $"'{s.Path("factor")}' {range.Factor} makes {count:0} learning rates from {range.From} to {range.To}; expected at most "
                    + $"{MostRates}: a larger factor or a shorter range"
            );
    }

    private static SpecKey<RateRange> End(string name, Func<RateRange, double> get, Func<RateRange, double, RateRange> set, string says) =>
        SpecKey.Positive(name, get, set, says) with
        {
            Required = "a learning rate",
        };

    // Absent, it is not given; there is no default that would lie in its range.
    private static SpecKey<RateRange> Given(SpecKey<RateRange> key) =>
        key with
        {
            DefaultText = "",
            Reads = (s, own, range) => s.Has(own.Name) ? key.Reads(s, own, range) : range,
        };
}
