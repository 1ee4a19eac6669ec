// The answer of a pilot: what it found, and the verdict on every pair.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;

namespace Gaplab.Results.Prediction;

/// <summary>One comparison: what is kept of it, and a verdict for each of its pairs.</summary>
public sealed record PilotPart(PilotPrediction Prediction, IReadOnlyList<GapVerdict> Verdicts);

/// <param name="Parts">At least one.</param>
/// <param name="Source">The study's file, as the page names it.</param>
public sealed record PilotAnswer(IReadOnlyList<PilotPart> Parts, string Source) : IPagedAnswer
{
    public IReadOnlyList<PilotPrediction> Predictions => [.. Parts.Select(p => p.Prediction)];

    public IEnumerable<string> Lines()
    {
        foreach (PilotPart part in Parts)
        {
            yield return "";
            if (part.Prediction.Comparison.Length > 0)
                yield return $"[{part.Prediction.Comparison}]";
            foreach (GapVerdict verdict in part.Verdicts)
            {
                if (part.Verdicts.Count > 1)
                    yield return $"[{verdict.First} against {verdict.Second}]";
                foreach (string line in GapVerdictText.Lines(verdict))
                    yield return line;
                yield return "";
            }
            yield return "what the pilot measured:";
            yield return $"   batch     samples  seed  {"optimizer", -24} lr*        loss";
            foreach (PilotCellReading c in Ordered(part.Prediction.Cells))
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{c.Batch, 8} {c.Samples, 11}  {c.Seed, 4}  {PilotReport.NameOf(c), -24} {Rate(c), -10:g4} {Loss(c)}"
                );
        }
    }

    public JsonNode Json() => new JsonObject { ["comparisons"] = AnswerJson.Each(Parts, p => p.Prediction.ToJson()) };

    public Report.Report Page() => PilotReport.Build(this);

    /// <summary>By length, batch size, seed.</summary>
    internal static IEnumerable<PilotCellReading> Ordered(IEnumerable<PilotCellReading> cells) =>
        cells.OrderByDescending(c => c.Samples).ThenBy(c => c.Batch).ThenBy(c => c.Seed);

    private static string Rate(PilotCellReading c) => c.Rate is { } rate ? NumberText.Short(rate) : NumberText.None;

    private static string Loss(PilotCellReading c) =>
        c.Loss is { } loss
            ? loss.ToString("g5", CultureInfo.InvariantCulture) + (c.AtEdge ? "  (at the edge of the rates tried)" : "")
            : "diverged";

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(PilotAnswer))
        {
            Name = "pilot",
            Says = "who will be ahead at each batch size and where that flips, from a pilot of short runs",
            Commands = ["predict"],
        };
}
