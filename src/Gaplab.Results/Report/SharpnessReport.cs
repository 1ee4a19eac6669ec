// The page of gaplab sharpness: sharpness against SGD's, coordinates, landscapes, attribution, training curves.
using System.Globalization;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Report;

/// <summary>Builds the report from plain rows; a pure function of its input.</summary>
public static class SharpnessReport
{
    /// <summary>More optimizers than this, each with its clipped twin, cannot be told apart in one panel.</summary>
    private const int MostInOnePanel = 3;

    /// <param name="title">The study's name.</param>
    /// <param name="facts">Task, model, budget.</param>
    /// <param name="rows">In the order of the probe files.</param>
    /// <param name="curves">Validation loss of the tuned runs: panel, unclipped name, samples, mean, clipped.</param>
    /// <param name="source">The store as the user named it.</param>
    /// <param name="command">The command that made it.</param>
    public static Report Build(
        string title,
        IReadOnlyList<Fact> facts,
        IReadOnlyList<SharpnessRow> rows,
        IReadOnlyList<PanelPoint> curves,
        string source,
        string command
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        string[] claims = [.. Claims(rows, curves)];
        return new Report
        {
            Title = title + ": sharpness",
            Headline = claims[0],
            Summary = claims[1..],
            Facts = facts,
            Sections = Sections(rows, curves, source, command),
            Command = command,
        };
    }

