// The claims of Zhou et al. 2020 about noise and generalisation, tested on what was measured.
using System.Globalization;
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Report;

/// <summary>Claims (a) and (e); a pure function of the rows.</summary>
/// <remarks>A noise is heavy-tailed along an axis where more than half of its series leave their control; the claim holds where that is so
/// along every axis, in part where along some.
/// Comparisons hold where the 95% interval over runs or seeds lies on the claimed side along one axis (one batch size) and on the other
/// side along none.</remarks>
internal static class NoiseClaims
{
    private const double Gaussian = 2;

    public static IReadOnlyList<ClaimResult> Of(NoiseResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return [.. Heavy(results.Rows), Lighter(results.Rows), Generalisation(results.Losses)];
    }

    private static IEnumerable<ClaimResult> Heavy(IReadOnlyList<NoiseRow> rows)
    {
        foreach (string noise in (string[])["sgd", "adam"])
        {
            NoiseRow[] mine = [.. rows.Where(r => r.Noise == noise && r.Layer == "all" && r.Axis != "norm" && r.Heavy is not null)];
            string claim = $"The gradient noise of {Name(noise)} is heavy-tailed (α below 2).";
            if (mine.Length == 0)
            {
                yield return new ClaimResult(
                    "a-" + noise,
                    claim,
                    "No series was long enough to be compared with a control.",
                    "not decided"
                );
                continue;
            }
            string[] axes =
            [
                .. mine.GroupBy(r => r.Axis)
                    .Select(g =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{g.Key}: median α {Median(g.Select(r => r.Alpha)):f2} (control {Median(g.Select(r => r.ControlAlpha)):f2}), "
                                + $"below 2 in {g.Count(r => r.Alpha < Gaussian)} and heavier than the control in "
                                + $"{g.Count(r => r.Heavy == true)} of {g.Count()}"
                        )
                    ),
            ];
            bool[] most = [.. mine.GroupBy(r => r.Axis).Select(g => 2 * g.Count(r => r.Heavy == true) > g.Count())];
            yield return new ClaimResult(
                "a-" + noise,
                claim,
                string.Join("; ", axes) + ".",
                most.All(m => m) ? "held"
                    : most.Any(m => m) ? "held in part"
                    : "did not hold"
            );
        }
    }

    private static ClaimResult Lighter(IReadOnlyList<NoiseRow> rows)
    {
        const string Claim = "Adam's gradient noise has lighter tails than SGD's.";
        var windows = rows.Where(r => r is { Place: "window", Layer: "all" } && r.Axis != "norm").ToArray();
        var pairs = windows
            .Where(r => r.Noise == "adam")
            .Select(a =>
                (
                    Adam: a,
                    Sgd: windows.FirstOrDefault(s =>
                        s.Noise == "sgd" && s.Run == a.Run && s.Step == a.Step && s.Batch == a.Batch && s.Axis == a.Axis
                    )
                )
            )
            .Where(p => p.Sgd is not null)
            .ToArray();
        if (pairs.Length == 0)
            return new ClaimResult("a-lighter", Claim, "No window holds both.", "not decided");
        // As 1/α, which is what the estimators estimate; above their own controls, so that the average's correlation is not read as a tail.
        static double Excess(NoiseRow r) => 1 / r.Alpha - 1 / r.ControlAlpha;
        var parts = new List<string>();
        var signs = new List<int>();
        foreach (var g in pairs.GroupBy(p => p.Adam.Axis))
        {
            // Points of one run are not independent: one number per run.
            double[] each =
            [
                .. g.GroupBy(p => p.Adam.Run)
                    .Select(r => r.Select(p => Excess(p.Sgd!) - Excess(p.Adam)).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average())
                    .Where(double.IsFinite),
            ];
            if (each.Length == 0)
                continue;
            double mean = each.Average(),
                half = Half(each);
            parts.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{g.Key}: median α of Adam {Median(g.Select(p => p.Adam.Alpha)):f2} (control "
                        + $"{Median(g.Select(p => p.Adam.ControlAlpha)):f2}), of SGD {Median(g.Select(p => p.Sgd!.Alpha)):f2} (control "
                        + $"{Median(g.Select(p => p.Sgd!.ControlAlpha)):f2}), excess of 1/α over the control smaller by {mean:f3}"
                        + $"{Margin(half, "f3")}"
                )
            );
            signs.Add(
                mean > half ? 1
                : -mean > half ? -1
                : 0
            );
        }
        string verdict =
            signs.Count > 0 && signs.All(s => s >= 0) && signs.Any(s => s > 0) ? "held"
            : signs.Count > 0 && signs.All(s => s <= 0) && signs.Any(s => s < 0) ? "did not hold"
            : "not decided";
        return new ClaimResult("a-lighter", Claim, string.Join("; ", parts) + " (95%, over runs).", verdict);
    }

    private static ClaimResult Generalisation(IReadOnlyList<MatchedLossRow> rows)
    {
        const string Claim = "At equal training loss SGD generalises better than Adam.";
        if (rows.Count == 0)
            return new ClaimResult("e", Claim, "No pair of runs passes the same training loss.", "not decided");
        var parts = new List<string>();
        var signs = new List<int>();
        foreach (var g in rows.GroupBy(r => r.Batch))
        {
            double[] last = [.. g.Select(r => r.Difference)],
                mean = [.. g.Select(r => r.MeanDifference)];
            double half = Half(last);
            parts.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"B = {g.Key}: validation loss of SGD minus Adam's {last.Average():+0.0000;-0.0000}{Margin(half, "f4")} at "
                        + $"training loss {g.Average(r => r.TrainLoss):g3}, the lowest that both reach, and "
                        + $"{mean.Average():+0.0000;-0.0000}"
                        + $"{Margin(Half(mean), "f4")} on average along the way"
                )
            );
            signs.Add(
                last.Average() < -half ? 1
                : last.Average() > half ? -1
                : 0
            );
        }
        int count = rows.Select(r => r.Seed).Distinct().Count();
        string seeds = count > 1 ? $" (95% over {NumberText.Count(count, "seed")})" : " (one seed gives no interval)";
        return new ClaimResult(
            "e",
            Claim,
            string.Join("; ", parts) + seeds + ".",
            signs.All(s => s > 0) ? "held"
                : signs.All(s => s < 0) ? "did not hold"
                : "not decided"
        );
    }

    /// <summary>Half the 95% interval of a mean by Student's t; infinite from one value.</summary>
    private static double Half(double[] values) =>
        values.Length < 2 ? double.PositiveInfinity : StudentTDistribution.Quantile(values.Length - 1, 0.975) * SampleError.OfMean(values);

    /// <summary>" ± half"; nothing where one value gives no interval.</summary>
    private static string Margin(double half, string format) =>
        double.IsFinite(half) ? " ± " + half.ToString(format, CultureInfo.InvariantCulture) : "";

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(v => !double.IsNaN(v)).Order()];
        return sorted.Length == 0 ? double.NaN : Quantiles.Type7(sorted, 0.5);
    }

    private static string Name(string noise) => noise == "sgd" ? "SGD" : "Adam";
}
