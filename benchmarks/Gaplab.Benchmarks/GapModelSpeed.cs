// The gap model's recursion against the same in NumPy, and the whole of gap(B) at a million coordinates.
using System.Diagnostics;
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Theory.GapModel;

namespace Gaplab.Benchmarks;

internal static class GapModelSpeed
{
    public static int Run()
    {
        var start = new ProcessStartInfo(
            "/usr/bin/python3",
            Path.Combine(Environment.GetEnvironmentVariable("GAPLAB_ROOT") ?? ".", "benchmarks", "numpy_gap_model.py")
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process peer = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start");
        Console.WriteLine("recursion, every coordinate, one thread        ratio (NumPy's time over ours, median of pairs)");
        foreach (
            (string name, ModelledOptimizer optimizer) in ((string, ModelledOptimizer)[])
                [("sgd", new HeavyBall(0.9)), ("adam", new AdamClosure(0.9, 0.999))]
        )
        foreach ((int coordinates, int steps) in ((int, int)[])[(1_000, 4_000), (100_000, 200)])
        {
            Quadratic quadratic = Instance(coordinates);
            double[] factors = RateSchedule.Cosine.Factors(steps);
            (double ours, double theirs) = (0, 0);
            double Ours()
            {
                long from = Stopwatch.GetTimestamp();
                ours = optimizer.Loss(quadratic, 64, factors, 0.01);
                return Stopwatch.GetElapsedTime(from).TotalSeconds;
            }
            double Theirs()
            {
                peer.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {coordinates} {steps}"));
                string[] answer = (
                    peer.StandardOutput.ReadLine() ?? throw new InvalidOperationException("python3 with numpy gave no answer")
                ).Split(' ');
                theirs = double.Parse(answer[1], CultureInfo.InvariantCulture);
                return double.Parse(answer[0], CultureInfo.InvariantCulture);
            }
            (_, _, double ratio) = PairedBlocks.Measure(Ours, Theirs, 7);
            if (!(Math.Abs(ours / theirs - 1) < 1e-9))
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"the losses differ: {ours} and {theirs}"));
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{name, -5} {coordinates, 8} coordinates {steps, 6} steps {ratio, 16:f1}")
            );
        }
        peer.StandardInput.Close();

        Quadratic large = new QuadraticFamily
        {
            Spectrum = "power-law",
            Dimension = 1_000_000,
            StartExponent = 0.5,
        }.Build();
        long began = Stopwatch.GetTimestamp();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        GapCurve curve = GapCurve.Of(
            new GapSetting
            {
                Quadratic = large,
                Budget = new Budget(100_000, null),
                Batches = [.. Enumerable.Range(0, 16).Select(i => Math.Pow(2, i))],
            }
        );
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"gap(B), {curve.Points.Count} batch sizes, both optimizers tuned, 1e6 coordinates, 1e5 steps, "
                    + $"{Environment.ProcessorCount} cores: {Stopwatch.GetElapsedTime(began).TotalSeconds:f1} s, "
                    + $"{(Environment.CpuUsage.TotalTime - before).TotalSeconds:f1} s of processor time (goal: 5 s on two cores)"
            )
        );
        return 0;
    }

    private static Quadratic Instance(int coordinates)
    {
        double[] l = [.. Enumerable.Range(1, coordinates).Select(i => 1.0 / i)];
        return new Quadratic(l, [.. l.Select(x => 100 * x)], [.. l.Select(_ => 1.0)]);
    }
}
