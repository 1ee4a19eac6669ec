// The page of gaplab escape: the claims, escape scaling, survival curves, and every case.
using System.Globalization;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Studies.Escape;

internal static class EscapeReport
{
    public static Report Build(EscapeResults results, string file, bool sde)
    {
        string unit = sde ? "time" : "steps",
            command = $"gaplab escape {file}";
        var from = new Provenance(file, command, []);
        EscapeClaim[] decided = [.. results.Claims.Where(c => c.Held is not null)];
        var sections = new List<Section>
        {
            new()
            {
                Id = "claims",
                Title = "What the paper claims, and what was measured",
                Provenance = from,
                TableOpen = true,
                Table = new Table(
                    "claims of Zhou et al. 2020",
                    [new("claim"), new("measured"), new("held")],
                    [.. results.Claims.Select(c => new Row(c.Claim, c.Measured, Verdict(c)))]
                ),
            },
        };
        foreach (
            (string against, Func<EscapeRow, double> x) in new (string, Func<EscapeRow, double>)[]
            {
                ("epsilon", r => r.Epsilon),
                ("width", r => r.Width),
            }
        )
        {
            EscapeRow[] rows =
            [
                .. results.Cases.Where(r =>
                    r.Simulated.Mean is > 0
                    && results.Fits.Any(f =>
                        f.Against == against
                        && (f.Experiment, f.Minimum, f.Algorithm, f.Matching, f.Alpha)
                            == (r.Experiment, r.Minimum, r.Algorithm, r.Matching, r.Alpha)
                    )
                ),
            ];
            if (rows.Length == 0)
                continue;
            sections.Add(
                new Section
                {
                    Id = "scaling-" + against,
                    Title = against == "epsilon" ? "Mean exit against ε" : "Mean exit against the basin's width",
                    Provenance = from,
                    TableOpen = true,
                    Prose =
                    [
                        $"Both axes are logarithmic: a power law is a straight line. Lévy theory says the slope is "
                            + $"{(against == "epsilon" ? "−α" : "α")}; the corrected prediction bends where the noise is no longer small.",
                    ],
                    Chart = SeriesPanels.Make(
                        [.. rows.SelectMany(r => Points(r, x(r)))],
                        new PanelAxis(against == "epsilon" ? "ε" : "width", true),
                        new PanelAxis($"mean exit ({unit})", true),
                        lines: true,
                        $"Mean exit time against {against}, simulated and predicted, in a panel for each α and minimum.",
                        "Points: simulated, with 95% bars. Dashed: predicted with the finite-noise correction, where the theory holds."
                    ),
                    Table = new Table(
                        "fitted exponents",
                        [
                            new("minimum"),
                            new("algorithm"),
                            new("α", true),
                            new("exponent", true),
                            new("95% interval"),
                            new("theory", true),
                            new("corrected theory", true),
                        ],
                        [
                            .. results
                                .Fits.Where(f => f.Against == against)
                                .Select(f => new Row(
                                    f.Minimum,
                                    NameOf(f.Algorithm, f.Matching),
                                    Of(f.Alpha),
                                    Of(f.Exponent),
                                    string.Create(CultureInfo.InvariantCulture, $"[{f.Low:0.000}, {f.High:0.000}]"),
                                    Of(f.Theory),
                                    Of(f.Corrected)
                                )),
                        ]
                    ),
                }
            );
        }
        sections.Add(
            new Section
            {
                Id = "survival",
                Title = "Who is still inside",
                Provenance = from,
                Prose =
                [
                    "The share of paths still inside (Kaplan and Meier), on logarithmic axes, time in units of the mean exit. An "
                        + "exponential law is the same curve in every panel.",
                ],
                Chart = SeriesPanels.Make(
                    [
                        .. results
                            .Cases.Where(r => r.Simulated.Mean is > 0)
                            .SelectMany(r =>
                                r.Survival.Where(s => s is { Survival: > 0, Time: > 0 })
                                    .Select(s => new PanelPoint(Panel(r), Series(r), s.Time / r.Simulated.Mean!.Value, s.Survival))
                            ),
                    ],
                    new PanelAxis($"{unit} / mean exit", true),
                    new PanelAxis("share inside", true),
                    lines: true,
                    "Survival curves of every case.",
                    "One line per case."
                ),
            }
        );
        if (results.Matchings.Count > 0)
            sections.Add(
                new Section
                {
                    Id = "matching",
                    Title = "Who leaves sooner depends on what is held equal",
                    Provenance = from,
                    TableOpen = true,
                    Prose =
                    [
                        "SGD and Adam have different learning rates; \"equal\" needs a convention. Below 1 SGD leaves sooner, above "
                            + "1 Adam does.",
                    ],
                    Table = new Table(
                        "leading-order predictions",
                        [new("minimum"), new("α", true), new("held equal"), new("η_Adam/η_SGD", true), new("T_SGD/T_Adam", true)],
                        [.. results.Matchings.Select(m => new Row(m.Minimum, Of(m.Alpha), m.Matching, Of(m.RateRatio), Of(m.TimeRatio)))]
                    ),
                }
            );
        sections.Add(
            new Section
            {
                Id = "cases",
                Title = "Every case",
                Provenance = from,
                TableOpen = true,
                Table = new Table(
                    "predicted and simulated",
                    [
                        .. Case,
                        new("predicted mean", true, "leading order"),
                        new("corrected", true, "with the finite-noise correction"),
                        new("mean", true),
                        new("± se", true),
                        new("median", true),
                    ],
                    [
                        .. results.Cases.Select(r => new Row([
                            .. CaseOf(r),
                            Of(r.Predicted.Mean),
                            Of(r.Predicted.CorrectedMean),
                            Of(r.Simulated.Mean),
                            Of(r.Simulated.Stderr),
                            Of(r.Simulated.Median),
                        ])),
                    ]
                ),
            }
        );
        sections.Add(
            new Section
            {
                Id = "cases-fit",
                Title = "How well each case fits the exponential law, and whether the theory covers it",
                Level = 3,
                Provenance = from,
                TableOpen = true,
                Table = new Table(
                    "the simulated paths of every case",
                    [
                        .. Case,
                        new("kΛ", true, "the correction; the prediction may be used up to 0.15"),
                        new("D*", true, "distance from the exponential law; the 5% point is 1.094"),
                        new("p", true),
                        new("paths", true),
                        new("censored", true),
                        new("D_max", true, "the largest move of Adam by one impulse"),
                        new("note"),
                    ],
                    [
                        .. results.Cases.Select(r => new Row([
                            .. CaseOf(r),
                            Of(r.Correction),
                            Of(r.Ks.Statistic),
                            Of(r.Ks.P),
                            Of(r.Simulated.Paths),
                            Of(r.Simulated.Censored),
                            Of(r.DMax),
                            r.Reason ?? (r.Valid ? "" : "outside the theory's validity"),
                        ])),
                    ]
                ),
            }
        );
        return new Report
        {
            Title = results.Study,
            Headline =
                decided.Length == 0
                    ? "Exit times, predicted and simulated"
                    : $"{decided.Count(c => c.Held == true)} of {decided.Length} claims held",
            Summary = results.Question.Length > 0 ? [results.Question] : [],
            Facts =
            [
                new("cases", NumberText.Count(results.Cases.Count)),
                new("paths", NumberText.Count(results.Cases.Sum(r => (long)r.Simulated.Paths))),
            ],
            Command = command + " --html FILE",
            Sections = sections,
        };
    }

