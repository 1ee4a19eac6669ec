// The page of gaplab tails, and the sections that any report takes for a tail panel.
using System.Globalization;
using Gaplab.Numerics.Tails;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Report;

/// <summary>Sections of tail panels: tail plot with the control, profiles, estimators, fits. A pure function of the panels.</summary>
public static class TailReport
{
    /// <summary>A page of one or more panels.</summary>
    /// <param name="panels">At least one; the first one's verdict is the headline.</param>
    /// <param name="source">The file as the user named it.</param>
    /// <param name="command">The command that made the page.</param>
    public static Report Build(IReadOnlyList<TailPanel> panels, string source, string command)
    {
        ArgumentNullException.ThrowIfNull(panels);
        TailPanel first = panels[0];
        return new Report
        {
            Title = $"Tails of {first.Name}",
            Headline = first.Verdict.Sentence,
            Summary = [.. first.Verdict.Notes.Select(n => char.ToUpperInvariant(n[0]) + n[1..] + ".")],
            Facts =
            [
                new("values", NumberText.Count(first.Values)),
                .. first.Coordinates == 1
                    ? Array.Empty<Fact>()
                    :
                    [
                        new Fact(
                            "array",
                            $"{NumberText.Count(first.Iterations)} iterations of {NumberText.Count(first.Coordinates)} coordinates"
                        ),
                    ],
                new("axis", Lower(first.Axis)),
                new("order", Lower(first.Order)),
                new("centre", $"{Lower(first.Centre)} ({first.CentreReason})"),
                new("excess kurtosis", NumberText.Short(first.ExcessKurtosis)),
            ],
            Sections =
            [
                .. panels.SelectMany(
                    (p, i) =>
                        Sections(
                            p,
                            i == 0 ? "tails" : $"tails-{NumberText.Count(i + 1)}",
                            new Provenance(source, command, []),
                            panels.Count > 1 ? $", {p.Name}" : ""
                        )
                ),
            ],
            Command = command,
        };
    }

