// --pair in every command that has it: the same words, the same default, the same refusals.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gaplab.Cli;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Cli;

[Collection(nameof(StartedProgram))]
public sealed class PairSpecs(SmallStudy small)
{
    private const string Tie = """
        {"kind": "prediction", "group": "", "first": "sgd", "second": "adam", "verdict": "tie",
          "gaps": [{"batch": 4, "gap": 0.1}, {"batch": 16, "gap": 0.1}]}
        """;

    private const string Three = "optimizer,lr,batch,seed,loss\n";

    public static TheoryData<string> All =>
        [.. CommandLines.Shown.Where(c => c.Options.Any(o => o.Name == "--pair")).Select(c => string.Join(' ', CommandLines.Words(c)))];

    [Fact]
    public void It_is_described_alike() =>
        Assert.Single(
            CommandLines
                .Shown.SelectMany(c => c.Options)
                .Where(o => o.Name == "--pair")
                .Select(o => o.Description!.Replace("of a study: ", "", StringComparison.Ordinal))
                .Distinct()
        );

    [Theory, MemberData(nameof(All))]
    public void Names_are_refused_alike(string command)
    {
        using var folder = new TestFolder();
        string file = folder.Write("small.yaml", SmallStudy.Yaml),
            table = folder.Write("runs.csv", Table("sgd", "adam"));
        Command of = CommandLines.Shown.Single(c => string.Join(' ', CommandLines.Words(c)) == command);
        string store = small.CopyOfReference(folder);
        File.WriteAllText(Path.Combine(store, "prediction.json"), Tie);
        string[][] inputs = command switch
        {
            "crossover" =>
            [
                [table],
            ],
            "power" =>
            [
                [table],
                [store],
            ],
            "study run" or "predict" =>
            [
                [file, "--store", folder.File("new")],
            ],
            _ =>
            [
                [store],
            ],
        };
        if (command == "predict")
            inputs = [.. inputs, [.. inputs[0], "--miniature"], [.. inputs[0], "--method", "gap-model"]];
        foreach (string[] input in inputs)
        {
            string[] typed =
            [
                .. CommandLines.Words(of),
                .. input,
                .. of.Options.Where(o => o.Required).SelectMany(o => (string[])[o.Name, "4"]),
            ];
            foreach (
                (string pair, string says) in ((string, string)[])
                    [
                        ("sgd", "expected two optimizers"),
                        ("sgd,adam,sgd", "expected two optimizers"),
                        (",adam", "expected two optimizers"),
                        ("adam,ADAM", "one optimizer twice"),
                        ("sgd,lion", "no optimizer 'lion'"),
                        ("adam,sdg", "nearest valid name 'sgd'"),
                    ]
            )
            {
                (int code, string error) = CommandLines.Run([.. typed, "--pair", pair]);
                Assert.Equal(CommandRunner.BadInput, code);
                Assert.StartsWith($"gaplab: --pair got '{pair}'", error, StringComparison.Ordinal);
                Assert.Contains(says, error, StringComparison.Ordinal);
            }
        }
        Assert.False(Directory.Exists(folder.File("new")));
    }

    [Theory]
    [InlineData("sgd,adam,lion", null, "sgd", "adam")]
    [InlineData("lion,adam,sgd", null, "sgd", "adam")]
    [InlineData("lion,adamw,muon", null, "lion", "adamw")]
    [InlineData("lion,adamw,muon", "Muon, LION", "muon", "lion")]
    [InlineData("adam,sgd", "adam,sgd", "adam", "sgd")]
    public void A_table_is_compared_as_a_study_is(string optimizers, string? pair, string first, string second)
    {
        using var folder = new TestFolder();
        folder.Write("runs.csv", Table(optimizers.Split(',')));
        foreach (
            string[] typed in (string[][])
                [
                    ["crossover", "runs.csv", "--json"],
                    ["power", "runs.csv", "--gap", "0.1", "--json"],
                ]
        )
        {
            ProgramEnd end = StartedProgram.Run(folder.Path, [.. typed, .. pair is null ? (string[])[] : ["--pair", pair]]);
            end.AssertSucceeded();
            Assert.Equal(
                [first, second],
                JsonDocument.Parse(end.Output).RootElement.GetProperty("pair").EnumerateArray().Select(e => e.GetString())
            );
        }
    }

    [Theory]
    [InlineData(null, "sgd", "adam")]
    [InlineData("ADAM , sgd", "adam", "sgd")]
    public void A_store_is_compared_in_the_order_typed_in_every_command(string? pair, string first, string second)
    {
        using var folder = new TestFolder();
        string store = small.CopyOfReference(folder);
        string[] more = pair is null ? [] : ["--pair", pair];
        foreach (
            string[] typed in (string[][])
                [
                    ["study", "report", store, "--json"],
                    ["power", store, "--gap", "0.1", "--json"],
                ]
        )
        {
            ProgramEnd end = StartedProgram.Run(folder.Path, [.. typed, .. more]);
            end.AssertSucceeded();
            Assert.Equal(
                [first, second],
                JsonDocument.Parse(end.Output).RootElement.GetProperty("pair").EnumerateArray().Select(e => e.GetString())
            );
        }
    }

    [Fact]
    public void A_back_test_never_holds_one_pair_against_another()
    {
        using var folder = new TestFolder();
        string store = small.CopyOfReference(folder);
        File.WriteAllText(Path.Combine(store, "prediction.json"), Tie);
        StartedProgram.Run(folder.Path, "backtest", store, "--pair", "SGD,adam").AssertSucceeded();
        Assert.Contains(
            "predicted for sgd against adam, not for adam against sgd",
            StartedProgram.Run(folder.Path, "backtest", store, "--pair", "adam,sgd").AssertRefused(),
            StringComparison.Ordinal
        );
    }

    private static string Table(params string[] optimizers) =>
        Three
        + string.Concat(
            optimizers.SelectMany(
                (o, i) =>
                    ((int[])[4, 64]).SelectMany(b =>
                        ((double[])[0.1, 0.2, 0.4]).SelectMany(lr =>
                            ((int[])[1, 2, 3]).Select(s =>
                                string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"{o},{lr},{b},{s},{2 + 0.1 * i + (lr - 0.2) * (lr - 0.2) + 0.01 * (s * b % 5)}\n"
                                )
                            )
                        )
                    )
            )
        );
}
