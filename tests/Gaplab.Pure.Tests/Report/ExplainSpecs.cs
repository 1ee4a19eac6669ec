// The page of gaplab explain: what it says of scores that are known, and what it leaves out.
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;

namespace Gaplab.Pure.Tests.Report;

public sealed class ExplainSpecs
{
    private static readonly string[] s_names = ["level", "somewhere", "useless"];

    // Five settings of three batch sizes; the gap is the level, known everywhere; "somewhere" is known in two settings only.
    private static readonly GapObservation[] s_rows =
    [
        .. from s in Enumerable.Range(0, 5)
        from b in Enumerable.Range(0, 3)
        select new GapObservation(
            $"setting <{s}>",
            4 << b,
            s + 0.01 * b,
            new Dictionary<string, double>
            {
                ["level"] = s,
                ["somewhere"] = s < 2 ? b : double.NaN,
                ["useless"] = s % 2,
            }
        ),
    ];

    private static readonly ExplanationScores s_scores = ExplanationScores.Of(s_rows, s_names, ExplanationFits.Ridge, together: true);

    internal static IReadOnlyList<Section> Sections(string shown = "level") =>
        [.. ExplainSections.Of(s_names, s_rows, s_scores, shown, new Provenance("stores", "gaplab explain stores", []))];

    [Fact]
    public void The_best_comes_first_and_what_could_not_be_scored_last()
    {
        Section made = Sections()[0];
        Assert.Equal(["level", "useless", "somewhere", "all together"], made.Table!.Rows.Select(r => r.Cells[0].Text));
        Assert.Equal(
            ["–", "–"],
            made.Table.Rows.Where(r => r.Cells[0].Text == "somewhere")
                .SelectMany(r => r.Cells.Skip(3).Where((_, i) => i is 0 or 2))
                .Select(c => c.Text)
        );
        Assert.StartsWith(
            "Of 3 explanations, level alone predicts left-out comparisons best",
            s_scores.Sentence(ExplainSections.Unit),
            StringComparison.Ordinal
        );
        // 1/5!, and twice that for the two that could be tested.
        Assert.Contains(
            "5 comparisons: for an explanation with one number per comparison no p-value can be below 0.00833, nor below 0.0167 after "
                + "Holm's correction for 2.",
            ExplainSections.Caution(s_scores),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Bars_end_at_the_score_and_no_lower_than_the_axis()
    {
        JsonArray bars = Sections()[0].Chart!.Spec["data"]!["values"]!.AsArray();
        Assert.Equal(
            s_scores.Ranked.Where(s => s.Predicted is not null).Select(s => Math.Max(-1, s.Predicted!.Value)),
            bars.Select(b => (double)b!["end"]!)
        );
    }

    [Fact]
    public void The_gaps_are_drawn_where_the_predictor_is_known()
    {
        JsonNode Panel(string shown) => Sections(shown)[1].Chart!.Spec["concat"]![0]!;
        Assert.Equal(15, Panel("level")["layer"]![0]!["data"]!["values"]!.AsArray().Count);
        Assert.Equal(6, Panel("somewhere")["layer"]![0]!["data"]!["values"]!.AsArray().Count);
        Assert.Equal("The gaps beside somewhere", Sections("somewhere")[1].Title);
        Assert.Equal(15, Sections("somewhere")[1].Table!.Rows.Count);
        string page = ReportWriter.Render(
            new Gaplab.Results.Report.Report
            {
                Title = "t",
                Headline = "h",
                Sections = Sections(),
            },
            ""
        );
        Assert.DoesNotContain("setting <", page, StringComparison.Ordinal);
    }
}
