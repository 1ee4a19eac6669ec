// Parses and runs a command; bad input is one line on standard error and exit code 2, whatever went wrong inside.
using System.CommandLine;
using System.CommandLine.Parsing;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Torch;

namespace Gaplab.Cli;

/// <summary>Exit codes: 0 done, 1 done but something is missing or outside, 2 bad input, 3 done without what was found damaged in a store,
/// 70 a defect of the program, 75 to be started again (workers), 130 interrupted.</summary>
internal static class CommandRunner
{
    public const int Done = 0,
        Incomplete = 1,
        BadInput = 2,
        Damaged = 3,
        Defect = 70,
        Again = 75,
        Interrupted = 130;

    /// <param name="root">The table of commands.</param>
    /// <param name="args">What was typed.</param>
    /// <param name="errors">Where the one line goes; null is standard error.</param>
    public static int Run(RootCommand root, string[] args, TextWriter? errors = null)
    {
        int Fail(string message)
        {
            try
            {
                (errors ?? Console.Error).WriteLine("gaplab: " + Shown.Line(message));
            }
            catch (IOException) { } // a terminal that was closed
            return BadInput;
        }

        if (Exhaustion.Foreseen() is { } limit)
            return Fail(limit);
        // No response files: a word that begins with @ is the word, and no file is opened by another door than ours.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            string command = string.Join(' ', Path(parsed.CommandResult));
            // An unknown command is also a missing one: the word that was typed says more.
            // An option that is not known may have been taken for a command's argument; then its value is what is left over.
            string? word =
                parsed.UnmatchedTokens.Count == 0
                    ? null
                    : parsed
                        .Tokens.FirstOrDefault(t => t.Type == TokenType.Argument && t.Value.StartsWith("--", StringComparison.Ordinal))
                        ?.Value
                        ?? parsed.UnmatchedTokens[0];
            string message = word is not null
                ? $"'{Shown.Of(word)}' is not understood{Nearest(parsed.CommandResult.Command, word)}"
                : Shown.Line(parsed.Errors[0].Message.TrimEnd('.'), 300);
            return Fail($"{message}; '{command} --help' lists what is understood");
        }
        try
        {
            OutputOption.CheckAll(parsed);
            // Before any work, whatever the word is for: a pipe or a device can neither be read nor written over.
            foreach (Token word in parsed.Tokens.Where(t => t.Type == TokenType.Argument))
                RegularFile.RefuseSpecial(word.Value);
            PictureOptions.Check(parsed);
            using AtWork? watch = parsed.CommandResult.Command.Hidden
                ? null
                : new AtWork(string.Join(' ', Path(parsed.CommandResult).Skip(1)));
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
        catch (Exception e) when ((e as EntryPointNotFoundException ?? e.InnerException as EntryPointNotFoundException) is { } lacking)
        {
            return Fail(
                $"libtorch's binding was built from another source than this program ({lacking.Message.TrimEnd('.')}); delete "
                    + "artifacts/native and run the command through ./gaplab, which builds it anew"
            );
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

    // A command or option that the word may have been meant for: one letter in three may be wrong.
    private static string Nearest(Command command, string word)
    {
        IEnumerable<Symbol> symbols = word.StartsWith('-') ? command.Options : command.Subcommands;
        string nearest = NearestName.Of(word, symbols.Where(s => !s.Hidden).Select(s => s.Name));
        return nearest.Length > 0 && NearestName.Distance(word, nearest) <= Math.Max(1, word.Length / 3)
            ? $"; nearest valid name '{nearest}'"
            : "";
    }

    private static IEnumerable<string> Path(CommandResult result)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = result; at is not null; at = at.Parent)
            if (at is CommandResult command)
                names.Push(command.Parent is null ? "gaplab" : command.Command.Name);
        return names;
    }
}
