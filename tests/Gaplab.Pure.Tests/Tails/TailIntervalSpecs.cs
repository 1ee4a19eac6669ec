// No interval that excludes its own estimate is printed, of whatever values.
using System.Globalization;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Streams;
using Gaplab.Numerics.Tails;
using Gaplab.Reference;

namespace Gaplab.Pure.Tests.Tails;

public sealed class TailIntervalSpecs
{
    private static readonly string[] s_laws = ["sas0.8", "sas1.5", "sas2", "t3", "gmB"];

    /// <summary>Awkward on purpose: sorted, in constant runs, of few distinct values, nearly all zero, on one side, few.</summary>
    private static readonly Gen<(
        string Law,
        int Count,
        string Shape,
        int Coordinates,
        TailOrder? Order,
        TailCentre? Centre,
        int Seed
    )> s_samples = Gen.Select(
        FixedSeeds.OneOf(s_laws),
        Gen.Int[100, 700],
        FixedSeeds.OneOf("plain", "sorted", "runs", "ties", "zeros", "one side", "two values", "trend", "far"),
        FixedSeeds.OneOf(1, 1, 3, 7),
        FixedSeeds.OneOf<TailOrder?>(null, TailOrder.Series),
        FixedSeeds.OneOf<TailCentre?>(null, null, TailCentre.None, TailCentre.Median, TailCentre.Mean),
        Gen.Int[1, 1_000_000]
    );

    [Fact]
    public void Every_interval_holds_its_estimate_on_awkward_samples()
    {
        int panels = 0,
            without = 0;
        FixedSeeds.Check(
            s_samples,
            250,
            s =>
            {
                double[] values = Values(s.Law, s.Count / s.Coordinates * s.Coordinates, s.Shape, s.Seed);
                if (values.Length < TailMeasurement.FewestValues)
                    return;
                TailPanel panel;
                try
                {
                    panel = TailMeasurement.Measure(
                        new MemoryTailSource<double>(values, s.Coordinates),
                        new TailOptions
                        {
                            Order = s.Order,
                            Centre = s.Centre,
                            Resamples = 40,
                            ControlDraws = 4,
                            FitValues = 0,
                            Seed = s.Seed,
                        }
                    );
                }
                catch (InputException)
                {
                    return;
                }
                panels++;
                foreach (PanelEstimate e in panel.Estimates)
                {
                    Holds(e.Id, e.All?.Alpha, e.All?.AlphaLow, e.All?.AlphaHigh);
                    Holds(e.Id + ", kept", e.Kept?.Alpha, e.Kept?.AlphaLow, e.Kept?.AlphaHigh);
                    Holds(e.Id + ", bootstrap", e.Kept?.Alpha, e.BootstrapLow, e.BootstrapHigh);
                    Holds(e.Id + ", control", e.Control?.Alpha, e.Control?.Low, e.Control?.High);
                    if (e is { BootstrapError: not null, BootstrapLow: null })
                    {
                        without++;
                        Assert.Contains(panel.Verdict.Notes, n => n.StartsWith(e.Title, StringComparison.Ordinal));
                    }
                }
                foreach (ProfilePoint p in panel.BlockProfile.Concat(panel.TailProfile))
                    Holds($"{p.Estimator} at {p.At}", p.Alpha, p.Low, p.High);
                foreach (TailPoint p in panel.TailPlot)
                    Assert.True(p.ControlLow is null || p.ControlLow <= p.ControlHigh);
            }
        );
        // The samples are awkward enough: some intervals are left out, and most are not.
        Assert.InRange(panels, 150, 250);
        Assert.InRange(without, 5, panels * 3);
    }

    private static void Holds(string what, double? estimate, double? low, double? high)
    {
        if (low is null && high is null)
            return;
        Assert.True(
            low <= estimate && estimate <= high,
            string.Create(CultureInfo.InvariantCulture, $"{what}: {estimate} outside {low} … {high}")
        );
    }

    private static double[] Values(string law, int count, string shape, int seed)
    {
        double[] values = new double[count];
        TailReference.Draw(law, RandomStream.For(seed, "test/intervals"), values);
        return shape switch
        {
            "sorted" => [.. values.Order()],
            "runs" => [.. values.Select((_, i) => values[i / 20 * 20])],
            "ties" => [.. values.Select(x => Math.Round(Math.Clamp(x, -1e6, 1e6)))],
            "zeros" => [.. values.Select((x, i) => i % 10 == 0 ? x : 0)],
            "one side" => [.. values.Select(Math.Abs)],
            "two values" => [.. values.Select(x => x > 1 ? 3.0 : -1.0)],
            "trend" => [.. values.Select((x, i) => x + i)],
            "far" => [.. values.Select(x => 1000 + x)],
            _ => values,
        };
    }
}
