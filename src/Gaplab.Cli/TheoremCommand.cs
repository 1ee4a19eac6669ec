// gaplab theorem1: clipped SGD on functions with the structure of Pan and Li's theorem, measured beside closed forms and bounds. Pure C#.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gaplab.Results.Report;
using Gaplab.Studies.Running;
using Gaplab.Theory.Sharpness;

namespace Gaplab.Cli;

internal static class TheoremCommand
{
    public static Command Create()
    {
        var output = new DocumentOutput();
        var command = new Command(
            "theorem1",
            "does clipping the top coordinates help, and when? On functions where a few coordinates hold the curvature"
        )
        {
            output.Json,
            output.Html,
        };
        command.SetAction(parsed =>
        {
            AtWork.On("simulating clipped and plain descent on functions of split curvature");
            IReadOnlyList<LimitRow> limits = TheoremBench.Limits();
            IReadOnlyList<BenchRow> rows = TheoremBench.Run();
            if (output.Html.Of(parsed) is { } page)
            {
                ReportWriter.Write(page, TheoremReport.Build(limits, rows, $"Gaplab {RunEnvironment.Version}"), ReportBundle.Load());
                output.Words(parsed).WriteLine($"report: {page.Path}");
            }
            if (parsed.GetValue(output.Json))
                Console.Out.WriteLine(JsonSerializer.Serialize(new { limits, bench = rows }, DocumentOutput.NamedChoices));
            else
                Print(limits, rows);
            return CommandRunner.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<LimitRow> limits, IReadOnlyList<BenchRow> rows)
    {
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Closed form (d → ∞) and one Gaussian sample of d = "
                    + $"{TheoremBench.LimitDimension}; a ratio above 1 speaks for the "
                    + $"clipped step"
            )
        );
        Console.WriteLine("     ε    ℓ/L  direction        S_sgd/S   measured    Δ/Δ_sgd   measured");
        foreach (LimitRow r in limits)
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{r.Epsilon, 6:g3} {r.FlatOverSharp, 6:g3}  "
                        + $"{r.Direction, -15}{r.SharpnessRatio, 9:f4} "
                        + $"{r.MeasuredSharpnessRatio, 10:f4} {r.DecreaseRatio, 10:f4} {r.MeasuredDecreaseRatio, 10:f4}"
                )
            );
        Console.WriteLine();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The bench, d = {TheoremBench.Dimension}: steps = certified steps to a tenth of "
                    + $"the mean |g|, at most the bound; by L = "
                    + $"the same knowing only L (SGD: 1/L); line = best steps along the direction to 1% of the loss"
            )
        );
        Console.WriteLine("function        ε    ℓ/L  turn  rule           S_sgd/S  cos(g,u)   Δ/Δ_sgd   steps    by L     bound   line");
        foreach (BenchRow r in rows)
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{TheoremReport.NameOf(r.Profile), -11}{r.Epsilon, 6:g3} "
                        + $"{r.FlatOverSharp, 6:g3} {r.Degrees, 4:f0}°  "
                        + $"{r.Rule, -14}{Number(r.SharpnessRatio, "f3"), 8} {r.Alignment, 9:f3} {Number(r.DecreaseRatio, "f3"), 9} "
                        + $"{r.Steps?.ToString(CultureInfo.InvariantCulture) ?? "–", 7} "
                        + $"{r.SmoothSteps?.ToString(CultureInfo.InvariantCulture) ?? "–", 7} {Number(r.StepBound, "f0"), 9} "
                        + $"{r.LineSearchSteps?.ToString(CultureInfo.InvariantCulture) ?? "–", 6}"
                )
            );
        Console.WriteLine();
        foreach (string line in TheoremReport.Findings(rows))
            Console.WriteLine(line.Replace("**", "", StringComparison.Ordinal));
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
