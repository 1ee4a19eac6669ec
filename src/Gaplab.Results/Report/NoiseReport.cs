// The page of gaplab noise: claims, tails along training with their control, noise scale, matched losses, predicted escape.
using System.Globalization;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Report;

/// <summary>Builds the report from plain rows; a pure function of its input.</summary>
internal static class NoiseReport
{
    /// <param name="title">The study's name.</param>
    /// <param name="facts">Task, model, what was drawn.</param>
    /// <param name="results">The rows.</param>
    /// <param name="extra">Sections added at the end, such as the full panel of one series.</param>
    /// <param name="source">The store as the user named it.</param>
    /// <param name="command">The command that made it.</param>
    public static Report Build(
        string title,
        IReadOnlyList<Fact> facts,
        NoiseResults results,
        IEnumerable<Section> extra,
        string source,
        string command
    )
    {
        ArgumentNullException.ThrowIfNull(results);
        IReadOnlyList<ClaimResult> claims = NoiseClaims.Of(results);
        var from = new Provenance(
            source,
            command,
            [.. results.Rows.Select(r => r.Run).Concat(results.Scales.Select(s => s.Run)).Distinct()]
        );
        var sections = new List<Section>
        {
            new()
            {
                Id = "claims",
                Title = "The paper's claims",
                Provenance = from,
                TableOpen = true,
                Prose =
                [
                    "Claims of Zhou et al. 2020 (\"Towards Theoretically Understanding Why SGD Generalizes Better than ADAM in Deep "
                        + "Learning\"). **Heavy-tailed** is said only where a series leaves Gaussian noise of the same scales and "
                        + "correlation.",
                ],
                Table = new Table(
                    "one row per claim",
                    [new("claim"), new("measured"), new("verdict")],
                    [.. claims.Select(c => new Row(c.Claim, c.Measured, c.Verdict))]
                ),
            },
        };
        PanelAxis where = new("per cent of the run");
        foreach (string axis in results.Rows.Select(r => r.Axis).Distinct())
        {
            NoiseRow[] mine = [.. results.Rows.Where(r => r.Axis == axis && r.Layer == "all" && double.IsFinite(r.Alpha))];
            sections.Add(
                new Section
                {
                    Id = "alpha-" + axis,
                    Title = $"Tail index along training, axis {axis}",
                    Provenance = from,
                    Prose =
                    [
                        axis == "norm"
                            ? "Hill's estimate of the norms of the noise."
                            : "The log-moment estimate (K₁ = 10) and the same estimate on the Gaussian control; 2 is Gaussian. What "
                                + "counts is the distance from the control, not from 2.",
                    ],
                    Chart =
                        mine.Length == 0
                            ? null
                            : SeriesPanels.Make(
                                [
                                    .. mine.GroupBy(r => (r.Panel, Series: Series(r), r.Fraction))
                                        .SelectMany(g =>
                                            new[]
                                            {
                                                new PanelPoint(
                                                    g.Key.Panel,
                                                    g.Key.Series,
                                                    100 * g.Key.Fraction,
                                                    g.Average(r => r.Alpha),
                                                    Error: g.Where(r => double.IsFinite(r.High - r.Low))
                                                        .Select(r => r.High - r.Low)
                                                        .DefaultIfEmpty(double.NaN)
                                                        .Average() / 2
                                                ),
                                                new PanelPoint(
                                                    g.Key.Panel,
                                                    g.Key.Series,
                                                    100 * g.Key.Fraction,
                                                    g.Average(r => r.ControlAlpha),
                                                    Pale: true
                                                ),
                                            }
                                        )
                                        .Where(p => double.IsFinite(p.Y)),
                                ],
                                where,
                                new("α"),
                                true,
                                "Tail index of the gradient noise along the run, measured and for the control.",
                                "Full colour: measured, mean over seeds, bars the mean bootstrap 95% interval; faint: the Gaussian control."
                            ),
                    Table = Tails(results.Rows.Where(r => r.Axis == axis)),
                }
            );
        }
        NoiseRow[] layers = [.. results.Rows.Where(r => r.Layer != "all" && double.IsFinite(r.Alpha))];
        if (layers.Length > 0)
            sections.Add(
                new Section
                {
                    Id = "layers",
                    Title = "Tail index by layer",
                    Provenance = from,
                    Prose =
                    [
                        "Across iterations, coordinate by coordinate; the log-moment estimate over that of its control: below 1 "
                            + "is heavier.",
                    ],
                    Chart = SeriesPanels.Make(
                        [
                            .. layers
                                .GroupBy(r => (Panel: $"{Series(r)}, {r.Panel}", r.Layer, r.Fraction))
                                .Select(g => new PanelPoint(
                                    g.Key.Panel,
                                    g.Key.Layer,
                                    100 * g.Key.Fraction,
                                    g.Average(r => r.Alpha / r.ControlAlpha)
                                ))
                                .Where(p => double.IsFinite(p.Y)),
                        ],
                        where,
                        new("α / control"),
                        true,
                        "Tail index by layer relative to its control.",
                        "Mean over seeds."
                    ),
                }
            );
        if (results.Scales.Count > 0)
            sections.Add(
                new Section
                {
                    Id = "noise-scale",
                    Title = "Gradient noise scale",
                    Provenance = from,
                    Prose =
                    [
                        "B_simple = tr(Σ)/|G|² (McCandlish et al. 2018), in samples: from every sample's gradient over the subset, and "
                            + "estimated from two batch sizes.",
                    ],
                    Chart = SeriesPanels.Make(
                        [
                            .. results
                                .Scales.Where(s => s.Scale > 0)
                                .GroupBy(s => (s.Panel, s.Fraction))
                                .SelectMany(g =>
                                    new[]
                                    {
                                        new PanelPoint(
                                            g.Key.Panel,
                                            "every sample",
                                            100 * g.Key.Fraction,
                                            g.Average(s => s.Scale),
                                            Error: g.Average(s => s.Error)
                                        ),
                                        new PanelPoint(
                                            g.Key.Panel,
                                            "two batch sizes",
                                            100 * g.Key.Fraction,
                                            g.Average(s => s.TwoBatch),
                                            Error: g.Average(s => s.TwoBatchError)
                                        ),
                                    }
                                )
                                .Where(p => p.Y > 0),
                        ],
                        where,
                        new("B_simple", true),
                        true,
                        "Gradient noise scale along the run.",
                        "Mean over seeds; bars: mean standard error."
                    ),
                    Table = new Table(
                        "one row per run and point",
                        [
                            new("trajectory"),
                            new("at", true),
                            new("step", true),
                            new("B_simple", true),
                            new("error", true),
                            new("two batch sizes", true),
                            new("error", true),
                        ],
                        [
                            .. results.Scales.Select(s => new Row(
                                [s.Panel, Of(s.Fraction), Of(s.Step), Of(s.Scale), Of(s.Error), Of(s.TwoBatch), Of(s.TwoBatchError)],
                                [s.Run]
                            )),
                        ]
                    ),
                }
            );
        if (results.Losses.Count > 0)
            sections.Add(
                new Section
                {
                    Id = "generalisation",
                    Title = "Generalisation at equal training loss",
                    Provenance = from,
                    TableOpen = true,
                    Prose =
                    [
                        "Validation loss where the two trajectories, at their tuned learning rates, first reach the same training loss.",
                    ],
                    Table = new Table(
                        "one row per seed",
                        [
                            new("B", true),
                            new("seed", true),
                            new("training loss", true, "the lowest that both reach"),
                            new("validation, SGD", true),
                            new("validation, Adam", true),
                            new("difference", true),
                            new("mean difference", true, "over the levels both pass"),
                        ],
                        [
                            .. results.Losses.Select(l => new Row(
                                Of(l.Batch),
                                Of(l.Seed),
                                Of(l.TrainLoss),
                                Of(l.Sgd),
                                Of(l.Adam),
                                Of(l.Difference),
                                Of(l.MeanDifference)
                            )),
                        ]
                    ),
                }
            );
        if (results.Escapes.Count > 0)
            sections.AddRange(Escape(results.Escapes, from));
        sections.AddRange(extra);
        return new Report
        {
            Title = title + ": gradient noise",
            Headline = $"{claims[0].Claim.TrimEnd('.')}: {claims[0].Verdict}",
            Summary = [claims[0].Measured, .. claims.Skip(1).Select(Sentence)],
            Facts = facts,
            Sections = sections,
            Command = command,
        };
    }

