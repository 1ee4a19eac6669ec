// An option that names a file to write: one rule for all of them, asked before a command begins.
using System.CommandLine;
using System.CommandLine.Parsing;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Cli;

/// <summary>--html, --out, --to. Its file is <see cref="OutputFile"/>'s: nothing that is there is replaced without --force.</summary>
internal sealed class OutputOption : Option<string?>
{
    public OutputOption(string name, string description)
        : base(name) => Description = description;

    /// <summary>Goes with every command that has such an option; <see cref="CommandTable"/> adds it.</summary>
    public static Option<bool> Force { get; } = new("--force") { Description = "replace the file to write if it is there" };

    /// <summary>The file named; null without one.</summary>
    public OutputFile? Of(ParseResult parsed) => parsed.GetValue(this) is { } path ? new OutputFile(path, parsed.GetValue(Force)) : null;

    /// <summary>Refuses what must not be written, before anything is done.</summary>
    /// <exception cref="InputException">A folder, a device, something that is there, what the command reads, or one file for two
    /// outputs.</exception>
    public static void CheckAll(ParseResult parsed)
    {
        OutputOption[] asked = [.. parsed.CommandResult.Command.Options.OfType<OutputOption>().Where(o => parsed.GetValue(o) is not null)];
        if (asked.Length == 0)
            return;
        string[] inputs =
        [
            .. parsed
                .CommandResult.Children.Where(c => c is not OptionResult { Option: OutputOption })
                .SelectMany(c => c.Tokens)
                .Select(t => t.Value),
        ];
        var taken = new Dictionary<string, string>();
        foreach (OutputOption option in asked)
        {
            OutputFile file = option.Of(parsed)!;
            try
            {
                file.Check(inputs);
            }
            catch (InputException e)
            {
                throw new InputException($"{option.Name}: {e.Message}", e);
            }
            if (!taken.TryAdd(Path.GetFullPath(file.Path), option.Name))
                throw new InputException(
                    $"{option.Name}: {file.Path} is the file of {taken[Path.GetFullPath(file.Path)]} too; give another name"
                );
        }
    }
}
