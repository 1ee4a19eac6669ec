// The answer of gaplab explain: how well each measured quantity predicts the gap in comparisons that were left out.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;

namespace Gaplab.Results.Prediction;

/// <summary>The scores with the gaps that they are of.</summary>
public sealed record ExplainAnswer : IPagedAnswer
{
    /// <summary>The two optimizers, as the page names them: "sgd with adam".</summary>
    public required string Compared { get; init; }

    /// <summary>Of the explanations, in the order of the columns.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The gaps.</summary>
    public required IReadOnlyList<GapObservation> Rows { get; init; }

    /// <summary>By a ridge regression, and all together.</summary>
    public required ExplanationScores Scores { get; init; }

    /// <summary>The explanation that the page draws the gaps against; null: the best that has a correlation of its own.</summary>
    public string? Shown { get; init; }

    /// <summary>The stores, as a provenance line names them.</summary>
    public required string Source { get; init; }

    /// <summary>The command that asked.</summary>
    public required string Command { get; init; }

    private int Comparisons => Rows.Select(r => r.Setting).Distinct().Count();

    public IEnumerable<string> Lines()
    {
        yield return $"{Rows.Count} gaps of {Comparisons} comparisons. 'left out' tells how well one is predicted from the others: 1 "
            + $"perfectly, 0 no better than by their mean.";
        yield return "";
        yield return $"{"explanation", -40} {"gaps", 5} {"comparisons", 11} {"left out", 9} {"rank correlation", 17}   "
            + $"{"95% interval", -16} {"p (Holm)", 8}";
        foreach (ExplanationScore s in Scores.Ranked)
        {
            SettingCorrelation? c = s.Correlation;
            string interval = c?.Interval is { Low: { } low, High: { } high }
                ? $"{NumberText.Correlation(low)} … {NumberText.Correlation(high)}"
                : NumberText.None;
            yield return $"{s.Name, -40} {s.Gaps, 5} {s.Settings, 11} {NumberText.Correlation(s.Predicted), 9} "
                + $"{NumberText.Correlation(c?.Value), 17}   {interval, -16} "
                + $"{c?.Adjusted?.ToString("0.000", CultureInfo.InvariantCulture) ?? NumberText.None, 8}";
        }
        yield return "";
        yield return ExplainSections.Caution(Scores);
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["scores"] = AnswerJson.Each(
                Scores.Ranked,
                s => new JsonObject
                {
                    ["name"] = s.Name,
                    ["gaps"] = s.Gaps,
                    ["comparisons"] = s.Settings,
                    ["leftOutPrediction"] = AnswerJson.Number(s.Predicted),
                    ["rankCorrelation"] = s.Correlation?.Value,
                    ["low"] = s.Correlation?.Interval.Low,
                    ["high"] = s.Correlation?.Interval.High,
                    ["p"] = s.Correlation?.PValue,
                    ["adjusted"] = s.Correlation?.Adjusted,
                }
            ),
            ["rows"] = AnswerJson.Each(Rows, Row),
        };

    public Report.Report Page() =>
        new()
        {
            Title = "What explains the gap",
            Headline = Scores.Sentence(ExplainSections.Unit),
            Command = Command,
            Facts =
            [
                new("compared", Compared),
                new("gaps", NumberText.Count(Rows.Count)),
                new("comparisons", NumberText.Count(Comparisons)),
            ],
            Sections =
            [
                .. ExplainSections.Of(Names, Rows, Scores, Shown ?? Scores.Alone.First().Name, new Provenance(Source, Command, [])),
            ],
        };

    private JsonObject Row(GapObservation row)
    {
        var json = new JsonObject
        {
            ["comparison"] = row.Setting,
            ["batch"] = row.Batch,
            ["relativeGap"] = row.Gap,
        };
        foreach (string name in Names)
            json[name] = AnswerJson.Number(row.Of(name));
        return json;
    }

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(ExplainAnswer))
        {
            Name = "explanations",
            Says = "how well each measured quantity predicts the gap of comparisons that were left out",
            Commands = ["explain"],
        };
}
