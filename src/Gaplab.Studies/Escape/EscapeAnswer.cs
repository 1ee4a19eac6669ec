// The answer of gaplab escape: exit times, predicted and simulated side by side, and the claims they decide.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;

namespace Gaplab.Studies.Escape;

/// <param name="Results">All cases.</param>
/// <param name="Source">The study's file as the user named it.</param>
/// <param name="Sde">Whether times are those of the stochastic differential equations; else steps.</param>
public sealed record EscapeAnswer(EscapeResults Results, string Source, bool Sde) : IPagedAnswer
{
    public IEnumerable<string> Lines()
    {
        if (Results.Question.Length > 0)
            yield return Results.Question;
        yield return Sde ? "times are those of the stochastic differential equations" : "times are steps";
        yield return "minimum       algorithm                   α       ε  width"
            + "   predicted   corrected        mean       ± se   median  kΛ       D*      p  note";
        foreach (EscapeRow r in Results.Cases)
        {
            string note =
                r.Refused ? "refused: " + r.Reason
                : r.Valid ? ""
                : "outside the theory's validity";
            if (r.Simulated.Censored > 0)
                note = $"{r.Simulated.Censored} of {r.Simulated.Paths} paths never left. {note}";
            yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{r.Minimum, -13} {r.Algorithm + (r.Matching is null ? "" : $" ({r.Matching})"), -24} {r.Alpha, 4:0.##} "
                        + $"{r.Epsilon, 7:0.####} {r.Width, 6:0.##} {Number(r.Predicted.Mean), 11} "
                        + $"{Number(r.Predicted.CorrectedMean), 11} {Number(r.Simulated.Mean), 11} {Number(r.Simulated.Stderr), 10} "
                        + $"{Number(r.Simulated.Median), 8}  {r.Correction, -6:0.###} "
                        + $"{r.Ks.Statistic?.ToString("0.00", CultureInfo.InvariantCulture) ?? "–", 5} "
                        + $"{r.Ks.P?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–", 6}  {note}"
                )
                .TrimEnd();
        }
        foreach (var group in Results.Matchings.GroupBy(m => (m.Minimum, m.Alpha)))
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"T_SGD/T_Adam predicted in {group.Key.Minimum} at α {group.Key.Alpha:0.##}: "
            )
                + string.Join(
                    ", ",
                    group.Select(m => string.Create(CultureInfo.InvariantCulture, $"equal {m.Matching} " + $"{m.TimeRatio:0.000}"))
                );
        foreach (EscapeClaim claim in Results.Claims)
        {
            yield return "";
            yield return "claim:    " + claim.Claim;
            yield return "measured: " + claim.Measured;
            yield return "held:     " + EscapeReport.Verdict(claim);
        }
    }

    // A study of one case is that case; a sweep lists its cases.
    public JsonNode Json() => Results.Cases is [var only] ? AnswerJson.Of(only) : AnswerJson.Of(Results);

    public Report Page() => EscapeReport.Build(Results, Source, Sde);

    private static string Number(double? value) => value is { } number ? number.ToString("g4", CultureInfo.InvariantCulture) : "–";

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(EscapeAnswer))
        {
            Name = "escape",
            Says = "exit times from a minimum, predicted and simulated",
            Commands = ["escape"],
        };
}
