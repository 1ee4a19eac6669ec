// gaplab completion: what a shell needs to complete commands, options and files; made from the table of commands.
using System.CommandLine;
using System.CommandLine.Completions;
using System.Text;

namespace Gaplab.Cli;

internal static class CompletionCommand
{
    private static readonly string[] s_shells = ["bash", "zsh", "fish"];

    /// <param name="root">The table that it completes.</param>
    public static Command Create(RootCommand root)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong(s_shells);
        var command = new GaplabCommand(
            "completion",
            "a script with which a shell completes commands, options and files",
            examples: [new("bash", "for ~/.local/share/bash-completion/completions/gaplab")]
        )
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            string text = parsed.GetRequiredValue(shell) == "fish" ? Fish(root) : Bash(root, parsed.GetRequiredValue(shell) == "zsh");
            TextWriter output = Console.IsOutputRedirected ? TerminalText.Raw : Console.Out;
            output.Write(text);
            return CommandRunner.Done;
        });
        return command;
    }

    /// <summary>Each chain of words that is a command, with what may follow it: subcommands, options, or the words of an argument that
    /// takes no others.</summary>
    private static IEnumerable<(string Words, IReadOnlyList<string> Next)> Lines(Command command, string words = "")
    {
        Command[] below = [.. command.Subcommands.Where(c => !c.Hidden)];
        yield return (
            words,
            [
                .. below.Select(c => c.Name),
                .. command.Options.Where(o => !o.Hidden && o.Name.StartsWith("--", StringComparison.Ordinal)).Select(o => o.Name),
                .. command.Arguments.SelectMany(a => a.GetCompletions(CompletionContext.Empty)).Select(c => c.Label),
            ]
        );
        foreach (Command child in below)
        foreach ((string, IReadOnlyList<string>) line in Lines(child, words.Length > 0 ? $"{words} {child.Name}" : child.Name))
            yield return line;
    }

    // zsh reads the same script through its own bashcompinit.
    private static string Bash(RootCommand root, bool zsh)
    {
        var text = new StringBuilder(zsh ? "autoload -Uz bashcompinit && bashcompinit\n" : "");
        text.Append(
            """
            # Completion of gaplab. A word that begins with '-' is an option; where none can follow, a file.
            _gaplab() {
                local word=${COMP_WORDS[COMP_CWORD]} words= part next=
                for part in "${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
                    [[ $part == -* ]] || case "${words:+$words }$part" in

            """
        );
        string chains = string.Join('|', Lines(root).Where(l => l.Words.Length > 0).Select(l => $"\"{l.Words}\""));
        text.Append("            ").Append(chains).Append(") words=${words:+$words }$part ;;\n");
        text.Append("        esac\n    done\n    case $words in\n");
        foreach ((string words, IReadOnlyList<string> next) in Lines(root))
            text.Append("        \"").Append(words).Append("\") next='").AppendJoin(' ', next).Append("' ;;\n");
        text.Append(
            """
                esac
                # zsh's compgen leaves it to its caller to take those that fit.
                COMPREPLY=()
                for part in $(compgen -W "$next" -- "$word"); do [[ $part != "$word"* ]] || COMPREPLY+=("$part"); done
                [[ $word == -* || ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$word"))
            }
            complete -o filenames -F _gaplab gaplab ./gaplab

            """
        );
        return text.ToString();
    }

    private static string Fish(RootCommand root)
    {
        string chains = string.Join(' ', Lines(root).Where(l => l.Words.Length > 0).Select(l => $"'{l.Words}'"));
        var text = new StringBuilder(
            $"""
            # Completion of gaplab. The words before the cursor that are a command, options left out, are held against each line's.
            function __gaplab_at
                set -l words
                for part in (commandline -opc)[2..]
                    set -l longer (string join ' ' -- $words $part)
                    contains -- "$longer" {chains}; and set words (string split ' ' -- $longer)
                end
                test "$words" = "$argv[1]"
            end

            """
        );
        foreach ((string words, IReadOnlyList<string> next) in Lines(root))
        foreach (string word in next)
            text.Append("complete -c gaplab -n '__gaplab_at \"")
                .Append(words)
                .Append("\"' ")
                .Append(word.StartsWith("--", StringComparison.Ordinal) ? $"-l {word[2..]}" : $"-a {word}")
                .Append('\n');
        return text.ToString();
    }
}
