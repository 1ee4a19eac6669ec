// The answer of a comparison: where one optimizer overtakes the other.
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report;

/// <summary>Of a table of runs.</summary>
public sealed record CrossoverAnswer(CrossoverReportInput Input) : IPagedAnswer
{
    public IEnumerable<string> Lines() => Input.Analysis.ToLines();

    public JsonNode Json() => Input.Analysis.ToJson();

    public Report Page() => CrossoverReport.Build(Input);

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(CrossoverAnswer))
        {
            Name = "crossover",
            Says = "the same of a table of runs, without what only a study knows",
            Commands = ["crossover"],
        };
}