    /// <summary>A claim as one sentence with its verdict.</summary>
    public static string Sentence(ClaimResult claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return $"Claim: {claim.Claim} **{char.ToUpperInvariant(claim.Verdict[0]) + claim.Verdict[1..]}.** {claim.Measured}";
    }

    private static IEnumerable<Section> Escape(IReadOnlyList<BasinEscapeRow> escapes, Provenance from)
    {
        yield return new Section
        {
            Id = "escape",
            Title = "Predicted escape from the end of each run",
            Provenance = from,
            TableOpen = true,
            Prose =
            [
                "The quadratic basin of the measured Hessian eigenpairs, left by stable noise along the main columns of the measured "
                    + "covariance, its scales matched to their variance (σ/√(2B)). The barrier is an assumption; ratios do not depend "
                    + "on it.",
                "T_SGD/T_Adam below 1: SGD leaves sooner. Which it is depends on what is held equal; all four conventions are shown.",
            ],
            Table = new Table(
                "one row per run",
                [
                    new("trajectory"),
                    new("α", true),
                    new("noise leaves its control"),
                    new("barrier", true),
                    new("SGD exits a step", true),
                    new("k(α)Λ", true, "of SGD's rate: above 0.15 the rate is outside the theory's range"),
                    new("Adam exits a step", true),
                    new("k(α)Λ", true, "of Adam's"),
                    new("D_max / needed", true, "below 1 one impulse cannot carry Adam out"),
                    new("refused"),
                    new("|∇F|", true),
                    new("λ max", true),
                    new("λ min", true),
                    new("noise in columns", true),
                    .. (string[])["update", "slowest", "fastest", "loss"] is var names
                        ? names.Select(n => new Column($"T ratio, {n}", true))
                        : [],
                ],
                [
                    .. escapes.Select(e => new Row(
                        [
                            e.Panel,
                            Of(e.Alpha),
                            e.Heavy switch
                            {
                                true => "yes",
                                false => "no",
                                _ => "not determined",
                            },
                            Of(e.Barrier),
                            Of(e.SgdRate),
                            Of(e.SgdCorrection),
                            Of(e.AdamRate),
                            Of(e.AdamCorrection),
                            Of(e.LargestMove),
                            e.Refused.Length > 0 ? e.Refused : "no",
                            Of(e.GradientNorm),
                            Of(e.LargestCurvature),
                            Of(e.SmallestCurvature),
                            new Cell(NumberText.Percent(e.Explained), e.Explained),
                            .. ((string[])["update", "slowest", "fastest", "loss"]).Select(n =>
                                Of(e.Matched.FirstOrDefault(m => m.Matching == n)?.TimeRatio ?? double.NaN)
                            ),
                        ],
                        [e.Run]
                    )),
                ]
            ),
        };
        yield return new Section
        {
            Id = "risk",
            Title = "Which directions carry the risk",
            Provenance = from,
            Level = 3,
            Table = new Table(
                "one row per noise column",
                [
                    new("trajectory"),
                    new("column", true),
                    new("mostly in"),
                    new("sᵀHs", true),
                    new("share of SGD's rate", true),
                    new("share of Adam's", true),
                ],
                [
                    .. escapes.SelectMany(e =>
                        e.Risks.Select(r => new Row(
                            [
                                e.Panel,
                                Of(r.Column + 1),
                                r.Layer,
                                Of(r.Sharpness),
                                new Cell(NumberText.Percent(r.SgdShare), r.SgdShare),
                                new Cell(NumberText.Percent(r.AdamShare), r.AdamShare),
                            ],
                            [e.Run]
                        ))
                    ),
                ]
            ),
        };
    }

