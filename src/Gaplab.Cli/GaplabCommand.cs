// A command that does something, with what must be there before it begins.
using System.CommandLine;

namespace Gaplab.Cli;

/// <summary>What the start script installs and builds before it starts the program; without it a command says in one line what is
/// missing.</summary>
[Flags]
internal enum Needs
{
    None = 0,

    /// <summary>libtorch and the native library: it trains.</summary>
    Torch = 1,

    /// <summary>The bundled charts: it writes a page.</summary>
    Page = 2,
}

/// <summary>A row of the table of commands.</summary>
/// <param name="needs">What it needs whenever it is given something to work on. A page that is asked for by --html is not said.</param>
/// <param name="also">What it needs besides, where the arguments decide.</param>
/// <param name="examples">For its help.</param>
internal sealed class GaplabCommand(
    string name,
    string description,
    Needs needs = Needs.None,
    Func<ParseResult, Needs>? also = null,
    IReadOnlyList<CommandExample>? examples = null
) : Command(name, description)
{
    /// <summary>Command lines that help shows.</summary>
    public IReadOnlyList<CommandExample> Examples { get; } = examples ?? [];

    /// <summary>Its words, without the program's: "study run".</summary>
    public string Path => string.Join(' ', Words(this));

    /// <summary>Its line in the script's copy of the table: how a command line looks that has something to work on, as a pattern of the
    /// shell over its words, and its needs; "" where it has none.</summary>
    /// <remarks><c>page-if-asked</c>: with --html, --svg or --png; <c>ask</c>: the words decide (<see cref="NeedsOf"/>).</remarks>
    public string Line
    {
        get
        {
            string[] all =
            [
                .. Texts(needs),
                .. Options.OfType<OutputOption>().Any(o => o.Name == "--html") && !needs.HasFlag(Needs.Page)
                    ? ["page-if-asked"]
                    : (string[])[],
                .. also is null ? (string[])[] : ["ask"],
            ];
            return all.Length == 0 ? "" : $"{Path}{(Arguments.Count > 0 ? " ?*" : "*")}\t{string.Join(' ', all)}";
        }
    }

    /// <summary>What these arguments need, in the table's words.</summary>
    public string NeedsOf(ParseResult parsed) => string.Join(' ', Texts(needs | (also?.Invoke(parsed) ?? Needs.None)));

    private static IEnumerable<string> Texts(Needs needs) =>
        ((Needs[])[Needs.Torch, Needs.Page]).Where(n => needs.HasFlag(n)).Select(n => n.ToString().ToLowerInvariant());

    private static IEnumerable<string> Words(Symbol command) =>
        command is RootCommand ? [] : [.. command.Parents.OfType<Command>().SelectMany(Words), command.Name];
}
