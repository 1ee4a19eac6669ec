// gaplab power: how many seeds a gap of a given size needs, from a pilot's store or table. Needs no libtorch.
using System.CommandLine;
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Cli;

internal static class PowerCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("pilot") { Description = "a store, its study file, or a table or folder of runs" };
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
        var pair = new PairOptions();
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "power",
            "how many seeds a gap of a given size needs, by the spread of a pilot",
            examples: [new("stores/quickstart --gap 0.01", "seeds that it takes to see a gap of 0.01")]
        )
        {
            source,
            gap,
            power,
        };
        options.AddTo(command);
        pair.AddTo(command);
        command.Add(output.Json);
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
            (GapAnalysis analysis, RunStore[] stores) = Analyse(parsed, options, pair, parsed.GetRequiredValue(source));
            IReadOnlyList<SeedPower> rows = SeedPower.Of(analysis, difference, wanted);
            if (rows.Count == 0)
                throw new InputException(
                    $"{parsed.GetRequiredValue(source)} has no batch size at which both {analysis.First} and {analysis.Second} were run; "
                        + $"expected a pilot of both, or another --pair"
                );
            return output.Give(parsed, new PowerAnswer(analysis, rows, difference, wanted), stores: stores);
        });
        return command;
    }

    private static (GapAnalysis, RunStore[]) Analyse(ParseResult parsed, TableArguments options, PairOptions pair, string path)
    {
        if (
            File.Exists(path) ? Path.GetExtension(path) is not (".yaml" or ".yml") : !RunStore.IsThere(path) && SweepImport.Recognises(path)
        )
        {
            SweepTable table = options.Read(parsed, path);
            return (GapAnalysis.Analyse(table, pair.Options(parsed, table.Optimizers, options.Maximize(parsed))), []);
        }
        if (options.Given(parsed) is { } given)
            throw new InputException($"{given} is about a table of runs, and {path} is a study; leave it out");
        (var store, PlanDocument document) = StudyArguments.OpenStill(parsed, path);
        pair.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
        var report = new StudyReport(document, store);
        return (report.Analyse(pair.Options(parsed, report.DefaultPair(), StudySpec.IsHigherBetter(document.Study.Metric))), [store]);
    }
}
