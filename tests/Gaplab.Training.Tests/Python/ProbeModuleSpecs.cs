// gaplab_probe.py: the command prints it, it needs nothing but PyTorch, it keeps its promises, and what the document shows of it runs.
using System.Text.RegularExpressions;
using Gaplab.Studies.Python;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Python;

public sealed partial class ProbeModuleSpecs : IDisposable
{
    private static readonly string s_checks = Repository.At("tests/python/probe_checks.py");

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The functions of the script that take a folder and nothing else; those that never end are called by others.</summary>
    public static TheoryData<string> Checks =>
        [
            .. Check()
                .Matches(File.ReadAllText(s_checks))
                .Select(m => m.Groups[1].Value)
                .Where(n => !n.EndsWith("_for_ever", StringComparison.Ordinal)),
        ];

    [Fact]
    public void The_command_prints_and_writes_the_file_of_the_source_tree()
    {
        string text = File.ReadAllText(Repository.At("python/" + PythonModule.FileName));
        ProgramEnd printed = StartedProgram.Run(_folder.Path, "python-helper");
        printed.AssertSucceeded();
        Assert.Equal(text, printed.Output);
        StartedProgram.Run(_folder.Path, "python-helper", "--out", PythonModule.FileName).AssertSucceeded();
        Assert.Equal(text, File.ReadAllText(_folder.File(PythonModule.FileName)));
    }

    [Fact]
    public void The_module_imports_the_standard_library_and_torch_alone()
    {
        string[] known =
        [
            "array",
            "contextlib",
            "hashlib",
            "itertools",
            "json",
            "math",
            "os",
            "random",
            "re",
            "signal",
            "sys",
            "threading",
            "torch",
            "torch.nn.parallel",
        ];
        string[] imported = [.. Import().Matches(PythonModule.Text).Select(m => m.Groups[1].Value)];
        Assert.Equal(known, imported);
    }

    [Fact]
    public void The_module_and_the_scripts_of_its_tests_parse()
    {
        Interpreter.SkipWithoutPython();
        foreach (
            string file in (string[])
                [_folder.Write(PythonModule.FileName, PythonModule.Text), .. Directory.GetFiles(Repository.At("tests/python"), "*.py")]
        )
            Interpreter.Run(_folder, "-c", "import ast, sys; ast.parse(open(sys.argv[1], 'rb').read())", file).AssertSucceeded();
    }

    [Theory, MemberData(nameof(Checks))]
    public void It_keeps_its_promises(string check)
    {
        Interpreter.SkipWithoutTorch();
        Directory.CreateDirectory(_folder.File("out"));
        Interpreter.Run(_folder, s_checks, check, _folder.File("out")).AssertSucceeded();
    }

    [Fact]
    public void What_the_document_shows_runs_as_one_script_and_the_commands_read_what_it_wrote()
    {
        Interpreter.SkipWithoutTorch();
        string page = File.ReadAllText(Repository.At("docs/python.md"));
        string script = string.Join('\n', Fence().Matches(page).Select(m => m.Groups[1].Value));
        foreach (string name in PublicName().Matches(PythonModule.Text).Select(m => m.Groups[1].Value))
            Assert.Contains($"gaplab_probe.{name}(", script, StringComparison.Ordinal);
        ProgramEnd end = Interpreter.Run(_folder, _folder.Write("train.py", script));
        end.AssertSucceeded();
        ProgramEnd tails = StartedProgram.Run(_folder.Path, "tails", "noise.npy");
        tails.AssertSucceeded();
        Assert.StartsWith("noise.npy: 200 iterations of 256 coordinates", tails.Output, StringComparison.Ordinal);
        ProgramEnd predicted = StartedProgram.Run(_folder.Path, "predict", "probe.json");
        predicted.AssertSucceeded();
        Assert.Contains("sgd", predicted.Output, StringComparison.Ordinal);
    }

    /// <summary>A line of the log is a row of a table: what was NaN has diverged.</summary>
    [Fact]
    public void A_table_is_read_from_logs_in_which_numbers_are_words()
    {
        Interpreter.SkipWithoutTorch();
        string script = _folder.Write(
            "runs.py",
            """
            import math
            import gaplab_probe

            for optimizer in ("sgd", "adam"):
                for batch in (8, 64):
                    for lr in (0.1, 0.2, 0.4):
                        for seed in (1, 2, 3):
                            with gaplab_probe.Run("logs") as run:
                                diverged = lr == 0.4 and optimizer == "sgd"
                                loss = math.nan if diverged else 2 + (optimizer == "sgd") + abs(lr - 0.2) + seed / 99
                                run.log(100, optimizer=optimizer, batch=batch, lr=lr, seed=seed, loss=loss)
            """
        );
        Interpreter.Run(_folder, script).AssertSucceeded();
        ProgramEnd end = StartedProgram.Run(_folder.Path, "crossover", "logs/metrics.jsonl");
        end.AssertSucceeded();
        Assert.Contains("adam is ahead", end.Output, StringComparison.Ordinal);
        Assert.Contains("Runs diverged: 6,", end.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^def (\w+)\(folder\):", RegexOptions.Multiline)]
    private static partial Regex Check();

    [GeneratedRegex(@"^\s*(?:import|from) ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"^(?:def|class) ([A-Za-z]\w*)", RegexOptions.Multiline)]
    private static partial Regex PublicName();

    [GeneratedRegex("```python\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
