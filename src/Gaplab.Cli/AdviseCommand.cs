// gaplab advise: Adam or SGD at this batch size, from a study's runs and its prediction.
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Results.Advice;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Cli;

internal static class AdviseCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("study") { Description = "the study's file, or its store" };
        var batch = new Option<double>("--batch") { Description = "the batch size you would train at", Required = true };
        PairOptions output = new PairOptions();
        var command = new Command("advise", "Adam or SGD at this batch size, how sure, what being wrong costs, memory and learning rates")
        {
            source,
            batch,
        };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            double asked = parsed.GetValue(batch);
            if (!(asked >= 1) || !double.IsFinite(asked))
                throw new InputException(
                    string.Create(CultureInfo.InvariantCulture, $"--batch got {asked}; expected a batch size of " + $"at least 1")
                );
            (RunStore store, PlanDocument document) = StudyArguments.OpenStore(parsed.GetRequiredValue(source));
            output.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
            var report = new StudyReport(document, store);
            AnalysisOptions pair = output.Options(parsed, report.DefaultPair(), StudySpec.IsHigherBetter(document.Study.Metric));
            // The miniature, which is the last, goes before the gap model: of suite-backtest's signs it had twice as many right.
            IEnumerable<GapEvidence> Predicted(ComparisonKey key) =>
                PredictionFiles
                    .AllOf(store, key)
                    .Reverse()
                    .Where(p => (p.First, p.Second) == (pair.First, pair.Second))
                    .Select(Evidence)
                    .OfType<GapEvidence>();
            ComparisonKey[] keys = [.. document.ToPlan().Comparisons.Select(c => c.Key)];
            var comparisons = new List<(string, BatchAdvice)>();
            (string, double) first = (pair.First, StateBytes(document.Study, pair.First)),
                second = (pair.Second, StateBytes(document.Study, pair.Second));
            if (!store.Index().Any())
            {
                foreach (ComparisonKey key in keys)
                    if (Predicted(key).ToArray() is { Length: > 0 } alone)
                        comparisons.Add((key.Heading, BatchAdvice.Of(asked, document.Study.Metric, first, second, alone)));
                if (comparisons.Count == 0)
                    throw new InputException(
                        $"{store.Root} holds neither runs nor a prediction for {pair.First} against {pair.Second}; make one with 'gaplab "
                            + $"study run STUDY.yaml' or 'gaplab predict STUDY.yaml'"
                    );
                Print(comparisons, output.Json(parsed), store);
                return StoreCheck.Tell(CommandRunner.Done, store);
            }
            GapAnalysis analysis = report.Analyse(pair);
            foreach (ComparisonAnalysis comparison in analysis.Comparisons)
            {
                int runs = comparison.Tuned.Sum(t => t.Trials.Sum(c => c.Runs.Count));
                GapEvidence? measured = GapEvidence.Measured(
                    analysis,
                    comparison,
                    $"measured: {runs} runs, {comparison.Seeds.Count} seeds"
                );
                BatchAdvice advice = BatchAdvice.Of(
                    asked,
                    analysis.Metric,
                    first,
                    second,
                    [.. Predicted(keys.Length == 1 ? keys[0] : comparison.Key).Prepend(measured).OfType<GapEvidence>()]
                );
                // A pair that was asked for is answered as a pair; else the best of all that were tuned is looked for.
                if (!output.NamesPair(parsed) && comparison.Arms.At(asked) is { Arms.Count: > 2 } standings)
                    advice = advice.Among(standings, name => StateBytes(document.Study, name));
                comparisons.Add((comparison.Key.Heading, advice));
            }
            // What has been predicted but not run has advice too.
            foreach (ComparisonKey key in keys.Where(k => keys.Length > 1 && !analysis.Comparisons.Any(g => g.Key.Equals(k))))
                if (Predicted(key).ToArray() is { Length: > 0 } alone)
                    comparisons.Add((key.Heading, BatchAdvice.Of(asked, analysis.Metric, first, second, alone)));
            Print(comparisons, output.Json(parsed), store);
            StoreCheck.Print(output.Words(parsed), store);
            return StoreCheck.Tell(CommandRunner.Done, store);
        });
        return command;
    }

    private static GapEvidence? Evidence(GapPrediction prediction) =>
        GapEvidence.Predicted(
            prediction,
            $"predicted from the study's {(prediction.Method == GapPrediction.ByMiniature ? "miniature" : "probe")}"
        );

    private static double StateBytes(StudySpec study, string optimizer)
    {
        OptimizerChoice choice = study.Optimizer(optimizer);
        Learning.Specs.OptimizerSpec spec = choice.Template with { Momentum = choice.Momenta.Max() };
        return OptimizerCatalogue.Of(spec).StateRows(spec) * (study.Precision == "float64" ? 8 : 4);
    }

    private static void Print(IReadOnlyList<(string Comparison, BatchAdvice Advice)> comparisons, bool json, RunStore store)
    {
        if (json)
        {
            var all = new JsonArray();
            foreach ((string comparison, BatchAdvice advice) in comparisons)
            {
                JsonObject one = advice.ToJson();
                one["comparison"] = comparison;
                all.Add(one);
            }
            Console.Out.WriteLine(StoreCheck.With(new JsonObject { ["advice"] = all }, store).ToJsonString(DocumentOutput.Format));
            return;
        }
        foreach ((string comparison, BatchAdvice advice) in comparisons)
        {
            if (comparison.Length > 0)
                Console.Out.WriteLine($"[{comparison}]");
            foreach (string line in advice.ToLines())
                Console.Out.WriteLine(line);
        }
    }
}
