// A pilot's prediction as a file: what is written is read, damage is seen, and an older one is never lost.
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class PilotPredictionSpecs
{
    private static readonly long[] s_sizes = [4, 16, 64];

    /// <summary>Gaps that rise by 0.1 an octave from −0.2 ± 0.05 at 4.</summary>
    internal static GapDraws Draws(int count = 600)
    {
        var stream = RandomStream.For(1, "test/pilot");
        return new GapDraws
        {
            Sizes = s_sizes,
            Grid = GapDraws.Between(s_sizes),
            Gaps =
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(_ => 0.05 * stream.NextGaussian())
                    .Select(e => (double[])[.. GapDraws.Between(s_sizes).Select(b => e - 0.2 + 0.1 * Math.Log2(b / 4))]),
            ],
        };
    }

    internal static PilotPrediction Made(string cost = "5%", string name = "")
    {
        var band = new RelevanceBand(0.01, 0.5);
        GapDraws draws = Draws();
        return new PilotPrediction
        {
            Comparison = name.Length > 0 ? "setting=" + name : "",
            Study = "0123456789abcdef",
            Made = new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero),
            Cost = cost,
            SweepSamples = 1e6,
            PlannedSamples = 4e4,
            SpentSamples = 4.5e4,
            SweepRuns = 0,
            Seeds = [101, 102],
            Priors = "fedcba9876543210",
            Cells =
            [
                new("sgd" + name, "", 4, 256, 1024, 101, [new(0.1, 1.5), new(0.3, 1.25), new(1, null)], 0.3, 1.25, false),
                new("adam", "beta2=0.9" + name, 4, 256, 1024, 101, [new(0.01, null)], null, null, false),
            ],
            Pairs =
            [
                new PilotPair
                {
                    First = "sgd" + name,
                    FirstVariant = "",
                    Second = "adam",
                    SecondVariant = "beta2=0.9" + name,
                    Band = band,
                    Curve = new GapPrediction(
                        "",
                        "sgd" + name,
                        "adam",
                        [new(4, -0.1, -0.2, 0.1), new(16, 0.05, null, null)],
                        12,
                        new Interval(5, 20),
                        "crossover",
                        "pilot 5%",
                        "adam"
                    ),
                    Draws = PilotPair.Thinned(draws),
                    Verdict = GapVerdictText.Json(GapVerdict.Of("sgd" + name, "adam", draws, band)),
                },
            ],
        };
    }

    [Fact]
    public void What_is_written_is_read()
    {
        using var folder = new TestFolder();
        PilotPrediction made = Made();
        PilotPrediction read = PilotPrediction.Read(made.Keep(folder.Path));
        Assert.True(read.SaysAs(made));
        Assert.Equal((made.Made, made.Cost, made.SpentSamples), (read.Made, read.Cost, read.SpentSamples));
        Assert.Equal(
            made.Cells.Select(c => (c.Optimizer, c.Rate, c.Loss, c.Tried.Count)),
            read.Cells.Select(c => (c.Optimizer, c.Rate, c.Loss, c.Tried.Count))
        );
        Assert.Equal(made.Pairs[0].Draws.Gaps[7], read.Pairs[0].Draws.Gaps[7]);
        Assert.Equal(made.Pairs[0].Band, read.Pairs[0].Band);
        Assert.Equal("adam (beta2=0.9)", read.Pairs[0].SecondName);
        // A choice of momenta is not what the sweep's own comparison tunes.
        Assert.Empty(read.Curves);
    }

    [Fact]
    public void Thinned_draws_say_of_the_crossover_what_all_do()
    {
        GapDraws draws = Draws(4096);
        var band = new RelevanceBand();
        // The gap is zero where 0.1·log₂(B/4) = 0.2 − e, e normal with deviation 0.05: log₂ B* = 4 ± 0.5.
        Interval all = PilotPair.CrossingInterval(draws, band, 0.8),
            thinned = PilotPair.CrossingInterval(PilotPair.Thinned(draws), band, 0.8);
        Assert.Equal(4 - 1.2816 * 0.5, Math.Log2(all.Low!.Value), 0.05);
        Assert.Equal(4 + 1.2816 * 0.5, Math.Log2(all.High!.Value), 0.05);
        Assert.Equal(Math.Log2(all.Low.Value), Math.Log2(thinned.Low!.Value), 0.1);
        Assert.Equal(512, PilotPair.Thinned(draws).Gaps.Count);
        Assert.Equal(Interval.None, PilotPair.CrossingInterval(Draws(10), band, 0.8));
    }

    [Fact]
    public void One_that_says_the_same_keeps_its_time_and_one_that_says_otherwise_keeps_the_older()
    {
        using var folder = new TestFolder();
        string file = Made().Keep(folder.Path),
            text = File.ReadAllText(file);
        PilotPrediction later = Made() with { Made = Made().Made.AddDays(1), SweepRuns = 7 };
        Assert.Equal(file, later.Keep(folder.Path));
        Assert.Equal(text, File.ReadAllText(file));
        (later with { SpentSamples = 5e4 }).Keep(folder.Path);
        string kept = Assert.Single(PilotPrediction.FilesIn(folder.File(PilotPrediction.HistoryFolder)));
        Assert.Equal(text, File.ReadAllText(kept));
        Assert.Equal(7, PilotPrediction.Read(file).SweepRuns);
        // Another cost is another file; the cheapest comes first.
        Made("20%").Keep(folder.Path);
        Assert.Equal(
            ["prediction-pilot-5.json", "prediction-pilot-20.json"],
            PilotPrediction.FilesIn(folder.Path).Select(Path.GetFileName)
        );
    }

    [Fact]
    public void A_changed_digit_another_kind_and_another_version_are_a_line_each()
    {
        using var folder = new TestFolder();
        string file = Made().Keep(folder.Path),
            text = File.ReadAllText(file);
        string Refused(string changed)
        {
            File.WriteAllText(file, changed);
            return Assert.Throws<InputException>(() => PilotPrediction.Read(file)).Message;
        }
        Assert.Contains(
            "does not match its digest",
            Refused(text.Replace("45000", "45001", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        string open = System.Text.RegularExpressions.Regex.Replace(text, ",\\s*\"digest\": \"[0-9a-f]+\"", "");
        Assert.NotEqual(text, open);
        Assert.Contains(
            "version 2",
            Refused(open.Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.Contains("'kind' is not", Refused("{\"kind\": \"prediction\"}"), StringComparison.Ordinal);
        Assert.Contains("can be read", Refused(open.Replace("\"pairs\"", "\"pears\"", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
