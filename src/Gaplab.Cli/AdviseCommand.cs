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
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class AdviseCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("study") { Description = "the study's file, or its store" };
        var batch = new Option<double>("--batch") { Description = "the batch size you would train at", Required = true };
        var output = new AnalysisOutput();
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
            IEnumerable<GapEvidence> Predicted(GroupKey key) =>
                PredictionFiles
                    .AllOf(store, key)
                    .Reverse()
                    .Where(p => (p.First, p.Second) == (pair.First, pair.Second))
                    .Select(Evidence)
                    .OfType<GapEvidence>();
            GroupKey[] keys = [.. document.ToPlan().Cells.Select(c => c.Key)];
            static string Heading(GroupKey key) => key.Pairs.Count == 0 ? "" : key.ToString();
            var groups = new List<(string, BatchAdvice)>();
            (string, double) first = (pair.First, StateBytes(document.Study, pair.First)),
                second = (pair.Second, StateBytes(document.Study, pair.Second));
            if (!store.Index().Any())
            {
                foreach (GroupKey key in keys)
                    if (Predicted(key).ToArray() is { Length: > 0 } alone)
                        groups.Add((Heading(key), BatchAdvice.Of(asked, document.Study.Metric, first, second, alone)));
                if (groups.Count == 0)
                    throw new InputException(
                        $"{store.Root} holds neither runs nor a prediction for {pair.First} against {pair.Second}; make one with 'gaplab "
                            + $"study run STUDY.yaml' or 'gaplab predict STUDY.yaml'"
                    );
                Print(groups, output.Json(parsed), store);
                return StoreCheck.Tell(CommandRunner.Done, store);
            }
            GapAnalysis analysis = report.Analyse(pair);
            foreach (GroupAnalysis group in analysis.Groups)
            {
                int runs = group.Tuned.Sum(t => t.Cells.Sum(c => c.Runs.Count));
                GapEvidence? measured = GapEvidence.Measured(analysis, group, $"measured: {runs} runs, {group.Seeds.Count} seeds");
                BatchAdvice advice = BatchAdvice.Of(
                    asked,
                    analysis.Metric,
                    first,
                    second,
                    [.. Predicted(keys.Length == 1 ? keys[0] : group.Key).Prepend(measured).OfType<GapEvidence>()]
                );
                // A pair that was asked for is answered as a pair; else the best of all that were tuned is looked for.
                if (!output.NamesPair(parsed) && group.Arms.At(asked) is { Arms.Count: > 2 } standings)
                    advice = advice.Among(standings, name => StateBytes(document.Study, name));
                groups.Add((Heading(group.Key), advice));
            }
            // What has been predicted but not run has advice too.
            foreach (GroupKey key in keys.Where(k => keys.Length > 1 && !analysis.Groups.Any(g => g.Key.Equals(k))))
                if (Predicted(key).ToArray() is { Length: > 0 } alone)
                    groups.Add((Heading(key), BatchAdvice.Of(asked, analysis.Metric, first, second, alone)));
            Print(groups, output.Json(parsed), store);
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

    private static void Print(IReadOnlyList<(string Group, BatchAdvice Advice)> groups, bool json, RunStore store)
    {
        if (json)
        {
            var all = new JsonArray();
            foreach ((string group, BatchAdvice advice) in groups)
            {
                JsonObject one = advice.ToJson();
                one["group"] = group;
                all.Add(one);
            }
            Console.Out.WriteLine(StoreCheck.With(new JsonObject { ["advice"] = all }, store).ToJsonString(DocumentOutput.Format));
            return;
        }
        foreach ((string group, BatchAdvice advice) in groups)
        {
            if (group.Length > 0)
                Console.Out.WriteLine($"[{group}]");
            foreach (string line in advice.ToLines())
                Console.Out.WriteLine(line);
        }
    }
}
