// Symmetric stable variates per second, one core, against NumPy, SciPy and Numba in the same run.
using System.Globalization;
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Streams;

namespace Gaplab.Benchmarks;

internal static class StableVariates
{
    private const int Count = 1_000_000,
        Pairs = 15;

    public static int Run()
    {
        using var peers = new PythonPeers("stable_peers.py");
        Conditions.Print(
            $"one core, processor time, {Count} variates a block, median of {Pairs} pairs; " + $"NumPy, SciPy, Numba: {peers.Versions}"
        );
        Console.WriteLine("alpha  peer   peer M/s   float64 M/s   ratio   float32 M/s   ratio");
        var doubles = new double[Count];
        var floats = new float[Count];
        foreach (double alpha in (double[])[0.8, 1.2, 1.5, 1.8])
        {
            var law = new SymmetricStable(alpha);
            RandomStream stream = RandomStream.For(1, "benchmark");
            foreach (string peer in (string[])["numba", "scipy", "numpy"])
            {
                double Peer() => peers.Ask($"{peer} {alpha} {Count}")[0];
                (double a, double b, double ratio) = PairedBlocks.Measure(() => Time(() => law.Fill(stream, doubles)), Peer, Pairs);
                (double a32, _, double ratio32) = PairedBlocks.Measure(() => Time(() => law.Fill(stream, floats)), Peer, Pairs);
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{alpha, 5} {peer, 6} {Count / b / 1e6, 9:0.0} {Count / a / 1e6, 13:0.0} {ratio, 7:0.0} "
                            + $"{Count / a32 / 1e6, 13:0.0} {ratio32, 7:0.0}"
                    )
                );
            }
        }
        return 0;
    }

    private static double Time(Action action)
    {
        double start = ProcessorClock.Seconds;
        action();
        return ProcessorClock.Seconds - start;
    }
}
