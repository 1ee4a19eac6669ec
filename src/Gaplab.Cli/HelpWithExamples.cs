// --help, with examples under it.
using System.CommandLine;
using System.CommandLine.Invocation;

namespace Gaplab.Cli;

/// <summary>A command line that works, and what it is for.</summary>
/// <param name="Words">What follows the command.</param>
/// <param name="Says">What it is for, in a few words.</param>
internal sealed record CommandExample(string Words, string Says);

/// <summary>The help of a command, then its examples as one would type them.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction help) : SynchronousCommandLineAction
{
    /// <summary>Help is given whatever else is missing.</summary>
    public override bool ClearsParseErrors => help.ClearsParseErrors;

    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not GaplabCommand { Examples.Count: > 0 } command)
            return code;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (CommandExample example in command.Examples)
        {
            output.WriteLine($"  {GaplabRoot.Of(parseResult).Program} {command.Path} {example.Words}".TrimEnd());
            output.WriteLine($"      {example.Says}");
        }
        output.WriteLine();
        return code;
    }
}
