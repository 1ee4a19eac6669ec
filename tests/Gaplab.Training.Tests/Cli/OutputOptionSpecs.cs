// Every option that names a file to write, in every command: one rule.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gaplab.Cli;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Cli;

[Collection(nameof(StartedProgram))]
public sealed class OutputOptionSpecs(SmallStudy small)
{
    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (Command command in CommandLines.Shown)
            foreach (OutputOption option in command.Options.OfType<OutputOption>())
                all.Add(string.Join(' ', CommandLines.Words(command)), option.Name);
            return all;
        }
    }

    [Fact]
    public void Every_option_that_writes_a_file_is_known_as_one()
    {
        Assert.True(All.Count >= 12, $"{All.Count} options");
        // Folders that are kept, not replaced: stores, and data sets.
        string[] folders = ["--store", "data list --to", "data fetch --to", "data verify --to", "data prepare --to"];
        foreach (Command command in CommandLines.Shown)
        foreach (Option option in command.Options.Where(o => o is not OutputOption))
            Assert.False(
                option.Name is "--html" or "--out" or "--to"
                    && !folders.Contains($"{string.Join(' ', CommandLines.Words(command))} {option.Name}")
                    || (option.Description ?? "").Contains("to write", StringComparison.Ordinal) && option != OutputOption.Force,
                $"{string.Join(' ', CommandLines.Words(command))} {option.Name} writes, but is no {nameof(OutputOption)}"
            );
    }

    [Theory, MemberData(nameof(All))]
    public void Nothing_is_overwritten_and_nothing_is_begun(string command, string option)
    {
        using var folder = new TestFolder();
        Command of = CommandLines.Shown.Single(c => string.Join(' ', CommandLines.Words(c)) == command);
        // The command gets inputs that it would refuse or wait for: the refusal of the output must come first.
        string mine = folder.Write("mine.csv", "mine"),
            input = folder.Write("input.yaml", "nonsense: ["),
            pipe = folder.File("pipe");
        Process.Start("mkfifo", [pipe]).WaitForExit();
        string[] typed = [.. CommandLines.Whole(of, input)];
        (string Path, string[] More, string Says)[] refused =
        [
            (mine, [], "mine.csv exists; it was left as it is: give another name, or --force to replace it"),
            (folder.Path, [], "is a folder"),
            (folder.Path, ["--force"], "is a folder"),
            (pipe, [], "a pipe"),
            (pipe, ["--force"], "a pipe"),
            ("/dev/full", ["--force"], "a device"),
            (folder.File("mine.csv/x.csv"), ["--force"], "is a file, not a folder"),
            ("", [], "is empty"),
            .. of.Arguments.Any(a => a.Arity.MinimumNumberOfValues > 0)
                ? ((string, string[], string)[])[(input, ["--force"], "is what the command reads")]
                : [],
        ];
        foreach ((string path, string[] more, string says) in refused)
        {
            (int code, string error) = CommandLines.Run([.. typed, option, path, .. more]);
            Assert.Equal(CommandRunner.BadInput, code);
            Assert.StartsWith($"gaplab: {option}: ", error, StringComparison.Ordinal);
            Assert.Contains(says, error, StringComparison.Ordinal);
            Assert.Equal(1, error.Count(c => c == '\n'));
            Faults.Overwriting.Caused(1);
        }
        Assert.Equal(("mine", "nonsense: ["), (File.ReadAllText(mine), File.ReadAllText(input)));
        Assert.Equal(3, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    [Fact]
    public void Force_replaces_what_is_there_and_a_new_name_needs_none()
    {
        using var folder = new TestFolder();
        folder.Write("q.yaml", "kind: quadratic\nspectrum: {dimension: 4}\nbudget: {steps: 16}\nbatches: [1, 4, 16]\n");
        folder.Write("runs.csv", "optimizer,lr,batch,loss\nsgd,0.1,8,2.0\nadam,0.001,8,1.9\nsgd,0.1,64,1.8\nadam,0.001,64,1.9\n");
        folder.Write(
            "values.csv",
            string.Concat(Enumerable.Range(1, 400).Select(i => string.Create(CultureInfo.InvariantCulture, $"{Math.Sin(i * i)}\n")))
        );
        (string[] Typed, string Option, string File)[] calls =
        [
            (["predict", "q.yaml"], "--out", "p.json"),
            (["crossover", "runs.csv"], "--html", "c.html"),
            (["tails", "values.csv"], "--html", "t.html"),
            (["study", "export", small.ReferenceStore], "--to", "e.csv"),
            (["study", "report", small.ReferenceStore], "--html", "r.html"),
        ];
        foreach ((string[] typed, string option, string file) in calls)
        {
            StartedProgram.Run(folder.Path, [.. typed, option, file]).AssertSucceeded();
            string made = File.ReadAllText(folder.File(file));
            Assert.Contains("exists", StartedProgram.Run(folder.Path, [.. typed, option, file]).AssertRefused(), StringComparison.Ordinal);
            folder.Write(file, "mine");
            StartedProgram.Run(folder.Path, [.. typed, option, file, "--force"]).AssertSucceeded();
            // A page shows the command that made it.
            Assert.Equal(made.Length, File.ReadAllText(folder.File(file)).Replace(" --force", "", StringComparison.Ordinal).Length);
        }
    }

    [Fact]
    public void Two_outputs_are_two_files()
    {
        using var folder = new TestFolder();
        string path = folder.File("one");
        Assert.Contains(
            "is the file of --html too",
            CommandLines.Run("predict", "q.yaml", "--html", path, "--out", path).Error,
            StringComparison.Ordinal
        );
    }
}
