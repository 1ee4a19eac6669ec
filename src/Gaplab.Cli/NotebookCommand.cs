// gaplab notebook: a Jupyter notebook over what a store found, with the tables that it reads.
using System.CommandLine;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;
using Gaplab.Results.Export;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class NotebookCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("store") { Description = "the store's folder, or its study file" };
        var place = new Option<string?>("--folder") { Description = "a new or empty folder for it (default notebooks/NAME)" };
        var pair = new PairOptions();
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "notebook",
            "a Jupyter notebook that draws the figures of a store with pandas and matplotlib, beside the tables that it reads",
            examples:
            [
                new("stores/quickstart", "then: jupyter lab notebooks/quickstart/analysis.ipynb"),
                new("stores/quickstart --folder paper/figures", "into a folder of one's own"),
            ]
        )
        {
            store,
            place,
        };
        pair.AddTo(command);
        command.Add(output.Json);
        command.SetAction(parsed =>
        {
            (RunStore opened, PlanDocument document) = StudyArguments.OpenStill(parsed, parsed.GetRequiredValue(store));
            var folder = new OutputFolder(parsed.GetValue(place) ?? Path.Combine("notebooks", document.Study.Name));
            folder.Check();
            pair.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
            AtWork.On($"analysing the runs of {Shown.Of(opened.Root)}");
            var report = new StudyReport(document, opened);
            GapAnalysis analysis = report.Analyse(
                pair.Options(parsed, report.DefaultPair(), StudySpec.IsHigherBetter(document.Study.Metric))
            );
            AtWork.On($"reading the measurements of {Shown.Of(opened.Root)}");
            var export = new StudyExport(document, opened);
            new NotebookFolder
            {
                Title = document.Study.Name,
                Command = StudyRunCommand.CommandText(parsed),
                Analysis = analysis,
                Rows = export.Rows,
                History = export.History,
            }.Write(folder);
            return output.Give(parsed, new NotebookAnswer(folder.Path, export.Rows.Count), stores: opened);
        });
        return command;
    }

    /// <summary>Where it is.</summary>
    private sealed record NotebookAnswer(string Folder, int Runs) : IAnswer
    {
        private string File => Path.Combine(Folder, NotebookFolder.File);

        public IEnumerable<string> Lines() =>
            [$"notebook: {File}, over {Runs} runs; open it with: jupyter lab {PackCommands.Quoted(File)}"];

        public JsonNode Json() => new JsonObject { ["notebook"] = File, ["runs"] = Runs };
    }
}
