// The same runs in every format that tests/python/sweep_formats.py writes: one table, one verdict, to the letter.
using System.Text.Json;
using System.Text.RegularExpressions;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Python;

/// <summary>What is expected is what the script says that it wrote, and a verdict computed by hand.</summary>
public sealed partial class SweepFormatAgreementSpecs : IDisposable
{
    private static readonly string s_script = Repository.At("tests/python/sweep_formats.py");

    /// <summary>Formats of the script that not every version of the program reads, by the name of their reader.</summary>
    private static readonly string[] s_optional = ["mlflow", "optuna"];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Formats => [.. Row().Matches(File.ReadAllText(s_script)).Select(m => m.Groups[1].Value)];

    private sealed record Written(string Path, string[] Options, string? Without);

    private sealed record Cell(string Optimizer, double? Rate, long Batch, string? Seed, RunStatus Status, double Metric);

    [Theory, MemberData(nameof(Formats))]
    public void The_same_runs_give_one_table_and_one_verdict(string format)
    {
        Written written = Write(format);
        string path = _folder.File(written.Path);
        bool seeds = written.Without != "seeds";
        var options = new ImportOptions { Short = written.Options is ["--short", "missing"] ? ShortRun.Missing : null };
        Assert.Equal(options.Short is null ? 0 : 2, written.Options.Length);
        ImportedRuns runs = SweepImport.Runs([path], options);
        Assert.Equal(
            Expected(seeds),
            runs.Table.Rows.Select(r => new Cell(
                    r.Optimizer,
                    r.LearningRate,
                    r.Batch,
                    seeds ? r.Seed : null,
                    r.Status,
                    r.Status == RunStatus.Usable ? r.Metric : double.NaN
                ))
                .Order(s_order)
        );
        Assert.DoesNotContain(runs.Runs, r => r.State == "set-aside");

        // The rates' middle is best everywhere, and over the first three seeds the mean is exact.
        ComparisonAnalysis analysis = Assert.Single(GapAnalysis.Analyse(runs.Table).Comparisons);
        Assert.Equal([(16L, -1 / 16.0), (64, 1 / 8.0), (256, 1 / 4.0)], analysis.Gaps.Select(g => (g.Batch, Math.Round(g.Value, 12))));
        Assert.Equal((Verdict.Crossover, new Bracket(16, 64)), (analysis.Verdict, analysis.Isotonic!.Between));
        Assert.Equal(16 * Math.Pow(4, 1 / 3.0), analysis.Isotonic.Batch!.Value, 1e-9);

        ProgramEnd end = StartedProgram.Run(_folder.Path, ["crossover", written.Path, .. written.Options]);
        end.AssertSucceeded();
        Assert.Contains(
            "\nadam overtakes sgd at batch size 25.4 (95% interval 16 … 64). It rests on 90 of 120 runs (1 diverged): 1 is missing, 29 are "
                + "of a seed that not every trial has.\nverdict: crossover",
            end.Output,
            StringComparison.Ordinal
        );
        // What a format cannot carry is told with the verdict, and nothing else is.
        string verdict = end.Output.Split('\n').Single(l => l.StartsWith("verdict: ", StringComparison.Ordinal));
        Assert.Equal(
            (format, written.Without) switch
            {
                ("mlflow", _) => "verdict: crossover (last 'metrics.val_loss' of each run by 'step')",
                ("csv-histories", _) => "verdict: crossover (last 'val_loss' of each run by 'step')",
                (_, "seeds") => "verdict: crossover (replicates numbered: no seed column)",
                (_, "that a run failed") => "verdict: crossover (1 of 120 runs are shorter than others of their batch size)",
                _ => "verdict: crossover",
            },
            verdict
        );
    }

    [Fact]
    public void Every_file_of_a_table_is_read_by_the_reader_of_its_own_name()
    {
        Interpreter.SkipWithoutPython();
        foreach (
            (string format, string reader) in ((string, string)[])
                [("csv", "csv"), ("json", "json"), ("json-lines", "json-lines"), ("wandb", "wandb"), ("hydra", "run-folders")]
        )
            Assert.All(
                SweepImport.Runs([_folder.File(Write(format).Path)], new() { Short = ShortRun.Missing }).Runs,
                r => Assert.Equal(reader, r.Format)
            );
    }

    private static readonly Comparer<Cell> s_order = Comparer<Cell>.Create((a, b) => Key(a).CompareTo(Key(b)));

    private static (string, double?, long, string?, RunStatus, double) Key(Cell c) =>
        (c.Optimizer, c.Rate, c.Batch, c.Seed, c.Status, c.Metric);

    /// <summary>Runs the script for one format. What cannot be written here, or read by this program, is skipped with the reason.</summary>
    private Written Write(string format)
    {
        Interpreter.SkipWithoutPython();
        if (s_optional.Contains(format))
            Assert.SkipUnless(
                SweepFormats.All.Any(f => f.Name.Contains(format, StringComparison.Ordinal)),
                $"gaplab list sweep-formats has no {format}"
            );
        ProgramEnd end = Interpreter.Run(_folder, s_script, _folder.Path, format);
        end.AssertSucceeded();
        using JsonDocument row = JsonDocument.Parse(end.Output);
        JsonElement root = row.RootElement;
        string path = root.GetProperty("path").GetString()!;
        if (root.GetProperty("missing").GetString() is { } missing)
        {
            Assert.SkipUnless(format == "parquet", missing);
            // No package of the system writes Parquet: Gaplab's own writer does, from the table.
            string csv = Write("csv").Path;
            StartedProgram.Run(_folder.Path, "import", csv, "--out", path).AssertSucceeded();
        }
        return new(
            path,
            [.. root.GetProperty("options").EnumerateArray().Select(o => o.GetString()!)],
            root.GetProperty("without").GetString()
        );
    }

    private Cell[] Expected(bool seeds)
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(_folder.File("expected.json")));
        return
        [
            .. expected
                .RootElement.EnumerateArray()
                .Select(r =>
                {
                    bool failed = r.GetProperty("failed").GetBoolean();
                    double? loss = r.GetProperty("loss") is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;
                    return new Cell(
                        r.GetProperty("optimizer").GetString()!,
                        r.GetProperty("rate").GetDouble(),
                        r.GetProperty("batch").GetInt64(),
                        seeds ? $"{r.GetProperty("seed").GetInt32()}" : null,
                        failed ? RunStatus.Missing
                            : loss is null ? RunStatus.Diverged
                            : RunStatus.Usable,
                        loss ?? double.NaN
                    );
                })
                .Order(s_order),
        ];
    }

    [GeneratedRegex(@"^    ""([a-z-]+)"": \(", RegexOptions.Multiline)]
    private static partial Regex Row();
}