    /// <summary>The sections alone, for a report of more than this.</summary>
    public static IReadOnlyList<Section> Sections(
        IReadOnlyList<SharpnessRow> rows,
        IReadOnlyList<PanelPoint> curves,
        string source,
        string command
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(curves);
        // The optimizer that moves is drawn by its shadow where it has one; a line twice says nothing.
        SharpnessRow[] drawn = [.. rows.Where(r => !r.Moves || !rows.Any(o => !o.Moves && o.Name == r.Name))];
        var from = new Provenance(source, command, [.. rows.SelectMany(r => r.Runs).Distinct()]);
        PanelAxis where = new("per cent of the run");
        const string Pair = "Full colour: unclipped; faint: the largest coordinates clipped. ";
        var sections = new List<Section>
        {
            new()
            {
                Id = "sharpness",
                Title = "Directional sharpness of each optimizer's update",
                Provenance = from,
                Prose =
                [
                    "vᵀHv of the update Δ that each optimizer would make at the same point, v = Δ/‖Δ‖₂. The optimizer named above a panel "
                        + "moves; the others are fed its gradients from the first step.",
                ],
                Chart = Panels(
                    drawn
                        .Where(r => r.Sharpness > 0)
                        .Select(r => new PanelPoint(r.Panel, r.Optimizer, 100 * r.Fraction, r.Sharpness, r.Clipped, r.SharpnessError)),
                    where,
                    new("vᵀHv", true),
                    "Directional sharpness along the run.",
                    Pair + "Bars: one standard error, of data and seeds. Values that are not positive are in the table only."
                ),
                Table = SharpnessTable(rows),
            },
            new()
            {
                Id = "ratio",
                Title = "Sharpness as a ratio to SGD's",
                Provenance = from,
                Chart = Panels(
                    drawn
                        .Where(r => r.Ratio > 0)
                        .Select(r => new PanelPoint(r.Panel, r.Optimizer, 100 * r.Fraction, r.Ratio, r.Clipped, r.RatioError)),
                    where,
                    new("vᵀHv / SGD's", true),
                    "Directional sharpness relative to SGD's along the run.",
                    Pair + "Below 1: less sharp than SGD at this point. Errors as if the two were independent."
                ),
            },
        };
        foreach (var (panel, index) in rows.Select(r => r.Panel).Distinct().Select((p, i) => (p, i + 1)))
        {
            SharpnessRow[] mine = [.. drawn.Where(r => r.Panel == panel)];
            string At(SharpnessRow r) => string.Create(CultureInfo.InvariantCulture, $"{100 * r.Fraction:0.#} % of the run");
            sections.Add(
                new Section
                {
                    Id = $"histogram-{NumberText.Count(index)}",
                    IsFolded = index > 1,
                    Title = $"Coordinates of the updates, {panel}",
                    Provenance = from,
                    Chart = Panels(
                        mine.SelectMany(r =>
                            r.Histogram.Where(h => h.Share > 0 && h.Size >= 1e-5)
                                .Select(h => new PanelPoint(At(r), r.Optimizer, h.Size, h.Share, r.Clipped))
                        ),
                        new("|Δᵢ| / rms(Δ)", true),
                        new("share of coordinates", true),
                        "How the sizes of the coordinates of each update are spread, in logarithmic bins.",
                        Pair + "A heavy right tail is what clipping removes."
                    ),
                }
            );
            Dictionary<string, double> deepest = mine.GroupBy(At)
                .ToDictionary(
                    g => g.Key,
                    g => g.SelectMany(r => r.Landscape).Select(l => l.Change).Where(double.IsFinite).Append(-1e-9).Min()
                );
            sections.Add(
                new Section
                {
                    Id = $"landscape-{NumberText.Count(index)}",
                    IsFolded = index > 1,
                    Title = $"Loss along the updates, {panel}",
                    Provenance = from,
                    Chart = Panels(
                        mine.SelectMany(r =>
                            r.Landscape.Where(l => double.IsFinite(l.Change))
                                .Select(l => new PanelPoint(At(r), r.Optimizer, l.Step, l.Change, r.Clipped))
                        ),
                        new("‖step‖₂", true),
                        new("change of the loss") { RangeOf = at => (1.1 * deepest[at], -deepest[at]) },
                        "Change of the loss along each update direction against the length of the step.",
                        Pair
                            + "Every direction at the same lengths; every point of the run has a scale of its own; what climbs higher than "
                            + "the deepest descent is deep is cut."
                    ),
                }
            );
        }
        sections.Add(
            new Section
            {
                Id = "attribution",
                Title = "Why a step helps: slope and curvature",
                Provenance = from,
                TableOpen = false,
                Prose =
                [
                    "f(θ+Δ) − f(θ) = −η gᵀu + ½η² uᵀHu + remainder, with Δ = −ηu. Where the two terms are equal, curvature takes all that "
                        + "the slope gains.",
                ],
                Chart = Panels(
                    drawn
                        .Where(r => r is { Linear: < 0, Quadratic: > 0 })
                        .Select(r => new PanelPoint(r.Panel, r.Optimizer, -r.Linear, r.Quadratic, r.Clipped)),
                    new("gained by the slope", true),
                    new("lost to curvature", true),
                    "The second-order cost of each update against its first-order gain.",
                    Pair + "One point per measured point of the run.",
                    lines: false
                ),
                Table = AttributionTable(rows),
            }
        );
        foreach (
            var (panel, index) in drawn.Where(r => double.IsFinite(r.Change)).Select(r => r.Panel).Distinct().Select((p, i) => (p, i + 1))
        )
        {
            // Each part over the size of the slope's: whatever the learning rate, a gain by slope alone stands at −1.
            SharpnessRow[] mine = [.. drawn.Where(r => r.Panel == panel && r.Linear != 0 && double.IsFinite(r.Change))];
            IEnumerable<PanelPoint> Part(string name, Func<SharpnessRow, double> part, Func<SharpnessRow, double>? error = null) =>
                mine.Select(r => new PanelPoint(
                    name,
                    r.Optimizer,
                    100 * r.Fraction,
                    part(r) / Math.Abs(r.Linear),
                    r.Clipped,
                    error is null ? double.NaN : error(r) / Math.Abs(r.Linear)
                ));
            PanelPoint[] parts =
            [
                .. Part("measured change", r => r.Change, r => r.ChangeError),
                .. Part("slope", r => r.Linear),
                .. Part("curvature", r => r.Quadratic),
                .. Part("remainder", r => r.Remainder),
            ];
            double reach = Quantile([.. parts.Select(p => Math.Abs(p.Y)).Where(double.IsFinite)], 0.9);
            sections.Add(
                new Section
                {
                    Id = $"attribution-{NumberText.Count(index)}",
                    IsFolded = index > 1,
                    Title = $"Measured change, slope, curvature and remainder, {panel}",
                    Level = 3,
                    Provenance = from,
                    Chart = Panels(
                        parts.Where(p => double.IsFinite(p.Y)),
                        where,
                        new("part / |slope's|", false, (-Math.Max(1.2, reach), Math.Max(1.2, reach))),
                        "The measured change of the loss of each update, and the three parts that add up to it, along the run.",
                        Pair
                            + "The last three panels add up to the first. −1: all that the slope promises. Bars: one standard error. What "
                            + "lies beyond the panel is cut; the table above has it."
                    ),
                }
            );
        }
        sections.Add(
            new Section
            {
                Id = "decrease",
                Title = "The decrease of the best step along each update",
                Provenance = from,
                Chart = Panels(
                    drawn
                        .Where(r => r.BestDecrease > 0)
                        .Select(r => new PanelPoint(r.Panel, r.Optimizer, 100 * r.Fraction, r.BestDecrease, r.Clipped)),
                    where,
                    new("(gᵀv)²/(2 vᵀHv)", true),
                    "What the best step along each update would gain in the second-order model.",
                    Pair + "Free of the learning rate. Lower sharpness alone is not more decrease."
                ),
            }
        );
        if (curves.Count > 0)
            sections.Add(
                new Section
                {
                    Id = "curves",
                    Title = "Training curves at the tuned learning rates",
                    Provenance = from,
                    Chart = Panels(
                        curves,
                        new("training samples"),
                        new("validation loss"),
                        "Validation loss of the tuned runs.",
                        Pair + "Mean over seeds."
                    ),
                }
            );
        return sections;
    }

