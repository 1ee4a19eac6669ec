// gaplab check-reference: every reference row the program can answer, recomputed and compared.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gaplab.Reference;

namespace Gaplab.Cli;

internal static class CheckReferenceCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "JSON with rows of section, name, params, value, tolerance, tolerance_kind and kind",
        };
        var all = new Option<bool>("--all") { Description = "simulate the mc and statistical rows anew (minutes)" };
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "check-reference",
            "recompute the rows of a reference file and compare",
            examples: [new("reference.json", "recompute its rows and compare")]
        )
        {
            file,
            all,
            output.Json,
        };
        command.SetAction(parsed =>
        {
            ReferenceCheck check = ReferenceCheck.Everything();
            // Simulations take minutes: each row is told as it ends.
            long began = Stopwatch.GetTimestamp();
            ReferenceReport report = check.Run(
                parsed.GetRequiredValue(file),
                parsed.GetValue(all),
                (row, difference) =>
                {
                    Console.Error.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"gaplab: {row.Id} {difference ?? "within tolerance"} ({Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} "
                                + $"s): {row.Name}"
                        )
                    );
                    began = Stopwatch.GetTimestamp();
                }
            );
            return output.Give(
                parsed,
                new ReferenceAnswer(report),
                report.Outside.Count == 0 ? CommandRunner.Done : CommandRunner.Incomplete
            );
        });
        return command;
    }
}
