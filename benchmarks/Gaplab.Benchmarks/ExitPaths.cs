// Path-steps per second of the one-dimensional exit problem, one core, against the same loop in Numba.
using System.Globalization;
using Gaplab.Numerics.Streams;
using Gaplab.Theory.Levy;

namespace Gaplab.Benchmarks;

internal static class ExitPaths
{
    private const int Paths = 2000,
        Pairs = 9;
    private const double Step = 0.05;

    public static int Run()
    {
        using var peers = new PythonPeers("stable_peers.py");
        Conditions.Print(
            $"one core, processor time, {Paths} paths a block, dt {Step}, median of {Pairs} pairs; "
                + $"NumPy, SciPy, Numba: {peers.Versions}"
        );
        Console.WriteLine("alpha  epsilon   Numba M steps/s   Gaplab M steps/s   ratio   mean exit: Numba   Gaplab");
        foreach ((double alpha, double epsilon) in new[] { (1.2, 0.035), (1.5, 0.086), (1.8, 0.2) })
        {
            var exit = new LinearExit(alpha, 1 - Step, epsilon * Math.Pow(Step, 1 / alpha), 1, 1, long.MaxValue / 4);
            var ends = new PathEnd[Paths];
            int block = 0;
            double ours = 0,
                theirs = 0;
            // Blocks hold different paths, so the comparison is of seconds a step.
            double Mine()
            {
                ulong[] keys = [.. Enumerable.Range(0, Paths).Select(p => RandomStream.For(block, "benchmark", p).State)];
                block++;
                double start = ProcessorClock.Seconds;
                ours = exit.Run(keys, ends);
                return (ProcessorClock.Seconds - start) / ours;
            }
            double Theirs()
            {
                double[] answer = peers.Ask($"exit {alpha} {epsilon} {Step} {Paths} {block}");
                theirs = answer[1];
                return answer[0] / answer[1];
            }
            (double a, double b, double ratio) = PairedBlocks.Measure(Mine, Theirs, Pairs);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{alpha, 5} {epsilon, 8} {1e-6 / b, 17:0.0} {1e-6 / a, 18:0.0} {ratio, 7:0.0} {theirs / Paths * Step, 18:0.0} "
                        + $"{ours / Paths * Step, 8:0.0}"
                )
            );
        }
        return 0;
    }
}