    private static string Series(NoiseRow r) =>
        string.Create(CultureInfo.InvariantCulture, $"{r.Noise}, B = {r.Batch}{(r.Place == "point" ? ", one θ" : "")}");

    private static Table Tails(IEnumerable<NoiseRow> rows) =>
        new(
            "tail index, one row per series and run",
            [
                new("trajectory"),
                new("at", true),
                new("step", true),
                new("noise"),
                new("layer"),
                new("α", true),
                new("95% interval", false, "moving-block bootstrap"),
                new("control α", true),
                new("McCulloch", true),
                new("Hill", true),
                new("excess kurtosis", true),
                new("verdict"),
            ],
            [
                .. rows.Select(r => new Row(
                    [
                        r.Panel,
                        Of(r.Fraction),
                        Of(r.Step),
                        Series(r),
                        r.Layer,
                        Of(r.Alpha),
                        double.IsNaN(r.Low) ? NumberText.None : $"{Text(r.Low)} … {Text(r.High)}",
                        Of(r.ControlAlpha),
                        Of(r.McCulloch),
                        Of(r.Hill),
                        Of(r.Kurtosis),
                        r.Verdict,
                    ],
                    [r.Run]
                )),
            ]
        );

    private static string Text(double value) => double.IsPositiveInfinity(value) ? "∞" : NumberText.Short(value);

    private static Cell Of(double value) =>
        double.IsFinite(value)
            ? new Cell(NumberText.Short(value), value)
            : new Cell(double.IsPositiveInfinity(value) ? "∞" : NumberText.None, null, "muted");
}
