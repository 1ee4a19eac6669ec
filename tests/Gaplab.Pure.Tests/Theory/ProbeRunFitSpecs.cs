// Probes with trial runs: a tilt and a floor that made the runs are found again, and what no quadratic explains is told.
using Gaplab.Numerics;
using Gaplab.Theory.GapModel;

namespace Gaplab.Pure.Tests.Theory;

public sealed class ProbeRunFitSpecs
{
    private static readonly ProbeBlock Own = Block(0.05),
        Metric = Block(0.2);

    private static readonly Probe Untried = new()
    {
        Blocks = [Own],
        Preconditioned = [Metric],
        PreconditionerTrace = 30,
        InitialLoss = 4,
        LossFloor = 1,
        Budget = new Budget(null, 4096),
        Batches = [4, 32, 256],
        First = [new HeavyBall(0.9)],
        Second = [new AdamClosure(0.9, 0.95)],
    };

    [Theory]
    [InlineData(0.4, -0.3, 5)]
    [InlineData(-0.2, 0.5, 12)]
    public void What_made_the_trial_runs_is_found_again(double firstTilt, double secondTilt, int step)
    {
        // The true floor is one of the grid's only if the lowest trial loss says so; it is chosen by iteration.
        (double floor, Probe probe) = (1, Untried);
        for (int i = 0; i < 60; i++)
        {
            probe = Untried with { FirstTrial = Run(false, firstTilt, floor), SecondTrial = Run(true, secondTilt, floor) };
            double lowest = probe.FirstTrial.Losses.Concat(probe.SecondTrial.Losses).Min(l => l.Loss);
            floor = 1 + step * (lowest - 1) / 20;
        }
        ProbeRunFit fit = probe.Setting().Fit!;
        Assert.Equal((firstTilt, secondTilt), (Math.Round(fit.FirstTilt, 9), Math.Round(fit.SecondTilt, 9)));
        Assert.Equal(floor, fit.Floor, 1e-6);
        Assert.InRange(fit.GapError, 0, 1e-6);
        Assert.Equal(4, probe.Setting().Quadratic.InitialLoss + fit.Floor, 1e-9);
        Assert.Equal(4, probe.Setting().Adam!.Quadratic.InitialLoss + probe.Setting().Adam!.Floor, 1e-9);
    }

    public static TheoryData<bool, ModelledOptimizer, ModelledOptimizer> Pairs =>
        new()
        {
            { true, new HeavyBall(0.9), new AdamClosure(0.9, 0.95) },
            { true, new AdamClosure(0.9, 0.95), new HeavyBall(0.9) },
            { true, new HeavyBall(0.9), new HeavyBall(0) },
            { true, new AdamClosure(0.9, 0.95), new AdamClosure(0.8, 0.99) },
            { false, new HeavyBall(0.9), new AdamClosure(0.9, 0.95) },
            { false, new HeavyBall(0.9), new SignClosure() },
        };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void The_error_that_is_told_is_that_of_what_is_computed_with(bool metric, ModelledOptimizer first, ModelledOptimizer second)
    {
        // The runs lean opposite ways: optimizers of one instance cannot both be followed.
        Probe probe = Untried with
        {
            First = [first],
            Second = [second],
            FirstTrial = Run(false, 0.6, 1),
            SecondTrial = Run(true, -0.4, 1),
        };
        if (!metric)
            probe = probe with { Preconditioned = null, PreconditionerTrace = null };
        GapSetting setting = probe.Setting();
        ProbeRunFit fit = setting.Fit!;
        double Error(ModelledOptimizer optimizer, ProbeRun trial)
        {
            double[] curve = (setting with { Budget = new Budget(trial.Steps, null), Batches = [trial.Batch] }).Curve(
                optimizer,
                trial.Batch,
                trial.Rate
            );
            return Math.Sqrt(trial.Losses.Average(l => Math.Pow(Math.Log((curve[l.Step] + setting.FloorOf(optimizer)) / l.Loss), 2)));
        }
        Assert.Equal(Error(first, probe.FirstTrial), fit.FirstError!.Value, 1e-9);
        Assert.Equal(Error(second, probe.SecondTrial), fit.SecondError!.Value, 1e-9);
        Assert.Equal(metric && first is AdamClosure != second is AdamClosure, fit.FirstTilt != fit.SecondTilt);
    }

