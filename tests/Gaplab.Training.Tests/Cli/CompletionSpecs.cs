// Completion of the shell: each shell itself is asked what it would offer, zsh by typing in a terminal of its own.
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
    [InlineData("stu", "study")]
    [InlineData("study --x run --wor", "--workers")]
    [InlineData("completion f", "fish")]
    [InlineData("study report my-st", "my-store/")]
    public void Fish_offers_what_can_follow(string typed, string expected)
    {
        Directory.CreateDirectory(_folder.File("my-store"));
        _folder.Write("gaplab.fish", Script("fish"));
        string offered = Said("fish", "--no-config", "-c", $"source gaplab.fish; complete -C 'gaplab {typed}'");
        Assert.Contains(expected, offered.Split('\n').Select(line => line.Split('\t')[0]));
        // What may follow another command is not offered after this one.
        Assert.DoesNotContain("diff", offered, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stu", "study")]
    [InlineData("study run --wor", "--workers")]
    [InlineData("completion f", "fish")]
    [InlineData("study report my-st", "my-store")]
    public void Zsh_completes_what_is_typed(string typed, string expected)
    {
        Directory.CreateDirectory(_folder.File("my-store"));
        _folder.Write("gaplab.zsh", Script("zsh"));
        // The line as it stands after Tab is printed by the key that follows it.
        _folder.Write(
            "type.zsh",
            """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'autoload -U compinit; compinit -u -D; source gaplab.zsh; tell() { print -r -- "<$BUFFER>" > line; }'
            zpty -w shell 'zle -N tell; bindkey "^T" tell; print ready > ready'
            for i in {1..200}; do [[ -e ready ]] && break; sleep 0.05; done
            zpty -w -n shell "gaplab $1"$'\t\x14'
            for i in {1..200}; do zpty -r -t shell seen; [[ -s line ]] && break; sleep 0.05; done
            cat line
            """
        );
        string[] words = Said("zsh", "-f", "type.zsh", typed).Trim().Trim('<', '>').TrimEnd(' ', '/').Split(' ');
        Assert.Equal(expected, words[^1]);
    }

    private string Said(string shell, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{shell}"), $"{shell} is not there; apt-get install {shell}");
        using Process process = Process.Start(
            new ProcessStartInfo($"/usr/bin/{shell}", arguments) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true }
        )!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return said;
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
