// A folder with a Jupyter notebook and the tables that it reads.
using System.Text.Json.Nodes;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;

namespace Gaplab.Results.Export;

/// <summary>A notebook that draws the main figures of a store with pandas and matplotlib, and makes its gaps anew from the runs.</summary>
/// <remarks>Its cells are the file store_notebook.py, in the "percent" form that editors run too; nbformat 4.5.</remarks>
public sealed record NotebookFolder
{
    /// <summary>The notebook, in the folder.</summary>
    public const string File = "analysis.ipynb";

    private const string Head = "GAPLAB-HEAD";

    /// <summary>The name of the study.</summary>
    public required string Title { get; init; }

    /// <summary>The command that made it, as it can be typed again.</summary>
    public required string Command { get; init; }

    public required GapAnalysis Analysis { get; init; }

    /// <summary>All runs.</summary>
    public required IReadOnlyList<ExportRow> Rows { get; init; }

    /// <summary>The measurements of a run by its id.</summary>
    public required Func<string, IEnumerable<MetricRow>> History { get; init; }

    /// <summary>Writes <c>analysis.ipynb</c>, <c>answer.json</c>, <c>runs.csv</c> (a row a run) and <c>measurements.csv</c> (those of the
    /// tuned runs).</summary>
    /// <exception cref="Numerics.InputException">The folder holds something, or cannot be written.</exception>
    public void Write(OutputFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        HashSet<string> tuned =
        [
            .. Analysis.Comparisons.SelectMany(c => c.Gaps).SelectMany(g => new[] { g.First, g.Second }).SelectMany(t => t.Best.Runs),
        ];
        folder.Write(to =>
        {
            OutputFile In(string name) => new(Path.Combine(to, name));
            In(File).WriteText(AnswerJson.Text(Notebook()) + "\n");
            In("answer.json").WriteText(AnswerJson.Text(Analysis.ToJson()) + "\n");
            SweepExport.Write(In("runs.csv"), Rows);
            SweepExport.WriteTidy(In("measurements.csv"), [.. Rows.Where(r => r.Row.Provenance is { } id && tuned.Contains(id))], History);
            return true;
        });
    }

    internal JsonObject Notebook() =>
        new()
        {
            ["cells"] = AnswerJson.Each(Cells().Select((cell, at) => (cell, at)), c => Cell(c.cell.IsCode, c.cell.Lines, c.at)),
            ["metadata"] = new JsonObject
            {
                ["kernelspec"] = new JsonObject
                {
                    ["display_name"] = "Python 3",
                    ["language"] = "python",
                    ["name"] = "python3",
                },
                ["language_info"] = new JsonObject { ["name"] = "python" },
            },
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        };

    private static JsonObject Cell(bool code, IReadOnlyList<string> lines, int at)
    {
        var cell = new JsonObject { ["cell_type"] = code ? "code" : "markdown", ["id"] = $"cell-{at}" };
        if (code)
            cell["execution_count"] = null;
        cell["metadata"] = new JsonObject();
        if (code)
            cell["outputs"] = new JsonArray();
        cell["source"] = AnswerJson.Texts(lines.Select((line, i) => i + 1 < lines.Count ? line + "\n" : line));
        return cell;
    }

    // The file's cells; of a text cell without the marks of a comment.
    private IEnumerable<(bool IsCode, IReadOnlyList<string> Lines)> Cells()
    {
        using Stream stream = typeof(NotebookFolder).Assembly.GetManifestResourceStream("store_notebook.py")!;
        using var reader = new StreamReader(stream);
        string[] parts = reader.ReadToEnd().Split("# %%");
        foreach (string part in parts.Skip(1))
        {
            string[] lines = part.TrimEnd().Split('\n');
            bool code = !lines[0].Contains("[markdown]", StringComparison.Ordinal);
            string[] body =
            [
                .. lines
                    .Skip(1)
                    .Select(l =>
                        code ? l
                        : l.Length > 2 ? l[2..]
                        : ""
                    ),
            ];
            yield return (code, body is [Head] ? Opening() : body);
        }
    }

    private string[] Opening() =>
        [
            $"# {Title}",
            "",
            .. Analysis.Comparisons.Take(12).SelectMany(c => new[] { Analysis.Told(c), "" }),
            "Written by",
            "",
            $"    {Command}",
            "",
            "from the files beside it: `answer.json`, `runs.csv` and `measurements.csv`. It needs pandas and matplotlib.",
        ];
}