    [Fact]
    public void One_run_alone_leans_its_own_instance()
    {
        ProbeRunFit fit = (Untried with { SecondTrial = Run(true, 0.3, 1) }).Setting().Fit!;
        Assert.Equal((0, 0.3), (fit.FirstTilt, fit.SecondTilt));
        Assert.Null(fit.FirstError);
        Assert.Equal(fit.SecondError, fit.GapError);
    }

    [Fact]
    public void Runs_above_their_start_or_below_the_known_floor_have_a_floor_between_the_two()
    {
        ProbeRun worse = new(0.02, 32, 100, [(50, 6), (100, 5)]),
            below = new(0.02, 32, 100, [(50, 1.2), (100, 0.9)]);
        Assert.InRange((Untried with { FirstTrial = worse }).Setting().Fit!.Floor, 1, 4 - 1e-9);
        Assert.Equal(1, (Untried with { FirstTrial = below }).Setting().Fit!.Floor);
    }

    [Fact]
    public void Without_runs_each_optimizer_keeps_what_its_own_quadratic_leaves()
    {
        ProbeBlock Of(ProbeBlock b, double norm) => b with { Displacement = null, GradientNorm = new(norm) };
        GapSetting setting = (Untried with { Blocks = [Of(Own, 0.1)], Preconditioned = [Of(Metric, 0.2)] }).Setting();
        Assert.Equal(4, setting.Quadratic.InitialLoss + setting.FloorOf(Untried.First[0]), 1e-12);
        Assert.Equal(4, setting.Adam!.Quadratic.InitialLoss + setting.FloorOf(Untried.Second[0]), 1e-12);
        Assert.True(Math.Abs(setting.FloorOf(Untried.First[0]) - setting.FloorOf(Untried.Second[0])) > 1e-3);
        Assert.All(
            GapCurve.Of(setting).Points,
            p => Assert.Equal(Math.Log(setting.WholeLoss(p.First) / setting.WholeLoss(p.Second)), p.Gap, 1e-12)
        );
    }

    [Fact]
    public void A_run_that_no_quadratic_makes_leaves_an_error_and_wide_intervals()
    {
        ProbeRun jumps = new(0.05, 32, 100, [(12, 3.9), (25, 1.2), (50, 3.8), (100, 1.1)]);
        ProbeRunFit fit = (Untried with { FirstTrial = jumps, SecondTrial = Run(true, 0, 1) }).Setting().Fit!;
        Assert.InRange(fit.FirstError!.Value, 0.3, 2);
        Assert.InRange(fit.SecondError!.Value, 0, 0.2);
        Assert.Equal(double.Hypot(fit.FirstError.Value, fit.SecondError.Value), fit.GapError, 1e-12);
    }

