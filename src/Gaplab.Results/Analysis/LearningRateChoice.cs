// The choice of the tuned trial: the first of the best, whether it lies on the grid's edge, and the parabola through it.
namespace Gaplab.Results.Analysis;

/// <summary>Theory.md E2 over one <see cref="OptimizerGrid"/>.</summary>
internal static class LearningRateChoice
{
    /// <summary>Index of the first mean within 1e-12·(1+|min|) of the smallest; 0 when all are infinite.</summary>
    /// <param name="means">Loss means in the grid's order: ties go to the smallest rate, then the smallest momentum and β₂.</param>
    public static int Best(ReadOnlySpan<double> means)
    {
        double min = double.PositiveInfinity;
        foreach (double mean in means)
            min = Math.Min(min, mean);
        if (double.IsPositiveInfinity(min))
            return 0;
        double limit = min + 1e-12 * (1 + Math.Abs(min));
        for (int i = 0; i < means.Length; i++)
            if (means[i] <= limit)
                return i;
        return 0;
    }

    /// <summary>Mean loss of each trial over all seeds, and the index of the best.</summary>
    public static (double[] Means, int Best) Tune(OptimizerGrid grid, int seeds)
    {
        var means = new double[grid.Trials.Count];
        Means(grid.Trials, [.. Enumerable.Range(0, seeds)], means);
        return (means, Best(means));
    }

    /// <summary>Mean loss of each trial over the seeds at <paramref name="indices"/> (repetitions count); +∞ with any diverged
    /// one.</summary>
    public static void Means(IReadOnlyList<TrialLosses> trials, ReadOnlySpan<int> indices, Span<double> means)
    {
        for (int c = 0; c < trials.Count; c++)
        {
            double sum = 0;
            double[] loss = trials[c].Loss;
            foreach (int s in indices)
                sum += loss[s];
            means[c] = sum / indices.Length;
        }
    }

    /// <summary>Where trial <paramref name="best"/> lies along the learning rates tried at its moments. A diverged neighbour brackets
    /// it.</summary>
    public static GridEdge Edge(IReadOnlyList<TrialLosses> trials, int best)
    {
        if (trials[best].LearningRate is null)
            return GridEdge.None;
        var (line, at) = Line(trials, best);
        return (at == 0, at == line.Count - 1) switch
        {
            (true, true) => GridEdge.Both,
            (true, false) => GridEdge.Low,
            (false, true) => GridEdge.High,
            _ => GridEdge.None,
        };
    }

    /// <summary>The vertex of the parabola through the best trial and its two neighbours; null at an edge, and where
    /// <see cref="InterpolatedOptimum.Through"/> has none.</summary>
    public static InterpolatedOptimum? Interpolate(IReadOnlyList<TrialLosses> trials, ReadOnlySpan<double> means, int best)
    {
        if (trials[best].LearningRate is null)
            return null;
        var (line, at) = Line(trials, best);
        if (at == 0 || at == line.Count - 1)
            return null;
        ReadOnlySpan<double> rates = [Rate(line[at - 1]), Rate(line[at]), Rate(line[at + 1])],
            three = [means[line[at - 1]], means[line[at]], means[line[at + 1]]];
        return InterpolatedOptimum.Through(rates, three);

        double Rate(int index) => trials[index].LearningRate!.Value;
    }

    /// <summary>The trials at the moments of <paramref name="best"/>, by learning rate, and its place among them.</summary>
    public static (List<int> Cells, int At) Line(IReadOnlyList<TrialLosses> trials, int best)
    {
        var line = Enumerable.Range(0, trials.Count).Where(i => trials[i].Moments == trials[best].Moments).ToList();
        return (line, line.IndexOf(best));
    }
}
