// The schedule: its formula against plain loops, and the same numbers through the gap model's own files.
using Gaplab.Numerics;
using Gaplab.Theory.GapModel;

namespace Gaplab.Pure.Tests.Theory;

public sealed class RateScheduleSpecs
{
    private const double Third = 1.0 / 3;

    public static TheoryData<string, double, double, double> All
    {
        get
        {
            var all = new TheoryData<string, double, double, double>();
            foreach (string kind in RateSchedule.Kinds)
            foreach (double warmup in (double[])[0, 0.1, Third, 1])
            foreach (double final in (double[])[0, 0.1, 0.5, 1])
                all.Add(kind, warmup, kind == "warmup-stable-decay" && warmup > 0.5 ? 0 : 0.25, final);
            return all;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void A_schedule_is_its_formula_at_every_step(string kind, double warmup, double decay, double final)
    {
        var schedule = new RateSchedule(kind, warmup, decay, final);
        foreach (int steps in (int[])[1, 2, 7, 100, 333])
        {
            double[] factors = schedule.Factors(steps),
                expected = Plain(kind, warmup, decay, final, steps);
            for (int k = 0; k < steps; k++)
                Assert.Equal(expected[k], factors[k], 1e-12);
            Assert.Equal(factors[^1], schedule.At(steps + 10, steps));
        }
    }

    [Theory, MemberData(nameof(All))]
    public void A_probe_keeps_the_whole_schedule_through_its_file(string kind, double warmup, double decay, double final)
    {
        var schedule = new RateSchedule(kind, warmup, decay, final);
        var probe = new Probe
        {
            Blocks =
            [
                new ProbeBlock
                {
                    Name = "all",
                    Parameters = 2,
                    Nodes = [1, 0.5],
                    Weights = [new(0.5), new(0.5)],
                    NoiseVariance = [new(1)],
                    Displacement = [new(1)],
                },
            ],
            Budget = new Budget(64, null),
            Batches = [1, 2, 4],
            Schedule = schedule,
        };
        Probe read = ProbeJson.Parse(ProbeJson.ToJson(probe).ToJsonString());
        Assert.Equal(schedule.Factors(50), read.Schedule.Factors(50));
        Assert.Equal(schedule.Factors(50), read.Setting().Schedule.Factors(50));
    }

    /// <summary>What files said before kinds of the trained schedules could be named, and what they still mean.</summary>
    [Fact]
    public void The_words_of_the_gap_models_files_mean_what_they_did()
    {
        Assert.Equal(RateSchedule.Cosine, ScheduleWords.Of("cosine", null, null, 0));
        Assert.Equal(RateSchedule.Cosine, ScheduleWords.Of("cosine", 0.1, null, 0));
        Assert.Equal(RateSchedule.Constant, ScheduleWords.Of("constant", null, null, 0));
        Assert.Equal([0.25, 0.5, 0.75, 1, 1, 1, 1, 1], ScheduleWords.Of("constant", 0.5, null, 0).Factors(8));
        Assert.Equal([0.5, 1, 1, 0.5], ScheduleWords.Of("linear", 0.5, null, 0).Factors(4));
        // The half cosine without a warm-up begins at the peak and not a step later, as the trained one does.
        Assert.Equal([1, 0.75, 0.25], ScheduleWords.Of("cosine", 0, null, 0).Factors(3).Select(f => Math.Round(f, 12)));
    }

    [Fact]
    public void A_final_factor_moves_a_prediction()
    {
        static double Gap(double final) =>
            (
                new Probe
                {
                    Blocks =
                    [
                        new ProbeBlock
                        {
                            Name = "all",
                            Parameters = 64,
                            Nodes = [1, 0.1, 0.01],
                            Weights = [new(0.2), new(0.3), new(0.5)],
                            NoiseVariance = [new(50)],
                            Displacement = [new(1)],
                        },
                    ],
                    Budget = new Budget(128, null),
                    Batches = [1, 8, 64],
                    Schedule = new RateSchedule("warmup-cosine", Final: final),
                }
            ).Setting()
                is var setting
                ? GapCurve.Of(setting).Points[0].Gap
                : double.NaN;
        Assert.True(Math.Abs(Gap(0) - Gap(0.5)) > 1e-3, $"{Gap(0)} and {Gap(0.5)}");
    }

    private static double[] Plain(string kind, double warmup, double decay, double final, int steps)
    {
        double[] s = new double[steps];
        int warm = kind is "constant" or "cosine" ? 0 : (int)Math.Max(1, Math.Ceiling(Math.Round(warmup * steps, 6)));
        int fall = (int)Math.Max(1, Math.Ceiling(Math.Round(decay * steps, 6)));
        for (int k = 0; k < steps; k++)
        {
            double gone = (double)(k - warm) / (steps - warm);
            double down = kind switch
            {
                "cosine" or "warmup-cosine" => Math.Cos(Math.PI * gone / 2) * Math.Cos(Math.PI * gone / 2),
                "warmup-linear" => 1 - gone,
                "warmup-stable-decay" when k >= steps - fall => (double)(steps - k) / fall,
                _ => 1,
            };
            s[k] = k < warm ? (k + 1.0) / warm : final * (1 - down) + down;
        }
        return s;
    }
}
