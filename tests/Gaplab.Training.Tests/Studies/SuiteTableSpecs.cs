// The committed tables of the suite, asked again: docs/results.md says what today's rules make of them.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Training.Tests.Cli;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Studies;

[Collection(nameof(StartedProgram))]
public sealed class SuiteTableSpecs
{
    private static readonly string s_results = File.ReadAllText(Repository.At("docs/results.md"));

    [Fact]
    public void The_laws_of_the_suite_are_those_that_the_docs_state()
    {
        JsonNode answer = Crossover("suite-runs.parquet", "--group", "task,length", "--pair", "sgd,adam");
        Assert.Equal(28, answer["comparisons"]!.AsArray().Count);
        JsonArray laws = answer["memoryLaws"]!.AsArray();
        Assert.Equal(["1 − β₂", "κ"], laws.Select(l => (string)l!["variable"]!));
        Assert.All(laws, l => Assert.Equal("refuted", (string)l!["verdict"]!));
        Assert.Contains(
            $"over {laws[0]!["comparisons"]} comparisons with {laws[0]!["crossings"]} crossings",
            s_results,
            StringComparison.Ordinal
        );
        foreach (JsonNode? law in laws)
            Assert.Contains($"{Number(law!["slope"])} (", s_results, StringComparison.Ordinal);
        // A row of the table: classes by Zipf's law whose crossover the memory makes.
        JsonNode classes = answer["comparisons"]!
            .AsArray()
            .Single(c => (string?)c!["key"]!["task"] == "classes-256-zipf" && (string?)c["key"]!["length"] == "9000")!;
        JsonNode?[] arms = [.. classes["memory"]![0]!["arms"]!.AsArray().OrderBy(a => (double)a!["beta2"]!)];
        string[] said = [.. arms.Select(a => a!["batch"] is { } b ? $"{(double)b:G3} ({a["low"]} … {a["high"]})".Replace(',', '.') : "–")];
        Assert.Contains($"| classes, 256, Zipf, 9,000 | {string.Join(" | ", said)} |", s_results, StringComparison.Ordinal);
    }

    [Fact]
    public void The_gaps_of_the_2026_protocol_are_those_that_the_docs_state()
    {
        JsonNode answer = Crossover("paper-protocol-runs.parquet", "--metric", "validation-loss", "--group", "setting");
        (string Setting, string Row)[] rows =
        [
            ("classes-uniform", "classes, equally frequent"),
            ("classes-zipf", "classes by Zipf's law"),
            ("attention-softmax", "softmax attention"),
            ("attention-none", "no attention"),
            ("mlp-gelu", "MLP, GeLU"),
            ("mlp-relu", "MLP, ReLU"),
        ];
        foreach ((string setting, string row) in rows)
        {
            JsonNode comparison = answer["comparisons"]!.AsArray().Single(c => (string?)c!["key"]!["setting"] == setting)!;
            string[] gaps =
            [
                .. comparison["gaps"]!
                    .AsArray()
                    .Where(g => (int)g!["batch"]! is 2 or 128)
                    .Select(g => $"{Signed(g!["gap"])} ({Signed(g["low"])} … {Signed(g["high"])})"),
            ];
            Assert.Contains($"| {row} | {string.Join(" | ", gaps)} |", s_results, StringComparison.Ordinal);
        }
    }

    private static JsonNode Crossover(string table, params string[] options)
    {
        (int code, string output, string errors) = CommandLines.Ask(["crossover", Repository.At("studies/" + table), .. options, "--json"]);
        Assert.True(code == 0, errors);
        return JsonNode.Parse(output)!;
    }

    private static string Number(JsonNode? number) => ((double)number!).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Signed(JsonNode? number) => ((double)number!).ToString("+0.000;−0.000", CultureInfo.InvariantCulture);
}
