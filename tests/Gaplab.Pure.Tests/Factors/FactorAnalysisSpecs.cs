// Effects of simulated factors: exact without noise, covered by their intervals with it, and never found too often where there are none.
using System.Globalization;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Factors;

public sealed class FactorAnalysisSpecs
{
    private static readonly AnalysisOptions s_pair = new();

    private static FactorialStudy Two(string design = "full", params string[] names) =>
        new([.. names.Select(n => new Factor(n, ["low", "high"]))], design, []);

    [Fact]
    public void Without_noise_a_full_design_gives_the_effects_that_were_put_in()
    {
        FactorialStudy study = Two("full", "a", "b");
        // gap(B) = 0.1·(log2 B − 5) + 0.03·a − 0.02·b + 0.01·ab with a, b = ±1.
        FactorAnalysis analysis = FactorAnalysis.Analyse(
            Simulate(study, All(2), 3, 0, (x, t) => 0.1 * (x - 5) + 0.03 * S(t[0]) - 0.02 * S(t[1]) + 0.01 * S(t[0]) * S(t[1])),
            study,
            s_pair
        )!;
        SettingEffects setting = Assert.Single(analysis.Settings);
        Assert.Equal(["a", "b", "a × b"], setting.Effects.Select(e => e.Name));
        Assert.Equal([0.06, -0.04, 0.02], setting.Effects.Select(e => Math.Round(e.Gap.Value!.Value, 9)));
        Assert.Equal([16L, 32L, 64L], setting.Effects[0].AtBatches.Select(a => a.Batch));
        Assert.All(setting.Effects[0].AtBatches, a => Assert.Equal(0.06, a.Effect.Value!.Value, 9));
        // log2 B* = 5 − 0.3·a + 0.2·b − 0.1·ab, since the gap rises by 0.1 an octave.
        Assert.Equal([-0.6, 0.4, -0.2], setting.Effects.Select(e => Math.Round(e.Log2Batch.Value!.Value, 9)));
        Assert.Equal((4, 4), (setting.Comparisons, setting.Crossing));
    }

    [Fact]
    public void A_fraction_adds_aliased_effects_and_names_them()
    {
        FactorialStudy study = new([.. "abcd".Select(c => new Factor(c.ToString(), ["low", "high"]))], "fractional", ["D=ABC"]);
        FractionalFactorial design = FractionalFactorial.Of(4, study.Generators);
        int[][] treatments =
        [
            .. Enumerable.Range(0, 8).Select(r => (int[])[.. Enumerable.Range(0, 4).Select(f => design.IsHigh(r, f) ? 1 : 0)]),
        ];
        FactorAnalysis analysis = FactorAnalysis.Analyse(
            Simulate(study, treatments, 2, 0, (x, t) => 0.05 * S(t[0]) + 0.01 * S(t[0]) * S(t[1]) + 0.02 * S(t[2]) * S(t[3])),
            study,
            s_pair
        )!;
        SettingEffects setting = analysis.Settings[0];
        FactorEffect Effect(string name) => setting.Effects.Single(e => e.Name == name);
        Assert.Equal(7, setting.Effects.Count);
        Assert.Equal(0.1, Effect("a").Gap.Value!.Value, 9);
        Assert.Empty(Effect("a").Aliases);
        Assert.Equal(["c × d"], Effect("a × b").Aliases);
        Assert.Equal(0.06, Effect("a × b").Gap.Value!.Value, 9);
        Assert.Contains(analysis.Findings, f => f.Id == "aliased");
    }

    [Fact]
    public void One_at_a_time_compares_each_level_with_the_first_of_all()
    {
        FactorialStudy study = new([new Factor("a", ["x", "y", "z"]), new Factor("b", ["low", "high"])], "one-at-a-time", []);
        FactorAnalysis analysis = FactorAnalysis.Analyse(
            Simulate(
                study,
                [
                    [0, 0],
                    [1, 0],
                    [2, 0],
                    [0, 1],
                ],
                3,
                0,
                (_, t) => 0.01 * t[0] * t[0] - 0.02 * t[1]
            ),
            study,
            s_pair
        )!;
        Assert.Equal(
            [("a", "x", "y", 0.01), ("a", "x", "z", 0.04), ("b", "low", "high", -0.02)],
            analysis.Settings[0].Effects.Select(e => (e.Factors[0], e.From, e.To, Math.Round(e.Gap.Value!.Value, 9)))
        );
    }

