// Adam in its own metric against Adam coordinate by coordinate, with eigenvectors along the axes and off them.
using Gaplab.Theory.GapModel;
using MathNet.Numerics.LinearAlgebra;

namespace Gaplab.Pure.Tests.Theory;

public sealed class PreconditionedAdamSpecs
{
    private static readonly AdamClosure Adam = new(0.9, 0.999);

    [Fact]
    public void Equal_coordinates_make_it_the_coordinatewise_recursion_at_every_step()
    {
        // P = σ = 3 everywhere: λ̃ = λ/3, σ̃² = 3, ã² = 3a².
        var own = new Quadratic([2], [9], [0.5], [40]);
        GapSetting one = Setting(own, null, 8),
            metric = Setting(own, new AdamInstance(new Quadratic([2 / 3.0], [3], [1.5], [40]), 40 * 3), 8);
        foreach (double rate in (double[])[1e-3, 0.02, 0.3])
        foreach ((double a, double b) in one.Curve(Adam, 8, rate).Zip(metric.Curve(Adam, 8, rate)))
            Assert.Equal(1, b / a, 1e-9);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    public void While_noise_dominates_tuned_losses_are_those_of_Adam_along_the_axes(double batch)
    {
        Quadratic q = new QuadraticFamily
        {
            Spectrum = "power-law",
            Dimension = 32,
            NoiseScale = 3000,
            StartExponent = 0.5,
        }.Build();
        double[] p = [.. q.NoiseVariance.Select(Math.Sqrt)];
        var metric = new AdamInstance(
            new Quadratic(
                [.. q.Curvature.Select((l, i) => l / p[i])],
                [.. q.NoiseVariance.Select((s, i) => s / p[i])],
                [.. q.StartSquared.Select((a, i) => a * p[i])]
            ),
            p.Sum()
        );
        double along = Setting(q, null, batch).Tune([Adam], batch).Loss,
            there = Setting(q, metric, batch).Tune([Adam], batch).Loss;
        // The closed limit is the same for both; signal that is not yet negligible parts them.
        Assert.InRange(Math.Log(there / along), -0.02, 0.02);
    }

    // The docs' numbers; expected from a scalar program of both recursions (theory.md C2) on a grid of √2.
    [Theory]
    [InlineData(4, -0.0026)]
    [InlineData(32, -0.0018)]
    [InlineData(256, 0.0213)]
    [InlineData(2048, 0.1072)]
    public void Where_the_signal_dominates_it_puts_Adams_loss_too_high(double batch, double expected)
    {
        Quadratic q = new QuadraticFamily
        {
            Spectrum = "power-law",
            Dimension = 32,
            NoiseScale = 100,
            StartExponent = 0.5,
            Scattered = false,
        }.Build();
        double[] p = [.. q.NoiseVariance.Select(Math.Sqrt)];
        var metric = new AdamInstance(
            new Quadratic(
                [.. q.Curvature.Select((l, i) => l / p[i])],
                [.. q.NoiseVariance.Select((s, i) => s / p[i])],
                [.. q.StartSquared.Select((a, i) => a * p[i])]
            ),
            p.Sum()
        );
        double Least(AdamInstance? instance) =>
            Enumerable
                .Range(-20, 26)
                .Min(e =>
                    (Setting(q, instance, batch) with { Budget = new Budget(256, null) }).Curve(Adam, batch, Math.Pow(2, e / 2.0))[^1]
                );
        Assert.Equal(expected, Math.Log(Least(metric) / Least(null)), 5e-5);
    }

    [Fact]
    public void With_eigenvectors_off_the_axes_it_is_the_rotated_recursion_which_the_aligned_one_is_not()
    {
        const double Batch = 4;
        Quadratic q = new QuadraticFamily
        {
            Spectrum = "power-law",
            Dimension = 16,
            NoiseScale = 3000,
            NoiseExponent = 2,
            StartExponent = 0.5,
        }.Build();
        Rotation rotation = Rotation.Pairs(q, 40);
        Matrix<double> r = Matrix<double>.Build.Dense(16, 16);
        foreach (RotationBlock block in rotation.Blocks)
            for (int i = 0; i < 2; i++)
            for (int j = 0; j < 2; j++)
                r[block.Indices[i], block.Indices[j]] = block.Matrix[i, j];
        Matrix<double> h = r * Matrix<double>.Build.DenseOfDiagonalArray([.. q.Curvature]) * r.Transpose(),
            noise = r * Matrix<double>.Build.DenseOfDiagonalArray([.. q.NoiseVariance]) * r.Transpose();
        Vector<double> start = r * Vector<double>.Build.DenseOfEnumerable(q.StartSquared.Select(Math.Sqrt));
        Vector<double> p = noise.Diagonal().PointwiseSqrt(),
            root = p.PointwiseSqrt();
        Matrix<double> inverse = Matrix<double>.Build.DenseOfDiagonalVector(root.Map(x => 1 / x));
        var eigen = (inverse * h * inverse).Evd(Symmetricity.Symmetric);
        Matrix<double> seen = eigen.EigenVectors.Transpose() * inverse * noise * inverse * eigen.EigenVectors;
        Vector<double> from = eigen.EigenVectors.Transpose() * root.PointwiseMultiply(start);
        var metric = new AdamInstance(
            new Quadratic([.. eigen.EigenValues.Select(e => e.Real)], [.. seen.Diagonal()], [.. from.PointwiseMultiply(from)]),
            p.Sum()
        );

        double exact = (Setting(q, null, Batch) with { Rotation = rotation, RateTolerance = 1e-3 }).Tune([Adam], Batch).Loss;
        double there = Setting(q, metric, Batch).Tune([Adam], Batch).Loss,
            aligned = Setting(q, null, Batch).Tune([Adam], Batch).Loss;
        Assert.InRange(Math.Log(there / exact), -0.01, 0.01);
        Assert.True(Math.Abs(Math.Log(aligned / exact)) > 0.03, $"aligned {aligned}, rotated {exact}: too alike to tell the two apart");
    }

    private static GapSetting Setting(Quadratic own, AdamInstance? metric, double batch) =>
        new()
        {
            Quadratic = own,
            Adam = metric,
            Budget = new Budget(1024, null),
            Batches = [batch],
            RateTolerance = 1e-4,
        };
}
