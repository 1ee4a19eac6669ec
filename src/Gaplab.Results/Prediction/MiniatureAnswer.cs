// The answer of a miniature: the gap of a study read from runs with smaller batches and fewer steps.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;

namespace Gaplab.Results.Prediction;

/// <summary>One prediction for each comparison that could be read.</summary>
/// <param name="Predictions">At least one.</param>
/// <param name="Scale">1:d.</param>
/// <param name="Samples">Training samples that the miniature cost.</param>
/// <param name="SweepSamples">Those of the first round of the study's own sweep.</param>
/// <param name="Source">The study's file, as the page names it.</param>
public sealed record MiniatureAnswer(
    IReadOnlyList<GapPrediction> Predictions,
    int Scale,
    double Samples,
    double SweepSamples,
    string Source
) : IPagedAnswer
{
    public IEnumerable<string> Lines() => Predictions.SelectMany(p => MiniatureReport.Lines(p, Scale));

    public JsonNode Json() =>
        new JsonObject
        {
            ["scale"] = Scale,
            ["samples"] = Samples,
            ["sweepSamples"] = SweepSamples,
            ["comparisons"] = AnswerJson.Each(Predictions, p => p.ToJson()),
        };

    public Report.Report Page() => MiniatureReport.Build(Predictions, Scale, Source);

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(MiniatureAnswer))
        {
            Name = "miniature",
            Says = "the gap of a study read from runs with smaller batches and fewer steps",
            Commands = ["predict"],
        };
}
