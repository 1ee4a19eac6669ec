// gaplab escape: exit times from minima under Lévy noise, predicted and simulated side by side. Pure C#.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gaplab.Results.Report;
using Gaplab.Studies.Escape;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class EscapeCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("spec") { Description = "an escape study (YAML; docs/escape.md)" };
        var set = new Option<string[]>("--set") { Description = "lay key.key=value over the file; repeatable" };
        var output = new DocumentOutput();
        var command = new Command("escape", "how long does a minimum hold SGD and Adam under heavy-tailed noise? Theory beside simulation")
        {
            file,
            set,
            output.Json,
            output.Html,
        };
        command.SetAction(parsed =>
        {
            bool asJson = parsed.GetValue(output.Json);
            string path = parsed.GetRequiredValue(file);
            AtWork.On($"reading {path}");
            EscapeSpec spec = EscapeFile.Load(path, parsed.GetValue(set) ?? []);
            EscapeResults results = EscapeStudy.Run(
                spec,
                (done, next) =>
                    Console.Error.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"gaplab: case {done + 1} of {spec.Cases.Count}: {next.Minimum.Name}, {next.Algorithm}, alpha {next.Alpha}, "
                                + $"epsilon {next.Epsilon}, width {next.Width}"
                        )
                    )
            );
            if (output.Html.Of(parsed) is { } page)
            {
                ReportWriter.Write(
                    page,
                    EscapeReport.Build(results, path, spec.Sde, $"Gaplab {RunEnvironment.Version}"),
                    ReportBundle.Load()
                );
                output.Words(parsed).WriteLine($"report: {page.Path}");
            }
            // A study of one case is that case; a sweep lists its cases.
            if (asJson)
                Console.Out.WriteLine(
                    results.Cases.Count == 1
                        ? JsonSerializer.Serialize(results.Cases[0], DocumentOutput.Format)
                        : JsonSerializer.Serialize(results, DocumentOutput.Format)
                );
            else
                Print(results, spec.Sde);
            return CommandRunner.Done;
        });
        return command;
    }

    private static void Print(EscapeResults results, bool sde)
    {
        if (results.Question.Length > 0)
            Console.WriteLine(results.Question);
        Console.WriteLine(sde ? "times are those of the stochastic differential equations" : "times are steps");
        Console.WriteLine(
            "minimum       algorithm                   α       ε  width   predicted   corrected        mean       ± se   median  kΛ       "
                + "D*      p  note"
        );
        foreach (EscapeRow r in results.Cases)
        {
            string note =
                r.Refused ? "refused: " + r.Reason
                : r.Valid ? ""
                : "outside the theory's validity";
            if (r.Simulated.Censored > 0)
                note = $"{r.Simulated.Censored} of {r.Simulated.Paths} paths never left. {note}";
            Console.WriteLine(
                string.Create(
                        CultureInfo.InvariantCulture,
                        $"{r.Minimum, -13} {r.Algorithm + (r.Matching is null ? "" : $" ({r.Matching})"), -24} {r.Alpha, 4:0.##} "
                            + $"{r.Epsilon, 7:0.####} {r.Width, 6:0.##} {Number(r.Predicted.Mean), 11} "
                            + $"{Number(r.Predicted.CorrectedMean), 11} {Number(r.Simulated.Mean), 11} {Number(r.Simulated.Stderr), 10} "
                            + $"{Number(r.Simulated.Median), 8}  {r.Correction, -6:0.###} "
                            + $"{r.Ks.Statistic?.ToString("0.00", CultureInfo.InvariantCulture) ?? "–", 5} "
                            + $"{r.Ks.P?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–", 6}  {note}"
                    )
                    .TrimEnd()
            );
        }
        foreach (var group in results.Matchings.GroupBy(m => (m.Minimum, m.Alpha)))
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"T_SGD/T_Adam predicted in {group.Key.Minimum} at α {group.Key.Alpha:0.##}: ")
                    + string.Join(
                        ", ",
                        group.Select(m => string.Create(CultureInfo.InvariantCulture, $"equal {m.Matching} " + $"{m.TimeRatio:0.000}"))
                    )
            );
        foreach (EscapeClaim claim in results.Claims)
        {
            Console.WriteLine();
            Console.WriteLine("claim:    " + claim.Claim);
            Console.WriteLine("measured: " + claim.Measured);
            Console.WriteLine("held:     " + EscapeReport.Verdict(claim));
        }
    }

    private static string Number(double? value) => value is { } number ? number.ToString("g4", CultureInfo.InvariantCulture) : "–";
}
