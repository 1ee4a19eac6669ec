// The start script: every help and every bare command through it, and what it knows of commands against their table.
using System.CommandLine;
using System.Diagnostics;
using Gaplab.Cli;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Cli;

/// <summary>The script runs in a tree of its own whose build is a stand-in: it starts the program that the tests were built with.</summary>
[Collection(nameof(StartedProgram))]
public sealed class StartScriptSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public StartScriptSpecs()
    {
        foreach (string file in (string[])["gaplab", "eng/prepare.sh"])
            Executable(file, File.ReadAllText(Repository.At(file)));
        // A bundle that is to be built, so that a command that needs it calls npm.
        _folder.Write("web/package.json", "{}");
        _folder.Write("web/src/report.ts", "");
        Executable(
            "bin/dotnet",
            $$"""
            #!/bin/sh
            case $1 in
                --list-sdks) echo '10.0.100 [/]' ;;
                build)
                    mkdir -p '{{_folder.Path}}/artifacts/bin/Gaplab.Cli/release'
                    : > '{{_folder.Path}}/artifacts/bin/Gaplab.Cli/release/gaplab.dll' ;;
                *) shift; exec '{{Which("dotnet")}}' '{{StartedProgram.Path}}' "$@" ;;
            esac
            """
        );
        Executable("bin/node", "#!/bin/sh\necho v20.0.0\n");
        Executable(
            "bin/npm",
            $"#!/bin/sh\necho npm >> '{_folder.File("npm.log")}'\nmkdir -p '{_folder.File("web/node_modules")}' && : > "
                + $"'{_folder.File("web/node_modules/.package-lock.json")}'\n"
        );
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Each command's own help is the contract of commands; the script lets it through, whatever else is typed.</summary>
    [Fact]
    public void Help_works_and_installs_nothing()
    {
        foreach (
            string[] words in (string[][])
                [
                    ["--help"],
                    ["-h"],
                    ["-?"],
                    ["study", "--help"],
                    ["study", "run", "absent.yaml", "--help"],
                    ["noise", "--help", "absent.yaml", "--html", "page.html"],
                ]
        )
        {
            ProgramEnd end = Run(words);
            end.AssertSucceeded();
            Assert.Contains("Usage:", end.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("unbound", end.Errors, StringComparison.Ordinal);
        }
        Run("--version").AssertSucceeded();
        Assert.False(File.Exists(_folder.File("npm.log")));
    }

    [Fact]
    public void A_bare_command_is_one_line_and_installs_nothing()
    {
        Run("--version").AssertSucceeded(); // The stand-in's build says a line of its own, once.
        IEnumerable<string[]> groups = CommandTable.Root().Subcommands.Where(c => c.Subcommands.Count > 0).Select(CommandLines.Words);
        foreach (
            string[] words in (IEnumerable<string[]>)
                [
                    [],
                    .. groups,
                    .. CommandLines.Shown.Where(c => c.Arguments.Any(a => a.Arity.MinimumNumberOfValues > 0)).Select(CommandLines.Words),
                    ["sharpness"],
                ]
        )
        {
            ProgramEnd end = Run(words);
            Assert.True(end.ExitCode == 2, $"'{string.Join(' ', words)}': {end}");
            Assert.StartsWith("gaplab: ", Assert.Single(end.ErrorLines), StringComparison.Ordinal);
        }
        Assert.False(File.Exists(_folder.File("npm.log")));
    }

    /// <summary>A page needs the bundled charts: the script's list of commands that write one is the table's.</summary>
    [Fact]
    public void A_command_asked_for_a_page_gets_its_charts()
    {
        foreach (Command command in CommandLines.Shown.Where(c => c.Options.Any(o => o.Name == "--html")))
        {
            string[] words = CommandLines.Words(command);
            if (words is ["sharpness"] or ["noise"])
                continue; // They train: what they need besides is not for a test to install.
            File.Delete(_folder.File("npm.log"));
            _ = Run([.. words, .. command.Arguments.Select(_ => "absent.json"), "--html", "page.html"]);
            Assert.True(File.Exists(_folder.File("npm.log")), $"./gaplab {string.Join(' ', words)} … --html does not build the charts");
        }
    }

    /// <summary>The program's table is written once a build, and again when the program is newer.</summary>
    [Fact]
    public void What_a_command_needs_is_asked_of_the_program_once_a_build()
    {
        Run("--version").AssertSucceeded();
        _ = Run("tails", "absent.csv");
        string table = _folder.File("artifacts/commands.txt");
        Assert.Contains("study run ?*\tpage ask", File.ReadAllLines(table));
        File.WriteAllText(table, "tails ?*\tpage\n");
        _ = Run("tails", "absent.csv");
        Assert.True(File.Exists(_folder.File("npm.log")), "the table is not what the script goes by");
        File.SetLastWriteTimeUtc(
            _folder.File("artifacts/bin/Gaplab.Cli/release/gaplab.dll"),
            TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2)
        );
        _ = Run("tails", "absent.csv");
        Assert.Contains("study run ?*\tpage ask", File.ReadAllLines(table));
    }

    private ProgramEnd Run(params string[] words)
    {
        var start = new ProcessStartInfo(_folder.File("gaplab"), words)
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = _folder.File("bin") + ":" + Environment.GetEnvironmentVariable("PATH");
        start.Environment["GAPLAB_NO_INSTALL"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ProgramEnd(process.ExitCode, output, errors.Result);
    }

    private void Executable(string name, string text)
    {
        string path = _folder.Write(name, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Which(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, program)).First(File.Exists);
}
