// The settings on a training script's command line.
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders.Wandb;

/// <summary>Reads arguments in the forms of argparse and of Hydra.</summary>
internal static class CommandLine
{
    /// <summary>"--lr 0.1", "--lr=0.1", "-b 32", "optimizer.lr=0.1", and "--flag", which is true. Words that belong to no key are left
    /// out.</summary>
    public static IEnumerable<(string Key, string Value)> Settings(IReadOnlyList<string> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            bool isOption = argument.StartsWith('-') && SweepNumber.Parse(argument) is null;
            string name = isOption ? argument.TrimStart('-') : argument.TrimStart('+');
            int equals = name.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                yield return (Key(name[..equals]), name[(equals + 1)..]);
            else if (isOption && name.Length > 0)
                yield return i + 1 < arguments.Count && !IsOption(arguments[i + 1]) ? (Key(name), arguments[++i]) : (Key(name), "true");
        }

        static bool IsOption(string word) => word.StartsWith('-') && SweepNumber.Parse(word) is null;

        static string Key(string name) => name.Replace('-', '_');
    }
}
