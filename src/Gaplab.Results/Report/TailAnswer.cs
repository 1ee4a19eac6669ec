// The answer of gaplab tails: the panel of one array of values.
using System.Text.Json.Nodes;
using Gaplab.Numerics.Tails;
using Gaplab.Results.Answers;

namespace Gaplab.Results.Report;

/// <param name="Panel">What was measured.</param>
/// <param name="Source">The file as the user named it.</param>
/// <param name="Command">The command that asked.</param>
public sealed record TailAnswer(TailPanel Panel, string Source, string Command) : IPagedAnswer
{
    public IEnumerable<string> Lines() => Panel.ToLines();

    public JsonNode Json() => AnswerJson.Of(Panel);

    public Report Page() => TailReport.Build([Panel], Source, Command);

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(TailAnswer))
        {
            Name = "tails",
            Says = "eight estimates of the tail index of an array, with their plots and a Gaussian control",
            Commands = ["tails"],
        };
}