    /// <summary>The claims that are tested, counted from the rows and read from the ends of the training curves: the answer
    /// first.</summary>
    public static IEnumerable<string> Claims(IReadOnlyList<SharpnessRow> rows, IReadOnlyList<PanelPoint> curves)
    {
        SharpnessRow[] shadows = [.. rows.Where(r => !r.Moves)];
        var both = shadows
            .GroupBy(r => (r.Panel, r.Step))
            .Select(g => (Sgd: g.FirstOrDefault(r => r.Name == "sgd"), Adam: g.FirstOrDefault(r => r.Name == "adam")))
            .Where(p => p.Sgd is not null && p.Adam is not null)
            .ToArray();
        var points = both.Where(p => p.Sgd is { Ratio: > 0 } && p.Adam is { Ratio: > 0 }).ToArray();
        int others = both.Length - points.Length;
        yield return points.Length == 0
            ? "No point has a positive directional sharpness of both sgd and adam to compare."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"SGD's directional sharpness is above Adam's at {points.Count(p => p.Adam!.Ratio < 1)} of {points.Length} points, "
                    + $"{points.Min(p => 1 / p.Adam!.Ratio):g3} to {points.Max(p => 1 / p.Adam!.Ratio):g3} times "
                    + $"it{(others > 0 ? $"; at {others} more {(others == 1 ? "one" : "one of the two")} is not positive" : "")}."
            );
        foreach (string claim in Trained(curves))
            yield return claim;
        var pairs = shadows
            .Where(r => r.Clipped)
            .Select(c =>
                (
                    Clipped: c,
                    Plain: shadows.FirstOrDefault(r => !r.Clipped && r.Name == c.Optimizer && r.Panel == c.Panel && r.Step == c.Step)
                )
            )
            .Where(p => p.Plain is { Sharpness: > 0 } && double.IsFinite(p.Clipped.Sharpness))
            .ToArray();
        if (pairs.Length == 0)
            yield break;
        yield return $"**Clipping** lowers the sharpness of {pairs.Count(p => p.Clipped.Sharpness < p.Plain!.Sharpness)} of "
            + $"{pairs.Length} updates (optimizers × points), and raises the best step's decrease of "
            + $"{pairs.Count(p => p.Clipped.BestDecrease > p.Plain!.BestDecrease)} of the "
            + $"{pairs.Count(p => double.IsFinite(p.Clipped.BestDecrease) && double.IsFinite(p.Plain!.BestDecrease))} where both have one.";
        double[] sgd = [.. pairs.Where(p => p.Plain!.Name == "sgd").Select(p => p.Clipped.Sharpness / p.Plain!.Sharpness)];
        if (sgd.Length > 0)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Of SGD's own sharpness clipping leaves {sgd.Min():p0} to {sgd.Max():p0}."
            );
    }

    private static IEnumerable<string> Trained(IReadOnlyList<PanelPoint> curves)
    {
        foreach (var twins in curves.GroupBy(c => (c.Panel, c.Series)).Where(g => g.Any(c => c.Pale) && g.Any(c => !c.Pale)))
        {
            PanelPoint[] plain = [.. twins.Where(c => !c.Pale).OrderBy(c => c.X)],
                clipped = [.. twins.Where(c => c.Pale).OrderBy(c => c.X)];
            PanelPoint? reached = clipped.FirstOrDefault(c => c.Y <= plain[^1].Y);
            string sooner =
                reached is not null && reached.X < plain[^1].X
                    ? string.Create(CultureInfo.InvariantCulture, $", and is there after {reached.X / plain[^1].X:p0} of the samples")
                    : "";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"**Trained** at its own best rate, {twins.Key.Series} clipped ends at a validation loss of {clipped[^1].Y:g4}, unclipped "
                    + $"at {plain[^1].Y:g4} "
                    + $"({twins.Key.Panel}){sooner}."
            );
        }
    }

    private static double Quantile(double[] values, double share)
    {
        if (values.Length == 0)
            return 0;
        Array.Sort(values);
        return values[(int)(share * (values.Length - 1))];
    }

    private static Chart? Panels(IEnumerable<PanelPoint> points, PanelAxis x, PanelAxis y, string alt, string caption, bool lines = true) =>
        points.ToArray() is not { Length: > 0 } all ? null
        : all.Select(p => p.Series).Distinct().Count() > MostInOnePanel ? SeriesPanels.Many(all, x, y, lines, alt, caption)
        : SeriesPanels.Make(all, x, y, lines, alt, caption);

    private static Cell[] Place(SharpnessRow r) => [r.Panel, Of(r.Fraction), Of(r.Step), r.Name + (r.Moves ? " (moves)" : "")];

    private static Table SharpnessTable(IReadOnlyList<SharpnessRow> rows) =>
        new(
            "sharpness, one row per update",
            [
                new("trajectory"),
                new("at", true),
                new("step", true),
                new("update"),
                new("vᵀHv", true),
                new("error", true),
                new("/ SGD's", true),
                new("error", true),
                new("cosine", true, "of the update with the gradient"),
            ],
            [
                .. rows.Select(r => new Row(
                    [.. Place(r), Of(r.Sharpness), Of(r.SharpnessError), Of(r.Ratio), Of(r.RatioError), Of(r.Cosine)],
                    r.Runs
                )),
            ]
        );

    private static Table AttributionTable(IReadOnlyList<SharpnessRow> rows) =>
        new(
            "attribution, one row per update",
            [
                new("trajectory"),
                new("at", true),
                new("step", true),
                new("update"),
                new("learning rate", true, "before the schedule"),
                new("change", true),
                new("error", true),
                new("−η gᵀu", true),
                new("½η² uᵀHu", true),
                new("remainder", true),
                new("best step", true, "as a multiple of the step taken"),
                new("its decrease", true),
                new("direction"),
            ],
            [
                .. rows.Select(r => new Row(
                    [
                        .. Place(r),
                        Of(r.LearningRate),
                        Of(r.Change),
                        Of(r.ChangeError),
                        Of(r.Linear),
                        Of(r.Quadratic),
                        Of(r.Remainder),
                        Of(r.BestStep),
                        Of(r.BestDecrease),
                        r.Verdict,
                    ],
                    r.Runs
                )),
            ]
        );

    private static Cell Of(double value) =>
        double.IsFinite(value) ? new Cell(NumberText.Short(value), value) : new Cell(NumberText.None, null, "muted");
}
