// Completion of the shell: bash itself is asked what it would offer; of the other shells' scripts every command and option is in them.
using System.CommandLine;
using System.Diagnostics;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Cli;

[Collection(nameof(StartedProgram))]
public sealed class CompletionSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("stu", "study")]
    [InlineData("study re", "report")]
    [InlineData("study --x run --wor", "--workers")]
    [InlineData("serve --po", "--port")]
    [InlineData("completion f", "fish")]
    [InlineData("study report my-st", "my-store")]
    public void Bash_offers_what_can_follow(string typed, string expected)
    {
        Directory.CreateDirectory(_folder.File("my-store"));
        _folder.Write("gaplab.bash", Script("bash"));
        string[] words = typed.Split(' ');
        string line =
            $"source gaplab.bash; COMP_WORDS=(gaplab {typed}); COMP_CWORD={words.Length}; _gaplab; printf '%s\\n' \"${{COMPREPLY[@]}}\"";
        using Process bash = Process.Start(
            new ProcessStartInfo("bash", ["--norc", "-c", line])
            {
                WorkingDirectory = _folder.Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        string output = bash.StandardOutput.ReadToEnd(),
            errors = bash.StandardError.ReadToEnd();
        bash.WaitForExit();
        Assert.Equal("", errors);
        Assert.Contains(expected, output.Split('\n'));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Every_command_and_option_is_in_the_script(string shell)
    {
        string script = Script(shell);
        foreach (Command command in CommandLines.Shown)
        {
            Assert.Contains(command.Name, script, StringComparison.Ordinal);
            foreach (Option option in command.Options.Where(o => !o.Hidden && o.Name.StartsWith("--", StringComparison.Ordinal)))
                Assert.Contains(shell == "fish" ? $"-l {option.Name[2..]}" : option.Name, script, StringComparison.Ordinal);
        }
    }

    private string Script(string shell)
    {
        ProgramEnd end = StartedProgram.Run(_folder.Path, "completion", shell);
        end.AssertSucceeded();
        return end.Output;
    }
}
