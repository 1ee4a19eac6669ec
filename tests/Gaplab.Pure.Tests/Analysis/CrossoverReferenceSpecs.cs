// The reference values of the empirical crossover, row by row.
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Reference;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class CrossoverReferenceSpecs
{
    private static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, "reference", "reference.json");

    private static ReferenceReport Check(string json, bool all = false)
    {
        string path = System.IO.Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json);
            return new ReferenceCheck().AddCrossover().Run(path, all);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The rows of section E alone, whatever else the file holds.</summary>
    private static JsonArray Rows(Func<JsonNode, bool>? where = null) =>
        new([
            .. JsonNode.Parse(File.ReadAllText(Path))!["rows"]!
                .AsArray()
                .Where(r => ((string)r!["section"]!).StartsWith('E') && (where is null || where(r)))
                .Select(r => r!.DeepClone()),
        ]);

    [Fact]
    public void Every_deterministic_row_is_known_and_within_its_tolerance()
    {
        JsonArray rows = Rows();
        ReferenceReport report = Check(rows.ToJsonString());
        Assert.Empty(report.Outside);
        Assert.Equal(0, report.Unknown);
        Assert.Equal(rows.Count(r => (string)r!["kind"]! == "deterministic"), report.Checked);
        Assert.True(report.Checked >= 23, $"{report.Checked} rows checked");
        Assert.Equal(1, report.Read);
        Assert.Equal(10, report.NotSimulated);
    }

    [Fact]
    public void Simulated_coverage_agrees_with_the_rows_of_three_and_four_seeds()
    {
        ReferenceReport report = Check(Rows(r => (string)r["kind"]! == "mc" && (int)r["params"]!["S"]! <= 4).ToJsonString(), all: true);
        Assert.Empty(report.Outside);
        Assert.Equal(5, report.Checked);
    }

    [Fact]
    public void A_value_moved_beyond_its_tolerance_is_reported_and_one_moved_within_is_not()
    {
        JsonArray rows = Rows(r => (string)r["kind"]! != "mc");
        JsonNode gap = rows.Single(r => ((string)r!["name"]!).StartsWith("gap per B (", StringComparison.Ordinal))!;
        JsonArray value = gap["value"]!.AsArray();
        value[1] = (double)value[1]! + 5e-10;
        Assert.Empty(Check(rows.ToJsonString()).Outside);
        value[1] = (double)value[1]! + 1e-9;
        Assert.Equal((string)gap["id"]!, Assert.Single(Check(rows.ToJsonString()).Outside).Id);
    }

    [Fact]
    public void Rows_of_other_sections_are_counted_as_not_known()
    {
        ReferenceReport report = Check(
            """
            {"rows":[{"section":"Z9","name":"nothing","params":{},"value":1,
              "tolerance":0,"tolerance_kind":"abs","kind":"deterministic"}]}
            """
        );
        Assert.Equal((0, 1), (report.Checked, report.Unknown));
    }

    [Theory]
    [InlineData("[1.0, [2, \"a\"], {\"k\": null}]", "[1.05, [2.05, \"a\"], {\"k\": null}]", true)]
    [InlineData("[1.0, [2, \"a\"]]", "[1.0, [2, \"b\"]]", false)]
    [InlineData("[1.0, 2.0]", "[1.0]", false)]
    [InlineData("1.0", "1.2", false)]
    [InlineData("{\"a\": 1}", "{\"b\": 1}", false)]
    [InlineData("null", "1", false)]
    public void Values_are_compared_structure_by_structure(string expected, string got, bool agree)
    {
        JsonElement tolerance = JsonDocument.Parse("0.1").RootElement;
        Assert.Equal(
            agree,
            ReferenceValue.Difference(JsonDocument.Parse(expected).RootElement, JsonNode.Parse(got), tolerance, "abs") is null
        );
    }
}
