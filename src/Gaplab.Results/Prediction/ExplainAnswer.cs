// The answer of gaplab explain: how well each measured quantity predicts the gap in settings that were left out.
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

    /// <summary>Of the predictors, in the order of the rows' numbers.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The gaps.</summary>
    public required IReadOnlyList<PredictorRow> Rows { get; init; }

    /// <summary>Of <see cref="PredictorScores.Of"/>.</summary>
    public required IReadOnlyList<PredictorScore> Scores { get; init; }

    /// <summary>The predictor that the page draws the gaps against; null: the best that has a correlation of its own.</summary>
    public string? Shown { get; init; }

    /// <summary>The stores, as a provenance line names them.</summary>
    public required string Source { get; init; }

    /// <summary>The command that asked.</summary>
    public required string Command { get; init; }

    private int Settings => Rows.Select(r => r.Setting).Distinct().Count();

    public IEnumerable<string> Lines()
    {
        yield return $"{Rows.Count} gaps of {Settings} settings. 'left out' tells how well a setting is predicted from the others: 1 "
            + $"perfectly, 0 no better than by their mean.";
        yield return "";
        yield return $"{"predictor", -40} {"gaps", 5} {"settings", 8} {"left out", 9} {"rank correlation", 17}   {"95% interval", -16} "
            + $"{"p (Holm)", 8}";
        foreach (PredictorScore s in ExplainSections.Ranked(Scores))
        {
            SettingCorrelation? c = s.Correlation;
            string interval = c?.Interval is { Low: { } low, High: { } high }
                ? $"{NumberText.Correlation(low)} … {NumberText.Correlation(high)}"
                : NumberText.None;
            yield return $"{s.Name, -40} {s.Rows, 5} {s.Settings, 8} {NumberText.Correlation(s.R2), 9} "
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
                Scores,
                s => new JsonObject
                {
                    ["name"] = s.Name,
                    ["gaps"] = s.Rows,
                    ["settings"] = s.Settings,
                    ["leftOutPrediction"] = AnswerJson.Number(s.R2),
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
            Headline = ExplainSections.Headline(Scores),
            Command = Command,
            Facts = [new("compared", Compared), new("gaps", NumberText.Count(Rows.Count)), new("settings", NumberText.Count(Settings))],
            Sections =
            [
                .. ExplainSections.Of(
                    Names,
                    Rows,
                    Scores,
                    Shown ?? ExplainSections.Ranked(Scores).First(s => s.Correlation is not null).Name,
                    new Provenance(Source, Command, [])
                ),
            ],
        };

    private JsonObject Row(PredictorRow row)
    {
        var json = new JsonObject
        {
            ["setting"] = row.Setting,
            ["batch"] = row.Batch,
            ["relativeGap"] = row.Gap,
        };
        foreach ((string name, double value) in Names.Zip(row.Predictors))
            json[name] = AnswerJson.Number(value);
        return json;
    }
}
