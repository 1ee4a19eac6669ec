// Scoring of explanations on made-up gaps whose answers are known.
using Gaplab.Numerics.Statistics;
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
    public void An_explanation_that_is_the_gap_predicts_left_out_settings_and_one_that_is_noise_does_not()
    {
        RandomStream stream = RandomStream.For(1, "candidates");
        GapObservation[] observations =
        [
            .. Enumerable
                .Range(0, 24)
                .Select(i => (Gap: stream.NextGaussian(), I: i))
                .Select(o => new GapObservation(
                    $"s{o.I / 3}",
                    1,
                    o.Gap,
                    new Dictionary<string, double>
                    {
                        ["line"] = 3 * o.Gap + 1,
                        ["cube"] = o.Gap * o.Gap * o.Gap,
                        ["noise"] = stream.NextGaussian(),
                        ["constant"] = 5,
                    }
                )),
        ];
        ExplanationScores scores = ExplanationScores.Of(observations, ["line", "cube", "noise", "constant"], ExplanationFits.Line);
        Assert.Equal("line", scores.Ranked[0].Name);
        Assert.Equal(
            (1.0, 1.0),
            (Math.Round(scores.Ranked[0].Predicted!.Value, 9), Math.Round(scores.Ranked[0].Correlation!.Value!.Value, 9))
        );
        Assert.Equal(1, scores.Ranked.Single(s => s.Name == "cube").Correlation!.Value!.Value, 9);
        Assert.True(scores.Ranked.Single(s => s.Name == "noise").Predicted < 0.2);
        Assert.Equal(
            (null, 0.0),
            (
                scores.Ranked.Single(s => s.Name == "constant").Correlation!.Value,
                scores.Ranked.Single(s => s.Name == "constant").Predicted!.Value
            )
        );
        Assert.Contains("line alone predicts", scores.Sentence("settings"));
        Assert.Contains("With 8 settings 2 of 4 rank correlations are clear", scores.Sentence("settings"));
        // Holm over the three that vary: the smallest of three p-values is multiplied by 3.
        SettingCorrelation line = scores.Ranked[0].Correlation!;
        Assert.Equal(3 * line.PValue!.Value, line.Adjusted!.Value, 1e-12);
        Assert.True(
            line.Interval is { Low: > 0.999, High: > 0.999 }
                && scores.Ranked.Single(s => s.Name == "noise").Correlation is { Adjusted: > 0.05, Interval.Low: < 0, Interval.High: > 0 }
        );
        // Spearman's formula without ties: ρ = 1 − 6Σd²/(n(n²−1)); d = 1, 1, 0, 0.
        Assert.Equal(1 - 6 * 2 / (4.0 * 15), RankCorrelation.Spearman([1, 2, 3, 4], [2, 1, 3, 4]), 12);
        ExplanationScores few = ExplanationScores.Of([.. observations.Take(6)], ["line"], ExplanationFits.Line);
        Assert.Null(few.Ranked[0].Predicted);
        Assert.StartsWith("Fewer than 3 settings", few.Sentence("settings"), StringComparison.Ordinal);
        // Gaps that do not vary can be predicted by nothing: that is said, and not that there are too few settings.
        GapObservation[] level = [.. observations.Select(o => o with { Gap = 1 })];
        Assert.StartsWith(
            "None of 1 explanations alone predicts left-out settings better",
            ExplanationScores.Of(level, ["line"], ExplanationFits.Line).Sentence("settings"),
            StringComparison.Ordinal
        );
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
