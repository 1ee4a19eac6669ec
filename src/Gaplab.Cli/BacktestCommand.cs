// gaplab backtest: predicted curves against what stores measured. Pure C#.
using System.CommandLine;
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class BacktestCommand
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static Command Create()
    {
        var stores = new Argument<string[]>("store") { Description = $"stores that hold a {GapPrediction.FileName} (gaplab predict … --out STORE/{GapPrediction.FileName})", Arity = ArgumentArity.OneOrMore };
        var html = new Option<string?>("--html") { Description = "also write the page to this file" };
        var output = new AnalysisOutput();
        var command = new Command("backtest", "hold predicted gaps and crossovers against measured ones") { stores, html };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            var pairs = new List<BacktestPair>();
            foreach (string path in parsed.GetRequiredValue(stores))
            {
                (var store, var document) = StudyArguments.OpenStore(path);
                GapPrediction prediction = GapPrediction.Read(Path.Combine(store.Root, GapPrediction.FileName));
                var report = new StudyReport(document, store);
                GapAnalysis analysis = report.Analyse(output.Options(parsed, (prediction.First, prediction.Second)));
                if (analysis.HigherIsBetter) throw new InputException($"{path}: the metric is a score; predictions are of losses");
                GroupAnalysis[] groups = [.. analysis.Groups.Where(g => prediction.Group.Length == 0 || g.Key.ToString() == prediction.Group)];
                if (groups.Length == 0) throw new InputException($"{path}: no comparison '{prediction.Group}' in the store; it has {string.Join("; ", analysis.Groups.Select(g => g.Key))}");
                pairs.AddRange(groups.Select(g => new BacktestPair(groups.Length == 1 ? document.Study.Name : $"{document.Study.Name}, {g.Key}", prediction, g)));
            }
            Backtest backtest = Backtest.Of(pairs);
            string names = string.Join(' ', parsed.GetRequiredValue(stores));
            if (parsed.GetValue(html) is { } page)
            {
                var made = new Report
                {
                    Title = "Back-test", Headline = BacktestSection.Headline(backtest), Command = $"gaplab backtest {names}", Generator = $"Gaplab {RunEnvironment.Version}",
                    Sections = [.. BacktestSection.Of(backtest, new Provenance(names, $"gaplab backtest {names}", []))],
                };
                ReportWriter.Write(page, made, ReportBundle.Load());
                output.Words(parsed).WriteLine($"report: {page}");
            }
            if (output.Json(parsed)) Console.Out.WriteLine(JsonSerializer.Serialize(new { headline = BacktestSection.Headline(backtest), cells = backtest.Cells, crossovers = backtest.Crossovers }, Indented));
            else Print(backtest);
            return CommandRunner.Done;
        });
        return command;
    }

    private static void Print(Backtest backtest)
    {
        Console.WriteLine(BacktestSection.Headline(backtest));
        Console.WriteLine();
        foreach (BacktestCell c in backtest.Cells)
            Console.WriteLine(FormattableString.Invariant($"{c.Name,-24} batch {c.Batch,6}  predicted {Signed(c.Predicted),9}  measured {Signed(c.Measured),9}  {(c.SignRight is { } right ? right ? "right" : "wrong" : "not judged")}"));
        foreach (BacktestCrossover c in backtest.Crossovers)
            Console.WriteLine(FormattableString.Invariant($"{c.Name,-24} B* predicted {Short(c.Predicted)}, measured {Short(c.Measured)}{(c.Determined ? "" : " (not determined)")}"));
    }

    private static string Signed(double? value) => value is { } v ? NumberText.Signed(v) : NumberText.None;

    private static string Short(double? value) => value is { } v ? NumberText.Short(v) : NumberText.None;
}
