// gaplab notebook: a folder that Jupyter opens, whose numbers are the store's.
using System.Diagnostics;
using System.Text.Json;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Cli;

[Collection(nameof(StartedProgram))]
public sealed class NotebookSpecs(SmallStudy small) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_writes_a_notebook_with_the_tables_that_it_reads_and_leaves_what_is_there()
    {
        string folder = Made();
        Assert.Equal(
            ["analysis.ipynb", "answer.json", "measurements.csv", "runs.csv"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order()
        );
        using JsonDocument notebook = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "analysis.ipynb")));
        Assert.Equal(4, notebook.RootElement.GetProperty("nbformat").GetInt32());
        JsonElement[] cells = [.. notebook.RootElement.GetProperty("cells").EnumerateArray()];
        Assert.Equal(cells.Length, cells.Select(c => c.GetProperty("id").GetString()).Distinct().Count());
        Assert.Equal("# small\n", cells[0].GetProperty("source")[0].GetString());
        Assert.DoesNotContain("GAPLAB", notebook.RootElement.GetRawText(), StringComparison.Ordinal);

        ProgramEnd report = StartedProgram.Run(_folder.Path, "study", "report", "store", "--json");
        report.AssertSucceeded();
        Assert.Equal(
            JsonDocument.Parse(report.Output).RootElement.GetProperty("comparisons").GetRawText(),
            JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "answer.json"))).RootElement.GetProperty("comparisons").GetRawText()
        );
        ProgramEnd export = StartedProgram.Run(_folder.Path, "study", "export", "store");
        Assert.Equal(export.Output, File.ReadAllText(Path.Combine(folder, "runs.csv")));

        Assert.Equal(
            "gaplab: paper holds other files; it was left as it is: give a new or an empty folder",
            StartedProgram.Run(_folder.Path, "notebook", "store", "--folder", "paper").AssertRefused()
        );
    }

    /// <summary>The notebook makes every gap anew from the runs, and stops where one differs: Debian's pandas, matplotlib and
    /// nbconvert.</summary>
    [Fact]
    public void Jupyter_runs_it_from_the_first_cell_to_the_last()
    {
        LongStage.OrSkip("runs Jupyter");
        string folder = Made();
        using Process run = Process.Start(
            new ProcessStartInfo(
                "jupyter-nbconvert",
                ["--to", "notebook", "--execute", "--allow-errors", "--output", "run.ipynb", Path.Combine(folder, "analysis.ipynb")]
            )
            {
                WorkingDirectory = folder,
                RedirectStandardError = true,
            }
        )!;
        string said = run.StandardError.ReadToEnd();
        run.WaitForExit();
        Assert.True(run.ExitCode == 0, said);
        using JsonDocument done = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "run.ipynb")));
        JsonElement[] outputs =
        [
            .. done
                .RootElement.GetProperty("cells")
                .EnumerateArray()
                .Where(c => c.GetProperty("cell_type").GetString() == "code")
                .SelectMany(c => c.GetProperty("outputs").EnumerateArray()),
        ];
        Assert.DoesNotContain(outputs, o => o.GetProperty("output_type").GetString() == "error");
        Assert.Contains(outputs, o => o.GetRawText().Contains("2 gaps made anew from the runs, none differs", StringComparison.Ordinal));
        Assert.Equal(3, outputs.Count(o => o.TryGetProperty("data", out JsonElement data) && data.TryGetProperty("image/png", out _)));
    }

    private string Made()
    {
        small.CopyOfReference(_folder);
        StartedProgram.Run(_folder.Path, "notebook", "store", "--folder", "paper").AssertSucceeded();
        return _folder.File("paper");
    }
}