    private static IReadOnlyList<Column> Case { get; } =
    [new("minimum"), new("algorithm"), new("α", true), new("ε", true), new("width", true)];

    private static Cell[] CaseOf(EscapeRow r) => [r.Minimum, NameOf(r.Algorithm, r.Matching), Of(r.Alpha), Of(r.Epsilon), Of(r.Width)];

    public static string Verdict(EscapeClaim claim) =>
        claim.Held switch
        {
            true => "yes",
            false => "no",
            null => "not determined",
        };

    private static IEnumerable<PanelPoint> Points(EscapeRow r, double x)
    {
        string name = NameOf(r.Algorithm, r.Matching);
        yield return new PanelPoint(Panel(r), name, x, r.Simulated.Mean!.Value, Error: 1.96 * (r.Simulated.Stderr ?? double.NaN));
        if (r.Predicted.CorrectedMean is { } mean && !r.Refused)
            yield return new PanelPoint(Panel(r), name, x, mean) { IsTheory = true };
    }

    private static string Panel(EscapeRow r) => string.Create(CultureInfo.InvariantCulture, $"{r.Minimum}, α {r.Alpha:0.##}");

    private static string Series(EscapeRow r) =>
        string.Create(CultureInfo.InvariantCulture, $"{NameOf(r.Algorithm, r.Matching)}, ε {r.Epsilon:0.####}, width {r.Width:0.##}");

    private static string NameOf(string algorithm, string? matching) => matching is null ? algorithm : $"{algorithm} (equal {matching})";

    private static Cell Of(double? value) => Cell.Of(value, NumberText.Short);
}
