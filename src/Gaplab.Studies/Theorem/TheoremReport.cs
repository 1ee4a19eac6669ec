// The page of gaplab theorem1: sharpness beside decrease, steps against the turn, and the tables.
using System.Globalization;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Theory.Sharpness;

namespace Gaplab.Studies.Theorem;

internal static class TheoremReport
{
    public static Report Build(IReadOnlyList<LimitRow> limits, IReadOnlyList<BenchRow> rows)
    {
        string[] findings = [.. Findings(rows)];
        var from = new Provenance("made by the program: no data", "gaplab theorem1", []);
        return new Report
        {
            Title = "Theorem 1 on a bench",
            Headline = Markup.Plain(findings[0]),
            Summary = findings[1..],
            Facts =
            [
                new("functions", NumberText.Count(rows.Select(Case).Distinct().Count())),
                new("rules", NumberText.Count(rows.Select(r => r.Rule).Distinct().Count())),
                new("dimension", NumberText.Count(TheoremBench.Dimension)),
            ],
            Command = "gaplab theorem1 --html FILE",
            Sections =
            [
                new Section
                {
                    Id = "sharpness-decrease",
                    Title = "Lower sharpness is not more decrease",
                    Prose =
                    [
                        "Each point is a rule at the start of one function. To the right its direction is less sharp than the gradient's; "
                            + "above 1 its best step lowers the second-order model more than the gradient's best step. A less sharp "
                            + "direction is also less aligned with the gradient, so points lie right of 1 and below it.",
                    ],
                    Chart = SeriesPanels.Make(
                        [
                            .. rows.Where(r => r is { SharpnessRatio: not null, DecreaseRatio: not null })
                                .Select(r => new PanelPoint(NameOf(r.Profile), r.Rule, r.SharpnessRatio!.Value, r.DecreaseRatio!.Value)),
                        ],
                        new PanelAxis("sharpness of SGD / of the rule", true),
                        new PanelAxis("decrease / decrease of SGD", true),
                        lines: false,
                        "The decrease of each rule's best step relative to SGD's against how much less sharp its direction is, in a panel "
                            + "for each kind of function.",
                        "One point per function: its ε, ℓ/L and turn are in the table."
                    ),
                    Provenance = from,
                },
                new Section
                {
                    Id = "steps",
                    Title = "Steps to a small gradient, against the turn",
                    Prose =
                    [
                        $"Steps until the mean |gᵢ| is a tenth of its start, each step the largest that the certified bounds allow. At 0° "
                            + $"the curvature lies along coordinates; at 45° every sharp coordinate shares it evenly with a flat one, and "
                            + $"the theorem's ℓ is as large as half of L.",
                    ],
                    Chart = SeriesPanels.Make(
                        [
                            .. rows.Where(r => r.Steps > 0)
                                .Select(r => new PanelPoint(
                                    string.Create(
                                        CultureInfo.InvariantCulture,
                                        $"{NameOf(r.Profile)}, ε {r.Epsilon:g3}, ℓ/L {r.FlatOverSharp:g3}"
                                    ),
                                    r.Rule,
                                    r.Degrees,
                                    r.Steps!.Value
                                )),
                        ],
                        new PanelAxis("turn in degrees"),
                        new PanelAxis("steps", true),
                        lines: true,
                        "Certified steps to a small gradient against the turn, one line per rule, in a panel for each function.",
                        "A rule without a point did not arrive."
                    ),
                    Provenance = from,
                },
                new Section
                {
                    Id = "limits",
                    Title = "Closed forms and measurement",
                    Prose =
                    [
                        "In the limit of many dimensions sharpness and decrease of clipped and sign steps have closed forms; beside them "
                            + "one sample.",
                    ],
                    TableOpen = true,
                    Table = new Table(
                        "quadratic, axis-aligned, Gaussian start",
                        [
                            new("ε", true),
                            new("ℓ/L", true),
                            new("direction"),
                            new("S_sgd/S", true, "closed form"),
                            new("measured", true),
                            new("Δ/Δ_sgd", true, "closed form"),
                            new("measured", true),
                        ],
                        [
                            .. limits.Select(r => new Row(
                                Of(r.Epsilon),
                                Of(r.FlatOverSharp),
                                r.Direction,
                                Of(r.SharpnessRatio),
                                Of(r.MeasuredSharpnessRatio),
                                Of(r.DecreaseRatio),
                                Of(r.MeasuredDecreaseRatio)
                            )),
                        ]
                    ),
                    Provenance = from,
                },
                new Section
                {
                    Id = "bench",
                    Title = "Every rule on every function",
                    Table = new Table(
                        "one row per rule and function",
                        [
                            new("function"),
                            new("ε", true),
                            new("ℓ/L", true),
                            new("turn", true, "degrees"),
                            new("rule"),
                            new("S", true, "vᵀHv"),
                            new("S_sgd/S", true),
                            new("cos(g,u)", true),
                            new("Δ/Δ_sgd", true),
                            new("steps", true, "certified steps to a small gradient"),
                            new("by L", true, "the same steps when only L-smoothness is known: for SGD the rate 1/L"),
                            new("bound", true, "what theory says they are at most"),
                            new("line", true, "best steps along the direction to 1% of the value"),
                        ],
                        [
                            .. rows.Select(r => new Row(
                                NameOf(r.Profile),
                                Of(r.Epsilon),
                                Of(r.FlatOverSharp),
                                Of(r.Degrees),
                                r.Rule,
                                Of(r.Sharpness),
                                Of(r.SharpnessRatio),
                                Of(r.Alignment),
                                Of(r.DecreaseRatio),
                                Of(r.Steps),
                                Of(r.SmoothSteps),
                                Of(r.StepBound),
                                Of(r.LineSearchSteps)
                            )),
                        ]
                    ),
                    Provenance = from,
                },
            ],
        };
    }

