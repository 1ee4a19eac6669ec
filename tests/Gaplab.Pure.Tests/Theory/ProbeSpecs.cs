// Probes: what they stand for, reading and writing, intervals and bad input.
using Gaplab.Numerics;
using Gaplab.Theory.GapModel;

namespace Gaplab.Pure.Tests.Theory;

public sealed class ProbeSpecs
{
    private const string Text = """
        { "kind": "probe", "steps": 128, "batches": [4, 64, 1024], "initialLoss": 5, "lossFloor": 1, "negative": "drop",
          "geometry": { "gradientDensity": 0.25, "signGain": 3 },
          "blocks": [ { "name": "a", "parameters": 100, "nodes": [-0.1, 0.01, 1], "weights": [0.2, 0.7, { "value": 0.1, "error": 0.02 }],
                        "noiseVariance": { "value": 2, "error": 0.4 }, "gradientNorm": { "value": 3, "error": 0.3 } },
                      { "name": "b", "parameters": 10, "nodes": [2], "weights": [1], "noiseVariance": 1, "displacement": 0.01 } ] }
        """;

    [Fact]
    public void The_setting_keeps_the_gradient_norm_and_what_there_is_to_lose()
    {
        Probe probe = ProbeJson.Parse(Text);
        GapSetting setting = probe.Setting();
        Quadratic q = setting.Quadratic;
        Assert.Equal([0.01, 1, 2], q.Curvature);
        // Weights of what is kept against all of them: the dropped fifth has no coordinates.
        Assert.Equal([70, 10, 10], q.Weight.Select(w => Math.Round(w, 9)));
        double norm = Enumerable.Range(0, 2).Sum(i => q.Weight[i] * q.Curvature[i] * q.Curvature[i] * q.StartSquared[i]);
        Assert.True(norm <= 9 + 1e-9);
        Assert.Equal(4, q.InitialLoss, 1e-6);
        Assert.Equal(1, setting.Floor, 1e-6);
        // With enough to lose nothing is damped and the norm is kept.
        q = (probe with { InitialLoss = null }).Setting().Quadratic;
        Assert.Equal(9, Enumerable.Range(0, 2).Sum(i => q.Weight[i] * q.Curvature[i] * q.Curvature[i] * q.StartSquared[i]), 1e-9);
    }

    [Fact]
    public void A_written_probe_reads_back_as_the_same_curve()
    {
        Probe probe = ProbeJson.Parse(Text),
            again = ProbeJson.Parse(ProbeJson.ToJson(probe).ToJsonString());
        Assert.Equal(new ProbeGeometry { GradientDensity = 0.25, SignGain = 3 }, again.Geometry);
        Assert.Null(ProbeJson.Parse(ProbeJson.ToJson(probe with { Geometry = null }).ToJsonString()).Geometry);
        Assert.Equal(GapCurve.Of(probe.Setting()).Points.Select(p => p.Gap), GapCurve.Of(again.Setting()).Points.Select(p => p.Gap));
    }

    [Fact]
    public void Resamples_are_fixed_and_spread_as_the_errors_say()
    {
        Probe probe = ProbeJson.Parse(Text) with { InitialLoss = null };
        Assert.Equal(probe.Resampled(3).Quadratic.NoiseVariance, probe.Resampled(3).Quadratic.NoiseVariance);
        double[] logs = [.. Enumerable.Range(0, 400).Select(i => Math.Log(probe.Resampled(i).Quadratic.NoiseVariance[0] / 2))];
        double sd = Math.Sqrt(logs.Average(x => x * x));
        Assert.InRange(sd, 0.2 * 0.88, 0.2 * 1.12);
        Assert.Equal(1, probe.Resampled(3).Quadratic.NoiseVariance[2]);
    }

    [Theory]
    [InlineData("\"negative\": \"drop\"", "\"negative\": \"refuse\"", "negative curvature")]
    [InlineData("\"steps\"", "\"step\"", "nearest valid name 'steps'")]
    [InlineData("\"nodes\": [2], \"weights\": [1]", "\"nodes\": [], \"weights\": []", "empty")]
    [InlineData("\"nodes\": [2]", "\"nodes\": [\"NaN\"]", "finite number")]
    [InlineData("[4, 64, 1024]", "[0.5]", "at least 1")]
    [InlineData("\"initialLoss\": 5", "\"initialLoss\": 0.5", "diverged")]
    [InlineData(
        "\"gradientDensity\": 0.25",
        "\"gradientDensity\": 1.5",
        "'geometry.gradientDensity' is 1.5; expected a number above 0, at most 1"
    )]
    [InlineData("\"signGain\": 3", "\"signGain\": -3", "'geometry.signGain' is -3; expected a number above 0")]
    [InlineData("\"signGain\": 3", "\"signgain\": 3", "nearest valid name 'signGain'")]
    [InlineData("\"gradientNorm\"", "\"gradientnorm\"", "nearest valid name 'gradientNorm'")]
    public void Bad_input_is_one_clear_line(string from, string to, string expected)
    {
        Exception e = Assert.Throws<InputException>(() =>
            ProbeJson.Parse(Text.Replace(from, to, StringComparison.Ordinal)).Setting().Check()
        );
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_displacement_that_loses_more_than_there_is_to_lose_is_scaled_to_it()
    {
        Probe Of(double squared) =>
            new()
            {
                Blocks =
                [
                    new ProbeBlock
                    {
                        Name = "all",
                        Parameters = 4,
                        Nodes = [1, 3],
                        Weights = [new(0.5), new(0.5)],
                        NoiseVariance = [new(1)],
                        Displacement = [new(squared), new(2 * squared)],
                    },
                ],
                InitialLoss = 5,
                LossFloor = 1,
                Budget = new Budget(10, null),
                Batches = [1],
            };
        // ½(2·1·s + 2·3·2s) = 7s.
        Assert.Equal((3.5, 1.5), (Of(0.5).Setting().Quadratic.InitialLoss, Of(0.5).Setting().Floor));
        GapSetting far = Of(10).Setting();
        Assert.Equal(4, far.Quadratic.InitialLoss, 1e-12);
        Assert.Equal(1, far.Floor, 1e-12);
        Assert.Equal(2, far.Quadratic.StartSquared[1] / far.Quadratic.StartSquared[0], 1e-12);
    }
}
