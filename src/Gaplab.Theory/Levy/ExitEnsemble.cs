// Ensembles of paths on all cores, until the mean exit is known as well as asked.
using Gaplab.Theory.Escape;

namespace Gaplab.Theory.Levy;

/// <summary>How many paths to run.</summary>
/// <param name="Seed">Of the streams; path p is the same in every ensemble of this seed.</param>
/// <param name="Precision">Stop when the standard error of the mean is at most this part of it (0.02: "within 2%").</param>
/// <param name="LeastPaths">Run at least so many.</param>
/// <param name="MostPaths">Stop there, precise or not.</param>
/// <param name="Cores">Threads; the numbers do not depend on it. 0: all.</param>
public sealed record EnsembleOptions(long Seed = 1, double Precision = 0.02, int LeastPaths = 512, int MostPaths = 100_000, int Cores = 0);

/// <summary>Exit times and what they say.</summary>
public sealed record ExitSample
{
    /// <summary>Of each path, in the problem's unit of time.</summary>
    public required IReadOnlyList<double> Times { get; init; }

    /// <summary>Whether the path left; else it was censored at its time.</summary>
    public required IReadOnlyList<bool> Exited { get; init; }

    public required int Diverged { get; init; }

    public int Paths => Times.Count;

    public int Censored => Exited.Count(e => !e);

    /// <summary>Total time over exits: the mean where no path is censored, else the estimate under an exponential law; infinite without an
    /// exit.</summary>
    public double Mean => Censored == Paths ? double.PositiveInfinity : Times.Sum() / (Paths - Censored);

    /// <summary>Of the mean: the sample's own spread, or the exponential law's where paths are censored.</summary>
    public double StandardError
    {
        get
        {
            if (Censored == Paths)
                return double.PositiveInfinity;
            double mean = Mean;
            return Censored > 0
                ? mean / Math.Sqrt(Paths - Censored)
                : Math.Sqrt(Times.Sum(t => (t - mean) * (t - mean)) / (Paths - 1.0) / Paths);
        }
    }

    /// <summary>Kaplan and Meier's median; null when fewer than half left.</summary>
    public double? Median => KaplanMeier.Median(KaplanMeier.Curve(Times, Exited));
}

/// <summary>Simulates exit problems.</summary>
public static class ExitEnsemble
{
    // A thread takes so many paths at a time: eight lanes need many to stay full, one path at a time few so that all threads end together.
    private const int Lanes = 128,
        Single = 8;

    /// <summary>Runs paths in rounds until the precision asked is reached.</summary>
    /// <exception cref="Gaplab.Numerics.InputException">The problem's parts do not fit together.</exception>
    public static ExitSample Run(ExitProblem problem, EnsembleOptions options)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(options);
        problem.Check();
        int least = Math.Max(2, Math.Min(options.LeastPaths, options.MostPaths)),
            most = Math.Max(least, options.MostPaths);
        PathEnd[] ends = Paths(problem, options, 0, least);
        while (true)
        {
            ExitSample sample = Sample(problem, ends);
            double error = sample.StandardError / sample.Mean;
            if (!(error > options.Precision) || ends.Length >= most)
                return sample;
            // As many as the spread so far asks for, with a tenth to spare; at most four times as many a round, since the first rounds know
            // the spread badly.
            double wanted = 1.1 * ends.Length * Math.Pow(error / options.Precision, 2);
            int upTo = (int)Math.Min(most, Math.Min(4.0 * ends.Length, Math.Max(wanted, ends.Length + 1)));
            ends = [.. ends, .. Paths(problem, options, ends.Length, upTo)];
        }
    }

    /// <summary>Exactly these paths.</summary>
    public static ExitSample Run(ExitProblem problem, long seed, int paths, int cores = 0) =>
        Run(problem, new EnsembleOptions(seed, double.PositiveInfinity, paths, paths, cores));

    private static ExitSample Sample(ExitProblem problem, PathEnd[] ends) =>
        new()
        {
            Times = [.. ends.Select(e => e.Steps * problem.Rule.Time)],
            Exited = [.. ends.Select(e => e.Exited)],
            Diverged = ends.Count(e => e.Diverged),
        };

    private static PathEnd[] Paths(ExitProblem problem, EnsembleOptions options, int from, int to)
    {
        var ends = new PathEnd[to - from];
        LinearExit? linear = LinearOf(problem);
        QuadraticLanes? lanes = linear is null ? QuadraticLanes.Of(problem) : null;
        bool single = linear is null && lanes is null;
        int cores = options.Cores > 0 ? options.Cores : Environment.ProcessorCount,
            chunk = single ? Single : Math.Clamp(ends.Length / (2 * cores), Single, Lanes),
            chunks = (ends.Length + chunk - 1) / chunk;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = cores };
        Parallel.For(
            0,
            chunks,
            parallel,
            () => single ? new PathSimulator(problem) : null,
            (at, _, simulator) =>
            {
                int first = at * chunk,
                    count = Math.Min(chunk, ends.Length - first);
                if (lanes is not null)
                    lanes.Run(options.Seed, from + first, ends.AsSpan(first, count));
                else if (linear is null)
                {
                    for (int i = 0; i < count; i++)
                        ends[first + i] = simulator!.Run(options.Seed, from + first + i);
                }
                else
                {
                    Span<ulong> keys = stackalloc ulong[Lanes];
                    for (int i = 0; i < count; i++)
                        keys[i] = NoiseBlocks.KeyOf(options.Seed, from + first + i);
                    linear.Run(keys[..count], ends.AsSpan(first, count));
                }
                return simulator;
            },
            _ => { }
        );
        return ends;
    }

    /// <summary>Plain descent on a one-dimensional quadratic out of an interval has a faster way that makes the same steps; null for every
    /// other problem.</summary>
    public static LinearExit? LinearOf(ExitProblem problem)
    {
        if (
            problem.Potential is not QuadraticPotential { Dimension: 1 } quadratic
            || !problem.Rule.IsPlain
            || problem.Noise.Components != 1
        )
            return null;
        (double low, double high) = problem.Region switch
        {
            BoxBasin box => (box.Low[0], box.High[0]),
            BallBasin ball => (ball.Radius, ball.Radius),
            EllipsoidBasin ellipsoid => (ellipsoid.Reach([1]), ellipsoid.Reach([1])),
            _ => (0, 0),
        };
        if (low == 0 || problem.Minimum[0] != 0)
            return null;
        return new LinearExit(
            problem.Noise.Alpha,
            1 - problem.Rule.Drift * quadratic.Hessian[0, 0],
            problem.Rule.Amplitude * problem.Noise.Sigma[0, 0],
            low,
            high,
            problem.MaxSteps,
            problem.Start?[0] ?? 0
        );
    }
}