    [Fact]
    public void Keys_of_metric_layers_and_trials_read_back_and_are_checked()
    {
        Probe probe = Untried with
        {
            FirstTrial = Run(false, 0.1, 1),
            SecondTrial = Run(true, 0.2, 1),
            Layers = [Own with { Name = "embedding" }],
        };
        string text = ProbeJson.ToJson(probe).ToJsonString();
        Probe again = ProbeJson.Parse(text);
        Assert.Equal(GapCurve.Of(probe.Setting()).Points.Select(p => p.Gap), GapCurve.Of(again.Setting()).Points.Select(p => p.Gap));
        Assert.Equal(probe.FirstTrial.Losses, again.FirstTrial!.Losses);
        Assert.Equal("embedding", Assert.Single(again.Layers!).Name);
        // A layer may lack a spectrum; half of one, or none of the whole, is refused.
        ProbeBlock bare = Own with
        {
            Name = "head",
            Nodes = [],
            Weights = [],
            NoiseVariance = [new(0.5, 0.1)],
            Displacement = null,
            GradientNorm = new(2),
        };
        string light = ProbeJson.ToJson(probe with { Layers = [bare] }).ToJsonString();
        ProbeBlock read = Assert.Single(ProbeJson.Parse(light).Layers!);
        Assert.Equal(("head", 0, 0, 0.5), (read.Name, read.Nodes.Count, read.Weights.Count, read.NoiseVariance[0].Value));
        Assert.Contains(
            "'layers[0].weights' is missing",
            Assert
                .Throws<InputException>(() =>
                    ProbeJson.Parse(light.Replace("\"head\",", "\"head\",\"nodes\":[1],", StringComparison.Ordinal))
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'blocks[0].nodes' is missing",
            Assert.Throws<InputException>(() => ProbeJson.Parse(ProbeJson.ToJson(probe with { Blocks = [bare] }).ToJsonString())).Message,
            StringComparison.Ordinal
        );
        foreach (
            (string from, string to, string expected) in new[]
            {
                ("\"preconditionerTrace\":30", "\"preconditionerTrace\":0", "above 0"),
                ("\"preconditionerTrace\":30,", "", "come together"),
                ("\"rate\":0.02", "\"rate\":0", "'firstTrial.rate' is not above 0"),
                ("\"at\":[12,", "\"at\":[1200,", "whole steps from 1 to 100"),
                ("\"at\":[12,", "\"at\":[", "holds 5 numbers for the 4 steps of 'firstTrial.at'"),
                ("\"at\":[12,25,50,75,100]", "\"at\":[]", "'firstTrial.at' is empty"),
                ("\"steps\":100,", "\"steps\":100.5,", "'firstTrial.steps' is 100.5; expected a whole number"),
                ("\"losses\":[", "\"losses\":[0,", "expected one a step"),
                ("\"initialLoss\":4,", "", "'initialLoss' is missing; expected the loss at the start of the trial runs"),
                ("\"firstTrial\"", "\"firsttrial\"", "nearest valid name 'firstTrial'"),
            }
        )
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            InputException e = Assert.Throws<InputException>(() => ProbeJson.Parse(text.Replace(from, to, StringComparison.Ordinal)));
            Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        }
        Probe nothing = probe with { FirstTrial = probe.FirstTrial with { Losses = [(12, 3), (100, 0)] } };
        Assert.Contains(
            "'firstTrial.losses' holds 0; expected losses above 0",
            Assert.Throws<InputException>(() => ProbeJson.Parse(ProbeJson.ToJson(nothing).ToJsonString())).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_floor_shrinks_gaps_and_the_band_of_ties_alike()
    {
        Quadratic q = new QuadraticFamily
        {
            Spectrum = "power-law",
            Dimension = 64,
            StartExponent = 0.5,
        }.Build();
        GapSetting bare = new()
        {
            Quadratic = q,
            Budget = new Budget(256, null),
            Batches = [4, 16, 64, 256, 1024],
            RateTolerance = 1e-3,
        };
        GapCurve alone = GapCurve.Of(bare),
            above = GapCurve.Of(bare with { Floor = 100 });
        Assert.Equal("crossover", alone.Verdict);
        Assert.All(above.Points, p => Assert.True(Math.Abs(p.Gap) < 0.02));
        Assert.Equal(alone.Verdict, above.Verdict);
        Assert.Equal(Math.Log2(alone.Crossings[0].Batch), Math.Log2(above.Crossings[0].Batch), 0.3);
        Assert.Equal(above.Points.Select(p => p.Gap + 0.5), above.Shifted(0.5).Points.Select(p => p.Gap));
    }

    private static ProbeBlock Block(double way) =>
        new()
        {
            Name = "all",
            Parameters = 1000,
            Nodes = [0.001, 0.01, 0.1, 1, 4],
            Weights = [new(0.6), new(0.2), new(0.15), new(0.04), new(0.01)],
            NoiseVariance = [new(0.01), new(0.05), new(0.3), new(2), new(9)],
            Displacement = [.. new[] { 0.001 * 0.6, 0.01 * 0.2, 0.1 * 0.15, 1 * 0.04, 4 * 0.01 }.Select(lw => new Measured(way / lw))],
        };

    /// <summary>A run of the model itself with a tilt and floor.</summary>
    private static ProbeRun Run(bool adam, double tilt, double floor)
    {
        ProbeBlock Leaning(ProbeBlock b) =>
            b with
            {
                Displacement = [.. b.Displacement!.Select((d, i) => new Measured(d.Value * Math.Pow(b.Nodes[i] / 4, -tilt)))],
            };
        Probe probe = Untried with { Blocks = [Leaning(Own)], Preconditioned = [Leaning(Metric)], LossFloor = floor };
        double rate = adam ? 0.005 : 0.02;
        double[] curve = (probe.Setting() with { Budget = new Budget(100, null), Batches = [32] }).Curve(
            adam ? probe.Second[0] : probe.First[0],
            32,
            rate
        );
        return new ProbeRun(rate, 32, 100, [.. new[] { 12, 25, 50, 75, 100 }.Select(k => (k, curve[k] + floor))]);
    }
}
