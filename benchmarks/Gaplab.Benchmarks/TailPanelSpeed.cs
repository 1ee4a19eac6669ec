// The tail panel's point estimates and analytic intervals: the same estimators in NumPy on the same values, and 1e8 values alone.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Streams;
using Gaplab.Numerics.Tails;

namespace Gaplab.Benchmarks;

internal static class TailPanelSpeed
{
    private const int Shared = 10_000_000,
        Alone = 100_000_000,
        Pairs = 3;

    public static int Run()
    {
        using var peer = new PythonPeers("tail_peers.py");
        string file = Path.GetTempFileName();
        try
        {
            double[] values = Values(Shared);
            using (FileStream stream = File.Create(file))
            {
                string header = $"{{'descr': '<f8', 'fortran_order': False, 'shape': ({Shared},), }}".PadRight(117) + "\n";
                stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)]);
                stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
            }
            IReadOnlyList<TailEstimate> ours = [];
            double[] theirs = [];
            double Ours()
            {
                long from = Stopwatch.GetTimestamp();
                ours = TailMeasurement.Estimates<double>(values, TailOrder.Series);
                return Stopwatch.GetElapsedTime(from).TotalSeconds;
            }
            double Theirs() => (theirs = peer.Ask($"{file}"))[0];
            (double a, double b, double ratio) = PairedBlocks.Measure(Ours, Theirs, Pairs);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"one core, {Shared:e0} float64 values, median of {Pairs} pairs; NumPy {peer.Versions}: Gaplab {a:f2} s, NumPy {b:f2} "
                        + $"s, ratio {ratio:f1}"
                )
            );
            // The peer answers 1/α in the catalogue's order, of McCulloch's the ratio of quantiles that α is looked up by.
            if (ours.Count != theirs.Length - 1)
                throw new InvalidOperationException($"{ours.Count} estimates, NumPy {theirs.Length - 1}");
            for (int i = 0; i < ours.Count; i++)
                if (
                    ours[i].Estimator != "mcculloch"
                    && !(Math.Abs(ours[i].Inverse - theirs[i + 1]) < (ours[i].Estimator == "clauset" ? 2e-2 : 2e-3))
                )
                    throw new InvalidOperationException(
                        string.Create(CultureInfo.InvariantCulture, $"{ours[i].Estimator}: {ours[i].Inverse} and NumPy {theirs[i + 1]}")
                    );
        }
        finally
        {
            File.Delete(file);
        }
        double[] many = Values(Alone);
        for (int i = 0; i < 2; i++)
        {
            long began = Stopwatch.GetTimestamp();
            TailMeasurement.Estimates<double>(many, TailOrder.Series);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Alone:e0} values: {Stopwatch.GetElapsedTime(began).TotalSeconds:f1} s (goal: 10), peak memory of the process "
                        + $"{Process.GetCurrentProcess().PeakWorkingSet64 / 1073741824.0:f2} GiB, 0.75 of it the values"
                )
            );
        }
        return 0;
    }

    private static double[] Values(int count)
    {
        double[] values = new double[count];
        new SymmetricStable(1.7).Fill(RandomStream.For(1, "benchmark/tails"), values);
        return values;
    }
}
