// A pipe and an endless device at every argument and option of every command: the list is the commands' own.
using System.CommandLine;
using System.CommandLine.Completions;
using Gaplab.Cli;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Files;

[Collection(nameof(StartedProgram))]
public sealed class CommandFileSpecs(SmallStudy small) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>"study plan" and "--text", for every place of every command where a text can stand.</summary>
    public static TheoryData<string, string> Places =>
        [.. Below(CommandTable.Root(), "").SelectMany(c => Texts(c.Command).Select(s => (c.Path, s.Name)))];

    [Theory]
    [MemberData(nameof(Places))]
    public void Is_refused_in_one_line_before_any_work(string command, string place)
    {
        string pipe = SpecialFiles.Pipe(_folder, "pipe");
        foreach (string special in (string[])[pipe, SpecialFiles.Endless])
        {
            Command found = Below(CommandTable.Root(), "").Single(c => c.Path == command).Command;
            string[] arguments =
            [
                .. command.Split(' '),
                .. found.Arguments.SelectMany(a =>
                    (string[])(
                        a.Name == place ? [special]
                        : a.Arity.MinimumNumberOfValues > 0 ? ["any"]
                        : []
                    )
                ),
                .. found.Options.Where(o => o.Name == place).SelectMany(o => (string[])[o.Name, special]),
                .. found.Options.Where(o => o.Required && o.Name != place).SelectMany(o => (string[])[o.Name, "8"]),
            ];
            (int code, string errors) = Run(arguments);
            Assert.True(code == 2, $"{string.Join(' ', arguments)}: exit code {code}: {errors}");
            string kind = special == pipe ? "pipe" : "device";
            Assert.Equal(
                found.Options.OfType<OutputOption>().Any(o => o.Name == place)
                    ? $"gaplab: {place}: {special} is a {kind}; expected a plain file to write\n"
                    : $"gaplab: {special}: is a {kind}; expected a regular "
                        + $"file{(special == pipe ? ": save what comes through it to a file first" : "")}\n",
                errors
            );
        }
        Assert.Equal(["pipe"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void The_list_holds_the_places_that_a_user_knows()
    {
        string[] places = [.. Places.Select(row => $"{row.Data.Item1} {row.Data.Item2}")];
        Assert.Superset(
            new HashSet<string>
            {
                "study plan study",
                "study run --text",
                "study report --html",
                "crossover file",
                "predict --out",
                "tails file",
                "escape --set",
                "data fetch --mirror",
                "noise --from",
                "check-reference file",
            },
            places.ToHashSet()
        );
    }

    [Fact]
    public void A_study_that_names_one_is_refused_too()
    {
        string pipe = SpecialFiles.Pipe(_folder, "pipe");
        string study = _folder.Write("study.yaml", SmallStudy.Yaml);
        string link = _folder.File("link.yaml");
        File.CreateSymbolicLink(link, SpecialFiles.Endless);
        foreach (
            string[] arguments in (string[][])
                [
                    ["study", "plan", study, "--no-time", "--set", $"task={{kind: text, path: {pipe}}}"],
                    ["study", "plan", link],
                    ["predict", link],
                    ["escape", link],
                    ["study", "status", link],
                    ["power", link, "--gap", "1"],
                ]
        )
        {
            (int code, string errors) = Run(arguments);
            Assert.True(code == 2, $"{string.Join(' ', arguments)}: exit code {code}: {errors}");
            Assert.Contains("; expected a regular file", errors, StringComparison.Ordinal);
            Assert.Single(errors.TrimEnd('\n').Split('\n'));
        }
    }

    [Fact]
    public void In_the_place_of_any_file_of_a_store_it_is_answered_by_every_command_that_reads_stores()
    {
        string store = small.CopyOfReference(_folder),
            pipe = SpecialFiles.Pipe(_folder, "pipe");
        // One of each: files of one name are read alike.
        string[] files =
        [
            .. Directory
                .EnumerateFiles(store, "*", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/claims/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .DistinctBy(Path.GetFileName),
        ];
        Assert.Superset(
            new HashSet<string> { "result.json", "spec.json", "metrics.jsonl", "plan.json", "study.json", "study.yaml", "env.json" },
            files.Select(f => Path.GetFileName(f)).ToHashSet()
        );
        foreach (string file in files)
        {
            using IDisposable replaced = SpecialFiles.Replace(file, pipe);
            foreach (
                string[] arguments in (string[][])
                    [
                        ["study", "status", store, "--verify"],
                        ["study", "export", store, "--tidy"],
                        ["advise", store, "--batch", "4"],
                    ]
            )
            {
                (int code, string errors) = Run(arguments);
                Assert.True(
                    code is not (70 or 134),
                    $"{Path.GetFileName(file)}: {string.Join(' ', arguments)}: exit code {code}: {errors}"
                );
            }
        }
    }

    [Fact]
    public void A_word_that_begins_with_an_at_sign_opens_no_file()
    {
        string pipe = SpecialFiles.Pipe(_folder, "pipe");
        (int code, string errors) = Run(["study", "plan", "@" + pipe]);
        Assert.Equal(2, code);
        Assert.Contains("no such study file", errors, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, Command Command)> Below(Command command, string path) =>
        command
            .Subcommands.Where(c => !c.Hidden)
            .SelectMany(c =>
                Below(c, path.Length == 0 ? c.Name : $"{path} {c.Name}").Prepend((path.Length == 0 ? c.Name : $"{path} {c.Name}", c))
            )
            .Where(c => c.Item2.Subcommands.Count == 0);

    private static IEnumerable<Symbol> Texts(Command command) =>
        command
            .Arguments.Where(a => a.ValueType == typeof(string) || a.ValueType == typeof(string[]))
            // An argument that takes a few words alone is no path.
            .Where(a => !a.GetCompletions(CompletionContext.Empty).Any())
            .Cast<Symbol>()
            .Concat(command.Options.Where(o => o.ValueType == typeof(string) || o.ValueType == typeof(string[])));

    // In this process, which starts in a hundredth of the time; what would hang fails.
    private static (int Code, string Errors) Run(string[] arguments)
    {
        (TextWriter output, TextWriter errors) = (Console.Out, Console.Error);
        using StringWriter said = new() { NewLine = "\n" },
            shown = new() { NewLine = "\n" };
        try
        {
            Console.SetOut(shown);
            Console.SetError(said);
            return (
                SpecialFiles.Within(string.Join(' ', arguments), () => CommandRunner.Run(CommandTable.Root(), arguments), 60),
                said.ToString()
            );
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }
}
