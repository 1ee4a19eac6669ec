// The contract of commands, over the table of them: help, one line for what is not understood, one JSON document on the smallest input.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gaplab.Cli;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Cli;

[Collection(nameof(StartedProgram))]
public sealed class CommandContractSpecs(SmallStudy small) : IDisposable
{
    // Commands that do something and answer nothing: what they did is what they leave.
    private static readonly string[] s_doers = ["study init", "serve", "data fetch", "data verify", "data prepare", "worker", "completion"];

    // The smallest good input of every command that answers, in a folder with the files of Fill.
    private static readonly Dictionary<string, string> s_smallest = new()
    {
        ["study schema"] = "",
        ["study plan"] = "study.yaml --no-time",
        ["study run"] = "study.yaml --workers 2 --set sentinel.enabled=false --set budget.samples=64",
        ["study commands"] = "store",
        ["verify"] = "store --replay 1",
        ["study status"] = "store --verify",
        ["study report"] = "store",
        ["study export"] = "store",
        ["study diff"] = "store study.yaml",
        ["study weights"] = "store",
        ["notebook"] = "store",
        ["crossover"] = "sweep.csv",
        ["import"] = "sweep.csv",
        ["predict"] = "quadratic.yaml",
        ["backtest"] = "store",
        ["explain"] = "three",
        ["advise"] = "store --batch 8",
        ["power"] = "sweep.csv --gap 0.1",
        ["sharpness"] = "tiny.yaml --workers 2 --at 0",
        ["noise"] = "tiny.yaml --workers 2 --at 0",
        ["tails"] = "noise.csv",
        ["escape"] = "escape.yaml",
        ["theorem1"] = "",
        ["python-helper"] = "",
        ["data list"] = "",
        ["list"] = "optimizers",
        ["bench"] = "--seconds 0.001",
        ["check-reference"] = "reference.json",
    };

    private const string Tiny = """
        study: tiny
        task: {kind: markov, vocabulary: 16, tokens: 20000, context: 8}
        model: {kind: gpt, layers: 1, heads: 1, width: 8}
        optimizers:
          sgd: {lr: [1]}
          adam: {beta2: 0.95, lr: [0.01]}
        grid: {batch: [8, 16], seeds: 1}
        budget: {steps: 20}
        evaluation: {points: 1, validation: 16, train: none}
        sentinel: {enabled: false}
        probes:
          {at: [0], samples: 16, batch: 4, layers: false,
           noise: {samples: 32, draws: 40, coordinates: 24, window: 16, beta1: 0.6, columns: 3}}
        """;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Commands => [.. CommandLines.Shown.Select(c => string.Join(' ', CommandLines.Words(c)))];

