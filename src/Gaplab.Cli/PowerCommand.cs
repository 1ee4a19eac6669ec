// gaplab power: how many seeds a gap of a given size needs, from a pilot's store or table. Needs no libtorch.
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Cli;

internal static class PowerCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("pilot") { Description = "a store, its study file, or a CSV table of runs" };
        var gap = new Option<double>("--gap")
        {
            Description = "the size of the gap that is to be found, in the metric's units",
            Required = true,
        };
        var power = new Option<double>("--power")
        {
            Description = "the probability of finding it (default 0.8)",
            DefaultValueFactory = _ => 0.8,
        };
        var options = new TableArguments();
        PairOptions output = new PairOptions();
        var command = new Command("power", "how many seeds a gap of a given size needs, by the spread of a pilot") { source, gap, power };
        options.AddTo(command);
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            (double difference, double wanted) = (parsed.GetValue(gap), parsed.GetValue(power));
            if (!(difference > 0) || !double.IsFinite(difference))
                throw new InputException(
                    string.Create(CultureInfo.InvariantCulture, $"--gap got {difference}; expected a number above 0, in the metric's units")
                );
            if (!(wanted > 0.05 && wanted < 1))
                throw new InputException(
                    string.Create(CultureInfo.InvariantCulture, $"--power got {wanted}; expected a number between 0.05 and 1, usually 0.8")
                );
            AtWork.On($"analysing the runs of {Shown.Of(parsed.GetRequiredValue(source))}");
            (GapAnalysis analysis, RunStore[] stores) = Analyse(parsed, options, output, parsed.GetRequiredValue(source));
            IReadOnlyList<SeedPower> rows = SeedPower.Of(analysis, difference, wanted);
            if (rows.Count == 0)
                throw new InputException(
                    $"{parsed.GetRequiredValue(source)} has no batch size at which both {analysis.First} and {analysis.Second} were run; "
                        + $"expected a pilot of both, or another --pair"
                );
            if (output.Json(parsed))
                Console.Out.WriteLine(
                    (
                        stores.Length == 0
                            ? ToJson(analysis, rows, difference, wanted)
                            : StoreCheck.With(ToJson(analysis, rows, difference, wanted), stores)
                    ).ToJsonString(SpecJson.Indented)
                );
            else
                foreach (string line in ToLines(analysis, rows, difference, wanted))
                    Console.Out.WriteLine(line);
            StoreCheck.Print(output.Words(parsed), stores);
            return StoreCheck.Tell(CommandRunner.Done, stores);
        });
        return command;
    }

    private static (GapAnalysis, RunStore[]) Analyse(ParseResult parsed, TableArguments options, PairOptions output, string path)
    {
        if (File.Exists(path) && Path.GetExtension(path) is not (".yaml" or ".yml"))
        {
            SweepTable table = options.Read(parsed, path);
            return (GapAnalysis.Analyse(table, output.Options(parsed, table.Optimizers, options.Maximize(parsed))), []);
        }
        if (options.Given(parsed) is { } given)
            throw new InputException($"{given} is about a table of runs, and {path} is a study; leave it out");
        (var store, PlanDocument document) = StudyArguments.OpenStore(path);
        output.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
        var report = new StudyReport(document, store);
        return (report.Analyse(output.Options(parsed, report.DefaultPair(), StudySpec.IsHigherBetter(document.Study.Metric))), [store]);
    }

    private static IEnumerable<string> ToLines(GapAnalysis analysis, IReadOnlyList<SeedPower> rows, double difference, double power)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"seeds that find a gap of {difference} in {analysis.Metric} between {analysis.First} and {analysis.Second} with a "
                + $"probability of {power:p0} (two-sided, "
                + $"5%){(analysis.Caveats.Count > 0 ? $" ({string.Join("; ", analysis.Caveats)})" : "")}"
        );
        foreach (SeedPower row in rows)
        {
            string where = $"{row.Comparison.Prefix}B={row.Batch}";
            yield return row.Deviation is not { } deviation
                ? $"  {where}: unknown, {Why(analysis, row)}"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {where}: {Count(row.Needed)} seeds ({Count(row.NeededLow)} to {Count(row.NeededHigh)} by the uncertainty of the "
                        + $"spread from {row.Seeds} seeds); spread between seeds {deviation:g3}, power of {row.Seeds} seeds "
                        + $"{row.PowerNow:p0}"
                );
        }
        if (
            rows.Select(r => r.Needed).OfType<int>().DefaultIfEmpty().Max() is > 0 and var most
            && rows.All(r => r.Needed is not null || r.Deviation is null)
        )
            yield return $"at every batch size: {most} seeds";
    }

    // Which of the two is at fault, and at which end of its learning rates.
    private static string Why(GapAnalysis analysis, SeedPower row)
    {
        if (row.Seeds < 2)
            return "the pilot has one seed; run at least 3";
        Gap gap = analysis.Comparisons.First(g => g.Key.Equals(row.Comparison)).Gaps.First(g => g.Batch == row.Batch);
        string[] diverged = [.. ((TunedMetric[])[gap.First, gap.Second]).Where(t => t.AllDiverged).Select(t => t.Optimizer)];
        return diverged.Length == 0
            ? "the seeds show no spread"
            : $"{string.Join(" and ", diverged)} diverged at every learning rate there; try smaller ones";
    }

    private static string Count(int? seeds) => seeds?.ToString(CultureInfo.InvariantCulture) ?? "more than 10000";

    private static JsonObject ToJson(GapAnalysis analysis, IReadOnlyList<SeedPower> rows, double difference, double power) =>
        new()
        {
            ["pair"] = new JsonArray(analysis.First, analysis.Second),
            ["metric"] = analysis.Metric,
            ["gap"] = difference,
            ["power"] = power,
            ["level"] = 0.05,
            ["caveats"] = new JsonArray([.. analysis.Caveats.Select(c => (JsonNode)c)]),
            ["rows"] = new JsonArray([
                .. rows.Select(r =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["comparison"] = r.Comparison.Heading,
                            ["batch"] = r.Batch,
                            ["pilotGap"] = double.IsFinite(r.Gap) ? r.Gap : null,
                            ["pilotSeeds"] = r.Seeds,
                            ["deviation"] = r.Deviation,
                            ["seeds"] = r.Needed,
                            ["seedsLow"] = r.NeededLow,
                            ["seedsHigh"] = r.NeededHigh,
                            ["pilotPower"] = r.PowerNow,
                        }
                ),
            ]),
        };
}
