// Scoring of explanations on made-up gaps whose answers are known.
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class ExplanationScoreSpecs
{
    private static readonly string[] s_names = ["truth", "noise", "octaves"];

    [Fact]
    public void An_explanation_that_tells_the_gap_scores_and_noise_does_not()
    {
        RandomStream random = RandomStream.For(7, "test/explain");
        var rows = new List<GapObservation>();
        for (int s = 0; s < 8; s++)
        {
            double level = random.NextGaussian();
            for (int b = 0; b < 5; b++)
            {
                double gap = 0.3 * b + level + 0.1 * random.NextGaussian();
                double[] values = [level + 0.3 * b, random.NextGaussian(), b];
                rows.Add(new GapObservation($"setting {s}", Math.Pow(4, b), gap, s_names.Zip(values).ToDictionary()));
            }
        }
        ExplanationScores scores = ExplanationScores.Of(rows, s_names, ExplanationFits.Ridge, together: true);
        ExplanationScore truth = Of("truth"),
            noise = Of("noise"),
            together = Of(ExplanationScores.Together);
        Assert.True(truth is { Predicted: > 0.9, Correlation: { Value: > 0.9, Adjusted: < 0.05, Interval.Low: > 0.8 } });
        Assert.True(Math.Abs(noise.Correlation!.Value!.Value) < 0.5 && noise is { Predicted: < 0.1, Correlation.Adjusted: > 0.05 });
        Assert.True(Of("octaves").Predicted < truth.Predicted);
        Assert.Equal((40, 8), (together.Gaps, together.Settings));
        Assert.True(together is { Predicted: > 0.85, Correlation: null });
        Assert.Equal(scores.Ranked.OrderByDescending(s => s.Predicted), scores.Ranked);

        ExplanationScore Of(string name) => scores.Ranked.Single(s => s.Name == name);
    }

    [Fact]
    public void A_line_and_an_unpenalised_ridge_on_one_explanation_are_the_same_fit()
    {
        RandomStream random = RandomStream.For(8, "test/explain");
        GapObservation[] rows =
        [
            .. Enumerable
                .Range(0, 12)
                .Select(i => new GapObservation(
                    $"{i % 4}",
                    1,
                    random.NextGaussian(),
                    new Dictionary<string, double> { ["x"] = random.NextGaussian() }
                )),
        ];
        // Ordinary least squares by its normal equations.
        double n = rows.Length,
            sx = rows.Sum(r => r.Of("x")),
            sy = rows.Sum(r => r.Gap),
            sxx = rows.Sum(r => r.Of("x") * r.Of("x")),
            sxy = rows.Sum(r => r.Of("x") * r.Gap),
            slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
        Func<GapObservation, double> line = ExplanationFits.Line(rows, ["x"]);
        Assert.All(rows, r => Assert.Equal((sy - slope * sx) / n + slope * r.Of("x"), line(r), 1e-12));
        // The least penalty shrinks the slope by n/(n + λ) of standardised values, never beyond the mean.
        Func<GapObservation, double> ridge = ExplanationFits.Ridge(rows, ["x"]);
        double mean = sy / n;
        double[] shrunk = [.. rows.Select(r => (ridge(r) - mean) / (line(r) - mean))];
        Assert.All(shrunk, s => Assert.Equal(shrunk[0], s, 1e-9));
        Assert.Contains(new[] { 0.01, 0.1, 1, 10, 100 }, penalty => Math.Abs(shrunk[0] - n / (n + penalty)) < 1e-9);
    }
}