    public static TheoryData<string> Answering => [.. Commands.Select(c => c.Data).Except(s_doers)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void It_helps_and_refuses_what_it_does_not_understand_in_one_line(string command)
    {
        TextWriter terminal = Console.Out;
        using StringWriter shown = new();
        try
        {
            Console.SetOut(shown);
            Assert.Equal((0, ""), CommandLines.Run([.. command.Split(' '), "--help"]));
        }
        finally
        {
            Console.SetOut(terminal);
        }
        Assert.Contains("Usage:", shown.ToString(), StringComparison.Ordinal);
        Assert.Contains($" {command} ", shown.ToString().ReplaceLineEndings(" "), StringComparison.Ordinal);

        Command row = CommandLines.Shown.Single(c => string.Join(' ', CommandLines.Words(c)) == command);
        (int code, string error) = CommandLines.Run([.. command.Split(' '), .. row.Arguments.Select(_ => "any"), "--nonsense"]);
        Assert.Equal(2, code);
        Assert.StartsWith("gaplab: ", Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        // An argument that takes any number of words takes this one too.
        if (row.Arguments.All(a => a.Arity.MaximumNumberOfValues <= 1))
            Assert.Contains("'--nonsense' is not understood", error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Its_help_ends_with_examples_that_are_understood_and_name_studies_that_are_there(string command)
    {
        var row = (GaplabCommand)CommandLines.Shown.Single(c => string.Join(' ', CommandLines.Words(c)) == command);
        Assert.NotEmpty(row.Examples);
        foreach (CommandExample example in row.Examples)
        {
            string[] words = [.. $"{command} {example.Words}".Split(' ', StringSplitOptions.RemoveEmptyEntries)];
            ParseResult parsed = CommandTable.Root().Parse(words);
            Assert.True(parsed.Errors.Count == 0, $"{example.Words}: {string.Join("; ", parsed.Errors)}");
            Assert.Equal(command, ((GaplabCommand)parsed.CommandResult.Command).Path);
            Assert.All(
                words.Where(w => w.StartsWith("studies/", StringComparison.Ordinal)),
                file => Assert.True(File.Exists(Repository.At(file)), $"{file} is not there")
            );
        }
        (_, string help, _) = CommandLines.Ask([.. command.Split(' '), "--help"]);
        Assert.Contains($"  ./gaplab {$"{command} {row.Examples[^1].Words}".TrimEnd()}\n", help, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_is_a_row_and_answers_or_is_known_to_do_something_else()
    {
        Assert.All(CommandLines.Shown, c => Assert.IsType<GaplabCommand>(c));
        Assert.Equal(
            s_doers,
            CommandLines.Shown.Where(c => c.Options.All(o => o.Name != "--json")).Select(c => string.Join(' ', CommandLines.Words(c)))
        );
    }

    /// <summary>What the table says of libtorch is true: a command that does not need it works with the binding out of reach.</summary>
    [Theory]
    [MemberData(nameof(Answering))]
    public void It_prints_one_document_on_its_smallest_input_and_trains_only_if_its_row_says_so(string command)
    {
        Assert.True(s_smallest.TryGetValue(command, out string? input), $"'{command}' has no smallest input here");
        Fill(command);
        string[] words = [.. $"{command} {input}".Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        ParseResult parsed = CommandTable.Root().Parse(words);
        bool trains = ((GaplabCommand)parsed.CommandResult.Command).NeedsOf(parsed).Contains("torch", StringComparison.Ordinal);
        ProgramEnd end = StartedProgram.Run(
            _folder.Path,
            trains ? [] : new Dictionary<string, string> { ["GAPLAB_NATIVE"] = "/nowhere/libgaplab_torch.so" },
            [.. words, "--json"]
        );
        end.AssertSucceeded();
        // Refuses anything before or after the one document.
        JsonValueKind kind = JsonDocument.Parse(end.Output).RootElement.ValueKind;
        Assert.True(kind is JsonValueKind.Object or JsonValueKind.Array, end.ToString());
        Assert.DoesNotContain("{", end.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("study run study.yaml", "torch page")]
    [InlineData("sharpness tiny.yaml", "torch page")]
    [InlineData("noise tiny.yaml", "torch page")]
    [InlineData("study report store", "page")]
    [InlineData("predict study.yaml", "torch")]
    [InlineData("predict quadratic.yaml", "")]
    [InlineData("predict probe.json", "")]
    [InlineData("predict absent.yaml", "")]
    [InlineData("crossover sweep.csv", "")]
    [InlineData("train-packs", "torch")]
    [InlineData("worker absent", "torch")]
    public void What_a_command_line_needs_is_what_its_row_and_its_file_say(string words, string needs)
    {
        Fill("");
        string here = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = _folder.Path;
            ParseResult parsed = CommandTable.Root().Parse(words.Split(' '));
            Assert.Equal(needs, ((GaplabCommand)parsed.CommandResult.Command).NeedsOf(parsed));
        }
        finally
        {
            Environment.CurrentDirectory = here;
        }
    }

    [Fact]
    public void The_table_for_the_script_tells_a_pattern_and_needs_on_each_line()
    {
        ProgramEnd end = StartedProgram.Run(_folder.Path, "needs");
        end.AssertSucceeded();
        string[] lines = end.Output.TrimEnd('\n').Split('\n');
        Assert.Contains("study run ?*\tpage ask", lines);
        Assert.Contains("study report ?*\tpage", lines);
        Assert.Contains("predict ?*\tpage-if-asked ask", lines);
        Assert.Contains("theorem1*\tpage-if-asked", lines);
        Assert.Contains("train-packs*\ttorch", lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("study plan", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.Matches(@"^[a-z0-9 -]+( \?)?\*\t(torch|page|page-if-asked|ask)( (page|page-if-asked|ask))*$", l));
    }

    private void Fill(string command)
    {
        _folder.Write("study.yaml", SmallStudy.Yaml);
        _folder.Write("tiny.yaml", Tiny);
        _folder.Write(
            "quadratic.yaml",
            """
            kind: quadratic
            title: a noisy quadratic
            spectrum: {family: power-law, dimension: 8, exponent: 1}
            noise: {scale: 100, exponent: 1}
            start: {scale: 1, exponent: 0.5}
            first: {optimizer: sgd, momentum: 0.9}
            second: {optimizer: adam, beta1: 0.9, beta2: 0.999}
            schedule: {kind: cosine, warm-up: 0.1}
            budget: {steps: 32}
            batches: [1, 8, 64, 512]
            """
        );
        _folder.Write(
            "escape.yaml",
            """
            dynamics: steps
            minima:
              wide: {curvature: 1, low: 20, high: 20}
            alpha: 1
            epsilon: 0.02
            paths: {precision: 0.9, least: 100, most: 100}
            """
        );
        _folder.Write(
            "sweep.csv",
            "optimizer,lr,batch,seed,loss\n"
                + string.Concat(
                    from optimizer in new[] { "sgd", "adam" }
                    from batch in new[] { 8, 64 }
                    from rate in new[] { 0.1, 0.2, 0.4 }
                    from seed in new[] { 1, 2, 3 }
                    let loss = 2 + (optimizer == "sgd" ? batch / 64.0 : 0.5) + Math.Abs(rate - 0.2) + 0.01 * seed
                    select string.Create(CultureInfo.InvariantCulture, $"{optimizer},{rate},{batch},{seed},{loss}\n")
                )
        );
        _folder.Write(
            "noise.csv",
            string.Concat(
                Enumerable
                    .Range(0, 300)
                    .Select(i => string.Create(CultureInfo.InvariantCulture, $"{Math.Tan(1.5 * Math.Sin(i * i))},{Math.Sin(i)}\n"))
            )
        );
        if (command == "check-reference")
            _folder.Write("reference.json", OneRow(File.ReadAllText(Repository.At("tests/reference/reference.json"))));
        if (s_smallest.GetValueOrDefault(command)?.StartsWith("store", StringComparison.Ordinal) == true)
            small.CopyOfReference(_folder);
        if (command == "backtest")
            Made("predict", "quadratic.yaml", "--out", Path.Combine(_folder.File("store"), "prediction.json"));
        if (command == "explain")
        {
            string settings = string.Concat(
                ((string[])["one: {layers: 1, width: 8", "two: {layers: 1, width: 4", "three: {layers: 2, width: 8"]).Select(m =>
                    $"\n  {m.Replace("{", "{model: {kind: gpt, heads: 1, ", StringComparison.Ordinal)}}}}}"
                )
            );
            string file = _folder.Write(
                "three.yaml",
                Tiny[..Tiny.IndexOf("\nprobes:", StringComparison.Ordinal)] + "\nsettings:" + settings + "\n"
            );
            Made("study", "run", file, "--store", "three", "--workers", "2");
        }
    }

    private void Made(params string[] words) => StartedProgram.Run(_folder.Path, words).AssertSucceeded();

    // The first row that needs no simulation.
    private static string OneRow(string reference)
    {
        using JsonDocument all = JsonDocument.Parse(reference);
        JsonElement rows = all.RootElement.ValueKind == JsonValueKind.Array ? all.RootElement : all.RootElement.GetProperty("rows");
        JsonElement row = rows.EnumerateArray().First(r => r.GetProperty("kind").GetString() == "deterministic");
        return all.RootElement.ValueKind == JsonValueKind.Array ? $"[{row.GetRawText()}]" : $$"""{"rows": [{{row.GetRawText()}}]}""";
    }
}
