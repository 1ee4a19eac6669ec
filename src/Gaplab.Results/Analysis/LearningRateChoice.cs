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

    private const double NearestNeighbour = 1.1;

    /// <summary>The vertex of the parabola in log₂ lr through the best trial and its two neighbours, clamped to the midpoints; null at an
    /// edge, beside a diverged trial or a neighbour within a factor of 1.1, or where the three do not curve upwards.</summary>
    public static InterpolatedOptimum? Interpolate(IReadOnlyList<TrialLosses> trials, ReadOnlySpan<double> means, int best)
    {
        if (trials[best].LearningRate is null)
            return null;
        var (line, at) = Line(trials, best);
        if (at == 0 || at == line.Count - 1)
            return null;
        double x0 = Log2(line[at - 1]),
            x1 = Log2(line[at]),
            x2 = Log2(line[at + 1]);
        double y0 = means[line[at - 1]],
            y1 = means[line[at]],
            y2 = means[line[at + 1]];
        if (!double.IsFinite(y0) || !double.IsFinite(y1) || !double.IsFinite(y2))
            return null;
        // Two printings of one rate (0.000488, 0.0004883) make a slope of pure noise, and its parabola dives to anywhere.
        if (Math.Min(x1 - x0, x2 - x1) < Math.Log2(NearestNeighbour))
            return null;
        double slope1 = (y1 - y0) / (x1 - x0),
            slope2 = (y2 - y1) / (x2 - x1),
            curvature = (slope2 - slope1) / (x2 - x0);
        if (!(curvature > 0))
            return null;
        double vertex = Math.Clamp((x0 + x1) / 2 - slope1 / (2 * curvature), (x0 + x1) / 2, (x1 + x2) / 2);
        return new InterpolatedOptimum(Math.Pow(2, vertex), y0 + slope1 * (vertex - x0) + curvature * (vertex - x0) * (vertex - x1));

        double Log2(int index) => Math.Log2(trials[index].LearningRate!.Value);
    }

    /// <summary>The trials at the moments of <paramref name="best"/>, by learning rate, and its place among them.</summary>
    public static (List<int> Cells, int At) Line(IReadOnlyList<TrialLosses> trials, int best)
    {
        var line = Enumerable.Range(0, trials.Count).Where(i => trials[i].Moments == trials[best].Moments).ToList();
        return (line, line.IndexOf(best));
    }
}
