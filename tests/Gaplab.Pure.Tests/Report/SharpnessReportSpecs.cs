// The sharpness report: its claims are counts over the rows, and its attribution charts hold the numbers that add up.
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Pure.Tests.Report;

public sealed class SharpnessReportSpecs
{
    [Fact]
    public void Claims_count_the_shadows_that_have_what_they_compare()
    {
        SharpnessRow[] rows =
        [
            Row("sgd", 0, 4, ratio: 1, best: 1),
            Row("adam", 0, 2, ratio: 0.5, best: 1),
            Row("sgd-clipped", 0, 1, ratio: 0.25, clipped: "sgd", best: 2),
            Row("sgd", 8, 3, ratio: 1, best: 1),
            Row("adam", 8, 6, ratio: 2, best: 1),
            Row("sgd-clipped", 8, 6, ratio: 2, clipped: "sgd", best: 0.5),
            Row("adam-clipped", 8, 5, ratio: 5 / 3.0, clipped: "adam", best: double.NaN),
            // The optimizer that moves counts in none: its shadow of the same recipe does.
            Row("adam", 8, 100, ratio: 33, best: 9) with
            {
                Moves = true,
            },
            // Where SGD's is not positive there is no ratio.
            Row("sgd", 16, -1, double.NaN, best: 1),
            Row("adam", 16, 1, double.NaN, best: 1),
        ];
        // Adam has no clipped twin here, so nothing is said of it.
        PanelPoint[] curves =
        [
            new("B = 8", "sgd", 100, 5),
            new("B = 8", "sgd", 200, 3),
            new("B = 8", "sgd", 100, 2.5, Pale: true),
            new("B = 8", "sgd", 200, 2, Pale: true),
            new("B = 8", "adam", 200, 1),
        ];
        Assert.Equal(
            [
                "SGD's directional sharpness is above Adam's at 1 of 2 points, 0.5 to 2 times it; at 1 more one is not positive.",
                "**Trained** at its own best rate, sgd clipped ends at a validation loss of 2, unclipped at 3 (B = 8), and is there after "
                    + "50 % of the samples.",
                "**Clipping** lowers the sharpness of 2 of 3 updates (optimizers × points), and raises the best step's decrease of 1 of "
                    + "the 2 where both have one.",
                "Of SGD's own sharpness clipping leaves 25 % to 200 %.",
            ],
            SharpnessReport.Claims(rows, curves)
        );
        Assert.StartsWith(
            "No point has a positive directional sharpness",
            Assert.Single(SharpnessReport.Claims([Row("lion", 0, 1, 1, 1)], []))
        );
    }

    [Fact]
    public void The_attribution_chart_shows_the_measured_change_and_three_parts_that_add_up_to_it()
    {
        SharpnessRow row = Row("sgd", 0, 4, 1, 1) with { Linear = -2, Quadratic = 0.5, Remainder = 0.1, Change = -1.4, ChangeError = 0.2 };
        Section section = Assert.Single(SharpnessReport.Sections([row], [], "store", "command"), s => s.Id == "attribution-1");
        var drawn = section.Chart!.Spec.ToJsonString();
        foreach (string panel in (string[])["measured change", "slope", "curvature", "remainder"])
            Assert.Contains(panel, drawn, StringComparison.Ordinal);
        foreach (string value in (string[])["\"y\":-0.7", "\"y\":-1,", "\"y\":0.25", "\"y\":0.05", "\"low\":-0.79", "\"high\":-0.6"])
            Assert.Contains(value, drawn, StringComparison.Ordinal);
    }

    private static SharpnessRow Row(string name, long step, double sharpness, double ratio, double best, string? clipped = null) =>
        new()
        {
            Geometry = "sgd",
            Batch = 8,
            Variant = "",
            Fraction = step / 16.0,
            Step = step,
            Name = name,
            Optimizer = clipped ?? name,
            Clipped = clipped is not null,
            Moves = false,
            LearningRate = 0.1,
            Sharpness = sharpness,
            SharpnessError = 0.1,
            Ratio = ratio,
            Cosine = -1,
            Change = -1,
            ChangeError = 0.1,
            Linear = -1,
            Quadratic = 0.1,
            Remainder = -0.1,
            BestStep = 1,
            BestDecrease = best,
            Verdict = "convex",
            Histogram = [(1, 0.5)],
            Landscape = [(0.1, -0.1)],
            Runs = ["0123456789abcdef"],
        };
}
