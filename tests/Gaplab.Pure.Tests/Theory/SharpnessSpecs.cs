// Directional sharpness and clipping: the reference rows, the bench functions' own certificates, closed forms and bounds.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Numerics.Streams;
using Gaplab.Reference;
using Gaplab.Theory.Sharpness;

namespace Gaplab.Pure.Tests.Theory;

public sealed class SharpnessSpecs
{
    [Fact]
    public void Every_reference_row_of_sharpness_is_known_and_within_its_tolerance()
    {
        JsonArray rows = new([
            .. JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference", "reference.json")))!["rows"]!
                .AsArray()
                .Where(r => ((string)r!["section"]!).StartsWith('D'))
                .Select(r => r!.DeepClone()),
        ]);
        ReferenceReport report = Check(rows);
        Assert.Empty(report.Outside);
        Assert.Equal((30, 0, 30), (rows.Count, report.Unknown, report.Checked));

        // A value moved beyond its tolerance is seen.
        foreach (JsonNode? row in rows)
            row!["value"]!.AsArray()[0] = (double)row["value"]!.AsArray()[0]! + 3;
        Assert.Equal(30, Check(rows).Outside.Count);
    }

    public static TheoryData<Profile, double> Functions
    {
        get
        {
            var data = new TheoryData<Profile, double>();
            foreach (Profile profile in Enum.GetValues<Profile>())
            foreach (double degrees in TheoremBench.Turns)
                data.Add(profile, degrees);
            return data;
        }
    }

    [Theory, MemberData(nameof(Functions))]
    public void Gradients_and_Hessians_agree_with_differences(Profile profile, double degrees)
    {
        var f = new SplitCurvature(12, 0.25, 1, 0.1, profile, degrees);
        double[] x = Gaussian(12, "x"),
            v = Gaussian(12, "v");
        const double H = 1e-5;
        double[] forward = [.. x.Select((a, i) => a + H * v[i])],
            back = [.. x.Select((a, i) => a - H * v[i])];
        double slope = Dot(f.Gradient(x), v),
            curvature = Dot(f.HessianTimes(x, v), v);
        Assert.Equal((f.Value(forward) - f.Value(back)) / (2 * H), slope, 1e-8);
        Assert.Equal((Dot(f.Gradient(forward), v) - Dot(f.Gradient(back), v)) / (2 * H), curvature, 1e-8);
        Assert.Equal(0, f.Value(new double[12]), 1e-15);
        Assert.True(f.Value(x) > 0);
    }

    [Theory, MemberData(nameof(Functions))]
    public void No_direction_at_any_point_is_sharper_than_the_certificate(Profile profile, double degrees)
    {
        foreach ((double epsilon, double flat) in TheoremBench.Structures)
        {
            var f = new SplitCurvature(40, Math.Max(epsilon, 0.05), 1, flat, profile, degrees);
            Assert.True(f.IsSplitCertified);
            for (int trial = 0; trial < 50; trial++)
            {
                double[] x = Gaussian(40, $"certificate/{trial}"),
                    u = Gaussian(40, $"direction/{trial}");
                // Directions that matter: all, sharp alone, flat alone, and the gradient.
                double[][] directions =
                [
                    u,
                    [.. u.Select((a, i) => i < f.SharpCount ? a : 0)],
                    [.. u.Select((a, i) => i < f.SharpCount ? 0 : a)],
                    f.Gradient(x),
                ];
                foreach (double[] d in directions)
                    Assert.True(Math.Abs(Dot(d, f.HessianTimes(x, d))) <= f.CurvatureBound(d) * (1 + 1e-12));
            }
        }
    }

    [Theory, MemberData(nameof(Functions))]
    public void Certified_steps_never_exceed_the_bound_of_the_theory(Profile profile, double degrees)
    {
        foreach ((double epsilon, double flat) in TheoremBench.Structures)
        {
            IReadOnlyList<BenchRow> rows = TheoremBench.Of(
                new SplitCurvature(200, epsilon, 1, flat, profile, degrees),
                epsilon,
                TheoremBench.Start(200)
            );
            BenchRow[] bounded = [.. rows.Where(r => r.StepBound is not null)];
            Assert.Equal(2, bounded.Length);
            Assert.All(bounded, r => Assert.InRange(r.Steps ?? int.MaxValue, 1, r.StepBound!.Value));
        }
    }

