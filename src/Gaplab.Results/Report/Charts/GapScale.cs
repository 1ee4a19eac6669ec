// The scales on which gaps can be drawn: as they are, symmetric-logarithmic, and in units of the seeds' spread.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report.Charts;

/// <summary>What is drawn of a gap. The first of several is shown until the reader chooses another.</summary>
internal abstract record GapScale(string Name)
{
    // Beyond this the smaller of two gaps is a point on the zero line.
    private const double Hides = 30;

    /// <summary>The scales that say something of these gaps: the symmetric logarithm first where some gaps are many times larger than
    /// others; the spread only where every gap has one.</summary>
    public static IEnumerable<GapScale> Of(IReadOnlyList<Gap> gaps, int seeds, string metric)
    {
        double[] sizes = [.. gaps.Select(g => Math.Abs(g.Value)).Where(v => v > 1e-12).Order()];
        Plain plain = new(metric);
        if (sizes.Length > 0)
        {
            // Linear up to half of the smallest gap, but over no more than four decades: what is smaller is rounding.
            double constant = Math.Max(sizes[0] / 2, sizes[^1] * 1e-4);
            Logarithmic logarithmic = new(constant, metric);
            foreach (GapScale scale in sizes[^1] > Hides * sizes[0] ? (GapScale[])[logarithmic, plain] : [plain, logarithmic])
                yield return scale;
        }
        else
        {
            yield return plain;
        }
        Dictionary<long, double> spreads = gaps.Where(g => g.StandardError > 0)
            .ToDictionary(g => g.Batch, g => g.StandardError!.Value * Math.Sqrt(seeds));
        if (spreads.Count == gaps.Count)
            yield return new Spreads(spreads);
    }

    /// <summary>As the charts' theme names it.</summary>
    public virtual string Type => "linear";

    /// <summary>Whether a straight line between two gaps is one on this scale.</summary>
    public virtual bool IsStraight => true;

    /// <summary>By what a gap at this batch size is multiplied.</summary>
    public virtual double Factor(long batch) => 1;

    /// <summary>Room for marks beyond the values.</summary>
    public virtual (double Low, double High) Room((double Low, double High) range) => range;

    public abstract JsonObject Axis(double low, double high);

    /// <summary>The gap as it is drawn; its texts are those of the gap as it was measured.</summary>
    public Gap Apply(Gap gap)
    {
        double factor = Factor(gap.Batch);
        Interval interval = gap.Interval;
        return gap with
        {
            Value = factor * gap.Value,
            Interval = interval with { Low = factor * interval.Low, High = factor * interval.High },
        };
    }

    private sealed record Plain(string Metric) : GapScale("as measured")
    {
        public override JsonObject Axis(double low, double high) => new() { ["title"] = $"gap in {Metric}" };
    }

    private sealed record Logarithmic(double Constant, string Metric) : GapScale("logarithmic")
    {
        private const int MostTicks = 4;

        public override bool IsStraight => false;

        public override string Type => "symlog:" + Constant.ToString("R", CultureInfo.InvariantCulture);

        public override (double Low, double High) Room((double Low, double High) range) => (Apart(range.Low), Apart(range.High));

        // On this scale a margin is a factor.
        private double Apart(double end) => Math.Sign(end) * ((Math.Abs(end) + Constant) * 1.5 - Constant);

        public override JsonObject Axis(double low, double high)
        {
            int from = (int)Math.Ceiling(Math.Log10(Constant)),
                to = (int)Math.Floor(Math.Log10(Math.Max(-low, high))),
                every = Math.Max(1, (to - from + MostTicks) / MostTicks);
            double[] powers =
            [
                .. Enumerable
                    .Range(0, Math.Max(0, to - from + 1))
                    .Where(i => (to - from - i) % every == 0)
                    .Select(i => Math.Pow(10, from + i)),
            ];
            return new JsonObject
            {
                ["title"] = $"gap in {Metric} (symmetric log)",
                ["values"] = ChartTheme.Numbers([
                    .. powers.Select(p => -p).Where(p => p >= low).Reverse(),
                    0,
                    .. powers.Where(p => p <= high),
                ]),
                ["labelExpr"] = "abs(datum.value) >= 0.001 || datum.value == 0 ? format(datum.value, '~g') : format(datum.value, '~e')",
            };
        }
    }

    private sealed record Spreads(IReadOnlyDictionary<long, double> Spread) : GapScale("in seeds' spread")
    {
        public override double Factor(long batch) => 1 / Spread[batch];

        public override JsonObject Axis(double low, double high) => new() { ["title"] = "gap in standard deviations over seeds" };
    }
}
