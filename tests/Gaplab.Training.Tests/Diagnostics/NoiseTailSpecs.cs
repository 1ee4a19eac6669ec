// What noise of a known law is called, from per-sample gradients through the probes and their files to the verdict.
using System.Globalization;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Measuring;
using Gaplab.Studies.Reading;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Diagnostics;

public sealed class NoiseTailSpecs : IDisposable
{
    private const int Dimension = 16;

    private static readonly NoiseSpec Spec = new()
    {
        Samples = 0,
        Batches = [4],
        Draws = 256,
        Coordinates = Dimension,
        Whole = 1,
        Window = 200,
    };

    private readonly TestFolder _folder = new();

    public NoiseTailSpecs() => TorchRuntime.Threads = 1;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Gaussian_noise_of_very_unequal_scales_is_not_called_heavy_tailed(long seed)
    {
        RandomStream random = RandomStream.For(seed, "test/gaussian-noise");
        IReadOnlyList<NoiseRow> rows = Measure(seed, 512, random.NextGaussian, "noise", "adam-noise");

        Assert.Equal(3 * 6, rows.Count);
        Assert.All(rows, r => Assert.True(r.Heavy == false, Describe(r)));
        Assert.All(Standardised(rows), r => AssertReads(r.ControlAlpha, r));
        // The scales do make the pooled values look heavy; it is the control that is no lighter.
        Assert.All(rows.Where(r => r.Axis == "pooled"), r => Assert.True(r.Alpha < 1.5 && r.ControlAlpha < 1.5, Describe(r)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Stable_noise_of_the_same_scales_is_called_heavy_tailed_and_its_index_is_read(long seed)
    {
        var law = new SymmetricStable(1.5);
        RandomStream random = RandomStream.For(seed, "test/stable-noise");
        // The mean of N such gradients, from which noise is measured, is off by N^(−1/3), and a large one of few samples is drawn often: N
        // far above the 1024 drawn.
        NoiseRow[] read = [.. Standardised(Measure(seed, 8192, () => law.Next(random), "noise"))];

        Assert.Equal(3, read.Length);
        Assert.All(read, r => Assert.True(r.Heavy == true && r.High < r.ControlAlpha, Describe(r)));
        Assert.All(read, r => AssertReads(1.5, r));
    }

    // Across iterations, each coordinate by its own scale.
    private static IEnumerable<NoiseRow> Standardised(IEnumerable<NoiseRow> rows) =>
        rows.Where(r => r is { Axis: "iterations", Noise: "sgd" });

    // Within the width of the bootstrap's 95% interval: about four standard errors.
    private static void AssertReads(double alpha, NoiseRow r) =>
        Assert.True(Math.Abs(r.Alpha - alpha) < r.High - r.Low && r.High - r.Low < 0.8, Describe(r));

    // Scales from 1e-3 to 1e3, one a coordinate, in shuffled order.
    private IReadOnlyList<NoiseRow> Measure(long seed, int samples, Func<double> next, params string[] probes)
    {
        double[] gradients = new double[samples * Dimension];
        for (int i = 0; i < gradients.Length; i++)
            gradients[i] = Math.Pow(10, 6.0 * (i % Dimension * 11 % Dimension) / (Dimension - 1) - 3) * (0.5 + next());
        using var model = new KnownGradients(gradients, Dimension);
        using var task = new NumberedSamples(samples);
        TrainingSubset subset = TrainingSubset.Of(task, Spec.Samples);
        double[] theta = new double[Dimension];

        RunFolder run = RunStore.Open(_folder.File("store"), create: true).Run("0123456789abcdef");
        foreach (string probe in probes)
            ProbeFiles.Write(run, probe, 0, probe == "noise" ? AtAPoint() : AlongAWindow());
        return [.. probes.SelectMany(probe => NoiseReading.RowsOf(run.ProbePath(probe, 0), probe, Of(probe)))];

        ProbeResult AtAPoint() =>
            new NoiseProbe(subset, Spec).Measure(new ProbePoint(model, theta, new double[Dimension], [], null, 0, seed, 4));

        ProbeResult AlongAWindow()
        {
            var window = new AdamNoiseProbe(subset, Spec);
            IProbeWindow open = window.Open(model, seed, 4);
            for (int step = 0; step < window.Steps; step++)
                open.See(theta, step);
            return open.Close();
        }
    }

    private static NoiseRow Of(string probe) =>
        new()
        {
            Geometry = "sgd",
            RunBatch = 4,
            Variant = "",
            Fraction = 0,
            Step = 0,
            Run = "0123456789abcdef",
            Noise = "",
            Place = probe,
            Batch = 0,
            Axis = "",
            Layer = "",
            Alpha = double.NaN,
            Low = double.NaN,
            High = double.NaN,
            ControlAlpha = double.NaN,
            McCulloch = double.NaN,
            Hill = double.NaN,
            Kurtosis = double.NaN,
            Heavy = null,
            Verdict = "",
        };

    private static string Describe(NoiseRow r) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{r.Noise} at {r.Place}, {r.Axis}, {r.Layer}: α {r.Alpha:g4} ({r.Low:g4} to {r.High:g4}), control {r.ControlAlpha:g4}, Hill "
                + $"{r.Hill:g4}, kurtosis {r.Kurtosis:g4}: {r.Verdict}"
        );

    public void Dispose() => _folder.Dispose();
}
