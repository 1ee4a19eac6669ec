// The root of the commands: which program it is, and the kinds that its study files can name.
using System.CommandLine;
using Gaplab.Studies;

namespace Gaplab.Cli;

/// <summary>Every command's parse leads back to it, so that none holds the kinds by itself.</summary>
/// <param name="catalogues">What study files can name, here and in the workers that this program starts.</param>
/// <param name="program">How the program is called where a user is told to type a command.</param>
internal sealed class GaplabRoot(Catalogues catalogues, string program)
    : RootCommand("Should this be trained with Adam or with SGD, at which batch size does the answer flip, and why?")
{
    public Catalogues Catalogues { get; } = catalogues;

    public string Program { get; } = program;

    public static GaplabRoot Of(ParseResult parsed) => (GaplabRoot)parsed.RootCommandResult.Command;
}
