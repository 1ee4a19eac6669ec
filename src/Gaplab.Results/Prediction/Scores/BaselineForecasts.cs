// Forecasts that know nothing of the model: what it must beat. Each is a whole distribution.
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>A pair measured before, on another task: what baselines learn from.</summary>
/// <param name="Shortness">1 − β₂ of the optimizer that remembers; null: neither does.</param>
internal sealed record OtherTask(MeasuredGaps Gaps, double? Shortness);

/// <summary>A pair of anchors at one batch size.</summary>
/// <param name="Gap">ln of the ratio of the losses above the floor.</param>
/// <param name="StandardError">Of the gap.</param>
/// <param name="Degrees">Degrees of freedom of that error; infinite where it is assumed.</param>
public sealed record AnchorGap(double Batch, double Gap, double StandardError, double Degrees);

/// <summary>The baselines of a back-test.</summary>
internal static class BaselineForecasts
{
    private const int Draws = 2000;

    /// <summary>The pilot's anchors joined by straight lines in log₂ B, level beyond them, each with its seeds' error.</summary>
    public static GapDraws Interpolation(IReadOnlyList<long> sizes, IReadOnlyList<AnchorGap> anchors, long seed = 0)
    {
        if (anchors.Count == 0)
            throw new ArgumentException("interpolation needs at least one anchor", nameof(anchors));
        AnchorGap[] sorted = [.. anchors.OrderBy(a => a.Batch)];
        double[] x = [.. sorted.Select(a => Math.Log2(a.Batch))];
        var stream = RandomStream.For(seed, "baseline/interpolation");
        return Of(
            sizes,
            _ =>
            {
                double[] y = [.. sorted.Select(a => a.Gap + a.StandardError * T(stream, a.Degrees))];
                return b => Line(x, y, Math.Log2(b));
            }
        );
    }

    /// <summary>B* = c·(1−β₂), c and the slope of the gap at B* from other tasks: c log-normal about theirs, as Student's t predicts a new
    /// one.</summary>
    /// <returns>Null where no other task has one crossing, or this pair no memory.</returns>
    public static GapDraws? ProportionalToShortness(
        IReadOnlyList<long> sizes,
        double? shortness,
        IReadOnlyList<OtherTask> others,
        RelevanceBand band,
        long seed = 0
    )
    {
        (double LogC, double Slope)[] known =
        [
            .. others.Where(o => o.Shortness is > 0).Select(o => Crossing(o, band)).Where(c => c is not null).Select(c => c!.Value),
        ];
        if (shortness is not > 0 || known.Length == 0)
            return null;
        var stream = RandomStream.For(seed, "baseline/shortness");
        double n = known.Length,
            mean = known.Average(k => k.LogC),
            // One task tells nothing of the scatter: a factor of 3 is assumed.
            deviation = n > 1 ? Math.Sqrt(known.Sum(k => (k.LogC - mean) * (k.LogC - mean)) / (n - 1)) : Math.Log2(3),
            degrees = n > 1 ? n - 1 : double.PositiveInfinity;
        return Of(
            sizes,
            _ =>
            {
                double at = mean + Math.Log2(shortness.Value) + deviation * Math.Sqrt(1 + 1 / n) * T(stream, degrees),
                    slope = known[(int)stream.NextIndex(known.Length)].Slope;
                return b => slope * (Math.Log2(b) - at);
            }
        );
    }

    /// <summary>The curve of another task, drawn at random, with its own error; between its sizes by straight lines in log₂ B.</summary>
    public static GapDraws? AnyOtherTask(IReadOnlyList<long> sizes, IReadOnlyList<OtherTask> others, long seed = 0)
    {
        if (others.Count == 0)
            return null;
        var stream = RandomStream.For(seed, "baseline/other-task");
        return Of(sizes, _ => Drawn(others[(int)stream.NextIndex(others.Count)].Gaps, stream));
    }