    [Fact]
    public void Missing_and_diverged_comparisons_leave_effects_out_and_never_change_them()
    {
        FactorialStudy study = Two("full", "a", "b");
        SweepTable table = Simulate(study, All(2), 3, 0, (_, t) => 0.03 * S(t[0]));
        SweepTable lacking = table with { Rows = [.. table.Rows.Where(r => study.LevelsOf(r.Comparison) is not [1, 1])] };
        FactorAnalysis analysis = FactorAnalysis.Analyse(lacking, study, s_pair)!;
        Assert.All(analysis.Settings[0].Effects, e => Assert.Null(e.Gap.Value));
        Assert.Contains(analysis.Findings, f => f.Id == "missing-comparisons");
        SweepTable diverged = table with
        {
            Rows =
            [
                .. table.Rows.Select(r =>
                    r.Batch == 16 && r.Optimizer == "sgd" && study.LevelsOf(r.Comparison) is [1, 1]
                        ? r with
                        {
                            Status = RunStatus.Diverged,
                            Metric = double.NaN,
                        }
                        : r
                ),
            ],
        };
        FactorEffect effect = FactorAnalysis.Analyse(diverged, study, s_pair)!.Settings[0].Effects[0];
        Assert.Null(effect.AtBatches.Single(a => a.Batch == 16).Effect.Value);
        Assert.Equal(0.06, effect.Gap.Value!.Value, 9);
    }

    [Fact]
    public void Settings_are_analysed_apart_and_then_averaged()
    {
        FactorialStudy study = Two("full", "a");
        SweepTable one = Simulate(study, All(1), 3, 0, (_, t) => 0.01 * S(t[0]), "one"),
            two = Simulate(study, All(1), 3, 0, (_, t) => 0.03 * S(t[0]), "two");
        FactorAnalysis analysis = FactorAnalysis.Analyse(one with { Rows = [.. one.Rows, .. two.Rows] }, study, s_pair)!;
        Assert.Equal(
            [("one", 0.02), ("two", 0.06), (FactorAnalysis.AllSettings, 0.04)],
            analysis.Settings.Select(s => (s.Setting, Math.Round(s.Effects[0].Gap.Value!.Value, 9)))
        );
    }

    /// <summary>300 sweeps of 4 seeds with noise: intervals cover the effect near 95%, and where there is no effect at all any corrected
    /// p-value below 5% is rare.</summary>
    [Fact]
    public void Intervals_cover_and_holms_correction_keeps_the_family_rate()
    {
        FactorialStudy study = Two("full", "a", "b");
        int covered = 0,
            false1 = 0;
        const int Sweeps = 300;
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            FactorEffect effect = FactorAnalysis
                .Analyse(Simulate(study, All(2), 4, 0.02, (_, t) => 0.02 * S(t[0]), stream: sweep), study, s_pair)!
                .Settings[0]
                .Effects[0];
            if (effect.Gap.Interval.Low <= 0.04 && effect.Gap.Interval.High >= 0.04)
                covered++;
            FactorAnalysis none = FactorAnalysis.Analyse(
                Simulate(study, All(2), 4, 0.02, (_, _) => 0, stream: Sweeps + sweep),
                study,
                s_pair
            )!;
            if (none.Settings[0].Effects.Any(e => e.Gap.Adjusted < 0.05))
                false1++;
        }
        double error = Math.Sqrt(0.95 * 0.05 / Sweeps);
        Assert.InRange(covered / (double)Sweeps, 0.95 - 0.02 - 4 * error, 1);
        Assert.InRange(false1 / (double)Sweeps, 0, 0.05 + 4 * error);
    }

    [Fact]
    public void Holms_correction_is_that_of_a_worked_example()
    {
        // p = 0.01, 0.04, 0.03, 0.005 in four tests: 0.03, 0.06, 0.06, 0.02.
        Assert.Equal([0.03, 0.06, 0.06, 0.02], Holm.Adjust([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));
        Assert.Equal([1, 1], Holm.Adjust([0.9, 0.6]));
        Assert.Empty(Holm.Adjust([]));
    }

    private static double S(int level) => level == 0 ? -1 : 1;

    private static int[][] All(int factors) =>
        [.. Enumerable.Range(0, 1 << factors).Select(r => (int[])[.. Enumerable.Range(0, factors).Select(f => r >> f & 1)])];

    // Batch sizes 16, 32, 64; adam's loss is 2, SGD's is that plus the gap, each at the better of two rates.
    private static SweepTable Simulate(
        FactorialStudy study,
        int[][] treatments,
        int seeds,
        double noise,
        Func<double, int[], double> gap,
        string? setting = null,
        int stream = 0
    )
    {
        RandomStream random = RandomStream.For(stream, "factors");
        var rows = new List<SweepRow>();
        foreach (int[] treatment in treatments)
        {
            ComparisonKey key = new ComparisonKey([
                .. setting is null ? [] : new KeyValuePair<string, string>[] { new("setting", setting) },
                .. study.Factors.Select((f, i) => new KeyValuePair<string, string>(f.Name, f.Levels[treatment[i]])),
            ]);
            foreach (int batch in (int[])[16, 32, 64])
                for (int s = 0; s < seeds; s++)
                {
                    void Add(string optimizer, double rate, double loss) =>
                        rows.Add(SweepRow.Finished(key, optimizer, rate, batch, s.ToString(CultureInfo.InvariantCulture), null, loss));
                    Add("adam", 0.001, 2 + noise * random.NextGaussian());
                    Add("adam", 0.002, 3);
                    Add("sgd", 0.1, 2 + gap(Math.Log2(batch), treatment) + noise * random.NextGaussian());
                    Add("sgd", 0.2, 3);
                }
        }
        return new SweepTable(rows, "loss");
    }
}
