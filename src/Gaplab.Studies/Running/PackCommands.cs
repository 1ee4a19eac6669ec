// The answer of gaplab study commands: a command line for each pack that a store lacks.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Running;

/// <summary>Each line may be run anywhere where the store and this program are, at any time, twice, or never: a pack that is finished costs
/// a moment, one that another makes ends with 75. When all have been run, the sentinel's next round is asked for in the same way, until
/// no line comes.</summary>
/// <param name="Commands">Each with its pack and the number of its runs.</param>
public sealed record PackCommands(IReadOnlyList<(string Pack, int Runs, string Line)> Commands) : IAnswer
{
    /// <summary>Of what a store lacks now.</summary>
    public static PackCommands Of(PlanDocument document, RunStore store)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(store);
        return new([
            .. new StudyResults(document.ToPlan(), store)
                .LackingPacks()
                .Select(p => (p.Id, p.Runs.Count, Line("worker", Path.GetFullPath(store.Root), "--pack", p.Id))),
        ]);
    }

    /// <summary>A command line of this very program, as a shell reads it, wherever it is typed.</summary>
    public static string Line(params IReadOnlyList<string> words)
    {
        WorkerCommand self = WorkerCommand.Self();
        // The last of its own words is the command of children.
        return string.Join(' ', ((IReadOnlyList<string>)[self.FileName, .. self.Arguments.SkipLast(1), .. words]).Select(Quoted));
    }

    /// <summary>A word as a shell reads it.</summary>
    public static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=,:+@%".Contains(c, StringComparison.Ordinal))
            ? word
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    public IEnumerable<string> Lines() => Commands.Select(c => c.Line);

    public JsonNode Json() =>
        new JsonObject
        {
            ["commands"] = AnswerJson.Each(
                Commands,
                c => new JsonObject
                {
                    ["pack"] = c.Pack,
                    ["runs"] = c.Runs,
                    ["command"] = c.Line,
                }
            ),
        };
}
