// study export of a real store: what is written out is read in again with the study's own verdict.
using System.Text.Json;
using Gaplab.Results.Store;
using Gaplab.Training.Tests.Cli;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class StudyExportSpecs(SmallStudy small) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Ask(params string[] typed)
    {
        (int code, string output, string errors) = CommandLines.Ask(typed);
        Assert.True(code == 0, errors);
        return output;
    }

    [Fact]
    public void Every_form_is_read_again_with_the_verdict_of_the_study()
    {
        string store = small.ReferenceStore;
        string[] said = Verdict(Ask("study", "report", store, "--html", _folder.File("page.html")));
        foreach (string form in (string[])["runs.csv", "runs.json", "runs.jsonl", "runs.parquet"])
        {
            Ask("study", "export", store, "--to", _folder.File(form));
            string metric = form.StartsWith("runs.json", StringComparison.Ordinal) ? "metrics.validation-loss" : "validation-loss";
            Assert.Equal(said, Verdict(Ask("crossover", _folder.File(form), "--metric", metric)));
        }
        foreach (string form in (string[])["long.csv", "long.parquet"])
        {
            Ask("study", "export", store, "--tidy", "--to", _folder.File(form));
            Assert.Equal(said, Verdict(Ask("crossover", _folder.File(form))));
        }
        Ask("study", "export", store, "--tensorboard", _folder.File("events"));
        // Floats of 32 bits: the same words, and numbers that agree as far as they are shown.
        Assert.Equal(said, Verdict(Ask("crossover", _folder.File("events"), "--metric", "validation-loss")));
    }

    /// <summary>The headline, and the batch size, tuned values and rates of each row of the table. Whether a gap matters is measured from
    /// the entropy rate of the data, which a table of runs does not know.</summary>
    private static string[] Verdict(string output) =>
        [
            .. output
                .Split('\n')
                .SkipWhile(l => !l.StartsWith("batch ", StringComparison.Ordinal))
                .TakeWhile(l => !l.StartsWith("  ", StringComparison.Ordinal) || char.IsAsciiDigit(l.TrimStart()[0]))
                .Select(l => l.Split(" (last")[0].Split("within ")[0].TrimEnd()),
        ];

    [Fact]
    public void The_long_table_holds_every_measurement_with_every_key_of_its_run()
    {
        string[] lines = Ask("study", "export", small.ReferenceStore, "--tidy").TrimEnd('\n').Split('\n');
        string[] header = lines[0].Split(',');
        Assert.Equal(["run", "task", "model", "optimizer", "lr", "batch", "seed", "momentum", "beta2", "arm"], header[..10]);
        Assert.Equal(["state", "outcome", "step", "samples", "metric", "value"], header[^6..]);
        RunStore store = RunStore.Open(small.ReferenceStore);
        string[][] rows = [.. lines.Skip(1).Select(l => l.Split(','))];
        Assert.Equal(store.RunIds().Sum(id => store.Run(id).ReadMetrics().Count), rows.Length);
        foreach (string id in store.RunIds().Take(5))
        {
            using JsonDocument spec = JsonDocument.Parse(store.Run(id).ReadSpec()!);
            string[][] own = [.. rows.Where(r => r[0] == id)];
            Assert.Equal(
                store.Run(id).ReadMetrics().Select(m => (m.Step, m.Samples, m.Name, m.Value)),
                own.Select(r =>
                    (
                        long.Parse(r[^4], System.Globalization.CultureInfo.InvariantCulture),
                        long.Parse(r[^3], System.Globalization.CultureInfo.InvariantCulture),
                        r[^2],
                        double.Parse(r[^1], System.Globalization.CultureInfo.InvariantCulture)
                    )
                )
            );
            // What the spec states stands in the columns of its keys.
            foreach (JsonProperty key in spec.RootElement.GetProperty("model").EnumerateObject())
                Assert.All(own, r => Assert.Equal(key.Value.ToString(), r[Array.IndexOf(header, $"model.{key.Name}")]));
        }
        // A key at its default in some specs alone has its value in all of them: Adam's clip is none.
        int clip = Array.IndexOf(header, "optimizer.clip-norm");
        Assert.Equal(["0", "1"], rows.Select(r => r[clip]).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(header, h => h.Length == 0 || h is "batch-size" or "optimizer.learning-rate" or "specVersion");
    }

    [Fact]
    public void What_cannot_be_written_is_refused_before_the_store_is_read()
    {
        string here = _folder.Write("full/file", "mine");
        string folder = Path.GetDirectoryName(here)!;
        foreach (
            (string[] typed, string says) in ((string[], string)[])
                [
                    (["--tidy", "--json"], "--tidy is written as CSV or Parquet"),
                    (["--tidy", "--to", _folder.File("x.json")], "expected a name ending in .csv or .parquet"),
                    (["--to", _folder.File("x.xlsx")], "expected a name ending in .csv, .json, .jsonl or .parquet"),
                    (["--tensorboard", folder], "holds other files; it was left as it is: give a new or an empty folder"),
                    (["--tensorboard", here], "is a file, not a folder"),
                    (["--tensorboard", ""], "is empty"),
                ]
        )
        {
            (int code, string error) = CommandLines.Run(["study", "export", "nowhere", .. typed]);
            Assert.Equal(2, code);
            Assert.Contains(says, error, StringComparison.Ordinal);
            Assert.Equal(1, error.Count(c => c == '\n'));
        }
        Assert.Equal(["file"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    /// <summary>A run without a result: its measurements are there as far as they go, and its state says what it is.</summary>
    [Fact]
    public void A_run_that_was_not_finished_is_in_the_long_table_and_no_damaged_one_is()
    {
        string copy = small.CopyOfReference(_folder);
        RunStore store = RunStore.Open(copy);
        string[] ids = [.. store.RunIds().Take(2)];
        File.Delete(Path.Combine(store.Run(ids[0]).Folder, "result.json"));
        File.AppendAllText(Path.Combine(store.Run(ids[0]).Folder, "metrics.jsonl"), "nonsense\n");
        File.AppendAllText(Path.Combine(store.Run(ids[1]).Folder, "metrics.jsonl"), "nonsense\n");
        (int code, string output, string errors) = CommandLines.Ask("study", "export", copy, "--tidy");
        Assert.Equal(3, code);
        Assert.Contains(ids[1], errors, StringComparison.Ordinal);
        string[] rows = [.. output.Split('\n').Where(l => l.StartsWith(ids[0], StringComparison.Ordinal))];
        Assert.NotEmpty(rows);
        Assert.All(rows, r => Assert.Contains(",missing,,", r, StringComparison.Ordinal));
        Assert.DoesNotContain(output.Split('\n'), l => l.StartsWith(ids[1], StringComparison.Ordinal));
    }
}
