// A tail panel as text for a terminal.
using System.Globalization;
using Gaplab.Numerics.Tails;

namespace Gaplab.Results.Report;

/// <summary>The lines of a <see cref="TailPanel"/>.</summary>
internal static class TailText
{
    public static IEnumerable<string> ToLines(this TailPanel panel)
    {
        string shape =
            panel.Coordinates == 1
                ? $"{panel.Values} values, {Lower(panel.Order)}"
                : $"{panel.Iterations} iterations of {panel.Coordinates} coordinates, {panel.Values} values, axis {Lower(panel.Axis)}";
        yield return $"{panel.Name}: {shape}";
        yield return string.Create(CultureInfo.InvariantCulture, $"order: {panel.Blocks}");
        yield return string.Create(CultureInfo.InvariantCulture, $"centre: {Lower(panel.Centre)} ({panel.CentreReason})");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"standard deviation {panel.StandardDeviation:g4}, skewness {panel.Skewness:g3}, excess kurtosis "
                + $"{panel.ExcessKurtosis:g3}{(panel.ArithmeticOverGeometric is { } am ? $", AM/GM of the scales' squares {am:g3}" : "")}"
        );
        yield return "";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"estimator                                           alpha  95% interval      on {panel.KeptValues} values  bootstrap 95%    "
                + $" control  leaves it"
        );
        foreach (PanelEstimate e in panel.Estimates)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{e.Title, -50} {Number(e.All?.Alpha), 6}  {Range(e.All?.AlphaLow, e.All?.AlphaHigh), -16}  {Number(e.Kept?.Alpha), 9}  "
                    + $"{Range(e.BootstrapLow, e.BootstrapHigh), -22} {Number(e.Control?.Alpha), 8}  "
                    + $"{(e.Control is null ? "–" : e.Control.Leaves ? "yes" : "no")}"
            );
        yield return "";
        if (panel.BlockProfile.Count > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"log-moment by block length: "
                    + $"{List(panel.BlockProfile, p => $"K1 = {p.At:g}: {Number(p.Alpha)} ({Range(p.Low, p.High)})")}"
            );
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"local index: {List(panel.LocalIndices, l => $"{l.From} to {l.To}: {Number(l.Alpha)}")}"
            );
            if (panel.StabilityContrast is { } z)
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"stability contrast (K1 = 10 against 1000): z = {z.Statistic:f2}, p = {z.Probability:g2}"
                );
        }
        foreach (LawFit fit in panel.Fits)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{fit.Law, -10} on {fit.Values} values: D = {fit.Distance:f4}, p = {fit.Probability:g2} "
                    + $"({List(fit.Parameters, p => $"{p.Key} {p.Value:g4}")})"
            );
        if (panel.PowerLaw is { } tail)
        {
            string ratio = tail.LikelihoodRatio is { } r
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"; likelihood ratio against a log-normal tail {r:f1} (p = {tail.RatioProbability:g2}; positive favours the power law)"
                )
                : "";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"power law from {tail.Fit.Threshold:g4} on ({tail.Fit.Tail} of {tail.Values} values): alpha {tail.Fit.Alpha:f2}, p = "
                    + $"{tail.Probability:g2}{ratio}"
            );
        }
        yield return "";
        yield return string.Create(CultureInfo.InvariantCulture, $"{panel.Verdict.Sentence}");
        foreach (string note in panel.Verdict.Notes)
            yield return string.Create(CultureInfo.InvariantCulture, $"note: {note}");
    }

    private static string List<T>(IEnumerable<T> items, Func<T, FormattableString> text) =>
        string.Join(", ", items.Select(i => FormattableString.Invariant(text(i))));

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Number(double? value) =>
        value is not { } v ? "–"
        : double.IsPositiveInfinity(v) ? "∞"
        : v.ToString(Math.Abs(v) < 100 ? "f3" : "g3", CultureInfo.InvariantCulture);

    private static string Range(double? low, double? high) => low is null && high is null ? "–" : $"{Number(low)} … {Number(high)}";
}