    [Fact]
    public void Samples_of_many_dimensions_have_the_sharpness_and_decrease_of_the_limit()
    {
        LimitRow[][] samples = [.. Enumerable.Range(1, 24).Select(seed => TheoremBench.Limits(20_000, seed).ToArray())];
        for (int i = 0; i < samples[0].Length; i++)
        {
            LimitRow row = samples[0][i];
            Agrees(row.SharpnessRatio, [.. samples.Select(s => s[i].MeasuredSharpnessRatio)], row);
            Agrees(row.DecreaseRatio, [.. samples.Select(s => s[i].MeasuredDecreaseRatio)], row);
        }

        static void Agrees(double limit, double[] measured, LimitRow row)
        {
            double mean = measured.Average(),
                error = Math.Sqrt(measured.Sum(m => (m - mean) * (m - mean)) / (measured.Length - 1) / measured.Length);
            // A ratio of means of about εd = 200 sharp coordinates is biased by some 1/200 of itself.
            Assert.True(
                Math.Abs(mean - limit) <= 4.5 * error + limit / 200,
                string.Create(CultureInfo.InvariantCulture, $"{row}: mean {mean:g5} ± {error:g2}, limit {limit:g5}")
            );
        }
    }

    [Fact]
    public void Less_sharp_does_not_mean_more_decrease()
    {
        IReadOnlyList<BenchRow> rows = TheoremBench.Of(
            new SplitCurvature(1000, 0.1, 1, 0.01, Profile.Quadratic, 0),
            0.1,
            TheoremBench.Start(1000)
        );
        // By plain sums: on a quadratic along the coordinates, g_i = h_i z_i and the sign's sharpness is the mean curvature.
        double[] z = TheoremBench.Start(1000),
            h = [.. Enumerable.Range(0, 1000).Select(i => i < 100 ? 1 : 0.01)];
        double Sum(Func<double, double, double> term) => h.Zip(z, term).Sum();
        double g2 = Sum((c, x) => c * c * x * x),
            gHg = Sum((c, x) => c * c * c * x * x),
            g1 = Sum((c, x) => c * Math.Abs(x));
        BenchRow sign = rows.Single(r => r.Rule == "sign");
        Assert.Equal(gHg / g2 / 0.109, sign.SharpnessRatio!.Value, 1e-9);
        Assert.Equal(g1 * g1 / (2 * 109) / (g2 * g2 / (2 * gHg)), sign.DecreaseRatio!.Value, 1e-9);
        Assert.True(sign is { SharpnessRatio: > 9, DecreaseRatio: < 0.75 });
    }

    [Fact]
    public void A_zero_update_has_no_sharpness_and_an_uphill_or_concave_one_no_best_step()
    {
        Assert.Contains(
            "undefined",
            Assert.Throws<ArgumentException>(() => DirectionalSharpness.Of([1, 2], [0, 0], [0, 0])).Message,
            StringComparison.Ordinal
        );
        DirectionalSharpness uphill = DirectionalSharpness.Of([1, 0], [-1, 0], [-2, 0]),
            concave = DirectionalSharpness.Of([1, 0], [1, 0], [-2, 0]);
        Assert.Equal((2.0, -1.0, null, null), (uphill.Sharpness, uphill.Alignment, uphill.Step, uphill.Decrease));
        Assert.Equal((-2.0, null), (concave.Sharpness, concave.Decrease));
    }

    private static ReferenceReport Check(JsonArray rows)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, rows.ToJsonString());
            var check = new ReferenceCheck();
            check.Add('D', SharpnessReference.Evaluators);
            return check.Run(path, all: false);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Gaussian(int count, string purpose)
    {
        RandomStream stream = RandomStream.For(9, purpose);
        return [.. Enumerable.Range(0, count).Select(_ => 1.5 * stream.NextGaussian())];
    }
}
