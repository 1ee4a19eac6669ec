// The penalty that a short memory costs the output layer alone, from the frequencies of the classes.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Theory.Efficiency;

/// <summary>Logits of a softmax whose classes come with fixed frequencies, trained by an optimizer that scales coordinates with a short
/// memory: its fixed point lies off the frequencies.</summary>
/// <remarks>
/// A common drift of all logits changes no probability, so the fixed point has E uₖ = c, one constant for all classes, with Σπ = 1.
/// The penalty is Σ p ln(p/π), in nats: exactly 0 for uniform classes. It counts the output layer alone, at small learning rates and
/// convergence. Where r = κ/(2Bp) is small it is <see cref="OutputLayerPull.Penalty"/>, with κ/(1−κ) for κ.
/// </remarks>
internal sealed class OutputLayer
{
    // Classes are taken together where there are more different frequencies than this, evenly in ln p.
    private const int MostGroups = 64;

    // Beyond it, a class is seen so often that the pull only falls as 1/λ.
    private const double LargestMean = 10;

    private readonly Group[] _groups;
    private readonly CountRatioTable? _table;

    private OutputLayer(Group[] groups, CountRatioTable? table) => (_groups, _table) = (groups, table);

    /// <summary>Classes of one frequency.</summary>
    private readonly record struct Group(double Frequency, double Count);

    /// <param name="frequencies">p_k, with sum 1.</param>
    /// <param name="memory">Without one there is no penalty. A sign's is that of the Adam with the same β₁ and the same κ.</param>
    public static OutputLayer Of(IReadOnlyList<double> frequencies, GradientMemory memory)
    {
        if (memory.Shortness == 0)
            return new OutputLayer(Grouped(frequencies), null);
        double beta1 = memory switch
            {
                GradientMemory.SecondMoment m => m.Beta1,
                GradientMemory.SignOfAverage s => s.Beta1,
                _ => 0,
            },
            shortness = memory.Shortness;
        return new OutputLayer(Grouped(frequencies), new CountRatioTable(beta1, 1 - shortness, LargestMean));
    }

    /// <summary>Excess of the cross-entropy at a batch size, in nats.</summary>
    public double Penalty(double batch)
    {
        if (_table is null || _groups.Length == 1)
            return 0;
        Curve[] curves = [.. _groups.Select(g => new Curve(this, g, batch))];
        // A class that is hardly ever seen cannot follow the others' step: it stays at the end of its own curve, and weighs as little.
        double low = curves.Min(c => c.Least),
            high = curves.Max(c => c.Greatest);
        double[] ratios = new double[_groups.Length];
        for (int i = 0; i < 60; i++)
        {
            double step = 0.5 * (low + high),
                total = 0;
            for (int k = 0; k < curves.Length; k++)
                total += _groups[k].Count * _groups[k].Frequency * Math.Exp(ratios[k] = curves[k].LogRatio(step));
            if (total < 1)
                low = step;
            else
                high = step;
        }
        double sum = _groups.Zip(ratios, (g, r) => g.Count * g.Frequency * Math.Exp(r)).Sum();
        return Math.Max(0, _groups.Zip(ratios, (g, r) => g.Count * g.Frequency * (Math.Log(sum) - r)).Sum());
    }

    private static Group[] Grouped(IReadOnlyList<double> frequencies)
    {
        Group[] own = [.. frequencies.GroupBy(p => Math.Round(Math.Log(p), 9)).Select(g => new Group(g.Average(), g.Count()))];
        if (own.Length <= MostGroups)
            return own;
        double low = Math.Log(frequencies.Min()),
            width = (Math.Log(frequencies.Max()) - low) / MostGroups * (1 + 1e-9);
        return [.. frequencies.GroupBy(p => (int)((Math.Log(p) - low) / width)).Select(g => new Group(g.Average(), g.Count()))];
    }

    /// <summary>One group's mean step against its ρ = π/p, rising.</summary>
    private sealed class Curve
    {
        private const double GreatestLogRatio = 2;

        private readonly CountRatioTable.Row _row;
        private readonly double _p,
            _mean,
            _size,
            _pull,
            _shrink;

        public Curve(OutputLayer layer, Group group, double batch)
        {
            double seen = group.Frequency * batch;
            _p = group.Frequency;
            _mean = Math.Min(seen, LargestMean);
            _shrink = _mean / seen;
            _size = Math.Sqrt(seen / (1 - _p));
            _row = layer._table!.At(_mean);
            _pull = _row.At(0) / Math.Sqrt(_mean);
            (Least, Greatest) = (Step(CountRatioTable.LeastLogRatio), Step(GreatestLogRatio));
        }

        public double Least { get; }

        public double Greatest { get; }

        /// <summary>ln ρ at which the mean step is so.</summary>
        public double LogRatio(double step)
        {
            double low = CountRatioTable.LeastLogRatio,
                high = GreatestLogRatio;
            for (int i = 0; i < 46; i++)
            {
                double middle = 0.5 * (low + high);
                if (Step(middle) < step)
                    low = middle;
                else
                    high = middle;
            }
            return 0.5 * (low + high);
        }

        // Counts are binomial: less scattered than the table's Poisson counts by √(1−p), and less skewed by 1−2p, which the pull at ρ = 1
        // is proportional to; it falls as 1/λ beyond the table. What is not linear in ρ − 1 matters for rare classes only.
        private double Step(double logRatio) => _size * (_row.At(logRatio) / Math.Sqrt(_mean) - _pull + (1 - 2 * _p) * _shrink * _pull);
    }
}