    public static string NameOf(Profile profile) =>
        profile switch
        {
            Profile.Quadratic => "quadratic",
            Profile.LogCosh => "log-cosh",
            _ => "wavy",
        };

    /// <summary>What the rows say, counted from them: the answer first.</summary>
    public static IEnumerable<string> Findings(IReadOnlyList<BenchRow> rows)
    {
        var cases = rows.GroupBy(Case)
            .Select(g =>
                (
                    Case: g.Key,
                    Sgd: g.Single(r => r.Rule == "sgd"),
                    Clipped: g.Where(r => r.Rule.Contains("clip", StringComparison.Ordinal)).ToArray()
                )
            )
            .ToArray();
        static int Count(IEnumerable<(string, BenchRow Sgd, BenchRow[] Clipped)> of, Func<BenchRow, int?> sgd) =>
            of.Count(c => c.Clipped.Any(r => r.Steps < (sgd(c.Sgd) ?? int.MaxValue)));
        var aligned = cases.Where(c => c.Sgd.Degrees == 0).ToArray();
        var turned = cases.Where(c => c.Sgd.Degrees >= 45).ToArray();
        yield return $"Clipping the top coordinates reaches a small gradient in fewer certified steps than SGD at 1/L on "
            + $"{Count(aligned, r => r.SmoothSteps)} of {aligned.Length} axis-aligned functions and on "
            + $"{Count(turned, r => r.SmoothSteps)} of {turned.Length} turned by 45°.";
        yield return $"**Against SGD that knows the structure too** (the same certificate chooses its steps) it does on "
            + $"{Count(aligned, r => r.Steps)} of {aligned.Length} axis-aligned functions and on {Count(turned, r => r.Steps)} of "
            + $"{turned.Length} turned by 45°: part of the gain is the step size, not the clipping.";
        BenchRow[] clipped = [.. rows.Where(r => r.Rule.Contains("clip", StringComparison.Ordinal))];
        BenchRow[] softer = [.. clipped.Where(r => r.SharpnessRatio > 1)];
        yield return $"**Sharpness alone does not tell:** of {softer.Length} clipped directions that are less sharp than the gradient "
            + $"({clipped.Length} in all), {softer.Count(r => r.DecreaseRatio < 1)} promise less decrease at their best step.";
        BenchRow[] bounded = [.. rows.Where(r => r is { Steps: not null, StepBound: not null })];
        yield return $"**Bounds:** of {bounded.Length} runs that have one, {bounded.Count(r => r.Steps <= r.StepBound)} took no more "
            + $"steps than it.";
        BenchRow[] late = [.. rows.Where(r => r.Steps is null)];
        if (late.Length > 0)
            yield return $"{late.Length} runs did not arrive within {TheoremBench.MostSteps} steps: "
                + $"{string.Join(", ", late.GroupBy(r => r.Rule).Select(g => $"{g.Key} {g.Count()}"))}.";
    }

    private static string Case(BenchRow r) =>
        string.Create(CultureInfo.InvariantCulture, $"{r.Profile} {r.Epsilon} {r.FlatOverSharp} {r.Degrees}");

    private static Cell Of(double? value) => Cell.Of(value, NumberText.Short);
}
