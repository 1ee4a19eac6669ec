// The answer of a study's store: its gap analysis with the page of everything that was measured.
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;

namespace Gaplab.Studies.Reporting;

/// <param name="Study">The report of the store.</param>
/// <param name="Analysis">Of the same store.</param>
/// <param name="Source">The store as the user named it.</param>
public sealed record StudyAnswer(StudyReport Study, GapAnalysis Analysis, string Source) : IPagedAnswer
{
    public IEnumerable<string> Lines() => Analysis.ToLines();

    public JsonNode Json() => Analysis.ToJson();

    public Report Page() => Study.Build(Analysis, Source);

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(StudyAnswer))
        {
            Name = "study",
            Says = "the gap and its crossover, how each optimizer was tuned, learning curves, factors, and what probes measured",
            Commands = ["study run", "study report"],
            File = "report.html",
        };
}