    /// <summary>"The second is ahead", everywhere, with probability (k+1)/(n+2), k of the n cells of the other tasks being so; as far as
    /// they.</summary>
    /// <remarks>All sizes of a draw share one uniform number, so that a draw is one opinion about the whole range.</remarks>
    public static GapDraws AlwaysSecond(IReadOnlyList<long> sizes, IReadOnlyList<OtherTask> others, RelevanceBand band, long seed = 0)
    {
        double[] cells = [.. others.SelectMany(o => o.Gaps.Gaps)],
            ahead = [.. cells.Where(g => band.Side(g) > 0)],
            behind = [.. cells.Where(g => band.Side(g) <= 0)];
        double rate = (ahead.Length + 1.0) / (cells.Length + 2);
        var stream = RandomStream.For(seed, "baseline/always");
        return Of(
            sizes,
            _ =>
            {
                bool second = stream.NextDouble() < rate;
                double[] like = second ? ahead : behind;
                // Without an example, just outside the band, or level.
                double gap =
                    like.Length > 0 ? like[stream.NextIndex(like.Length)]
                    : second ? 2 * band.LogHalfWidth
                    : 0;
                return _ => gap;
            }
        );
    }

    /// <summary>No gap anywhere, but for one seed's error of a gap.</summary>
    /// <param name="deviation">Of that error; 0: none at all.</param>
    public static GapDraws NoGap(IReadOnlyList<long> sizes, double deviation, long seed = 0)
    {
        var stream = RandomStream.For(seed, "baseline/no-gap");
        return Of(
            sizes,
            _ =>
            {
                double[] errors = [.. sizes.Select(_ => deviation * stream.NextGaussian())];
                double[] x = [.. sizes.Select(s => Math.Log2(s))];
                return b => Line(x, errors, Math.Log2(b));
            }
        );
    }

    private static GapDraws Of(IReadOnlyList<long> sizes, Func<int, Func<double, double>> curve)
    {
        IReadOnlyList<double> grid = GapDraws.Between(sizes);
        return new GapDraws
        {
            Sizes = sizes,
            Grid = grid,
            Gaps =
            [
                .. Enumerable
                    .Range(0, Draws)
                    .Select(d =>
                    {
                        Func<double, double> at = curve(d);
                        return (double[])[.. grid.Select(at)];
                    }),
            ],
        };
    }

    private static Func<double, double> Drawn(MeasuredGaps task, RandomStream stream)
    {
        int draw = (int)stream.NextIndex(task.Errors[0].Length);
        double[] x = [.. task.Sizes.Select(s => Math.Log2(s))],
            y = [.. task.Gaps.Select((g, i) => g + task.Errors[i][draw])];
        return b => Line(x, y, Math.Log2(b));
    }

    /// <summary>log₂ of B*/(1−β₂) of a task with one crossing towards the second, and the gap's slope there.</summary>
    private static (double LogC, double Slope)? Crossing(OtherTask task, RelevanceBand band)
    {
        double[] x = [.. task.Gaps.Sizes.Select(s => Math.Log2(s))],
            y = [.. task.Gaps.Gaps];
        var crossing = BandCrossing.Of(x, y, band.LogHalfWidth);
        if (crossing is not { Changes: 1, ToSecond: true })
            return null;
        int above = Math.Clamp(Array.FindIndex(x, v => v >= crossing.Log2Batch), 1, x.Length - 1);
        double slope = (y[above] - y[above - 1]) / (x[above] - x[above - 1]);
        return (crossing.Log2Batch - Math.Log2(task.Shortness!.Value), Math.Max(slope, 1e-4));
    }

    private static double Line(double[] x, double[] y, double at)
    {
        if (at <= x[0])
            return y[0];
        for (int i = 1; i < x.Length; i++)
            if (at <= x[i])
                return y[i - 1] + (at - x[i - 1]) / (x[i] - x[i - 1]) * (y[i] - y[i - 1]);
        return y[^1];
    }

    /// <summary>A draw of Student's t, or of the normal where the degrees are infinite; by the polar method of Bailey (1994).</summary>
    private static double T(RandomStream stream, double degrees) =>
        double.IsInfinity(degrees)
            ? stream.NextGaussian()
            : Math.Sqrt(degrees * (Math.Pow(stream.NextDouble(), -2 / degrees) - 1)) * Math.Cos(2 * Math.PI * stream.NextDouble());
}
