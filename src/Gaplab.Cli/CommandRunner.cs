// Parses and runs a command; bad input is one line on standard error and exit code 2, whatever went wrong inside.
using System.CommandLine;
using System.CommandLine.Parsing;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Cli;

/// <summary>Exit codes: 0 done, 1 done but something is missing or outside, 2 bad input, 3 done without what was found damaged in a store, 70 a defect of the program, 130 interrupted.</summary>
internal static class CommandRunner
{
    public const int Done = 0, Incomplete = 1, BadInput = 2, Damaged = 3, Defect = 70, Interrupted = 130;

    public static int Run(RootCommand root, string[] args)
    {
        if (Exhaustion.Foreseen() is { } limit) return Fail(limit);
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            string command = string.Join(' ', Path(parsed.CommandResult));
            // An unknown command is also a missing one: the word that was typed says more.
            string message = parsed.UnmatchedTokens.Count > 0 ? $"'{parsed.UnmatchedTokens[0]}' is not understood" : parsed.Errors[0].Message.TrimEnd('.');
            return Fail($"{message}; '{command} --help' lists what is understood");
        }
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (InputException e)
        {
            return Fail(e.Message);
        }
        catch (Exception e) when (Exhaustion.Sentence(e) is { } sentence)
        {
            return Fail(sentence);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            return Fail((e.InnerException ?? e).Message);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return Fail(e.Message);
        }
        catch (TorchException e)
        {
            return Fail(e.Message);
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable("GAPLAB_TRACE") is not "1")
        {
            Fail($"a defect of Gaplab, not of your input: {e.GetType().Name}: {e.Message}; GAPLAB_TRACE=1 shows where, please report it");
            return Defect;
        }
    }

    private static int Fail(string message)
    {
        try { Console.Error.WriteLine("gaplab: " + message.ReplaceLineEndings(" ")); }
        catch (IOException) { }   // a terminal that was closed
        return BadInput;
    }

    private static IEnumerable<string> Path(CommandResult result)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = result; at is not null; at = at.Parent)
            if (at is CommandResult command) names.Push(command.Parent is null ? "gaplab" : command.Command.Name);
        return names;
    }
}
