// The panel: axes and orders, the control's power and its false alarms, streaming, bad input.
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Streams;
using Gaplab.Numerics.Tails;
using Gaplab.Reference;

namespace Gaplab.Pure.Tests.Tails;

public sealed class TailPanelSpecs
{
    private static readonly TailOptions s_short = new()
    {
        Kept = 20_000,
        Resamples = 40,
        ControlDraws = 12,
        FitValues = 0,
    };

    /// <summary>[iterations, coordinates] with coordinates of very unequal scales.</summary>
    private static double[] Scaled(string law, int iterations, int coordinates, long seed)
    {
        double[] values = new double[iterations * coordinates];
        TailReference.Draw(law, RandomStream.For(seed, "test/panel/" + law), values);
        RandomStream stream = RandomStream.For(seed, "test/panel/scales");
        double[] scales = [.. Enumerable.Range(0, coordinates).Select(_ => Math.Exp(1.2 * stream.NextGaussian()))];
        for (int i = 0; i < values.Length; i++)
            values[i] *= scales[i % coordinates];
        return values;
    }

    [Fact]
    public void Gaussian_noise_of_unequal_scales_reads_heavy_pooled_but_stays_inside_its_control()
    {
        int alarms = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            TailPanel panel = TailMeasurement.Measure(
                new MemoryTailSource<double>(Scaled("sas2", 300, 60, seed), 60),
                s_short with
                {
                    Seed = seed,
                }
            );
            Assert.InRange(panel.Estimates.Single(e => e.Id == "log-moment").All!.Alpha, 0.5, 1.6);
            Assert.True(panel.ArithmeticOverGeometric > 3);
            if (panel.Verdict.HeavyTailed != false)
                alarms++;
        }
        // The rule's level is 1% and it asks for two kinds of evidence: two alarms of twenty have probability below 2%.
        Assert.True(alarms <= 1, $"{alarms} of 20 called heavy");
    }

    [Theory]
    [InlineData("sas1.6", "infinite"), InlineData("t3", "finite")]
    public void Heavy_noise_of_unequal_scales_leaves_the_control_along_iterations(string law, string variance)
    {
        double[] values = Scaled(law, 1500, 200, 5);
        TailPanel panel = TailMeasurement.Measure(
            new MemoryTailSource<double>(values, 200),
            s_short with
            {
                Axis = TailAxis.Iterations,
                Centre = TailCentre.None,
            }
        );
        Assert.True(panel.Verdict.HeavyTailed);
        Assert.Contains("Heavy-tailed", panel.Verdict.Sentence, StringComparison.Ordinal);
        Assert.True(panel.Verdict.Variance == variance || panel.Verdict.Variance == "undetermined", panel.Verdict.Variance);
        if (law == "sas1.6")
            Assert.Equal(1.6, panel.Estimates.Single(e => e.Id == "log-moment").All!.Alpha, 0.03);
        Assert.Equal(300_000, panel.Values);
    }

    [Fact]
    public void Correlated_Gaussian_values_are_not_called_heavy()
    {
        // AR(1), ρ = 0.9: the log-moment estimator reads 1.07 (closed form), its control reads the same.
        RandomStream stream = RandomStream.For(2, "test/panel/ar");
        double[] values = new double[100_000];
        for (int i = 1; i < values.Length; i++)
            values[i] = 0.9 * values[i - 1] + stream.NextGaussian();
        TailPanel panel = TailMeasurement.Measure(values, s_short with { Centre = TailCentre.None, Order = TailOrder.Series });
        Assert.Equal(LogMomentTheory.AutoregressiveGaussian(0.9, 10), panel.Estimates[0].All!.Alpha, 0.03);
        Assert.Equal(0.9, panel.Correlation!.Value, 0.03);
        Assert.False(panel.Verdict.HeavyTailed);
    }

    [Fact]
    public void The_order_of_flattening_decides_what_Gaussian_noise_reads_as()
    {
        // Scales 1 and 10 by turns, theory.md A5: 1.4797 inside blocks of 100, and 2 where blocks stay inside a coordinate.
        RandomStream stream = RandomStream.For(4, "test/panel/order");
        double[] values = [.. Enumerable.Range(0, 400_000).Select(i => (i % 2 == 0 ? 1 : 10) * stream.NextGaussian())];
        var source = new MemoryTailSource<double>(values, 2000);
        double Read(TailAxis axis)
        {
            ProfilePoint at = TailMeasurement
                .Measure(source, s_short with { Axis = axis, Resamples = 0, ControlDraws = 0, Centre = TailCentre.None })
                .BlockProfile.Single(p => p.At == 100);
            double half = (1 / at.Low!.Value - 1 / at.High!.Value) / 2;
            Assert.InRange(
                1 / at.Alpha,
                1 / (axis == TailAxis.Pooled ? LogMomentTheory.MixedScales([1, 10], 100) : 2) - 2.5 * half,
                1 / (axis == TailAxis.Pooled ? LogMomentTheory.MixedScales([1, 10], 100) : 2) + 2.5 * half
            );
            return at.Alpha;
        }
        Assert.True(Read(TailAxis.Pooled) < 1.6);
        Assert.True(Read(TailAxis.Iterations) > 1.8);
    }

    [Fact]
    public void Both_orders_of_storage_and_both_precisions_give_one_panel()
    {
        double[] values = [.. Scaled("t3", 120, 50, 9).Select(x => (double)(float)x)];
        float[] single = [.. values.Select(x => (float)x)];
        foreach (TailAxis axis in Enum.GetValues<TailAxis>())
        {
            TailOptions options = s_short with { Axis = axis, Resamples = 20, ControlDraws = 3 };
            string rows = Json(TailMeasurement.Measure(new MemoryTailSource<double>(values, 50), options));
            Assert.Equal(rows, Json(TailMeasurement.Measure(new MemoryTailSource<float>(single, 50), options)));
            TailPanel columns = TailMeasurement.Measure(new ColumnSource(values, 50), options),
                same = TailMeasurement.Measure(new MemoryTailSource<double>(values, 50), options);
            foreach ((PanelEstimate a, PanelEstimate b) in columns.Estimates.Zip(same.Estimates))
            {
                Assert.Equal(a.All?.Inverse ?? 0, b.All?.Inverse ?? 0, 1e-9);
                Assert.Equal(a.Kept?.Inverse ?? 0, b.Kept?.Inverse ?? 0, 1e-9);
            }
            Assert.Equal(columns.Values, same.Values);
        }
    }

    [Theory]
    [
        InlineData("99 values", "at least 100"),
        InlineData("constant", "all 200 values are equal"),
        InlineData("nan", "value 151 is NaN"),
        InlineData("infinite", "iteration 3, coordinate 2 is infinite")
    ]
    public void Values_that_make_no_panel_are_refused_in_one_line(string what, string says)
    {
        double[] values =
            what == "99 values" ? new double[99] : [.. Enumerable.Range(0, 200).Select(i => what == "constant" ? 3 : Math.Sin(i))];
        if (what == "nan")
            values[150] = double.NaN;
        if (what == "infinite")
            values[41] = double.PositiveInfinity;
        InputException e = Assert.Throws<InputException>(() =>
            TailMeasurement.Measure(new MemoryTailSource<double>(values, what == "infinite" ? 20 : 1))
        );
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Too_few_iterations_for_a_control_leave_the_verdict_open()
    {
        TailPanel panel = TailMeasurement.Measure(new MemoryTailSource<double>(Scaled("t3", 6, 100, 1), 100), s_short);
        Assert.Null(panel.Verdict.HeavyTailed);
        Assert.Contains("at least 8", panel.Verdict.Sentence, StringComparison.Ordinal);
    }

    private static readonly JsonSerializerOptions s_json = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static string Json(TailPanel panel) => JsonSerializer.Serialize(panel, s_json);

    /// <summary>The same array column by column.</summary>
    private sealed class ColumnSource(double[] values, int coordinates) : ITailSource
    {
        public long Iterations => values.Length / coordinates;

        public long Coordinates => coordinates;

        public bool LinesAreIterations => false;

        public void Read(long line, long start, Span<double> destination)
        {
            for (int i = 0; i < destination.Length; i++)
                destination[i] = values[(start + i) * coordinates + line];
        }
    }
}
