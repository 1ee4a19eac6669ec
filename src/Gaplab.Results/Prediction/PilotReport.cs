// The page of a pilot: the verdicts, and the tuned losses that they stand on.
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Results.Prediction;

internal static class PilotReport
{
    /// <summary>"adam", or "adam (beta2=0.95)".</summary>
    public static string NameOf(PilotCellReading c) => c.Variant.Length > 0 ? $"{c.Optimizer} ({c.Variant})" : c.Optimizer;

    /// <summary>The page of a study's comparisons, one after the other.</summary>
    public static Report.Report Build(PilotAnswer answer)
    {
        string command = $"gaplab predict {answer.Source} --cost {answer.Parts[0].Prediction.Cost}";
        var from = new Provenance(answer.Source, command, []);
        return new()
        {
            Title = $"The pilot of {answer.Source}",
            Headline = string.Join(" ", answer.Parts.SelectMany(p => p.Verdicts.Select(v => Of(p) + GapVerdictText.Headline(v)))),
            Facts =
            [
                new("cost", $"{answer.Parts[0].Prediction.Cost} of the sweep's first round"),
                new("seeds", string.Join(", ", answer.Parts.SelectMany(p => p.Prediction.Seeds).Distinct().Order())),
            ],
            Command = command,
            Sections =
            [
                .. answer.Parts.SelectMany(
                    (part, i) =>
                        (Section[])
                            [.. part.Verdicts.Select((v, j) => Verdict(part, v, $"-{i}-{j}", from)), Cells(part, $"pilot-{i}-cells", from)]
                ),
            ],
        };
    }

    private static string Of(PilotPart part) => part.Prediction.Comparison is { Length: > 0 } key ? key + ": " : "";

    private static Section Verdict(PilotPart part, GapVerdict verdict, string suffix, Provenance from)
    {
        Section section = GapVerdictText.Section(verdict, from, suffix);
        string pair = part.Verdicts.Count > 1 ? $"{verdict.First} against {verdict.Second}: " : "";
        return section with { Title = $"{Of(part)}{pair}{section.Title}" };
    }

    private static Section Cells(PilotPart part, string id, Provenance from)
    {
        PilotCellReading[] cells = [.. PilotAnswer.Ordered(part.Prediction.Cells)];
        return new Section
        {
            Id = id,
            Title = $"{Of(part)}Tuned losses of the pilot",
            Prose =
            [
                "Each is the vertex of the parabola through the best learning rate and its neighbours in logarithms (a rise above a factor "
                    + "of 2 counted as 2), or the best itself at the edge of those tried. The sweep uses other seeds.",
            ],
            Chart = cells.All(c => c.Loss is null)
                ? null
                : SeriesPanels.Make(
                    [
                        .. cells
                            .Where(c => c.Loss is not null)
                            .Select(c => new PanelPoint($"{NumberText.Count(c.Samples)} samples", NameOf(c), c.Batch, c.Loss!.Value)),
                    ],
                    PanelAxis.Batches(cells.Select(c => (double)c.Batch)),
                    new PanelAxis("tuned loss", Own: true),
                    lines: false,
                    "Tuned losses of the pilot's runs against the batch size, one panel per length of training.",
                    "Every panel has a scale of its own."
                ),
            TableOpen = true,
            Table = new Table(
                "one row per optimizer, batch size, length and seed",
                [
                    new("optimizer"),
                    new("batch", true),
                    new("samples", true),
                    new("steps", true),
                    new("seed", true),
                    new("best lr", true),
                    new("tuned loss", true),
                    new("rates tried", true),
                    new("at edge"),
                ],
                [
                    .. cells.Select(c => new Row(
                        NameOf(c),
                        new Cell(NumberText.Count(c.Batch), c.Batch),
                        new Cell(NumberText.Count(c.Samples), c.Samples),
                        new Cell(NumberText.Count(c.Steps), c.Steps),
                        new Cell(NumberText.Count(c.Seed), c.Seed),
                        Cell.Of(c.Rate, NumberText.Short),
                        Cell.Of(c.Loss, NumberText.Metric),
                        new Cell(NumberText.Count(c.Tried.Count), c.Tried.Count),
                        c.AtEdge ? "yes" : "no"
                    )),
                ]
            ),
            Provenance = from,
        };
    }
}