    /// <summary>The sections of one panel.</summary>
    /// <param name="panel">The panel.</param>
    /// <param name="id">Beginning of the sections' anchors, unique in the report.</param>
    /// <param name="from">Where the values came from.</param>
    /// <param name="of">Added to the sections' titles, where a page has several panels.</param>
    public static IEnumerable<Section> Sections(TailPanel panel, string id, Provenance from, string of = "")
    {
        ArgumentNullException.ThrowIfNull(panel);
        string control =
            panel.ControlDraws > 0
                ? "The control is Gaussian noise with the measured scale of each coordinate: only what leaves it is a heavy tail."
                : "There is no control: too few iterations measure no scales.";
        yield return new Section
        {
            Id = id + "-estimates",
            Title = "Tail index by every estimator" + of,
            Provenance = from,
            TableOpen = true,
            Prose =
            [
                $"{panel.Name}, axis **{Lower(panel.Axis)}**: {panel.Blocks}. {control} Gaussian noise of unequal scales reads below 2 "
                    + $"under most of these estimators.",
            ],
            Table = new Table(
                "one row per estimator; α by each",
                [
                    new("estimator"),
                    new("looks at"),
                    new("α, all values", true),
                    new("95% interval", false, "analytic, for independent values"),
                    new("α, kept", true, "on the values kept for bootstrap and control"),
                    new("bootstrap 95%", false, panel.Order == TailOrder.Set ? "of single values" : "moving blocks"),
                    new("control α", true, "over the draws"),
                    new("control range"),
                    new("t", true, "distance from the control in standard errors of 1/α; positive is heavier"),
                    new("leaves it"),
                ],
                [
                    .. panel.Estimates.Select(e => new Row(
                        e.Title,
                        e.Evidence == TailEvidence.Extremes ? "extremes" : "whole law",
                        Of(e.All?.Alpha),
                        Range(e.All?.AlphaLow, e.All?.AlphaHigh),
                        Of(e.Kept?.Alpha),
                        Range(e.BootstrapLow, e.BootstrapHigh),
                        Of(e.Control?.Alpha),
                        Range(e.Control?.Low, e.Control?.High),
                        Of(e.Control?.Distance),
                        e.Control is null ? NumberText.None
                            : e.Control.Leaves ? "yes"
                            : "no"
                    )),
                ]
            ),
        };
        yield return new Section
        {
            Id = id + "-plot",
            Title = "Tail plot" + of,
            Provenance = from,
            Prose = ["P(|X| > x) on logarithmic axes: a power law is a straight line of slope −α, a Gaussian bends down."],
            Chart = Panels(
                TailPoints(panel),
                new("|x|", true),
                new("P(|X| > x)", true),
                "Share of values above each magnitude, measured and for the control.",
                "Low and high: smallest and largest share over the draws of the control."
            ),
        };
        if (panel.BlockProfile.Count > 0)
            yield return new Section
            {
                Id = id + "-blocks",
                Title = "Log-moment index against block length" + of,
                Provenance = from,
                Prose =
                [
                    "A stable law reads the same α at every block length K₁; a finite variance climbs towards 2; correlation and unequal "
                        + "scales bend the line as they bend the control's."
                        + (
                            panel.StabilityContrast is { } z
                                ? string.Create(
                                    CultureInfo.InvariantCulture,
                                    $" Contrast of K₁ = 10 and 1000: z = {z.Statistic:f2}, p = {z.Probability:g2}."
                                )
                                : ""
                        ),
                ],
                Chart = Panels(
                    Profile(panel.BlockProfile, _ => ""),
                    new("K₁", true),
                    new("α"),
                    "The log-moment estimate against the block length, measured and for the control.",
                    "Bars: analytic 95% interval."
                ),
                Table = new Table(
                    "local index between block lengths",
                    [new("from K", true), new("to K", true), new("α", true)],
                    [.. panel.LocalIndices.Select(l => new Row(Of(l.From), Of(l.To), Of(l.Alpha)))]
                ),
            };
        yield return new Section
        {
            Id = id + "-order",
            Title = "Tail index against the number of order statistics" + of,
            Provenance = from,
            Prose =
            [
                "A power law shows a level stretch; an estimate that keeps rising towards small k is no power law. Values above 20 "
                    + "are left out.",
            ],
            Chart = Panels(
                Profile(panel.TailProfile, p => p.Estimator),
                new("k", true),
                new("α"),
                "Hill, Pickands and moment estimates against the number of order statistics, measured and for the control.",
                "Bars: analytic 95% interval where it stays below 20."
            ),
        };
        if (panel.Fits.Count > 0)
            yield return new Section
            {
                Id = id + "-fit",
                Title = "Goodness of fit" + of,
                Provenance = from,
                TableOpen = true,
                Prose =
                [
                    "Kolmogorov–Smirnov distance of each fitted law; its probability is from samples of the fitted law, fitted anew. A "
                        + "stable law that is not rejected is no evidence for stability: against Student's t with 3 degrees of freedom "
                        + "the test rejects 6% of samples of 1,000 and 11% of 10,000.",
                    .. panel.PowerLaw is { } tail
                        ?
                        [
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"Power law from {tail.Fit.Threshold:g3} on ({tail.Fit.Tail} of {tail.Values} values): α = "
                                    + $"{tail.Fit.Alpha:f2}, p = {tail.Probability:g2}, rejected below 0.1."
                            )
                                + (
                                    tail.LikelihoodRatio is { } r
                                        ? string.Create(
                                            CultureInfo.InvariantCulture,
                                            $" Likelihood ratio against a log-normal tail {r:f1}, p = {tail.RatioProbability:g2}; "
                                                + $"positive favours the power law."
                                        )
                                        : ""
                                ),
                        ]
                        : Array.Empty<string>(),
                ],
                Table = new Table(
                    "one row per law",
                    [new("law"), new("values", true), new("D", true), new("√n D", true), new("p", true), new("parameters")],
                    [
                        .. panel.Fits.Select(f => new Row(
                            f.Law,
                            Of(f.Values),
                            Of(f.Distance),
                            Of(Math.Sqrt(f.Values) * f.Distance),
                            Of(f.Probability),
                            string.Join(", ", f.Parameters.Select(p => $"{p.Key} {NumberText.Short(p.Value)}"))
                        )),
                    ]
                ),
            };
    }

    private static IEnumerable<PanelPoint> TailPoints(TailPanel panel)
    {
        foreach (TailPoint p in panel.TailPlot.Where(p => p.Magnitude > 0))
        {
            yield return new PanelPoint("", "measured", p.Magnitude, p.Share);
            if (p.ControlLow > 0)
                yield return new PanelPoint("", "control, low", p.Magnitude, p.ControlLow.Value);
            if (p.ControlHigh > 0)
                yield return new PanelPoint("", "control, high", p.Magnitude, p.ControlHigh.Value);
        }
    }

    private static IEnumerable<PanelPoint> Profile(IEnumerable<ProfilePoint> points, Func<ProfilePoint, string> panel)
    {
        const double Most = 20;
        foreach (ProfilePoint p in points)
        {
            if (p.Alpha <= Most)
                yield return new PanelPoint(
                    panel(p),
                    "measured",
                    p.At,
                    p.Alpha,
                    Error: p is { Low: { } low, High: <= Most and { } high } ? (high - low) / 2 : double.NaN
                );
            if (p.Control <= Most)
                yield return new PanelPoint(panel(p), "control", p.At, p.Control.Value);
        }
    }

    private static Chart? Panels(IEnumerable<PanelPoint> points, PanelAxis x, PanelAxis y, string alt, string caption) =>
        points.ToArray() is { Length: > 0 } all ? SeriesPanels.Make(all, x, y, true, alt, caption) : null;

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Range(double? low, double? high) => low is null && high is null ? NumberText.None : $"{Text(low)} … {Text(high)}";

    private static string Text(double? value) =>
        value is not { } v ? NumberText.None
        : double.IsPositiveInfinity(v) ? "∞"
        : NumberText.Short(v);

    private static Cell Of(double? value) =>
        value is { } number && double.IsFinite(number) ? new Cell(NumberText.Short(number), number) : new Cell(Text(value), null, "muted");
}
